"""Sets up a skill: its messaging credentials, then the webhook for its Lambda."""

from collections.abc import Mapping
from ipaddress import ip_address
import logging
from typing import Any, override

from homeassistant.components import webhook
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    SubentryFlowContext,
)
from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET, CONF_REGION, CONF_WEBHOOK_ID
from homeassistant.core import callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol
from yarl import URL

from .client.exceptions import ReauthenticateError, TryAgainError
from .client.lwa import LWA_URL, LoginWithAmazon
from .client.signature import new_secret
from .const import (
    CONF_GATEWAY_URL,
    CONF_LWA_URL,
    CONF_SHARED_SECRET,
    DOMAIN,
    REGION_AUTO,
    REGION_CUSTOM,
    REGIONS,
    SUBENTRY_DOORBELL,
)
from .subentry_flow import DoorbellSubentryFlow
from .webhook import async_webhook_url

_LOGGER = logging.getLogger(__name__)

TITLE = "Alexa Doorbell"
CONF_NEW_SHARED_SECRET = "new_shared_secret"  # noqa: S105 - a name.

PASSWORD = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
REGION = SelectSelector(SelectSelectorConfig(options=list(REGIONS), translation_key="region"))
CREDENTIALS = {
    vol.Required(CONF_CLIENT_ID): TextSelector(),
    vol.Required(CONF_CLIENT_SECRET): PASSWORD,
}
URL_FIELD = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))

USER_SCHEMA = vol.Schema(
    {**CREDENTIALS, vol.Required(CONF_REGION, default=REGION_AUTO): REGION},
)
ENDPOINTS_SCHEMA = vol.Schema(
    {vol.Required(CONF_LWA_URL): URL_FIELD, vol.Required(CONF_GATEWAY_URL): URL_FIELD}
)


