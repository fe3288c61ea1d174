"""Each linked account as a subentry, on the integration's page."""

import asyncio
from dataclasses import replace
from functools import partial
import logging
from types import MappingProxyType
from typing import TypedDict
from weakref import WeakSet

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later

from ..const import SUBENTRY_ACCOUNT
from .linked_account import LinkedAccount
from .registry import Accounts

_LOGGER = logging.getLogger(__name__)

# A window that waited for an account shows it within this, in seconds, or nobody looks at it.
PATIENCE = 10
# Parts the time since which an account is shown from the one before, in seconds.
MOMENT = 0.001


class Shown(TypedDict):
    """What the subentry of an account says."""

    title: str
    data: dict[str, str]
    unique_id: str


def shown_as(account: LinkedAccount) -> Shown:
    """Return an account's subentry, whose data is the title that nobody but us gave it."""
    title = account.name
    return {"title": title, "data": {CONF_NAME: title}, "unique_id": account.account_id}


class ShownAccounts:
    """Keeps the subentries of a skill equal to who is linked.

    Home Assistant writes subentries a moment later than tokens are written here. So the file of
    the tokens says since when an account is shown. If Home Assistant has written its entry since
    then, but without that subentry, the user deleted it, and the account is forgotten. Otherwise
    the account gets a subentry: it was linked just before a power cut, or under a version that
    showed no accounts.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, accounts: Accounts) -> None:
        self._hass = hass
        self._entry = entry
        self._accounts = accounts
        self._stopped = False
        self._seen = WeakSet[LinkedAccount]()
        # The windows that wait for somebody to link, and the accounts that they are to show.
        self._waiting: list[asyncio.Future[LinkedAccount]] = []
        self._left: dict[str, CALLBACK_TYPE] = {}
        self._written_at = entry.modified_at.timestamp()
        for account in accounts.all:
            if (account.stored.shown_since or 0) > self._written_at:
                account.stored = replace(account.stored, shown_since=None)

    async def async_next_linked(self) -> LinkedAccount:
        """Wait until an account links; to show it is then the caller's, for a while."""
        waiting: asyncio.Future[LinkedAccount] = self._hass.loop.create_future()
        self._waiting = [*(each for each in self._waiting if not each.done()), waiting]
        return await waiting

    @callback
    def take_back(self, account_id: str, _now: object = None) -> None:
        """Show an account that was left to a window, if that did not."""
        if (stop_timer := self._left.pop(account_id, None)) is not None:
            stop_timer()
            self.update()

    @callback
    def update(self) -> None:
        """Show who is linked, and nobody else; forget whom the user deleted."""
        if self._stopped:
            return
        for account in self._accounts.all:
            subentry = self._subentries().get(account.account_id)
            self._notice(account)
            if subentry is not None:
                self._follow(account, subentry)
            elif account.stored.shown_since is not None:
                self._accounts.tasks.create(self._async_forget(account), "forgetting")
            elif account.account_id not in self._left:
                self._show(account)
        for account_id, subentry in self._subentries().items():
            gone = self._accounts.get(account_id) is None
            # Each change of a subentry leads here anew, before it is done.
            if gone and subentry.subentry_id in self._entry.subentries:
                self._hass.config_entries.async_remove_subentry(self._entry, subentry.subentry_id)

    @callback
    def stop(self) -> None:
        """Show and forget nobody any more, and let no window wait."""
        self._stopped = True
        for waiting in self._waiting:
            waiting.cancel()
        for stop_timer in self._left.values():
            stop_timer()

    def _subentries(self) -> dict[str, ConfigSubentry]:
        return {
            str(each.unique_id): each
            for each in self._entry.subentries.values()
            if each.subentry_type == SUBENTRY_ACCOUNT
        }

    def _notice(self, account: LinkedAccount) -> None:
        """Leave an account that has just linked to the window that was opened last.

        Whoever loses sight of a window opens another one; Home Assistant keeps both waiting.
        """
        if account in self._seen:
            return
        self._seen.add(account)
        waiting = next((each for each in reversed(self._waiting) if not each.done()), None)
        if waiting is None:
            return
        waiting.set_result(account)
        take_back = partial(self.take_back, account.account_id)
        job = HassJob(take_back, cancel_on_shutdown=True)
        self._left[account.account_id] = async_call_later(self._hass, PATIENCE, job)

    def _show(self, account: LinkedAccount) -> None:
        shown = shown_as(account)
        subentry = ConfigSubentry(
            subentry_type=SUBENTRY_ACCOUNT,
            title=shown["title"],
            data=MappingProxyType(shown["data"]),
            unique_id=shown["unique_id"],
        )
        self._hass.config_entries.async_add_subentry(self._entry, subentry)
        self._note_shown(account)

    def _follow(self, account: LinkedAccount, subentry: ConfigSubentry) -> None:
        """Give a subentry the account's name, or the account the one that the user gave it."""
        given = subentry.data.get(CONF_NAME)
        update = partial(self._hass.config_entries.async_update_subentry, self._entry, subentry)
        if subentry.title and subentry.title != given:
            update(data={})
            account.update(name=subentry.title)
        elif subentry.title != account.name:
            shown = shown_as(account)
            update(title=shown["title"], data=shown["data"])
        self._note_shown(account)

    def _note_shown(self, account: LinkedAccount) -> None:
        if account.stored.shown_since is None:
            # Also if the clock was set back since then: what is on disk may be without it.
            since = max(self._entry.modified_at.timestamp(), self._written_at + MOMENT)
            account.stored = replace(account.stored, shown_since=since)
            self._accounts.keep()

    async def _async_forget(self, account: LinkedAccount) -> None:
        try:
            await self._accounts.async_forget(account.account_id)
        except HomeAssistantError as error:
            _LOGGER.warning("The deleted Amazon account %s is back: %s", account.name, error)
