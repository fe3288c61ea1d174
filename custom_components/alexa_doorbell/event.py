"""The events of a doorbell: that somebody rang, and how the announcement ended."""

from dataclasses import asdict
from typing import override

from homeassistant.components.event import DoorbellEventType, EventDeviceClass, EventEntity
from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID, ATTR_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import EVENT_ANNOUNCEMENT
from .data import AlexaDoorbellConfigEntry
from .entity import DoorbellEntity, async_add_to_each_doorbell
from .press.press import Outcome, Press, Result
from .press.watch import DoorbellWatch, announced_signal, pressed_signal

PARALLEL_UPDATES = 0
# A press that one account missed was not simply accepted.
WORST_FIRST = (Result.FAILED, Result.EXPIRED, Result.MUTED, Result.ACCEPTED)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AlexaDoorbellConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the events of every doorbell."""
    async_add_to_each_doorbell(hass, entry, async_add_entities, AnnouncementEvent)
    async_add_to_each_doorbell(hass, entry, async_add_entities, DoorbellEvent)


def overall_result(press: Press, outcomes: list[Outcome]) -> Result:
    """Return the worst that happened to a press; with nobody linked, it failed."""
    if press.muted:
        return Result.MUTED
    results = {outcome.result for outcome in outcomes} or {Result.FAILED}
    return next(result for result in WORST_FIRST if result in results)


class AnnouncementEvent(DoorbellEntity, EventEntity):
    """Says what Amazon made of a press."""

    def __init__(self, watch: DoorbellWatch) -> None:
        super().__init__(watch, "announcement")
        self._attr_event_types = list(Result)

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        signal = announced_signal(self._watch.doorbell.endpoint_id)
        self.async_on_remove(async_dispatcher_connect(self.hass, signal, self._announced))

    @callback
    def _announced(self, press: Press, outcomes: list[Outcome]) -> None:
        result = overall_result(press, outcomes)
        told = {
            "accounts": [asdict(outcome) for outcome in outcomes],
            "latency_ms": max((outcome.latency_ms for outcome in outcomes), default=0),
            "code": next((each.code for each in outcomes if each.result is result), None),
        }
        self._trigger_event(result, told)
        self.async_write_ha_state()
        about = {
            ATTR_NAME: press.doorbell.friendly_name,
            ATTR_ENTITY_ID: self.entity_id,
            ATTR_DEVICE_ID: self.device_entry.id if self.device_entry else None,
            "result": result,
        }
        self.hass.bus.async_fire(EVENT_ANNOUNCEMENT, about | told)


class DoorbellEvent(DoorbellEntity, EventEntity):
    """Makes any bell a doorbell to Home Assistant: its triggers, dashboards and bridges.

    Disabled until the user enables it, since Home Assistant's own Alexa integration may announce
    such entities too.
    """

    _attr_device_class = EventDeviceClass.DOORBELL
    _attr_entity_registry_enabled_default = False

    def __init__(self, watch: DoorbellWatch) -> None:
        super().__init__(watch, "doorbell")
        self._attr_event_types = [DoorbellEventType.RING]

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        signal = pressed_signal(self._watch.doorbell.endpoint_id)
        self.async_on_remove(async_dispatcher_connect(self.hass, signal, self._pressed))

    @callback
    def _pressed(self, press: Press) -> None:
        self._trigger_event(DoorbellEventType.RING)
        self.async_write_ha_state()
