"""Tells a press from everything else that a doorbell's entity does (contract section 3)."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
import time
from typing import Protocol

from homeassistant.components.event import ATTR_EVENT_TYPE, DOMAIN as EVENT
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
    split_entity_id,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import (
    async_track_entity_registry_updated_event,
    async_track_state_change_event,
)
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .const import DOMAIN
from .delivery import Delivery
from .models import Doorbell, Outcome, Press

GAPS = (STATE_UNAVAILABLE, STATE_UNKNOWN)
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


RULES: dict[str, type[PressRule]] = {
    "binary_sensor": ToggleRule,
    "input_boolean": ToggleRule,
    "switch": ToggleRule,
    "event": TimestampRule,
    "button": TimestampRule,
    "input_button": TimestampRule,
    "sensor": ChosenStateRule,
    "input_select": ChosenStateRule,
    "select": ChosenStateRule,
}


def _timestamp(state: State | None) -> datetime | None:
    if state is None or state.state in GAPS:
        return None
    try:
        stamp = dt_util.parse_datetime(state.state)
        return None if stamp is None else dt_util.as_utc(stamp)
    except ValueError, OverflowError:
        return None  # A thirteenth month, or a year that other zones do not have.


def pressed_signal(endpoint_id: str) -> SignalType[Press]:
    """Return the signal that tells of a press that was not swallowed, when it is on its way."""
    return SignalType(f"{DOMAIN}.{endpoint_id}.pressed")


def announced_signal(endpoint_id: str) -> SignalType[Doorbell, list[Outcome]]:
    """Return the signal that tells how a press ended."""
    return SignalType(f"{DOMAIN}.{endpoint_id}.announced")


def is_away(state: State | None) -> bool:
    """Whether nothing could be noticed of an entity that is in this state, or has none."""
    return state is None or state.state == STATE_UNAVAILABLE


class DoorbellWatch:
    """Follows a doorbell's entity through renames and gaps, and rings.

    Calls source_changed when the entity was renamed, went away or came back.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        doorbell: Doorbell,
        delivery: Delivery,
        source_changed: Callable[[Doorbell], None],
    ) -> None:
        self.doorbell = doorbell
        self._hass = hass
        self._delivery = delivery
        self._source_changed = source_changed
        self._rule: PressRule | None = None
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._announcement: asyncio.Task[list[Outcome]] | None = None
        self._rang_at = 0.0
        self._rang_muted = False

    @callback
    def start(self) -> None:
        """Begin to watch, or begin again with the memory of before; what was missed is no press."""
        if (entity_id := self.doorbell.entity_id) is None or self._unsubscribe:
            return
        if self._rule is None:
            self._rule = RULES[split_entity_id(entity_id)[0]]()
        self._rule.begin(self._hass.states.get(entity_id), self._now())
        self._follow(entity_id)

    @callback
    def stop(self) -> None:
        """Watch no longer; a press on its way goes on."""
        while self._unsubscribe:
            self._unsubscribe.pop()()

    @callback
    def update(self, doorbell: Doorbell) -> None:
        """Go by changed settings; the memory stays while the entity does."""
        if doorbell.entity_id != self.doorbell.entity_id:
            self.stop()
            self._rule = None
        self.doorbell = doorbell

    @callback
    def ring(self, pressed_at: datetime) -> asyncio.Task[list[Outcome]]:
        """Announce a press; inside the cooldown the earlier press stands for it."""
        now = self._hass.loop.time()
        # One that nobody heard stands for none that somebody could hear.
        unheard = self._rang_muted and self.doorbell.announcements
        quiet = now - self._rang_at < self.doorbell.cooldown and not unheard
        if self._announcement is None or not quiet:
            self._rang_at, self._rang_muted = now, not self.doorbell.announcements
            press = Press(doorbell=self.doorbell, pressed_at=pressed_at)
            self._announcement = self._delivery.announce(press)
            # Only now, so that nobody who listens comes between a press and Amazon.
            async_dispatcher_send(self._hass, pressed_signal(press.doorbell.endpoint_id), press)
            self._announcement.add_done_callback(partial(self._announced, press.doorbell))
        return self._announcement

    @callback
    def _announced(self, doorbell: Doorbell, announcement: asyncio.Task[list[Outcome]]) -> None:
        if not announcement.cancelled():
            async_dispatcher_send(
                self._hass, announced_signal(doorbell.endpoint_id), doorbell, announcement.result()
            )

    @callback
    def _follow(self, entity_id: str) -> None:
        self.stop()
        self._unsubscribe = [
            async_track_state_change_event(self._hass, entity_id, self._state_changed),
            async_track_entity_registry_updated_event(
                self._hass, entity_id, self._registry_updated
            ),
        ]

    @callback
    def _state_changed(self, event: Event[EventStateChangedData]) -> None:
        assert self._rule is not None  # noqa: S101 - start() made it before it subscribed.
        old, new = event.data["old_state"], event.data["new_state"]
        pressed_at = self._rule.pressed_at(self.doorbell, old, new, self._now())
        if pressed_at is not None:
            self.ring(pressed_at)
        # One that is missing wants more of the user than one that is merely unavailable.
        if is_away(old) is not is_away(new) or (old is None) is not (new is None):
            self._source_changed(self.doorbell)

    @callback
    def _registry_updated(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        if event.data["action"] != "update" or "entity_id" not in event.data["changes"]:
            return
        entity_id = event.data["entity_id"]
        self._follow(entity_id)
        self.doorbell = replace(self.doorbell, entity_id=entity_id)
        self._source_changed(self.doorbell)

    def _now(self) -> Moment:
        return Moment(utc=dt_util.utcnow(), monotonic=self._hass.loop.time())
