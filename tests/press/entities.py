"""Entities of real kinds, which a test lets ring."""

from collections.abc import Sequence
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.button import ButtonEntity
from homeassistant.components.event import EventDeviceClass, EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity import Entity
from pytest_homeassistant_custom_component.common import MockEntityPlatform


class Bell(EventEntity):
    """An event entity."""

    _attr_should_poll = False

    def __init__(self, name: str = "bell", types: Sequence[str] = ("ring", "motion")) -> None:
        self.entity_id = f"event.{name}"
        self._attr_unique_id = name
        self._attr_event_types = list(types)
        self._attr_device_class = (
            EventDeviceClass.DOORBELL if "ring" in types else EventDeviceClass.BUTTON
        )

    @callback
    def fire(self, *kinds: str, **attributes: Any) -> None:
        """Let it tell of events, each in a state of its own."""
        for kind in kinds:
            self._trigger_event(kind, attributes)
            self.async_write_ha_state()

    @callback
    def offer(self, *types: str) -> None:
        """Let it have other types, as after an upgrade."""
        self._attr_event_types = list(types)
        self.async_write_ha_state()

    @callback
    def be(self, *, available: bool) -> None:
        """Let it go or come back."""
        self._attr_available = available
        self.async_write_ha_state()


class Contact(BinarySensorEntity):
    """A binary sensor, of an integration that may write it without a change."""

    _attr_should_poll = False
    _attr_is_on: bool | None = False

    def __init__(self, name: str = "contact", *, force: bool = False) -> None:
        self.entity_id = f"binary_sensor.{name}"
        self._attr_unique_id = name
        self._attr_force_update = force

    @callback
    def be(self, is_on: bool | None, *, available: bool = True, **attributes: Any) -> None:
        """Let it be on, off or unknown, or away."""
        self._attr_is_on = is_on
        self._attr_available = available
        self._attr_extra_state_attributes = attributes
        self.async_write_ha_state()


class Doorknob(ButtonEntity):
    """A button, pressed by Home Assistant's own action."""

    _attr_should_poll = False
    entity_id = "button.doorknob"

    async def async_press(self) -> None:
        """Do nothing else."""


async def add_entities(hass: HomeAssistant, *entities: Entity) -> MockEntityPlatform:
    """Add entities of one domain; the platform may be reset, which makes them unavailable."""
    domain = entities[0].entity_id.partition(".")[0]
    platform = MockEntityPlatform(hass, domain=domain, platform_name="test")
    await platform.async_add_entities(entities)
    await hass.async_block_till_done()
    return platform
