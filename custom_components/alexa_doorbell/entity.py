"""The devices of the skill and of its doorbells, and what their entities share."""

from collections.abc import Callable
from typing import override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntry, DeviceEntryType, DeviceInfo
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.signal_type import SignalType

from .accounts.account import Health
from .accounts.registry import accounts_signal
from .const import DOMAIN
from .data import AlexaDoorbellConfigEntry
from .doorbells.doorbell import Doorbell
from .press.watch import DoorbellWatch


def new_doorbell_signal(entry: AlexaDoorbellConfigEntry) -> SignalType[DoorbellWatch]:
    """Return the signal that tells the platforms of a doorbell that was added."""
    return SignalType(f"{DOMAIN}.{entry.entry_id}.new_doorbell")


@callback
def async_register_skill_device(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
    """Register the device that the doorbells hang below."""
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=DeviceEntryType.SERVICE,
        name=entry.title,
        manufacturer="Amazon",
        model="Alexa skill",
    )


@callback
def async_register_doorbell_device(
    hass: HomeAssistant, entry: AlexaDoorbellConfigEntry, doorbell: Doorbell
) -> DeviceEntry:
    """Register a doorbell's device, or give it its new name; the skill's must be there."""
    skill_device_id = dr.async_get_device_id_by_identifier(
        hass, (DOMAIN, entry.entry_id), config_entry_id=entry.entry_id
    )
    return dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=doorbell.endpoint_id,
        identifiers={(DOMAIN, doorbell.endpoint_id)},
        name=doorbell.friendly_name,
        manufacturer="Alexa Doorbell",
        model="Doorbell" if doorbell.entity_id else "Virtual doorbell",
        via_device_id=skill_device_id,
    )


@callback
def async_add_to_each_doorbell(
    hass: HomeAssistant,
    entry: AlexaDoorbellConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[DoorbellWatch], DoorbellEntity],
) -> None:
    """Add an entity to every doorbell, and to each that is added later."""

    @callback
    def add(watch: DoorbellWatch) -> None:
        async_add_entities([make(watch)], config_subentry_id=watch.doorbell.endpoint_id)

    for watch in entry.runtime_data.watches.values():
        add(watch)
    entry.async_on_unload(async_dispatcher_connect(hass, new_doorbell_signal(entry), add))


class SkillEntity(Entity):
    """An entity of the skill's device, which tells of the linked accounts."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, entry: AlexaDoorbellConfigEntry, key: str) -> None:
        self._entry_id = entry.entry_id
        self._accounts = entry.runtime_data.accounts
        self._attr_translation_key = key
        self._attr_unique_id = f"{entry.entry_id}_{key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry.entry_id)})

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        signal = accounts_signal(self._entry_id)
        self.async_on_remove(async_dispatcher_connect(self.hass, signal, self.async_write_ha_state))

    def _linked(self) -> list[str]:
        return sorted(each.name for each in self._accounts.all if each.health is Health.LINKED)


class DoorbellEntity(Entity):
    """An entity of one doorbell's device."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, watch: DoorbellWatch, key: str) -> None:
        endpoint_id = watch.doorbell.endpoint_id
        self._watch = watch
        self._attr_translation_key = key
        self._attr_unique_id = f"{endpoint_id}_{key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, endpoint_id)})
