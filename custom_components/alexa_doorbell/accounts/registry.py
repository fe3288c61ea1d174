"""The Amazon accounts that enabled the skill; their tokens, refreshed ahead of need."""

import asyncio
from collections import Counter
from dataclasses import replace
from functools import partial
import logging
import random
import time
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_call_later
from homeassistant.util.signal_type import SignalType

from ..client.exceptions import AlexaError, ReauthenticateError, RelinkError, TryAgainError
from ..const import DOMAIN
from ..lasting_tasks import async_create_lasting_task
from .account import Account, Health
from .connection import Connection
from .storage import AccountStorage

_LOGGER = logging.getLogger(__name__)

# A token is replaced between half of this and all of it before its end, in seconds, so that
# no press waits for Login with Amazon, and that homes do not ask all at the same moment.
REFRESH_AHEAD = 600
# A token this close to its end, in seconds, might end on its way.
EXPIRY_MARGIN = 5
# Amazon's lifetime of an access token, in seconds; a stored end beyond it is a clock's error.
LONGEST_LIFETIME = 3600
# Between tries of the background refresh, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 15, 900


def accounts_signal(entry_id: str) -> SignalType[()]:
    """Return the signal that tells of a change of who is linked, or how well."""
    return SignalType(f"{DOMAIN}.{entry_id}.accounts")