class AlexaDoorbellConfigFlow(ConfigFlow, domain=DOMAIN):
    """One entry is one skill; its messaging client id is the entry's unique id."""

    VERSION = 1

    def __init__(self) -> None:
        self._data: dict[str, Any] = {}

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        return {SUBENTRY_DOORBELL: DoorbellSubentryFlow}

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the skill's messaging credentials."""
        if user_input is not None:
            self._data = _stripped(user_input)
            await self.async_set_unique_id(self._data[CONF_CLIENT_ID])
            self._abort_if_unique_id_configured()
            return await self._after_credentials()
        return self._show_credentials({})

    async def async_step_endpoints(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where a test server or a proxy stands in for Amazon."""
        errors: dict[str, str] = {}
        if user_input is not None:
            urls = {key: value.strip().rstrip("/") for key, value in user_input.items()}
            errors = {key: error for key, url in urls.items() if (error := _url_error(url))}
            self._data |= urls
            if not errors:
                return await self._check()
        return self._show_endpoints(errors)

    async def async_step_skill(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what the skill's Lambda needs; then the entry is ready."""
        if user_input is not None:
            return await self._finish()
        url = await async_webhook_url(self.hass, self._data[CONF_WEBHOOK_ID])
        return self.async_show_form(
            step_id="skill",
            data_schema=vol.Schema({}),
            description_placeholders={
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
        entry = self._get_reauth_entry()
        if user_input is not None:
            self._data = {**entry.data, **_stripped(user_input)}
            await self.async_set_unique_id(self._data[CONF_CLIENT_ID])
            self._abort_if_unique_id_mismatch()
            return await self._check()
        self._data = dict(entry.data)
        return self._show_credentials({})

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the credentials, the region or the shared secret."""
        entry = self._get_reconfigure_entry()
        if user_input is not None:
            changes = _stripped(user_input)
            if changes.pop(CONF_NEW_SHARED_SECRET, False):
                changes[CONF_SHARED_SECRET] = new_secret()
            self._data = {**entry.data, **changes}
            await self.async_set_unique_id(self._data[CONF_CLIENT_ID])
            self._abort_if_unique_id_mismatch()
            return await self._after_credentials()
        self._data = dict(entry.data)
        return self._show_credentials({})

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Lead straight on to the first doorbell."""
        doorbell = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_DOORBELL),
            context=SubentryFlowContext(source=SOURCE_USER),
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, doorbell["flow_id"])
        return result

    async def _after_credentials(self) -> ConfigFlowResult:
        if self._data[CONF_REGION] == REGION_CUSTOM:
            return self._show_endpoints({})
        self._data.pop(CONF_LWA_URL, None)
        self._data.pop(CONF_GATEWAY_URL, None)
        return await self._check()

    async def _check(self) -> ConfigFlowResult:
        """Try the credentials at once, and show an error where the user can mend it."""
        login = LoginWithAmazon(
            async_get_clientsession(self.hass),
            self._data.get(CONF_LWA_URL, LWA_URL),
            self._data[CONF_CLIENT_ID],
            self._data[CONF_CLIENT_SECRET],
        )
        try:
            await login.check()
        except ReauthenticateError:
            return self._show_credentials({"base": "invalid_auth"})
        except TryAgainError as error:
            _LOGGER.warning("Login with Amazon cannot be reached: %s", error.reason)
            errors = {"base": "cannot_connect"}
        except Exception:
            _LOGGER.exception("The skill's credentials could not be tried")
            errors = {"base": "unknown"}
        else:
            self._data.setdefault(CONF_WEBHOOK_ID, webhook.async_generate_id())
            self._data.setdefault(CONF_SHARED_SECRET, new_secret())
            if self.source == SOURCE_REAUTH:
                return await self._finish()
            return await self.async_step_skill()
        if self._data[CONF_REGION] == REGION_CUSTOM and self.source != SOURCE_REAUTH:
            return self._show_endpoints(errors)
        return self._show_credentials(errors)

    async def _finish(self) -> ConfigFlowResult:
        if self.source not in (SOURCE_REAUTH, SOURCE_RECONFIGURE):
            return self.async_create_entry(title=TITLE, data=self._data)
        entry = (
            self._get_reauth_entry()
            if self.source == SOURCE_REAUTH
            else self._get_reconfigure_entry()
        )
        if entry.state is ConfigEntryState.LOADED:
            return self.async_update_and_abort(entry, data=self._data)
        # Nothing listens to an entry that failed to load: it needs the reload.
        return self.async_update_reload_and_abort(entry, data=self._data)

    def _show_credentials(self, errors: dict[str, str]) -> ConfigFlowResult:
        """Show the form of whichever step asked for the credentials, filled in but the secret."""
        if self.source == SOURCE_REAUTH:
            step_id, schema = "reauth_confirm", self._known_client({})
        elif self.source == SOURCE_RECONFIGURE:
            step_id, schema = (
                "reconfigure",
                self._known_client(
                    {
                        vol.Required(CONF_REGION, default=self._data[CONF_REGION]): REGION,
                        vol.Optional(CONF_NEW_SHARED_SECRET, default=False): BooleanSelector(),
                    }
                ),
            )
        else:
            step_id = "user"
            shown = {key: self._data[key] for key in (CONF_CLIENT_ID, CONF_REGION) if self._data}
            schema = self.add_suggested_values_to_schema(USER_SCHEMA, shown)
        return self.async_show_form(step_id=step_id, data_schema=schema, errors=errors)

    def _known_client(self, fields: dict[Any, Any]) -> vol.Schema:
        """Ask anew for a secret that may be left out to keep the one that is stored."""
        client_id = self._data[CONF_CLIENT_ID]
        secret = vol.Required if self.source == SOURCE_REAUTH else vol.Optional
        return vol.Schema(
            {
                vol.Required(CONF_CLIENT_ID, default=client_id): TextSelector(),
                secret(CONF_CLIENT_SECRET): PASSWORD,
                **fields,
            }
        )

    def _show_endpoints(self, errors: dict[str, str]) -> ConfigFlowResult:
        return self.async_show_form(
            step_id="endpoints",
            data_schema=self.add_suggested_values_to_schema(ENDPOINTS_SCHEMA, self._data),
            errors=errors,
            description_placeholders={"example_url": "https://amazon.example.com"},
        )


def _stripped(user_input: dict[str, Any]) -> dict[str, Any]:
    """Take off the blanks that come along when a secret is copied."""
    return {k: v.strip() if isinstance(v, str) else v for k, v in user_input.items()}


def _url_error(text: str) -> str | None:
    """Return what is wrong with a base URL: tokens travel to it."""
    try:
        url = URL(text)
    except ValueError:
        return "invalid_url"
    if url.host is None or url.user or url.query_string or url.fragment or url.path != "/":
        return "invalid_url"
    if url.scheme == "https" or (url.scheme == "http" and _is_loopback(url.host)):
        return None
    return "insecure_url"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
