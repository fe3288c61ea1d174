"""The Amazon accounts that enabled the skill, and their tokens (contract section 5)."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
import logging
import random
import time
from typing import Any, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import Store

from .client.exceptions import AlexaError, ReauthenticateError, RelinkError, TryAgainError
from .client.lwa import LoginWithAmazon, Tokens
from .connection import Connection
from .const import DOMAIN
from .lasting import async_create_lasting_task

_LOGGER = logging.getLogger(__name__)

STORAGE_VERSION = 1
# A token is replaced between half of this and all of it before its end, in seconds, so that
# no press waits for Login with Amazon, and that homes do not ask all at the same moment.
REFRESH_AHEAD = 600
# A token this close to its end, in seconds, might end on its way.
EXPIRY_MARGIN = 5
# Login with Amazon's own lifetime of an access token; a stored end further away is a clock's error.
LONGEST_LIFETIME = 3600
# Between tries of the background refresh, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 15, 900


class NotStoredError(HomeAssistantError):
    """The tokens did not reach the disk."""


class Health(StrEnum):
    """Whether an account can be announced to, and if not, why."""

    LINKED = "linked"
    RELINK_REQUIRED = "relink_required"
    SKILL_DISABLED = "skill_disabled"
    MISSING_PERMISSION = "missing_permission"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as it is stored; the access token ends at a Unix time."""

    account_id: str
    name: str
    region: str
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    expires_at: float
    health: Health = Health.LINKED

    @classmethod
    def linked(cls, *, account_id: str, name: str, region: str, tokens: Tokens) -> Self:
        """Make the account of a grant that was just exchanged."""
        return cls(
            account_id=account_id,
            name=name,
            region=region,
            refresh_token=tokens.refresh_token or "",
            access_token=tokens.access_token,
            expires_at=time.time() + tokens.expires_in,
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read an account; raise KeyError, TypeError or ValueError if it is none."""
        return cls(
            account_id=str(data["account_id"]),
            name=str(data["name"]),
            region=str(data["region"]),
            refresh_token=str(data["refresh_token"]),
            access_token=str(data["access_token"]),
            expires_at=float(data["expires_at"]),
            health=Health(data["health"]),
        )


class Accounts:
    """The accounts of one skill, for as long as Home Assistant runs.

    They outlive a reload of the entry, so that a press or a refresh on its way through it
    and those after it share one truth.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, connection: Connection) -> None:
        self.connection = connection
        self._hass = hass
        self._entry = entry
        self._accounts: dict[str, Account] = {}
        # When tokens end in the loop's time, which nobody sets while we run.
        self._ends: dict[str, float] = {}
        self._refreshing: dict[str, asyncio.Task[str]] = {}
        self._timers: dict[str, CALLBACK_TYPE] = {}
        self._troubled: set[str] = set()
        self._ahead = False
        self._writing = asyncio.Lock()

    async def async_load(self) -> None:
        """Read the stored accounts; raise HomeAssistantError if they cannot be read."""
        stored = await self._store().async_load()
        if stored is None:
            return
        try:
            accounts = [Account.from_dict(data) for data in stored["accounts"]]
        except (KeyError, TypeError, ValueError) as error:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="unreadable_tokens",
                translation_placeholders={"path": self._store().path},
            ) from error
        self._accounts = {account.account_id: account for account in accounts}
        for account in accounts:
            self._note_end(account, account.expires_at - time.time())

    @property
    def all(self) -> list[Account]:
        """Every account, also one that cannot be announced to."""
        return list(self._accounts.values())

    async def async_link(self, account: Account) -> None:
        """Add an account or replace its tokens; raise NotStoredError unless it is on disk."""
        async with self._writing:
            accounts = self._accounts | {account.account_id: account}
            if not await self._async_write(accounts):
                raise NotStoredError(translation_domain=DOMAIN, translation_key="tokens_not_stored")
            self._accounts = accounts
        self._note_end(account, account.expires_at - time.time())
        self._troubled.discard(account.account_id)
        _LOGGER.info("Linked with the Amazon account %s", account.name)
        self._schedule_refresh(account.account_id)

    async def async_token(self, account_id: str, *, refused: str | None = None) -> str:
        """Return an access token, refreshed first if it ended or if Amazon refused it.

        Raises what LoginWithAmazon.refresh raises. All who wait share one refresh.
        """
        account = self._accounts[account_id]
        ends_in = self._ends[account_id] - self._hass.loop.time()
        if ends_in > EXPIRY_MARGIN and account.access_token != refused:
            return account.access_token
        return await asyncio.shield(self._refresh(account))

    async def async_update(self, account_id: str, **changes: Any) -> None:
        """Store a change of region or health, if the account still exists and it is one."""
        async with self._writing:
            account = self._accounts.get(account_id)
            if account is None or account == (changed := replace(account, **changes)):
                return
            self._accounts[account_id] = changed
            await self._async_write(self._accounts)

    @callback
    def note_trouble(self, account_id: str, trouble: str) -> None:
        """Log what keeps an account from being announced to, once until it is over."""
        if account_id not in self._troubled:
            self._troubled.add(account_id)
            _LOGGER.warning(
                "The doorbell cannot be announced to the Amazon account %s: %s",
                self._accounts[account_id].name,
                trouble,
            )

    @callback
    def note_success(self, account_id: str) -> None:
        """Log that an account can be announced to again."""
        if account_id in self._troubled:
            self._troubled.remove(account_id)
            _LOGGER.info(
                "The doorbell is announced to the Amazon account %s again",
                self._accounts[account_id].name,
            )

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
        while self._timers:
            self._timers.popitem()[1]()

    async def async_remove(self) -> None:
        """Forget every account, on disk too."""
        self.stop_refreshing()
        self._accounts = {}
        await self._store().async_remove()

    def _store(self) -> Store[dict[str, Any]]:
        # A store of its own for each use: one that wrote would read back what it meant to write.
        key = f"{DOMAIN}.{self._entry.entry_id}"
        return Store(self._hass, STORAGE_VERSION, key, private=True, atomic_writes=True)

    async def _async_write(self, accounts: Mapping[str, Account]) -> bool:
        """Write the accounts; Home Assistant's storage only logs a failure, so look."""
        data = {"accounts": [asdict(account) for account in accounts.values()]}
        try:
            await self._store().async_save(data)
            return await self._store().async_load() == data
        except OSError, HomeAssistantError:
            return False

    def _note_end(self, account: Account, lifetime: float) -> None:
        lifetime = min(lifetime, LONGEST_LIFETIME)
        self._ends[account.account_id] = self._hass.loop.time() + lifetime

    def _refresh(self, account: Account) -> asyncio.Task[str]:
        task = self._refreshing.get(account.account_id)
        if task is None:
            task = async_create_lasting_task(
                self._hass, self._async_refresh(account), "token refresh"
            )
            if not task.done():
                self._refreshing[account.account_id] = task
                task.add_done_callback(lambda _: self._refreshing.pop(account.account_id))
        return task

    async def _async_refresh(self, account: Account) -> str:
        login: LoginWithAmazon = self.connection.login
        try:
            tokens = await login.refresh(account.refresh_token)
        except RelinkError:
            await self._async_grant_gone(account)
            raise
        except ReauthenticateError:
            self._entry.async_start_reauth(self._hass)
            raise
        async with self._writing:
            current = self._accounts.get(account.account_id)
            if current is None:
                raise TryAgainError("the account was removed")
            if current.refresh_token != account.refresh_token:
                return current.access_token  # It was linked anew meanwhile.
            refreshed = replace(
                current,
                access_token=tokens.access_token,
                refresh_token=tokens.refresh_token or current.refresh_token,
                expires_at=time.time() + tokens.expires_in,
            )
            self._accounts[account.account_id] = refreshed
            self._note_end(refreshed, tokens.expires_in)
            if not await self._async_write(self._accounts):
                _LOGGER.error(
                    "The new tokens of the Amazon account %s could not be written to %s;"
                    " announcements go on, but a restart may end them: is the disk full?",
                    account.name,
                    self._store().path,
                )
        self._schedule_refresh(account.account_id)
        return refreshed.access_token

    async def _async_grant_gone(self, account: Account) -> None:
        current = self._accounts.get(account.account_id)
        if current is not None and current.refresh_token == account.refresh_token:
            self.note_trouble(account.account_id, "Amazon says that the skill was unlinked")
            await self.async_update(account.account_id, health=Health.RELINK_REQUIRED)

    @callback
    def _schedule_refresh(self, account_id: str, pause: float = 0) -> None:
        if (cancel := self._timers.pop(account_id, None)) is not None:
            cancel()
        if not self._ahead or self._accounts[account_id].health is Health.RELINK_REQUIRED:
            return
        ends_in = max(self._ends[account_id] - self._hass.loop.time(), 0)
        ahead = min(REFRESH_AHEAD * random.uniform(0.5, 1), ends_in / 2)  # noqa: S311 - not a secret.
        delay = pause or ends_in - ahead

        async def refresh(_now: object) -> None:
            del self._timers[account_id]
            try:
                await asyncio.shield(self._refresh(self._accounts[account_id]))
            except TryAgainError as error:
                next_pause = max(min(pause * 2, LONGEST_PAUSE), error.retry_after or FIRST_PAUSE)
                self._schedule_refresh(account_id, next_pause * random.uniform(0.8, 1.2))  # noqa: S311
            except AlexaError:
                return

        self._timers[account_id] = async_call_later(self._hass, delay, refresh)
