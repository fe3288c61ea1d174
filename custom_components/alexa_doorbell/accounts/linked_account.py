"""One linked account: its tokens and their refresh, what the gateway said of it, its trouble."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
import logging
import time
from typing import Any, Protocol

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..client.exceptions import AlexaError, ReauthenticateError, RelinkError, TryAgainError
from ..client.pauses import growing_pauses, spread
from ..lasting_tasks import LastingTasks
from .account import Account, Health
from .connection import Connection

_LOGGER = logging.getLogger(__name__)

# A token is replaced between half of this and all of it before its end, in seconds, so that
# no press waits for Login with Amazon, and that homes do not ask all at the same moment.
REFRESH_AHEAD = 600
# A token this close to its end, in seconds, might end on its way.
EXPIRY_MARGIN = 5
# Amazon's lifetime of an access token, in seconds; a stored end beyond it is a clock's error.
LONGEST_LIFETIME = 3600
# Between background refreshes, in seconds, whatever Amazon says of lifetimes and pauses.
FIRST_PAUSE, LONGEST_PAUSE = 15, 900


class Surroundings(Protocol):
    """What an account needs of the registry that it is in."""

    tasks: LastingTasks

    @property
    def connection(self) -> Connection:
        """Where Amazon is now."""

    @property
    def refreshes_ahead(self) -> bool:
        """Whether tokens are refreshed before a press needs it."""

    def account_changed(self) -> None:
        """Write what is new, and tell of it."""

    def keep(self) -> asyncio.Task[bool]:
        """Write what is known, and return whether it is on disk."""

    def credentials_refused(self) -> None:
        """Ask the user for the credentials that Amazon takes."""


class LinkedAccount:
    """An account from its grant on, until it is forgotten or another grant takes its place."""

    def __init__(self, hass: HomeAssistant, stored: Account, surroundings: Surroundings) -> None:
        self.stored = stored
        # For the diagnostics: what the event gateway answered how often, and what last.
        self.answers: Counter[str] = Counter()
        self.last_answer: str | None = None
        # What keeps the account from being announced to.
        self.trouble: str | None = None
        self._hass = hass
        self._surroundings = surroundings
        self.ended = False
        self._successor: LinkedAccount | None = None
        # In the loop's time, which nobody sets while we run.
        self._token_ends = 0.0
        self._next_refresh = 0.0
        self._note_end(stored.expires_at - time.time())
        self._refreshing: asyncio.Task[str] | None = None
        self._keeping: asyncio.Task[bool] | None = None
        self._timer: CALLBACK_TYPE | None = None
        self._pauses: Iterator[float] | None = None

    @property
    def account_id(self) -> str:
        """What tells it from the others of its skill."""
        return self.stored.account_id

    @property
    def name(self) -> str:
        """What people call it."""
        return self.stored.name

    @property
    def health(self) -> Health:
        """Whether it can be announced to."""
        return self.stored.health

    @property
    def token_ends_in(self) -> float:
        """Seconds until the access token ends, negative afterwards."""
        return self._token_ends - self._hass.loop.time()

    async def async_token(self, *, refused: str | None = None) -> str:
        """Return an access token, refreshed first if it ended or if Amazon refused it.

        Raises what LoginWithAmazon.refresh raises. All who wait share one refresh.
        """
        if self._successor is not None:
            return await self._successor.async_token(refused=refused)
        if self.ended:
            raise RelinkError("the account was removed")
        if self.token_ends_in > EXPIRY_MARGIN and self.stored.access_token != refused:
            return self.stored.access_token
        return await self._async_shared_refresh()

    async def async_has_grant(self) -> bool:
        """Try the grant once; False: Amazon says that it has ended."""
        if self.health is not Health.RELINK_REQUIRED:
            with suppress(AlexaError):  # What it means is known by then.
                await self._async_shared_refresh()
        return self.health is not Health.RELINK_REQUIRED

    @callback
    def update(self, **changes: Any) -> bool:
        """Take in what was learnt, and have it written; False: it is not linked any more."""
        if self.ended:
            return False
        if self.health is Health.RELINK_REQUIRED:
            changes.pop("health", None)  # Only a new link mends a grant that is gone.
        if self.stored != (changed := replace(self.stored, **changes)):
            self.stored = changed
            self._surroundings.account_changed()
        return True

    @callback
    def end(self, successor: LinkedAccount | None = None) -> None:
        """Change nothing any more; a press on its way may go on with the successor's token."""
        self.ended, self._successor = True, successor
        self.stop_refreshing()

    @callback
    def note_trouble(self, trouble: str) -> None:
        """Log what keeps the account from being announced to, once until it changes or is over."""
        if not self.ended and self.trouble != trouble:
            _LOGGER.warning(
                "The doorbell cannot be announced to the Amazon account %s: %s", self.name, trouble
            )
            self.trouble = trouble

    @callback
    def note_success(self) -> None:
        """Log that the account can be announced to again."""
        if self.trouble is not None:
            self.trouble = None
            _LOGGER.info("The doorbell is announced to the Amazon account %s again", self.name)

    @callback
    def note_answer(self, answer: str) -> None:
        """Count what the event gateway said."""
        self.answers[answer] += 1
        self.last_answer = answer

    @callback
    def schedule_refresh(self) -> None:
        """Refresh the token ahead of its end, but not sooner than Amazon was told to be asked."""
        self.stop_refreshing()
        if (
            self.ended
            or not self._surroundings.refreshes_ahead
            or self.health is Health.RELINK_REQUIRED
        ):
            return
        pause = max(self._next_refresh - self._hass.loop.time(), 0)
        if self._pauses is None:  # Else the last try failed, and this is the next one.
            ends_in = max(self.token_ends_in, 0)
            ahead = min(spread(REFRESH_AHEAD, 0.5, 1), ends_in / 2)
            pause = max(pause, ends_in - ahead)
        self._timer = async_call_later(self._hass, pause, self._async_refresh_ahead)

    @callback
    def stop_refreshing(self) -> None:
        """Refresh only when a press needs it."""
        if self._timer is not None:
            self._timer()
            self._timer = None

    @callback
    def forget_pauses(self) -> None:
        """Amazon may be asked again at once: by other credentials, or elsewhere."""
        self._next_refresh, self._pauses = 0.0, None

    async def _async_refresh_ahead(self, _now: object) -> None:
        self._timer = None
        try:
            await self._async_shared_refresh()
        except TryAgainError as error:
            if self._pauses is None:
                _LOGGER.warning(
                    "The token of the Amazon account %s could not be refreshed (%s);"
                    " it is tried again until it works",
                    self.name,
                    error.reason,
                )
                self._pauses = growing_pauses(FIRST_PAUSE, longest=LONGEST_PAUSE)
            asked = min(error.retry_after or 0, LONGEST_PAUSE)
            self._wait_for(max(spread(next(self._pauses), 0.8, 1.2), asked))
            self.schedule_refresh()
        except AlexaError:
            return  # Whoever can mend this was told, and the mending schedules anew.

    def _wait_for(self, pause: float) -> None:
        self._next_refresh = self._hass.loop.time() + pause

    def _note_end(self, lifetime: float) -> None:
        self._token_ends = self._hass.loop.time() + min(lifetime, LONGEST_LIFETIME)

    async def _async_shared_refresh(self) -> str:
        if (task := self._refreshing) is None:
            task = self._surroundings.tasks.create(self._async_refresh(), "token refresh")
            self._refreshing = task
            task.add_done_callback(self._refresh_ended)
        # Whoever is cancelled while waiting, a press at its deadline, leaves it to the others.
        await asyncio.wait([task])
        return task.result()

    def _refresh_ended(self, task: asyncio.Task[str]) -> None:
        self._refreshing = None
        if not task.cancelled():
            task.exception()  # Seen now, even if nobody waits for it any more.

    async def _async_refresh(self) -> str:
        if self._keeping is not None:
            await asyncio.wait([self._keeping])  # A refresh token is on disk before it is used.
        try:
            tokens = await self._surroundings.connection.login.refresh(self.stored.refresh_token)
        except RelinkError:
            if self.ended:
                return await self.async_token()
            self.note_trouble("Amazon says that the skill was disabled there")
            self.stop_refreshing()
            self.update(health=Health.RELINK_REQUIRED)
            raise
        except ReauthenticateError:
            self._surroundings.credentials_refused()
            raise
        if self.ended:
            return await self.async_token()
        self.stored = replace(
            self.stored,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token or self.stored.refresh_token,
            expires_at=time.time() + tokens.expires_in,
        )
        self._note_end(tokens.expires_in)
        if self._pauses is not None:
            self._pauses = None
            _LOGGER.info("The token of the Amazon account %s could be refreshed again", self.name)
        self._wait_for(FIRST_PAUSE)
        self.schedule_refresh()
        # A press that waited for the token need not wait for the disk too.
        self._keeping = self._surroundings.keep()
        return tokens.access_token
