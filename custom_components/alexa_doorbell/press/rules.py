"""Tells a press from everything else that a doorbell's entity does.

The table is in docs/design.md, "The rules of a press". Nothing here asks Home Assistant: each
change of state is handed in, with its moment.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from homeassistant.components.event import DOMAIN as EVENT_DOMAIN
from homeassistant.const import ATTR_RESTORED, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import State
from homeassistant.util import dt as dt_util

from ..doorbells.doorbell import GAPS, Doorbell, Source, source_of
from .choices import (
    enters,
    has_chosen_value,
    is_chosen_type,
    keeps_ringing,
    offers_nothing,
    takes_chosen_value,
)

# An entity that leaves a gap sooner was restored, or found again, not pressed. In seconds.
SETTLED = 10.0
# Until then, what an entity says for the first time may be old news. In seconds.
YOUTH = 60.0
# A write of the same state that follows another one sooner belongs to the same press. In seconds.
REPETITION = 1.0
# How far ahead of ours the clock of an entity may run that was not there a moment ago.
CLOCK_SKEW = timedelta(seconds=5)
# Old enough to be no press anyway by the time that it is forgotten.
REMEMBERED_TIMESTAMPS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Now, by three clocks; all but UTC in seconds.

    UTC may be set while we run, monotonic only advances, and the age of the home counts from
    when Home Assistant had started: 0 until then.
    """

    utc: datetime
    monotonic: float
    home_age: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Somebody rings; a repetition is still the press before it, and no press of its own."""

    rung_at: datetime
    repeats: bool = False


class PressRule:
    """Follows one entity. Its memory spans gaps, but no time in which nobody watched."""

    def __init__(self) -> None:
        self._state: State | None = None
        self._last_real: str | None = None
        self._made_anew = True
        self._began = 0.0
        self._entered_at = 0.0
        self._written_at = 0.0
        self._alive_since = 0.0
        self._timestamps: OrderedDict[datetime, None] = OrderedDict()

    def begin(self, state: State | None, now: Moment) -> None:
        """Take in what is there when watching begins, or begins again."""
        self._began = now.monotonic
        if state is not None and state is self._state:
            return  # Nothing happened while nobody watched.
        age = max((now.utc - state.last_changed).total_seconds(), 0.0) if state else 0.0
        self._last_real, self._made_anew = None, False
        self._entered_at = self._written_at = self._alive_since = now.monotonic - age
        self._take_in(state)

    def signal(
        self, doorbell: Doorbell, old: State | None, new: State | None, now: Moment
    ) -> Signal | None:
        """Return the signal that this change is, if any, and remember the change."""
        if old is None or _is_absent(old):
            self._made_anew = True
        elif self._made_anew and old.state == STATE_UNKNOWN and self._is_settled(now):
            # Nothing was restored, so nothing can be old; nor is it that which rang before.
            self._last_real, self._made_anew = None, False
        signal = self._judge(doorbell, old, new, now)
        if _is_absent(old) and not _is_absent(new):
            self._alive_since = now.monotonic
        if old is None or new is None or old.state != new.state:
            self._entered_at = now.monotonic
        if old is None or new is None or old.last_changed != new.last_changed:
            self._written_at = now.monotonic
        self._take_in(new)
        return signal

    def _take_in(self, state: State | None) -> None:
        self._state = state
        self._made_anew |= _is_absent(state)
        if state is None or state.state in GAPS:
            return
        if source_of(state) is Source.TIMESTAMP:
            if (timestamp := _timestamp(state)) is None:
                return
            self._timestamps[timestamp] = None
            if len(self._timestamps) > REMEMBERED_TIMESTAMPS:
                self._timestamps.popitem(last=False)
        self._last_real, self._made_anew = state.state, False

    def _judge(
        self, doorbell: Doorbell, old: State | None, new: State | None, now: Moment
    ) -> Signal | None:
        if old is None or new is None or new.state in GAPS or self._made_anew:
            return None
        match source_of(new):
            case Source.TIMESTAMP:
                return self._judge_timestamp(doorbell, old, new, now)
            case Source.TWO_STATES | Source.CHOSEN_STATES as source:
                return self._judge_state(doorbell, source, old, new, now)
            case None:
                return None

    def _judge_timestamp(
        self, doorbell: Doorbell, old: State, new: State, now: Moment
    ) -> Signal | None:
        """The state is the time of the last press: a later one rings."""
        timestamp, before = _timestamp(new), _timestamp(old)
        if timestamp is None or timestamp in self._timestamps:
            return None
        if now.utc - timestamp > timedelta(seconds=doorbell.max_age):
            return None
        # A start renders templates, and with them what rang last.
        if now.home_age <= 0 and offers_nothing(old):
            return None
        is_chosen = new.domain != EVENT_DOMAIN or is_chosen_type(doorbell, new)
        if not is_chosen or not has_chosen_value(doorbell, new):
            return None
        follows = before is not None and before < timestamp
        # An earlier time is news only if the one before it lies ahead: the clock was set back.
        may_be_news = before is None or before > now.utc
        if not follows and not (may_be_news and self._is_news(timestamp, now)):
            return None
        return Signal(rung_at=min(timestamp, now.utc))

    def _judge_state(
        self, doorbell: Doorbell, source: Source, old: State, new: State, now: Moment
    ) -> Signal | None:
        """One of the states means ringing: entering it rings, and so does writing it again."""
        repeats = False
        if old.state == STATE_UNKNOWN:
            rings = self._is_trusted(now) and enters(doorbell, source, self._last_real, new.state)
        elif old.state == STATE_UNAVAILABLE:
            # A bell that is only there while it is pressed was left ringing the time before.
            rings = doorbell.rings_on_return and source is Source.TWO_STATES
            rings = rings and self._is_trusted(now) and enters(doorbell, source, None, new.state)
        elif not keeps_ringing(doorbell, source, old.state, new.state):
            rings = enters(doorbell, source, old.state, new.state)
        elif takes_chosen_value(doorbell, old, new):
            rings = True
        else:
            rings = old.state == new.state and old.last_changed != new.last_changed
            repeats = now.monotonic - self._written_at < REPETITION
        if not rings or not has_chosen_value(doorbell, new):
            return None
        return Signal(rung_at=min(new.last_updated, now.utc), repeats=repeats)

    def _is_settled(self, now: Moment) -> bool:
        return now.monotonic - self._entered_at >= SETTLED

    def _is_trusted(self, now: Moment) -> bool:
        """Whether what follows a gap is told as it happens, and not handed in later."""
        age = min(now.home_age, now.monotonic - self._alive_since)
        return age >= YOUTH and self._is_settled(now)

    def _is_news(self, timestamp: datetime, now: Moment) -> bool:
        """Whether it lies between when watching began and now, give or take."""
        # Counted back from now, watching began when it did even if the clock was set since.
        began = now.utc - timedelta(seconds=now.monotonic - self._began)
        # States hold milliseconds: a press in the first one must not look older.
        began = began.replace(microsecond=began.microsecond // 1000 * 1000)
        return began <= timestamp <= now.utc + CLOCK_SKEW


def _is_absent(state: State | None) -> bool:
    """Whether the entity itself is not there; of some, Home Assistant keeps the place."""
    return state is None or (
        state.state == STATE_UNAVAILABLE and bool(state.attributes.get(ATTR_RESTORED))
    )


def _timestamp(state: State) -> datetime | None:
    if state.state in GAPS:
        return None
    try:
        timestamp = dt_util.parse_datetime(state.state)
        return None if timestamp is None else dt_util.as_utc(timestamp)
    except ValueError, OverflowError:
        return None  # A thirteenth month, or a year that other zones do not have.
