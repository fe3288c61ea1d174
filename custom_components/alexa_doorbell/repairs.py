"""Leads through the repair of an account that cannot be announced to."""

from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import voluptuous as vol

from .accounts.account import Health
from .accounts.linked_account import LinkedAccount
from .accounts.registry import Accounts
from .data import AlexaDoorbellConfigEntry


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow for an issue of issues.py that has data."""
    data = data or {}
    return AccountRepairFlow(str(data["entry_id"]), str(data["account_id"]))


class AccountRepairFlow(RepairsFlow):
    """Offers to wait until the account works again, or to forget it."""

    def __init__(self, entry_id: str, account_id: str) -> None:
        self._entry_id = entry_id
        self._account_id = account_id

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
        return self.async_show_form(
            step_id="link_again",
            data_schema=vol.Schema({}),
            errors={"base": "not_yet"} if user_input is not None else None,
            description_placeholders={"account": account.name},
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
        entry: AlexaDoorbellConfigEntry | None
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return None
        return entry.runtime_data.accounts

    def _account(self) -> LinkedAccount | None:
        accounts = self._accounts()
        return accounts.get(self._account_id) if accounts else None
