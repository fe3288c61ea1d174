"""Leads through what only the user can mend: an account, or a doorbell's choice of events."""

import inspect
from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    FlowType,
    SubentryFlowContext,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import voluptuous as vol

from .accounts.account import Health
from .accounts.linked_account import LinkedAccount
from .accounts.registry import Accounts
from .alexa.closed_home import PAIRING_LIFETIME, ClosedHome
from .client.exceptions import FunctionError
from .const import DOMAIN, SUBENTRY_DOORBELL
from .data import AlexaDoorbellConfigEntry, AlexaDoorbellData

# Home Assistant 2026.8 cannot open another form after a repair.
LEADS_ON = "next_flow" in inspect.signature(RepairsFlow.async_create_entry).parameters


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow for an issue of issues.py that has data."""
    data = data or {}
    entry_id = str(data["entry_id"])
    if "endpoint_id" in data:
        return EventTypesRepairFlow(entry_id, str(data["endpoint_id"]))
    return AccountRepairFlow(entry_id, str(data["account_id"]))


class EventTypesRepairFlow(RepairsFlow):
    """Leads into the form of a doorbell whose event types are gone."""

    def __init__(self, entry_id: str, endpoint_id: str) -> None:
        self._entry_id = entry_id
        self._endpoint_id = endpoint_id

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Say what happened."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Open the doorbell's form once it is read; the issue stays until others are chosen."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        if user_input is None and issue is not None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders=issue.translation_placeholders,
            )
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or self._endpoint_id not in entry.subentries:
            return self.async_create_entry(data={})
        if not LEADS_ON:
            return self.async_abort(
                reason="choose_in_form",
                description_placeholders={
                    "doorbell": entry.subentries[self._endpoint_id].title,
                    "skill": entry.title,
                },
            )
        form = await self.hass.config_entries.subentries.async_init(
            (self._entry_id, SUBENTRY_DOORBELL),
            context=SubentryFlowContext(source=SOURCE_RECONFIGURE, subentry_id=self._endpoint_id),
        )
        next_flow: Any = (FlowType.CONFIG_SUBENTRIES_FLOW, form["flow_id"])
        return self.async_create_entry(data={}, next_flow=next_flow)


class AccountRepairFlow(RepairsFlow):
    """Offers to wait until the account works again, or to forget it."""

    def __init__(self, entry_id: str, account_id: str) -> None:
        self._entry_id = entry_id
        self._account_id = account_id
        self._code: str | None = None
        self._code_ends = 0.0

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Let the user choose."""
        if (account := self._account()) is None:
            return self.async_create_entry(data={})
        return self.async_show_menu(
            step_id="init",
            menu_options=["link_again", "forget"],
            description_placeholders={"account": account.name},
        )

    async def async_step_link_again(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Say what to do in the Alexa app, and look whether it helped."""
        account = self._account()
        if account is None or account.health is Health.LINKED:
            return self.async_create_entry(data={})
        if self._closed_home() is not None:
            return await self.async_step_link_with_code()
        return self.async_show_form(
            step_id="link_again",
            data_schema=vol.Schema({}),
            errors={"base": "not_yet"} if user_input is not None else None,
            description_placeholders={"account": account.name},
        )

    async def async_step_link_with_code(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """In a closed home, show a code to type in there, and look whether it was."""
        closed_home = self._closed_home()
        if closed_home is not None and user_input is not None:
            await closed_home.async_take_over()
        account = self._account()
        if closed_home is None or account is None or account.health is Health.LINKED:
            return self.async_create_entry(data={})
        if self._code is None or self.hass.loop.time() > self._code_ends:
            try:
                self._code = await closed_home.async_pair(instead_of=self._account_id)
            except FunctionError:
                return self.async_abort(reason="function_away")
            self._code_ends = self.hass.loop.time() + PAIRING_LIFETIME
        return self.async_show_form(
            step_id="link_with_code",
            data_schema=vol.Schema({}),
            errors={"base": "not_yet"} if user_input is not None else None,
            description_placeholders={"account": account.name, "code": self._code},
        )

    async def async_step_forget(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Delete the account once the user has confirmed it."""
        accounts = self._accounts()
        if accounts is None and self.hass.config_entries.async_get_entry(self._entry_id):
            return self.async_abort(reason="not_loaded")
        account = accounts.get(self._account_id) if accounts else None
        if accounts is None or account is None:
            return self.async_create_entry(data={})
        errors = {}
        if user_input is not None:
            try:
                await accounts.async_forget(self._account_id)
            except HomeAssistantError:
                errors = {"base": "not_forgotten"}
            else:
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="forget",
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders={"account": account.name},
        )

    def _accounts(self) -> Accounts | None:
        """Return the skill's accounts, None while the skill is not loaded."""
        data = self._data()
        return data.accounts if data else None

    def _account(self) -> LinkedAccount | None:
        accounts = self._accounts()
        return accounts.get(self._account_id) if accounts else None

    def _closed_home(self) -> ClosedHome | None:
        data = self._data()
        return data.closed_home if data else None

    def _data(self) -> AlexaDoorbellData | None:
        entry: AlexaDoorbellConfigEntry | None
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return None
        return entry.runtime_data
