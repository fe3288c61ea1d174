"""Who is linked with a skill, and the one writer of the file that they are kept in."""

import asyncio
from collections import Counter
from dataclasses import replace
from itertools import count
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util.signal_type import SignalType

from ..const import DOMAIN
from ..lasting_tasks import LastingTasks
from .account import Account, Health, numbered
from .connection import Connection
from .linked_account import LinkedAccount
from .logins import Outlook, logins_signal, look_at
from .storage import AccountStorage

_LOGGER = logging.getLogger(__name__)

# An Amazon customer is one account; a Home Assistant user, or nobody known, may link several.
AMAZON, HOME_ASSISTANT, ANONYMOUS = "amazon.", "home_assistant.", "anonymous"
# How long a new link waits for a word on whether older grants still work, in seconds.
TRIAL = 1.5


def accounts_signal(entry_id: str) -> SignalType[()]:
    """Return the signal that tells of a change of who is linked, or how well."""
    return SignalType(f"{DOMAIN}.{entry_id}.accounts")


class Accounts:
    """The accounts of one skill, for as long as Home Assistant runs.

    They outlive a reload of the entry, so that a press or a refresh on its way through it
    and those after it share one truth.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, connection: Connection, tasks: LastingTasks
    ) -> None:
        self.tasks = tasks
        self.connection = connection
        self.refreshes_ahead = False
        self._hass = hass
        self._entry = entry
        self._storage = AccountStorage(hass, entry.entry_id)
        self._accounts: dict[str, LinkedAccount] = {}
        # Those of grants that are being written, and for nobody else to see until they are.
        self._new: list[LinkedAccount] = []
        self._removed = False
        self._writing = asyncio.Lock()
        self._next_write: asyncio.Task[bool] | None = None
        self._disk_fails = False

    async def async_load(self) -> None:
        """Read the stored accounts; raise ConfigEntryNotReady if they cannot be read."""
        for stored in await self._storage.async_load():
            self._accounts[stored.account_id] = LinkedAccount(self._hass, stored, self)

    @property
    def all(self) -> list[LinkedAccount]:
        """Every account, also one that cannot be announced to."""
        return list(self._accounts.values())

    def get(self, account_id: str) -> LinkedAccount | None:
        """Return an account, None if it is not linked."""
        return self._accounts.get(account_id)

    @property
    def shared_identities(self) -> dict[str, str]:
        """The Home Assistant users that two or more accounts were linked by, with their names."""
        users = [each for each in self.all if each.stored.identity.startswith(HOME_ASSISTANT)]
        linked = Counter(each.stored.identity for each in users)
        return {
            each.stored.identity: each.name for each in users if linked[each.stored.identity] > 1
        }

    @property
    def logins(self) -> set[str]:
        """The logins in Home Assistant that links stand on, as far as they are known."""
        return {each.stored.login for each in self.all if each.stored.login is not None}

    async def async_link(self, account: Account, *, instead_of: str | None = None) -> None:
        """Add the account of a new grant; raise HomeAssistantError unless it is on disk.

        One that nobody knows takes the place of the account with the id `instead_of`, if that one
        cannot be announced to.
        Whoever gives up waiting was told that it failed, and so nothing of it is kept.
        """
        new = LinkedAccount(self._hass, account, self)
        linking = self.tasks.create(self._async_link(new, instead_of), "link")
        try:
            await asyncio.wait([linking])
        except asyncio.CancelledError:
            if linking.done() and not linking.cancelled() and linking.exception() is None:
                return  # It came in the very moment.
            new.end()
            linking.add_done_callback(_look_at)  # Nobody else will.
            raise
        linking.result()

    async def async_forget(self, account_id: str) -> None:
        """Announce to an account no more, and delete its tokens.

        Raises HomeAssistantError, and keeps the account, unless they are off the disk.
        """
        if (account := self._accounts.pop(account_id, None)) is None:
            return
        try:
            written = await asyncio.shield(self.keep())
        except asyncio.CancelledError:
            account.end()  # The write goes on without it.
            self._tell()
            raise
        if not written:
            account.stored = replace(account.stored, shown_since=None)
            self._accounts.setdefault(account_id, account)
            self._tell()
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="account_not_forgotten",
                translation_placeholders={"account": account.name, "path": self._storage.path},
            )
        account.end()
        self._tell()

    async def async_remove(self) -> None:
        """Forget every account, on disk too."""
        self._removed = True  # A grant that is on its way comes too late.
        for account in self.all:
            account.end()
        self._accounts.clear()
        await asyncio.shield(self.keep())

    @callback
    def note_login(self, user_id: str, login: str) -> None:
        """Keep which login Alexa comes with: it may be another than before, and was just used.

        Of two accounts that one user linked, it is that of the one whose own is unknown or gone.
        """
        linked = [each for each in self.all if each.stored.identity == f"{HOME_ASSISTANT}{user_id}"]
        if not any(each.stored.login == login for each in linked):
            lost = [each for each in linked if self._has_lost_its_login(each)]
            if len(lost) == 1 or len(linked) == 1:
                (lost or linked)[0].update(login=login)
        async_dispatcher_send(self._hass, logins_signal(self._entry.entry_id))

    def _has_lost_its_login(self, account: LinkedAccount) -> bool:
        login = account.stored.login
        return login is None or look_at(self._hass, login).outlook is Outlook.ENDED

    @callback
    def start_refreshing(self) -> None:
        """Refresh every token ahead of its end, from now on."""
        self.refreshes_ahead = True
        for account in self.all:
            account.schedule_refresh()

    @callback
    def stop_refreshing(self) -> None:
        """Refresh only when a press needs it."""
        self.refreshes_ahead = False
        for account in self.all:
            account.stop_refreshing()

    @callback
    def reconnect(self, connection: Connection) -> None:
        """Go on with other credentials, or with Amazon elsewhere."""
        self.connection = connection
        for account in self.all:
            account.forget_pauses()
            account.schedule_refresh()

    @callback
    def account_changed(self) -> None:
        """Write what is new of an account, and tell of it."""
        self.keep()
        self._tell()

    @callback
    def credentials_refused(self) -> None:
        """Ask the user for the credentials that Amazon takes; a disabled skill needs none."""
        if not self._removed and self._entry.disabled_by is None:
            self._entry.async_start_reauth(self._hass)

    @callback
    def keep(self) -> asyncio.Task[bool]:
        """Write what is known by the time that it is this writer's turn; True: it is on disk.

        The task goes on to its real end, whoever waits for it.
        """
        if self._next_write is None:
            self._next_write = self.tasks.create(
                self._async_write(), "account storage", at_once=False
            )
        return self._next_write

    async def _async_write(self) -> bool:
        async with self._writing:
            self._next_write = None
            new = {each.account_id: each for each in self._new}
            written = await self._storage.async_write(
                each.stored for each in (self._accounts | new).values()
            )
        if self._hass.is_stopping:
            return written  # Home Assistant itself writes last, and has not yet.
        if not written and not self._disk_fails:
            _LOGGER.error(
                "What is new of the linked Amazon accounts could not be written to %s;"
                " announcements go on, but may end with a restart. Is the disk full?",
                self._storage.path,
            )
        elif written and self._disk_fails:
            _LOGGER.info("%s could be written again", self._storage.path)
        self._disk_fails = not written
        return written

    async def _async_link(self, new: LinkedAccount, instead_of: str | None) -> None:
        replaced = await self._async_place(new, instead_of)
        # Alexa may still show doorbells that went before: they are told of anew, or taken away.
        told = {key: "" for each in replaced for key in each.stored.told_endpoints}
        new.stored = replace(new.stored, told_endpoints=told)
        self._new.append(new)
        written = await asyncio.shield(self.keep())
        self._new.remove(new)
        if self._removed or new.ended or not written:
            await asyncio.shield(self.keep())
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="tokens_not_stored")
        if (same := self._accounts.get(new.account_id)) is not None:
            replaced.append(same)  # Also one that was linked in the meantime.
        for each in replaced:
            self._accounts.pop(each.account_id, None)
            each.end(successor=new)
        self._accounts[new.account_id] = new
        self.keep()
        _LOGGER.info("Linked with the Amazon account %s", new.name)
        new.schedule_refresh()
        self._tell()

    async def _async_place(self, new: LinkedAccount, instead_of: str | None) -> list[LinkedAccount]:
        """Give a new account its id, and return those whose place it takes.

        A grant that still works is never dropped, unless it surely is the same customer's.
        """
        identity = new.stored.identity
        same = [each for each in self.all if each.stored.identity == identity]
        if identity.startswith(AMAZON):
            return same
        if identity == ANONYMOUS:
            ended = await self._async_ended(self.all)
            marked = [each for each in self.all if each.health is not Health.LINKED]
            ended = [each for each in marked if each.account_id == instead_of] or ended
            if len(ended) == 1:  # Nobody else had to link again, or this is the one.
                new.stored = replace(new.stored, account_id=ended[0].account_id, name=ended[0].name)
                return ended
        ended = await self._async_ended(same)
        taken = {each.account_id for each in [*self.all, *self._new] if each not in ended}
        free = (numbered(identity, number) for number in count(1))
        account_id = next(each for each in free if each not in taken)
        new.stored = replace(new.stored, account_id=account_id)
        return ended

    async def _async_ended(self, accounts: list[LinkedAccount]) -> list[LinkedAccount]:
        """Try grants once, and return those that have ended."""
        trials = [
            self.tasks.create(each.async_has_grant(), "trial of a grant") for each in accounts
        ]
        if trials:
            await asyncio.wait(trials, timeout=TRIAL)
        return [each for each in accounts if each.health is Health.RELINK_REQUIRED]

    def _tell(self) -> None:
        async_dispatcher_send(self._hass, accounts_signal(self._entry.entry_id))


def _look_at(task: asyncio.Task[None]) -> None:
    """Let nobody be told of an exception that nobody waits for."""
    if not task.cancelled():
        task.exception()
