"""Sets up a skill: its messaging credentials, then the webhook for its Lambda, or none."""

import asyncio
from collections.abc import Mapping
import re
import time
from typing import Any, override

from homeassistant.components import webhook
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    SubentryFlowContext,
)
from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET, CONF_REGION, CONF_WEBHOOK_ID
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
import voluptuous as vol

from .account_flow import AccountSubentryFlow
from .accounts.connection import is_closed
from .accounts.credentials import async_credentials_error
from .accounts.forms import (
    CLOSED_RECONFIGURE,
    CONF_ENROLMENT,
    CONF_NEW_SHARED_SECRET,
    CREDENTIALS,
    ENDPOINTS_SCHEMA,
    ENROLMENT_SCHEMA,
    base_url_error,
)
from .alexa.address import address_error, async_delete_cloudhook, async_webhook_url, origin_of
from .alexa.enrolment import Enrolment, async_function
from .alexa.setup_message import (
    CLOUDSHELL,
    SetupWebhook,
    closed_skill_command,
    create_skill_command,
)
from .alexa.webhook import OLD_SECRET_LIFETIME
from .client.incoming import Setup
from .client.signature import new_secret
from .const import (
    CONF_GATEWAY_URL,
    CONF_LWA_URL,
    CONF_PREVIOUS_SHARED_SECRET,
    CONF_PREVIOUS_SHARED_SECRET_ENDS,
    CONF_SHARED_SECRET,
    DOMAIN,
    REGION_AUTO,
    REGION_CUSTOM,
    SUBENTRY_ACCOUNT,
    SUBENTRY_DOORBELL,
)
from .data import across_reloads
from .doorbells.form import DoorbellSubentryFlow

TITLE = "Alexa Doorbell"
EDGES = re.compile(r"^[\s\u200b\ufeff]+|[\s\u200b\ufeff]+$")


