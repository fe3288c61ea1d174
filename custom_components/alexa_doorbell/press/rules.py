"""Tells a press from everything else that a doorbell's entity does.

The table is in docs/design.md, "The rules of a press".
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
import time
from typing import Protocol

from homeassistant.components.event import ATTR_EVENT_TYPE, DOMAIN as EVENT
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import State
from homeassistant.util import dt as dt_util

from ..doorbells.doorbell import GAPS, Doorbell, Source

# An entity that leaves "unknown" sooner was restored, not pressed.
UNKNOWN_SETTLED = 10.0
# How far ahead of ours an event's clock may run.
CLOCK_SKEW = timedelta(seconds=5)
# Old enough to be no press anyway by the time that it is forgotten.
REMEMBERED_TIMESTAMPS = 1024
# Before this, the clock may have been set while Home Assistant started.
_LOADED = time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Now, twice: in UTC, which may be set while we run, and in seconds that only advance."""

    utc: datetime
    monotonic: float


class PressRule(Protocol):
    """What one kind of entity has to do to ring, with the memory that takes."""

    def begin(self, state: State | None, now: Moment) -> None:
        """Take in what is there when watching begins, or begins again after a reload."""

    def pressed_at(
        self, doorbell: Doorbell, old: State | None, new: State | None, now: Moment
    ) -> datetime | None:
        """Return the time of the press, or None if this change is none."""


class ToggleRule:
    """Off to on rings; on after a gap only if the gap did not follow on."""

    def __init__(self) -> None:
        self._last_real: str | None = None
        self._unknown_since: float | None = None

    def begin(self, state: State | None, now: Moment) -> None:
        """See PressRule; an unknown counts from its own beginning."""
        was_unknown = self._unknown_since is not None
        self._remember(state, now)
        if state is not None and self._unknown_since is not None and not was_unknown:
            age = (now.utc - state.last_changed).total_seconds()
            self._unknown_since -= max(min(age, now.monotonic - _LOADED), 0)

    def pressed_at(
        self, doorbell: Doorbell, old: State | None, new: State | None, now: Moment
    ) -> datetime | None:
        """See the class; the time of a press is the state change's."""
        last_real, unknown_since = self._last_real, self._unknown_since
        self._remember(new, now)
        if old is None or new is None or new.state != STATE_ON:
            return None
        settled = (
            old.state == STATE_UNKNOWN
            and last_real != STATE_ON
            and unknown_since is not None
            and now.monotonic - unknown_since >= UNKNOWN_SETTLED
        )
        return new.last_changed if old.state == STATE_OFF or settled else None

    def _remember(self, state: State | None, now: Moment) -> None:
        if state is None or state.state != STATE_UNKNOWN:
            self._unknown_since = None
        elif self._unknown_since is None:
            self._unknown_since = now.monotonic
        if state is not None and state.state not in GAPS:
            self._last_real = state.state


class TimestampRule:
    """A new, recent timestamp rings: the state of events and buttons is their last one."""

    def __init__(self) -> None:
        self._began = 0.0
        self._seen: deque[datetime] = deque(maxlen=REMEMBERED_TIMESTAMPS)

    def begin(self, state: State | None, now: Moment) -> None:
        """See PressRule; what is there already has rung, or rang for nobody."""
        self._began = now.monotonic
        if (stamp := _timestamp(state)) is not None and stamp not in self._seen:
            self._seen.append(stamp)

    def pressed_at(
        self, doorbell: Doorbell, old: State | None, new: State | None, now: Moment
    ) -> datetime | None:
        """See the class; the time of a press is the event's own."""
        stamp = _timestamp(new)
        if new is None or stamp is None or stamp in self._seen:
            return None
        self._seen.append(stamp)
        event_type = new.attributes.get(ATTR_EVENT_TYPE)
        if new.domain == EVENT and doorbell.event_types and event_type not in doorbell.event_types:
            return None
        # Counted back from now, watching began when it did even if the clock was set since.
        began = now.utc - timedelta(seconds=now.monotonic - self._began)
        # States hold milliseconds: a press in the first one must not look older.
        began = began.replace(microsecond=began.microsecond // 1000 * 1000)
        oldest = max(began, now.utc - timedelta(seconds=doorbell.max_age))
        return stamp if oldest <= stamp <= now.utc + CLOCK_SKEW else None


class ChosenStateRule:
    """Into one of the chosen states, from a real one that is not chosen."""

    def begin(self, state: State | None, now: Moment) -> None:
        """Both states of a change tell enough: nothing to remember."""

    def pressed_at(
        self, doorbell: Doorbell, old: State | None, new: State | None, now: Moment
    ) -> datetime | None:
        """See the class; the time of a press is the state change's."""
        if old is None or new is None or old.state in GAPS or new.state in GAPS:
            return None
        rings = new.state in doorbell.states and old.state not in doorbell.states
        return new.last_changed if rings else None


RULES: dict[Source, type[PressRule]] = {
    Source.TWO_STATES: ToggleRule,
    Source.TIMESTAMP: TimestampRule,
    Source.CHOSEN_STATES: ChosenStateRule,
}


def _timestamp(state: State | None) -> datetime | None:
    if state is None or state.state in GAPS:
        return None
    try:
        stamp = dt_util.parse_datetime(state.state)
        return None if stamp is None else dt_util.as_utc(stamp)
    except ValueError, OverflowError:
        return None  # A thirteenth month, or a year that other zones do not have.
