"""Waits for an Amazon account to link with the skill, and becomes that account."""

import asyncio
from collections.abc import Coroutine
from typing import Any, override

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.core import callback

from .accounts.linked_account import LinkedAccount
from .accounts.shown import ShownAccounts, shown_as
from .client.exceptions import FunctionError
from .const import DOMAIN
from .data import AlexaDoorbellConfigEntry


class AccountSubentryFlow(ConfigSubentryFlow):
    """Says how an account links; the linking itself happens in the Alexa app."""

    def __init__(self) -> None:
        self._shown: ShownAccounts | None = None
        # None is what comes of it when the code that was shown has ended.
        self._linking: asyncio.Task[LinkedAccount | None] | None = None
        self._code = ""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Say how to link, and wait until somebody does."""
        if self._linking is not None and self._linking.done():
            return self.async_show_progress_done(next_step_id="linked")
        entry: AlexaDoorbellConfigEntry = self._get_entry()
        if self._linking is None:
            if entry.state is not ConfigEntryState.LOADED:
                return self.async_abort(reason="not_loaded")
            data = entry.runtime_data
            self._shown = data.shown
            waiting: Coroutine[Any, Any, LinkedAccount | None]
            if data.closed_home is None:
                waiting = data.shown.async_next_linked()
            else:
                try:
                    self._code = await data.closed_home.async_pair()
                except FunctionError:
                    return self.async_abort(reason="function_away")
                waiting = data.closed_home.async_poll_for(data.shown.async_next_linked())
            self._linking = self.hass.async_create_background_task(
                waiting, f"{DOMAIN} next account"
            )
        code = {"code": self._code} if self._code else {}
        return self.async_show_progress(
            step_id="user",
            progress_action="link_with_code" if code else "link",
            progress_task=self._linking,
            description_placeholders={"skill": entry.title} | code,
        )

    async def async_step_linked(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Become the account that linked; one that is shown already stays as it is."""
        assert self._linking is not None  # noqa: S101 - it led here.
        entry = self.hass.config_entries.async_get_entry(self.handler[0])
        if entry is None or self._linking.cancelled():
            return self.async_abort(reason="skill_removed")
        if (linked := self._linking.result()) is None:
            return self.async_abort(reason="code_ended")
        return self.async_create_entry(**shown_as(linked))

    @callback
    @override
    def async_remove(self) -> None:
        """Leave an account that this window did not become to whoever shows it else."""
        linking = self._linking
        if self._shown is None or linking is None or linking.cancel() or linking.cancelled():
            return
        if (linked := linking.result()) is not None:
            self._shown.take_back(linked.account_id)
