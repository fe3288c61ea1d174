"""What Home Assistant knows of an entity that is to become a doorbell."""

from itertools import count

from homeassistant.components.sensor import DOMAIN as SENSOR_DOMAIN, SensorDeviceClass
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import ATTR_DEVICE_CLASS, CONF_ENTITY_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN, SUBENTRY_DOORBELL
from .doorbell import SOURCES, Source
from .wording import ring_like as ring_like  # noqa: PLC0414 - press/ asks here for it.

# Between the entity and the number of its doorbell; neither kind of id has one in it.
NUMBER = "/"
# What entities of any kind have, and what the other forms ask about.
GENERAL_ATTRIBUTES = {"assumed_state", "attribution", "device_class", "editable", "entity_picture"}
GENERAL_ATTRIBUTES |= {"event_type", "event_types", "friendly_name", "icon", "options", "restored"}
GENERAL_ATTRIBUTES |= {"state_class", "supported_features", "unit_of_measurement"}


@callback
def source_error(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return the translation key of why an entity cannot be a doorbell."""
    registered = er.async_get(hass).async_get(entity_id)
    # An entity of our own would ring by what it tells of an earlier ring, for ever.
    if entity_id.partition(".")[0] not in SOURCES or (registered and registered.platform == DOMAIN):
        return "unsupported_entity"
    return None if registered or hass.states.get(entity_id) else "entity_not_found"


@callback
def own_entities(hass: HomeAssistant) -> list[str]:
    """Return our own entities: what tells of presses can be neither a press nor its herald."""
    registry = er.async_get(hass)
    return [entity_id for entity_id, each in registry.entities.items() if each.platform == DOMAIN]


@callback
def source_entity_id(hass: HomeAssistant, subentry: ConfigSubentry) -> str | None:
    """Return what a doorbell's entity is called today; a virtual doorbell has none."""
    unique_id = (subentry.unique_id or "").partition(NUMBER)[0]
    # That of an entity without a registry entry is its name, which another one may have by now.
    registered = None if "." in unique_id else er.async_get(hass).async_get(unique_id)
    return registered.entity_id if registered else subentry.data.get(CONF_ENTITY_ID)


@callback
def doorbells_of(hass: HomeAssistant, entry: ConfigEntry, entity_id: str) -> list[ConfigSubentry]:
    """Return the doorbells that an entity rings, the oldest first."""
    return [
        subentry
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_DOORBELL
        and source_entity_id(hass, subentry) == entity_id
    ]


@callback
def source_unique_id(
    hass: HomeAssistant, entry: ConfigEntry, entity_id: str | None, mine: str | None = None
) -> str | None:
    """Return what stays the same when the entity is renamed, for the doorbell with the id `mine`.

    Further doorbells of one entity are numbered. A virtual doorbell has none.
    """
    if entity_id is None:
        return None
    registered = er.async_get(hass).async_get(entity_id)
    first = registered.id if registered else entity_id
    taken = {each.unique_id for each in entry.subentries.values() if each.subentry_id != mine}
    if first not in taken:
        return first
    return next(each for n in count(2) if (each := f"{first}{NUMBER}{n}") not in taken)


@callback
def source_is_made_anew(hass: HomeAssistant, subentry: ConfigSubentry) -> bool:
    """Whether a doorbell's entity went, and another one of its name has come since."""
    unique_id = (subentry.unique_id or "").partition(NUMBER)[0]
    registry = er.async_get(hass)
    return bool(
        unique_id
        and "." not in unique_id
        and registry.async_get(unique_id) is None
        and registry.async_get(subentry.data.get(CONF_ENTITY_ID, ""))
    )


@callback
def source_kind(hass: HomeAssistant, entity_id: str) -> Source | None:
    """Return how an entity tells of a press: a sensor's class says whether its state is a time."""
    domain = entity_id.partition(".")[0]
    if domain == SENSOR_DOMAIN and _device_class(hass, entity_id) == SensorDeviceClass.TIMESTAMP:
        return Source.TIMESTAMP
    return SOURCES.get(domain)


@callback
def told_names(hass: HomeAssistant, entity_id: str, attribute: str) -> list[str]:
    """Return the event types or options that an entity has, also while it is unavailable."""
    state = hass.states.get(entity_id)
    told = state.attributes.get(attribute) if state else None
    if not told and (registered := er.async_get(hass).async_get(entity_id)):
        told = (registered.capabilities or {}).get(attribute)
    if not isinstance(told, list | tuple | set | frozenset):
        return []  # Whatever an integration means by that.
    return list(dict.fromkeys(str(name) for name in told if name is not None))


@callback
def telling_attributes(hass: HomeAssistant, entity_id: str) -> list[str]:
    """Return the attributes that may say which button was pressed, as far as they are there."""
    state = hass.states.get(entity_id)
    return sorted(set(state.attributes) - GENERAL_ATTRIBUTES) if state else []


def _device_class(hass: HomeAssistant, entity_id: str) -> str | None:
    state = hass.states.get(entity_id)
    told = state.attributes.get(ATTR_DEVICE_CLASS) if state else None
    if not told and (registered := er.async_get(hass).async_get(entity_id)):
        told = registered.device_class or registered.original_device_class
    return told
