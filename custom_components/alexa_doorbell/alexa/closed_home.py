"""The way without a way in: the skill's function answers Alexa, and the home only calls out.

The protocol is in docs/design.md, "The closed home".
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
import json
import logging
import secrets as random
import time
from typing import Any

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..accounts.account import Linker
from ..accounts.registry import ANONYMOUS, Accounts
from ..client.exceptions import FunctionError, Trouble
from ..client.function_url import FunctionUrl, Grant
from ..client.messages import sampled_connectivity
from ..client.pauses import growing_pauses, spread
from ..const import DOMAIN
from ..doorbells.steady import Steady
from .linking import NAMELESS, async_link
from .reports import EndpointReports

_LOGGER = logging.getLogger(__name__)

# The function takes a home for away after 26 silent hours; all in seconds.
LONGEST_SILENCE = 24 * 3600
# Spread, the longest is an hour, which the words of the repairs promise.
FIRST_PAUSE, LONGEST_PAUSE = 60, 3000
# While a person waits for an account to link.
POLL = 5
PAIRING_LIFETIME = 900
# How long after its code has ended a link may still be on its way.
LAST_LINK = 60
# What fails for so long does not mend itself.
LASTING = 3600
# RFC 8628's: no vowels, so no words, and none that looks like another.
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 10
LASTS_IF_LONG = {Trouble.FAILING, Trouble.UNREADABLE}


class ClosedHome:
    """Keeps the skill's function up to date, and takes over the accounts that link there.

    The function is told of every doorbell whenever Alexa is, and once a day. It is asked for
    accounts then too, and every few seconds while somebody waits for one.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        accounts: Accounts,
        reports: EndpointReports,
        function: FunctionUrl,
        changed: Callable[[], None],
    ) -> None:
        self.function = function
        # What is wrong with the function, and how far our clock is ahead if that is it.
        self.seconds_ahead: float | None = None
        self._trouble: Trouble | None = None
        self._logged: str | None = None
        self._hass = hass
        self._accounts = accounts
        self._reports = reports
        self._changed = changed
        self._lasting = Steady(hass, LASTING, changed)
        self._stopped = True
        self._talking = asyncio.Lock()
        self._pauses = growing_pauses(FIRST_PAUSE, longest=LONGEST_PAUSE)
        self._timers: dict[str, CALLBACK_TYPE] = {}
        # What the function has of the doorbells, as far as is known, and whether to ask it.
        self._pushed: str | None = None
        self._asks = True
        self._waiters = 0
        # When the link of the last code that was shown cannot be on its way any more.
        self._last_link = dt_util.utc_from_timestamp(0)
        # Those that are on disk here, also if they were forgotten since.
        self._taken_over: set[str] = set()

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong with the function that somebody has to mend."""
        if self._trouble in LASTS_IF_LONG:
            return Trouble.GONE if self._trouble in self._lasting else None
        return self._trouble

    @callback
    def start(self) -> None:
        """Say what there is to say, and ask, from now on."""
        self._stopped = False
        self._timers["reports"] = self._reports.listen(self._speak)
        self._speak_anew()
        self._poll()
        self._await_last_link()

    @callback
    def stop(self) -> None:
        """Say nothing more; what remains is said after the next start()."""
        self._stopped = True
        self._lasting.stop()
        while self._timers:
            self._timers.popitem()[1]()

    @callback
    def reconnect(self, function: FunctionUrl) -> None:
        """Go on with the function under another address, or as another home."""
        self.function = function
        self._pauses = growing_pauses(FIRST_PAUSE, longest=LONGEST_PAUSE)
        self._speak_anew()

    async def async_pair(self, *, instead_of: str | None = None) -> str:
        """Return a code that links an account with this home for a while.

        `instead_of`: the id of the account that is to link again. Raises FunctionError.
        """
        code = "".join(random.choice(LETTERS) for _ in range(CODE_LENGTH))
        digest = sha256(code.encode()).hexdigest()
        await self.function.pair(digest, expires_in=PAIRING_LIFETIME, identity=instead_of)
        # Whoever closes the window may go on in the Alexa app.
        self._last_link = dt_util.utcnow() + timedelta(seconds=PAIRING_LIFETIME + LAST_LINK)
        self._await_last_link()
        return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"

    async def async_poll_for[T](self, waiting: Coroutine[Any, Any, T]) -> T | None:
        """Ask for accounts every few seconds until one has come; None: the code has ended."""
        self._waiters += 1
        self._poll()
        try:
            async with asyncio.timeout(PAIRING_LIFETIME):
                return await waiting
        except TimeoutError:
            return None
        finally:
            self._waiters -= 1

    async def async_take_over(self) -> None:
        """Ask for accounts now, and return when those that were there are on disk, or failed."""
        self._asks = True
        await self._async_turn()

    @callback
    def _await_last_link(self) -> None:
        left = (self._last_link - dt_util.utcnow()).total_seconds()
        if left > 0:
            self._later("last link", min(left, PAIRING_LIFETIME + LAST_LINK), self._ask)

    @callback
    def _poll(self, _now: object = None) -> None:
        if self._waiters:
            self._ask()
            self._later("poll", spread(POLL, 0.4, 1), self._poll)

    @callback
    def _ask(self, _now: object = None) -> None:
        self._asks = True
        self._speak()

    @callback
    def _speak_anew(self, _now: object = None) -> None:
        self._pushed = None
        self._ask()

    @callback
    def _speak(self) -> None:
        if not self._stopped:
            self._hass.async_create_background_task(self._async_turn(), f"{DOMAIN} closed home")

    async def _async_turn(self) -> None:
        """Say and ask what there is to; what fails is tried again."""
        async with self._talking:
            if self._stopped:
                return
            try:
                if self._asks:  # First, since a person may wait for it.
                    self._asks = False  # Not afterwards: somebody may ask anew meanwhile.
                    await self._async_collect()
                if not self._stopped:
                    await self._async_push()
            except FunctionError as error:
                self._log(error.trouble, str(error))
                self._note(error.trouble, error.seconds_ahead)
            except HomeAssistantError:
                self._log("disk", "an account that has linked could not be stored")
            else:
                self._log(None)
                self._note(None)
                self._pauses = growing_pauses(FIRST_PAUSE, longest=LONGEST_PAUSE)
                self._cancel("again")
                return
            # Whoever does not know us may hold nothing of ours any more.
            self._asks, self._pushed = True, None
        self._later("again", spread(next(self._pauses), 0.8, 1.2), self._ask)

    async def _async_push(self) -> None:
        endpoints = {key: each.as_dict() for key, each in self._reports.endpoints.items()}
        reachable = {key: key not in self._reports.unreachable for key in endpoints}
        content = json.dumps([endpoints, reachable], sort_keys=True)
        if content == self._pushed:
            return
        now = dt_util.utcnow()
        self._pushed = content  # Not afterwards: it may be another function by then.
        states = {key: sampled_connectivity(is_there, now) for key, is_there in reachable.items()}
        if not await self.function.push(list(endpoints.values()), states):
            raise FunctionError(Trouble.AWAY, "it holds something that was said later")
        # From what was told last, not asked: only that breaks the silence. At any minute of the
        # day, so that homes do not call all together.
        self._later("daily", spread(LONGEST_SILENCE, 0.9, 1), self._speak_anew)

    async def _async_collect(self) -> None:
        """Take over what waits: first it is on disk here, only then forgotten there."""
        grants = (await self.function.grants()).grants
        for grant in grants:
            await self._async_take_over(grant)
        if grants:
            await self.function.acknowledge([grant.grant_id for grant in grants])

    async def _async_take_over(self, grant: Grant) -> None:
        """Make a grant an account, once: it comes again if it could not be acknowledged."""
        on_disk = {each.stored.grant_id for each in self._accounts.all}
        if grant.grant_id in on_disk | self._taken_over:
            return
        linker = Linker(
            account_id=ANONYMOUS,
            name=NAMELESS,
            grant_id=grant.grant_id,
            instead_of=grant.identity,
        )
        # It may have waited for days.
        age = max(time.time() - grant.received_at, 0)
        tokens = replace(grant.tokens, expires_in=grant.tokens.expires_in - age)
        connection = self._accounts.connection
        await async_link(self._accounts, connection, linker, tokens, grant.aws_region)
        self._taken_over.add(grant.grant_id)

    @callback
    def _log(self, why: str | None, what: str = "") -> None:
        """Log what goes wrong once, until it changes or is over."""
        if why == self._logged or self._stopped:
            return
        self._logged = why
        if why is None:
            _LOGGER.info("This home and the skill's function understand each other again")
        else:
            _LOGGER.warning("The skill's function could not be told or asked: %s", what)

    @callback
    def _note(self, trouble: Trouble | None, ahead: float | None = None) -> None:
        # Nothing is learnt where the line of this home may be down; and what is answered after a
        # stop is said again.
        if trouble is Trouble.AWAY or self._stopped:
            return
        before = self.trouble
        self._trouble, self.seconds_ahead = trouble, ahead
        for each in LASTS_IF_LONG:
            if each is trouble:
                self._lasting.note(each, holds=True)
            else:
                self._lasting.drop(each)
        if self.trouble is not before:
            self._changed()

    @callback
    def _later(self, what: str, seconds: float, work: Callable[[Any], None]) -> None:
        if self._stopped:
            return
        self._cancel(what)
        self._timers[what] = async_call_later(self._hass, seconds, work)

    @callback
    def _cancel(self, what: str) -> None:
        if (cancel := self._timers.pop(what, None)) is not None:
            cancel()
