"""What Home Assistant knows of an entity that is to become a doorbell."""

from collections.abc import Iterable
import re

from homeassistant.components.event import ATTR_EVENT_TYPES
from homeassistant.const import ATTR_FRIENDLY_NAME
from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.helpers import entity_registry as er

from .doorbell import GAPS, RULES

# The attribute of selects, input selects and enum sensors.
ATTR_OPTIONS = "options"
# What integrations call a ring, a plain button's press, and what comes after either.
RING_WORDS = {"ring", "rings", "rang", "ringing", "doorbell", "bell", "ding", "chime", "visitor"}
PRESS_TYPES = {"initial_press", "press", "pressed", "press_start", "single", "single_press"}
AFTERWARDS_WORDS = {"release", "released", "end", "ended", "stop", "stopped", "long"}


@callback
def source_error(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return the translation key of why an entity cannot be a doorbell."""
    if split_entity_id(entity_id)[0] not in RULES:
        return "unsupported_entity"
    if hass.states.get(entity_id) or er.async_get(hass).async_get(entity_id):
        return None
    return "entity_not_found"


@callback
def source_unique_id(hass: HomeAssistant, entity_id: str | None) -> str | None:
    """Return what stays the same when the entity is renamed, if it has any such thing."""
    if entity_id is None:
        return None
    registered = er.async_get(hass).async_get(entity_id)
    return registered.id if registered else entity_id


@callback
def source_name(hass: HomeAssistant, entity_id: str) -> str:
    """Return the entity's name as far as Alexa can say it."""
    state = hass.states.get(entity_id)
    name = state.attributes.get(ATTR_FRIENDLY_NAME) if state else None
    if not name:
        registered = er.async_get(hass).async_get(entity_id)
        name = registered and (registered.name or registered.original_name)
    name = name or split_entity_id(entity_id)[1].replace("_", " ")
    return " ".join(re.sub(r"[^\w\s]|_", " ", name).split())


@callback
def source_event_types(hass: HomeAssistant, entity_id: str) -> list[str]:
    """Return the types that an event entity knows, also while it is unavailable."""
    return _known(hass, entity_id, ATTR_EVENT_TYPES)


@callback
def source_states(hass: HomeAssistant, entity_id: str) -> list[str]:
    """Return the states that a select or sensor says it has, or else the one it is in."""
    if options := _known(hass, entity_id, ATTR_OPTIONS):
        return options
    state = hass.states.get(entity_id)
    return [state.state] if state and state.state not in GAPS else []


def ring_like(names: Iterable[str]) -> list[str]:
    """Return those that sound like a ring, or else like the press of a button."""
    words = {name: set(re.split(r"[^a-z0-9]+", name.lower())) for name in names}
    rings = [name for name in words if words[name] & RING_WORDS]
    presses = [name for name in words if name.lower() in PRESS_TYPES]
    return [name for name in rings or presses if not words[name] & AFTERWARDS_WORDS]


def _known(hass: HomeAssistant, entity_id: str, attribute: str) -> list[str]:
    state = hass.states.get(entity_id)
    known = state.attributes.get(attribute) if state else None
    if not known and (registered := er.async_get(hass).async_get(entity_id)):
        known = (registered.capabilities or {}).get(attribute)
    return [str(name) for name in known or ()]
