"""Waits for an Amazon account to link with the skill, and becomes that account."""

import asyncio
from typing import Any, override

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.core import callback

from .accounts.linked_account import LinkedAccount
from .accounts.shown import ShownAccounts, shown_as
from .const import DOMAIN
from .data import AlexaDoorbellConfigEntry


class AccountSubentryFlow(ConfigSubentryFlow):
    """Says how an account links; the linking itself happens in the Alexa app."""

    def __init__(self) -> None:
        self._shown: ShownAccounts | None = None
        self._linking: asyncio.Task[LinkedAccount] | None = None

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Say how to link, and wait until somebody does."""
        if self._linking is not None and self._linking.done():
            return self.async_show_progress_done(next_step_id="linked")
        entry: AlexaDoorbellConfigEntry = self._get_entry()
        if self._linking is None:
            if entry.state is not ConfigEntryState.LOADED:
                return self.async_abort(reason="not_loaded")
            self._shown = entry.runtime_data.shown
            self._linking = self.hass.async_create_background_task(
                self._shown.async_next_linked(), f"{DOMAIN} next account"
            )
        return self.async_show_progress(
            step_id="user",
            progress_action="link",
            progress_task=self._linking,
            description_placeholders={"skill": entry.title},
        )

    async def async_step_linked(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Become the account that linked; one that is shown already stays as it is."""
        assert self._linking is not None  # noqa: S101 - it led here.
        entry = self.hass.config_entries.async_get_entry(self.handler[0])
        if entry is None or self._linking.cancelled():
            return self.async_abort(reason="skill_removed")
        return self.async_create_entry(**shown_as(self._linking.result()))

    @callback
    @override
    def async_remove(self) -> None:
        """Leave an account that this window did not become to whoever shows it else."""
        linking = self._linking
        if self._shown is None or linking is None or linking.cancel() or linking.cancelled():
            return
        self._shown.take_back(linking.result().account_id)
