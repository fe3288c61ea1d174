"""Follows a doorbell's entity, and rings when the rules call what it does a press."""

import asyncio
from collections.abc import Callable, Container
from dataclasses import replace
from datetime import datetime
from functools import partial
import time

from homeassistant.components.event import ATTR_EVENT_TYPES
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import (
    CALLBACK_TYPE,
    CoreState,
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import (
    async_track_entity_registry_updated_event,
    async_track_state_change_event,
)
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from ..const import DOMAIN
from ..doorbells.doorbell import Doorbell
from .delivery import Delivery
from .press import Outcome, Press, Result
from .quiet_time import QuietTime
from .rules import Moment, PressRule

# A muted press stands for no longer than its own bounces, in seconds: nobody heard it.
BOUNCE = 1.0
LOST = {Result.FAILED, Result.EXPIRED}
# Home Assistant is at least as old as this module.
_LOADED = time.monotonic()


def pressed_signal(endpoint_id: str) -> SignalType[Press]:
    """Return the signal that tells of a press that was not swallowed, when it is on its way."""
    return SignalType(f"{DOMAIN}.{endpoint_id}.pressed")


def announced_signal(endpoint_id: str) -> SignalType[Press, list[Outcome]]:
    """Return the signal that tells how a press ended."""
    return SignalType(f"{DOMAIN}.{endpoint_id}.announced")


def is_away(state: State | None) -> bool:
    """Whether nothing could be noticed of an entity that is in this state, or has none."""
    return state is None or state.state == STATE_UNAVAILABLE


def _offered_types(state: State | None) -> object:
    return state.attributes.get(ATTR_EVENT_TYPES) if state is not None else None


class DoorbellWatch:
    """Follows a doorbell's entity through renames and gaps, and rings.

    Calls source_changed when the entity was renamed, went away or came back, or offers others.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        doorbell: Doorbell,
        delivery: Delivery,
        muted: Container[str],
        source_changed: Callable[[Doorbell], None],
    ) -> None:
        self.doorbell = doorbell
        self._hass = hass
        self._delivery = delivery
        self._muted = muted
        self._source_changed = source_changed
        self._rule: PressRule | None = None
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._announcement: asyncio.Task[list[Outcome]] | None = None
        self._quiet = QuietTime()
        self._rang_muted = False
        self._home_started_at = _LOADED
        if hass.state is not CoreState.running:
            async_at_started(hass, self._home_started)

    @property
    def muted(self) -> bool:
        """Whether presses are noted, but not sent to Amazon."""
        return self.doorbell.endpoint_id in self._muted or self._device_is_disabled()

    @callback
    def start(self) -> None:
        """Begin to watch, or begin again with the memory of before; what was missed is no press."""
        if (entity_id := self.doorbell.entity_id) is None or self._unsubscribe:
            return
        if self._rule is None:
            self._rule = PressRule()
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
        muted = self.muted
        # One that nobody heard stands for none that somebody could hear.
        if self._rang_muted and not muted:
            self._quiet.end()
        if self._announcement is None or not self._quiet.swallow(now, self._cooldown):
            self._quiet.begin(now)
            self._rang_muted = muted
            press = Press(doorbell=self.doorbell, pressed_at=pressed_at, muted=muted)
            self._announcement = self._delivery.announce(press)
            # Only now, so that nobody who listens comes between a press and Amazon.
            async_dispatcher_send(self._hass, pressed_signal(press.doorbell.endpoint_id), press)
            self._announcement.add_done_callback(partial(self._announced, press))
        return self._announcement

    @property
    def _cooldown(self) -> float:
        return min(self.doorbell.cooldown, BOUNCE) if self._rang_muted else self.doorbell.cooldown

    def _device_is_disabled(self) -> bool:
        identifier, devices = (DOMAIN, self.doorbell.endpoint_id), dr.async_get(self._hass)
        return any(
            (device := devices.async_get_device_by_identifier(identifier, entry.entry_id))
            and device.disabled
            for entry in self._hass.config_entries.async_entries(DOMAIN)
        )

    @callback
    def _announced(self, press: Press, announcement: asyncio.Task[list[Outcome]]) -> None:
        if announcement.cancelled():
            return
        outcomes = announcement.result()
        is_lost = not press.muted and {outcome.result for outcome in outcomes} <= LOST
        # Whoever rings again after a press that reached nobody is heard.
        if is_lost and announcement is self._announcement:
            self._quiet.end()
        signal = announced_signal(press.doorbell.endpoint_id)
        async_dispatcher_send(self._hass, signal, press, outcomes)

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
        now = self._now()
        signal = self._rule.signal(self.doorbell, old, new, now)
        if signal is not None and signal.repeats:
            self._quiet.swallow(now.monotonic, self._cooldown)
        elif signal is not None:
            self.ring(signal.rung_at)
        # One that is missing wants more of the user than one that is merely unavailable.
        if (
            is_away(old) is not is_away(new)
            or (old is None) is not (new is None)
            or _offered_types(old) != _offered_types(new)
        ):
            self._source_changed(self.doorbell)

    @callback
    def _registry_updated(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        if event.data["action"] != "update" or "entity_id" not in event.data["changes"]:
            return
        entity_id = event.data["entity_id"]
        self._follow(entity_id)
        self.doorbell = replace(self.doorbell, entity_id=entity_id)
        self._source_changed(self.doorbell)

    @callback
    def _home_started(self, _hass: HomeAssistant) -> None:
        self._home_started_at = self._hass.loop.time()

    def _now(self) -> Moment:
        now = self._hass.loop.time()
        running = self._hass.state is CoreState.running
        home_age = now - self._home_started_at if running else 0.0
        return Moment(utc=dt_util.utcnow(), monotonic=now, home_age=home_age)