class AlexaDoorbellConfigFlow(ConfigFlow, domain=DOMAIN):
    """One entry is one skill; its messaging client id is the entry's unique id."""

    VERSION = 1
    MINOR_VERSION = 2

    def __init__(self) -> None:
        self._data: dict[str, Any] = {}
        # What a reconfiguration began with.
        self._before: dict[str, Any] = {}
        self._new_shared_secret = False
        self._enrolment = Enrolment()
        self._webhook: SetupWebhook | None = None
        self._setup: asyncio.Task[Setup] | None = None
        self._command = ""

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        return {SUBENTRY_DOORBELL: DoorbellSubentryFlow, SUBENTRY_ACCOUNT: AccountSubentryFlow}

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whether there is a skill already."""
        return self.async_show_menu(step_id="user", menu_options=["credentials", "create_skill"])

    async def async_step_credentials(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the skill's messaging credentials."""
        if user_input is None:
            return self._show_credentials()
        await self._take_credentials(_stripped(user_input))
        return await self._after_credentials()

    async def async_step_create_skill(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether Amazon shall come in here, or nothing shall."""
        return self.async_show_menu(
            step_id="create_skill", menu_options=["create_closed", "create_webhook"]
        )

    async def async_step_create_closed(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the command that makes a skill, and take the line that it prints at its end."""
        error = None
        if user_input is not None:
            error = await self._enrolment.async_enrol(self.hass, user_input[CONF_ENROLMENT])
        if user_input is None or error is not None:
            return self.async_show_form(
                step_id="create_closed",
                data_schema=self.add_suggested_values_to_schema(ENROLMENT_SCHEMA, user_input),
                errors={CONF_ENROLMENT: error} if error else {},
                description_placeholders={
                    "cloudshell": CLOUDSHELL,
                    "command": closed_skill_command(self.hass),
                },
                last_step=True,
            )
        await self._take_credentials({**self._enrolment.data, CONF_REGION: REGION_AUTO})
        return await self._after_creation()

    async def async_step_create_webhook(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the command that makes a skill, and wait for what it brings."""
        if self._setup is None:
            await self._async_prepare_webhook()
            webhook_id = self._data[CONF_WEBHOOK_ID]
            shared_secret = self._data[CONF_SHARED_SECRET]
            webhook_url = await async_webhook_url(self.hass, webhook_id)
            error = address_error(webhook_url, loopback=False)
            if error is not None:
                return self.async_abort(
                    reason=error, description_placeholders={"address": origin_of(webhook_url)}
                )
            assert webhook_url is not None  # noqa: S101 - or there would be an error.
            self._command = create_skill_command(self.hass, webhook_url)
            replay_memory = across_reloads(self.hass).replay_memory
            await replay_memory.async_load()
            self._webhook = SetupWebhook(self.hass, webhook_id, shared_secret, replay_memory)
            self._setup = self.hass.async_create_background_task(
                self._webhook.async_message(), f"{DOMAIN} setup message"
            )
        if self._setup.done():
            return self.async_show_progress_done(next_step_id="skill_created")
        return self.async_show_progress(
            step_id="create_webhook",
            progress_action="create_webhook",
            progress_task=self._setup,
            description_placeholders={
                "cloudshell": CLOUDSHELL,
                "command": self._command,
                "shared_secret": self._data[CONF_SHARED_SECRET],
            },
        )

    async def async_step_skill_created(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on with the credentials that the command brought."""
        assert self._setup is not None  # noqa: S101 - it led here.
        setup = self._setup.result()
        await self._take_credentials(
            {
                CONF_CLIENT_ID: setup.client_id,
                CONF_CLIENT_SECRET: setup.client_secret,
                CONF_REGION: REGION_AUTO,
            }
        )
        return await self._after_creation()

    async def _after_creation(self) -> ConfigFlowResult:
        if (error := await async_credentials_error(self.hass, self._data)) == "invalid_auth":
            return self._show_credentials({"base": error})
        # Amazon itself handed them out a moment ago: a network that fails now is no reason to stop.
        return self._finish()

    async def async_step_endpoints(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where a test server or a proxy stands in for Amazon."""
        if user_input is None:
            return self._show_endpoints()
        self._data |= _stripped(user_input)
        urls = {key: self._data[key].rstrip("/") for key in user_input}
        if errors := {key: error for key, url in urls.items() if (error := base_url_error(url))}:
            return self._show_endpoints(errors)
        self._data |= urls
        return await self._check()

    async def async_step_skill(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what the skill's Lambda needs; then the entry is ready."""
        if user_input is not None:
            return self._finish()
        url = await async_webhook_url(self.hass, self._data[CONF_WEBHOOK_ID])
        error = address_error(url, loopback=self._data[CONF_REGION] == REGION_CUSTOM)
        return self.async_show_form(
            step_id="skill",
            data_schema=vol.Schema({}),
            errors={"base": error} if error else {},
            description_placeholders={
                "address": origin_of(url),
                "webhook_url": url or webhook.async_generate_path(self._data[CONF_WEBHOOK_ID]),
                "shared_secret": self._data[CONF_SHARED_SECRET],
            },
            last_step=True,
        )

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Amazon refuses the stored credentials."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the credentials that Amazon takes now."""
        # Read anew each time: days may pass before the user opens the form.
        self._data = {**self._get_reauth_entry().data, **_stripped(user_input or {})}
        if user_input is None:
            return self._show_credentials()
        await self._same_skill()
        return await self._check()

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the credentials, the region or the shared secret."""
        if user_input is None:
            self._data = dict(self._get_reconfigure_entry().data)
            self._before = dict(self._data)
            if is_closed(self._data):
                return await self.async_step_reconfigure_closed()
            return self._show_credentials()
        changes = _stripped(user_input)
        self._new_shared_secret = changes.pop(CONF_NEW_SHARED_SECRET)
        if not changes.get(CONF_CLIENT_SECRET):
            changes.pop(CONF_CLIENT_SECRET, None)
        self._data |= changes
        await self._same_skill()
        return await self._after_credentials()

    async def async_step_reconfigure_closed(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the credentials or the region, or enrol again with a function made anew."""
        if user_input is None:
            return self._show_credentials()
        changes = _stripped(user_input)
        enrolment = changes.pop(CONF_ENROLMENT, "")
        if not changes.get(CONF_CLIENT_SECRET):
            changes.pop(CONF_CLIENT_SECRET, None)
        self._data |= changes
        if enrolment:
            error = await self._enrolment.async_enrol_again(self.hass, enrolment, self._data)
            if error is not None:
                return self._show_credentials({CONF_ENROLMENT: error})
            self._data |= self._enrolment.data
        await self._same_skill()
        return await self._after_credentials()

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Lead straight on to the first doorbell."""
        doorbell = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_DOORBELL),
            context=SubentryFlowContext(source=SOURCE_USER),
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, doorbell["flow_id"])
        return result

    @callback
    @override
    def async_remove(self) -> None:
        """Take back the cloudhook, or the enrolment, of a setup that was left half way."""
        if self._setup is not None:
            self._setup.cancel()
        self._stop_webhook()
        self._enrolment.async_leave(self.hass)
        webhook_id = self._data.get(CONF_WEBHOOK_ID)
        if webhook_id is None:
            return
        self.hass.async_create_task(across_reloads(self.hass).setups.async_end(webhook_id))
        used = {entry.data.get(CONF_WEBHOOK_ID) for entry in self._async_current_entries()}
        if webhook_id not in used:
            self.hass.async_create_task(async_delete_cloudhook(self.hass, webhook_id))

    async def _take_credentials(self, credentials: dict[str, Any]) -> None:
        self._data |= credentials
        # A form that was left open somewhere must not keep the user out.
        await self.async_set_unique_id(self._data[CONF_CLIENT_ID], raise_on_progress=False)
        self._abort_if_unique_id_configured()

    @callback
    def _abort_if_gone(self) -> None:
        """End the flow if its skill was removed while the form was open."""
        if self.source == SOURCE_RECONFIGURE:
            entry_id = self._reconfigure_entry_id
            if self.hass.config_entries.async_get_entry(entry_id) is None:
                raise AbortFlow("skill_removed")

    async def _same_skill(self) -> None:
        self._abort_if_gone()
        await self.async_set_unique_id(self._data[CONF_CLIENT_ID], raise_on_progress=False)
        self._abort_if_unique_id_mismatch()

    async def _after_credentials(self) -> ConfigFlowResult:
        if self._data[CONF_REGION] == REGION_CUSTOM:
            return self._show_endpoints()
        return await self._check()

    async def _check(self) -> ConfigFlowResult:
        """Try the credentials at once, and show an error where the user can mend it."""
        self._abort_if_gone()
        error = await async_credentials_error(self.hass, self._settled)
        if error is None:
            return await self._after_check()
        at_endpoints = self._data[CONF_REGION] == REGION_CUSTOM and self.source != SOURCE_REAUTH
        if at_endpoints and error != "invalid_auth":
            return self._show_endpoints({"base": error})
        if self.source == SOURCE_RECONFIGURE and error == "invalid_auth":
            # Left empty next time, the secret is the stored one, not the one just refused.
            stored = self._get_reconfigure_entry().data
            self._data[CONF_CLIENT_SECRET] = stored[CONF_CLIENT_SECRET]
        return self._show_credentials({"base": error})

    async def _after_check(self) -> ConfigFlowResult:
        if self.source == SOURCE_REAUTH or is_closed(self._data):
            return self._finish()
        await self._async_prepare_webhook()
        if self._new_shared_secret:
            self._data[CONF_SHARED_SECRET] = new_secret()
        return await self.async_step_skill()

    async def _async_prepare_webhook(self) -> None:
        if CONF_WEBHOOK_ID not in self._data:
            webhook_id = self._data[CONF_WEBHOOK_ID] = webhook.async_generate_id()
            await across_reloads(self.hass).setups.async_begin(webhook_id)
        self._data.setdefault(CONF_SHARED_SECRET, new_secret())

    @property
    def _settled(self) -> dict[str, Any]:
        """What was entered, without the addresses of before where Amazon's own are chosen."""
        if self._data[CONF_REGION] == REGION_CUSTOM:
            return self._data
        addresses = {CONF_LWA_URL, CONF_GATEWAY_URL}
        return {key: value for key, value in self._data.items() if key not in addresses}

    @callback
    def _stop_webhook(self) -> None:
        if self._webhook is not None:
            self._webhook.stop()

    @callback
    def _finish(self) -> ConfigFlowResult:
        self._abort_if_gone()
        self._data = self._settled
        if self.source == SOURCE_USER:
            self._stop_webhook()
            return self.async_create_entry(title=TITLE, data=self._data)
        if self.source == SOURCE_REAUTH:
            entry = self._get_reauth_entry()
        else:
            entry = self._get_reconfigure_entry()
            self._data = self._changed(entry.data)
            # Amazon just took the credentials: nobody needs to be asked for them any more.
            for flow in entry.async_get_active_flows(self.hass, {SOURCE_REAUTH}):
                self.hass.config_entries.flow.async_abort(flow["flow_id"])
        reason = f"{self.source}_successful"
        if not entry.update_listeners:
            # Nothing follows an entry that failed to load: it needs the reload.
            return self.async_update_reload_and_abort(entry, data=self._data, reason=reason)
        result = self.async_update_and_abort(entry, data=self._data, reason=reason)
        # Amazon may take the very same pair again, and then no listener hears of it.
        accounts = entry.runtime_data.accounts
        accounts.reconnect(accounts.connection)
        if self._enrolment.data:  # So may the function with the very same home.
            entry.runtime_data.closed_home.reconnect(async_function(self.hass, self._data))
        return result

    def _changed(self, now: Mapping[str, Any]) -> dict[str, Any]:
        """Return the entry's data of now with what was changed here: the form may be days old."""
        changes = {k: v for k, v in self._data.items() if self._before.get(k) != v}
        kept = {k: v for k, v in now.items() if k in self._data or k not in self._before}
        if self._new_shared_secret:
            # Good until the Lambda signs with the new one, so that nothing is missed meanwhile; but
            # only the last one: an older one may be why this is asked for.
            changes[CONF_PREVIOUS_SHARED_SECRET] = now[CONF_SHARED_SECRET]
            changes[CONF_PREVIOUS_SHARED_SECRET_ENDS] = time.time() + OLD_SECRET_LIFETIME
        return kept | changes

    def _show_credentials(self, errors: dict[str, str] | None = None) -> ConfigFlowResult:
        """Show the form that asked for the credentials, filled in but for the secret."""
        step_id, schema = CREDENTIALS[self.source]
        if self.source == SOURCE_RECONFIGURE and is_closed(self._data):
            step_id, schema = CLOSED_RECONFIGURE
        entered = {**self._data, CONF_NEW_SHARED_SECRET: self._new_shared_secret}
        entered.pop(CONF_CLIENT_SECRET, None)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, entered),
            errors=errors,
            last_step=self.source == SOURCE_REAUTH,
        )

    def _show_endpoints(self, errors: dict[str, str] | None = None) -> ConfigFlowResult:
        return self.async_show_form(
            step_id="endpoints",
            data_schema=self.add_suggested_values_to_schema(ENDPOINTS_SCHEMA, self._data),
            errors=errors,
            description_placeholders={"example_url": "https://amazon.example.com"},
            last_step=False,
        )


def _stripped(user_input: dict[str, Any]) -> dict[str, Any]:
    """Take off the blanks that come along when a secret is copied, also those that nobody sees."""
    return {k: EDGES.sub("", v) if isinstance(v, str) else v for k, v in user_input.items()}
