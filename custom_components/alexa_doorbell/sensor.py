"""The sensors: when somebody pressed last, and how many accounts hear it."""

from datetime import datetime
from typing import override

from homeassistant.components.sensor import RestoreSensor, SensorDeviceClass, SensorEntity
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import AlexaDoorbellConfigEntry
from .entity import DoorbellEntity, SkillEntity, async_add_to_each_doorbell
from .press.press import Press
from .press.watch import DoorbellWatch, pressed_signal

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AlexaDoorbellConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the skill's sensor, and that of every doorbell."""
    async_add_entities([LinkedAccountsSensor(entry)])
    async_add_to_each_doorbell(hass, entry, async_add_entities, LastPressSensor)


class LastPressSensor(DoorbellEntity, RestoreSensor):
    """Says when somebody pressed last, announced or not."""

    _attr_device_class = SensorDeviceClass.TIMESTAMP

    def __init__(self, watch: DoorbellWatch) -> None:
        super().__init__(watch, "last_press")

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        if (last := await self.async_get_last_sensor_data()) is not None:
            pressed_at = last.native_value
            self._attr_native_value = pressed_at if isinstance(pressed_at, datetime) else None
        signal = pressed_signal(self._watch.doorbell.endpoint_id)
        self.async_on_remove(async_dispatcher_connect(self.hass, signal, self._pressed))

    @callback
    def _pressed(self, press: Press) -> None:
        self._attr_native_value = press.pressed_at
        self.async_write_ha_state()


class LinkedAccountsSensor(SkillEntity, SensorEntity):
    """Counts the accounts that presses are announced to."""

    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, entry: AlexaDoorbellConfigEntry) -> None:
        super().__init__(entry, "linked_accounts")

    @property
    @override
    def native_value(self) -> int:
        return len(self._linked())

    @property
    @override
    def extra_state_attributes(self) -> dict[str, list[str]]:
        return {"accounts": self._linked()}
