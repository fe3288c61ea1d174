"""The switch that keeps presses from being announced: they are noted, but not sent to Amazon."""

from functools import partial
from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import AlexaDoorbellConfigEntry
from .entity import DoorbellEntity, async_add_to_each_doorbell
from .press.muted import MutedDoorbells
from .press.watch import DoorbellWatch

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AlexaDoorbellConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switch of every doorbell."""
    make = partial(AnnouncementsSwitch, muted=entry.runtime_data.muted)
    async_add_to_each_doorbell(hass, entry, async_add_entities, make)


class AnnouncementsSwitch(DoorbellEntity, SwitchEntity):
    """Says whether presses are announced."""

    _attr_entity_category = EntityCategory.CONFIG

    def __init__(self, watch: DoorbellWatch, muted: MutedDoorbells) -> None:
        super().__init__(watch, "announcements")
        self._muted = muted

    @property
    @override
    def is_on(self) -> bool:
        return not self._watch.muted

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._async_set(muted=False)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self._async_set(muted=True)

    async def _async_set(self, *, muted: bool) -> None:
        await self._muted.async_set(self._watch.doorbell.endpoint_id, muted=muted)
        self.async_write_ha_state()
