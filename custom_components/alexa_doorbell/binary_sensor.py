"""The binary sensor that says whether anybody hears the doorbells."""

from typing import override

# Home Assistant up to 2026.10 has the class elsewhere, and passes it on without saying so.
from homeassistant.components.binary_sensor import (  # type: ignore[attr-defined, unused-ignore]
    BinarySensorDeviceClass,
    BinarySensorEntity,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import AlexaDoorbellConfigEntry
from .entity import SkillEntity

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AlexaDoorbellConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the skill's binary sensor."""
    async_add_entities([LinkedBinarySensor(entry)])


class LinkedBinarySensor(SkillEntity, BinarySensorEntity):
    """Is on while at least one account can be announced to."""

    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, entry: AlexaDoorbellConfigEntry) -> None:
        super().__init__(entry, "linked")

    @property
    @override
    def is_on(self) -> bool:
        return bool(self._linked())
