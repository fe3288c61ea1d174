"""The devices of the skill and of its doorbells, and what their entities share."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.util.signal_type import SignalType

from .const import DOMAIN
from .data import AlexaDoorbellConfigEntry
from .doorbell import DoorbellWatch
from .models import Doorbell


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
) -> None:
    """Register a doorbell's device, or give it its new name."""
    skill_device_id = dr.async_get_device_id_by_identifier(
        hass, (DOMAIN, entry.entry_id), config_entry_id=entry.entry_id
    )
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=doorbell.endpoint_id,
        identifiers={(DOMAIN, doorbell.endpoint_id)},
        name=doorbell.friendly_name,
        manufacturer="Alexa Doorbell",
        model="Doorbell" if doorbell.entity_id else "Virtual doorbell",
        via_device_id=skill_device_id,
    )


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