class Accounts:
    """The accounts of one skill, for as long as Home Assistant runs.

    They outlive a reload of the entry, so that a press or a refresh on its way through it
    and those after it share one truth.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, connection: Connection) -> None:
        self.connection = connection
        # For the diagnostics, by account: what the event gateway answered how often, what last,
        # and what keeps the account from being announced to.
        self.answers: dict[str, Counter[str]] = {}
        self.last_answers: dict[str, str] = {}
        self.troubles: dict[str, str] = {}
        self._hass = hass
        self._entry = entry
        self._storage = AccountStorage(hass, entry.entry_id)
        self._accounts: dict[str, Account] = {}
        # When tokens end in the loop's time, which nobody sets while we run.
        self._ends: dict[str, float] = {}
        self._refreshing: dict[str, asyncio.Task[str]] = {}
        # Writes what the last refresh brought.
        self._keeping: dict[str, asyncio.Task[None]] = {}
        self._timers: dict[str, CALLBACK_TYPE] = {}
        self._ahead = False
        self._removed = False
        self._writing = asyncio.Lock()

    async def async_load(self) -> None:
        """Read the stored accounts; raise ConfigEntryNotReady if they cannot be read."""
        for account in await self._storage.async_load():
            self._accounts[account.account_id] = account
            self._note_end(account, account.expires_at - time.time())

    @property
    def all(self) -> list[Account]:
        """Every account, also one that cannot be announced to."""
        return list(self._accounts.values())

    def token_ends_in(self, account_id: str) -> float:
        """Return the seconds until the access token ends, negative afterwards."""
        return self._ends[account_id] - self._hass.loop.time()

    async def async_link(self, account: Account) -> None:
        """Add an account or replace its tokens; raise HomeAssistantError unless it is on disk."""
        async with self._writing:
            accounts = self._accounts | {account.account_id: account}
            if self._removed or not await self._storage.async_write(accounts.values()):
                raise HomeAssistantError(
                    translation_domain=DOMAIN, translation_key="tokens_not_stored"
                )
            # Not the whole of them: another one's tokens may have been refreshed meanwhile.
            self._accounts[account.account_id] = account
            self._note_end(account, account.expires_at - time.time())
        self.troubles.pop(account.account_id, None)
        _LOGGER.info("Linked with the Amazon account %s", account.name)
        self._schedule_refresh(account.account_id)
        self._tell()

    async def async_forget(self, account_id: str) -> None:
        """Announce to an account no more, and delete its tokens."""
        async with self._writing:
            if self._accounts.pop(account_id, None) is None:
                return
            self._cancel_refresh(account_id)
            self.troubles.pop(account_id, None)
            await self._storage.async_write(self._accounts.values())
        self._tell()

    async def async_update(self, account_id: str, *, linked_at: float, **changes: Any) -> bool:
        """Store what was learnt of an account; return False if it was not linked then."""
        async with self._writing:
            account = self._accounts.get(account_id)
            if account is None or account.linked_at != linked_at:
                return False
            if account.health is Health.RELINK_REQUIRED:
                changes.pop("health", None)  # Only a new link mends a grant that is gone.
            if account == (changed := replace(account, **changes)):
                return True
            self._accounts[account_id] = changed
            await self._storage.async_write(self._accounts.values())
        self._tell()
        return True

    async def async_token(self, account_id: str, *, refused: str | None = None) -> str:
        """Return an access token, refreshed first if it ended or if Amazon refused it.

        Raises what LoginWithAmazon.refresh raises. All who wait share one refresh.
        """
        if (account := self._accounts.get(account_id)) is None:
            raise RelinkError("the account was removed")
        if self.token_ends_in(account_id) > EXPIRY_MARGIN and account.access_token != refused:
            return account.access_token
        return await self._async_shared_refresh(account)

    @callback
    def note_trouble(self, account_id: str, trouble: str) -> None:
        """Log what keeps an account from being announced to, once until it changes or is over."""
        if account_id in self._accounts and self.troubles.get(account_id) != trouble:
            _LOGGER.warning(
                "The doorbell cannot be announced to the Amazon account %s: %s",
                self._accounts[account_id].name,
                trouble,
            )
            self.troubles[account_id] = trouble

    @callback
    def note_success(self, account_id: str) -> None:
        """Log that an account can be announced to again."""
        if self.troubles.pop(account_id, None) is not None:
            _LOGGER.info(
                "The doorbell is announced to the Amazon account %s again",
                self._accounts[account_id].name,
            )

    @callback
    def note_answer(self, account_id: str, answer: str) -> None:
        """Count what the event gateway said."""
        self.answers.setdefault(account_id, Counter())[answer] += 1
        self.last_answers[account_id] = answer

    @callback
    def start_refreshing(self) -> None:
        """Refresh every token ahead of its end, from now on."""
        self._ahead = True
        for account_id in self._accounts:
            self._schedule_refresh(account_id)

    @callback
    def stop_refreshing(self) -> None:
        """Refresh only when a press needs it."""
        self._ahead = False
        for account_id in list(self._timers):
            self._cancel_refresh(account_id)

    async def async_remove(self) -> None:
        """Forget every account, on disk too."""
        self.stop_refreshing()
        async with self._writing:
            self._removed = True  # A grant that is on its way comes too late.
            self._accounts = {}
            self.troubles.clear()
            await self._storage.async_remove()

    def _tell(self) -> None:
        async_dispatcher_send(self._hass, accounts_signal(self._entry.entry_id))

    def _note_end(self, account: Account, lifetime: float) -> None:
        lifetime = min(lifetime, LONGEST_LIFETIME)
        self._ends[account.account_id] = self._hass.loop.time() + lifetime

    async def _async_shared_refresh(self, account: Account) -> str:
        task = self._refreshing.get(account.account_id)
        if task is None:
            task = async_create_lasting_task(
                self._hass, self._async_refresh(account), "token refresh"
            )
            self._refreshing[account.account_id] = task
            task.add_done_callback(partial(self._refresh_ended, account.account_id))
        # Whoever is cancelled while waiting, a press at its deadline, leaves it to the others.
        await asyncio.wait([task])
        return task.result()

    def _refresh_ended(self, account_id: str, task: asyncio.Task[str]) -> None:
        del self._refreshing[account_id]
        if not task.cancelled():
            task.exception()  # Seen now, even if nobody waits for it any more.

    async def _async_refresh(self, account: Account) -> str:
        if (keeping := self._keeping.pop(account.account_id, None)) is not None:
            await asyncio.wait([keeping])  # A refresh token is on disk before it is used.
        try:
            tokens = await self.connection.login.refresh(account.refresh_token)
        except RelinkError:
            current = self._accounts.get(account.account_id)
            if current is not None and current.linked_at != account.linked_at:
                return current.access_token  # It was linked anew meanwhile.
            self.note_trouble(account.account_id, "Amazon says that the skill was disabled there")
            await self.async_update(
                account.account_id, linked_at=account.linked_at, health=Health.RELINK_REQUIRED
            )
            raise
        except ReauthenticateError:
            if not self._removed:
                self._entry.async_start_reauth(self._hass)
            raise
        current = self._accounts.get(account.account_id)
        if current is None:
            raise RelinkError("the account was removed")
        if current.linked_at != account.linked_at:
            return current.access_token
        refreshed = replace(
            current,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token or current.refresh_token,
            expires_at=time.time() + tokens.expires_in,
        )
        self._accounts[account.account_id] = refreshed
        self._note_end(refreshed, tokens.expires_in)
        self._schedule_refresh(account.account_id)
        # A press that waited for the token need not wait for the disk too.
        self._keeping[account.account_id] = async_create_lasting_task(
            self._hass, self._async_keep(refreshed), "token storage"
        )
        return refreshed.access_token

    async def _async_keep(self, account: Account) -> None:
        """Write refreshed tokens, unless their account was removed meanwhile."""
        async with self._writing:
            if account.account_id not in self._accounts:
                return
            if not await self._storage.async_write(self._accounts.values()):
                _LOGGER.error(
                    "The new tokens of the Amazon account %s could not be written to %s;"
                    " announcements go on, but may end with a restart. Is the disk full?",
                    account.name,
                    self._storage.path,
                )

    @callback
    def _schedule_refresh(self, account_id: str, pause: float = 0) -> None:
        self._cancel_refresh(account_id)
        account = self._accounts.get(account_id)
        if not self._ahead or account is None or account.health is Health.RELINK_REQUIRED:
            return
        ends_in = max(self.token_ends_in(account_id), 0)
        ahead = min(REFRESH_AHEAD * random.uniform(0.5, 1), ends_in / 2)  # noqa: S311 - no secret.

        async def refresh(_now: object) -> None:
            del self._timers[account_id]
            try:
                await self._async_shared_refresh(self._accounts[account_id])
            except TryAgainError as error:
                longer = max(min(pause * 2, LONGEST_PAUSE), error.retry_after or 0, FIRST_PAUSE)
                self._schedule_refresh(account_id, longer * random.uniform(0.8, 1.2))  # noqa: S311
            except AlexaError:
                return  # Whoever can mend this was told, and the mending schedules anew.

        self._timers[account_id] = async_call_later(self._hass, pause or ends_in - ahead, refresh)

    @callback
    def _cancel_refresh(self, account_id: str) -> None:
        if (cancel := self._timers.pop(account_id, None)) is not None:
            cancel()
