"""The switch that keeps presses at home: they are noted, but not sent to Amazon."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_ANNOUNCEMENTS
from .data import AlexaDoorbellConfigEntry
from .entity import DoorbellEntity, async_add_to_each_doorbell
from .press.watch import DoorbellWatch

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AlexaDoorbellConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switch of every doorbell."""

    @callback
    def make(watch: DoorbellWatch) -> AnnouncementsSwitch:
        return AnnouncementsSwitch(watch, entry)

    async_add_to_each_doorbell(hass, entry, async_add_entities, make)


class AnnouncementsSwitch(DoorbellEntity, SwitchEntity):
    """Says whether presses are announced.

    Kept in the subentry: unlike a restored state, that holds after a power cut too.
    """

    _attr_entity_category = EntityCategory.CONFIG

    def __init__(self, watch: DoorbellWatch, entry: AlexaDoorbellConfigEntry) -> None:
        super().__init__(watch, "announcements")
        self._entry = entry

    @property
    @override
    def is_on(self) -> bool:
        return self._watch.doorbell.announcements

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self._set(announcements=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self._set(announcements=False)

    def _set(self, *, announcements: bool) -> None:
        subentry = self._entry.subentries.get(self._watch.doorbell.endpoint_id)
        if subentry is None:
            return  # The doorbell is being removed, and this switch with it.
        self.hass.config_entries.async_update_subentry(
            self._entry, subentry, data={**subentry.data, CONF_ANNOUNCEMENTS: announcements}
        )
        self.async_write_ha_state()
