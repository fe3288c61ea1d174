"""What Home Assistant knows of an entity that is to become a doorbell."""

from collections.abc import Iterable
import re
import unicodedata

from homeassistant.components.event import ATTR_EVENT_TYPES, DOMAIN as EVENT
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import ATTR_FRIENDLY_NAME, CONF_ENTITY_ID
from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.helpers import entity_registry as er

from ..client.messages import NAME_LIMIT, VOWEL_SIGNS
from ..const import CONF_EVENT_TYPES, CONF_STATES, DOMAIN
from .doorbell import GAPS, SOURCES, Source

# The attribute of selects, input selects and enum sensors.
ATTR_OPTIONS = "options"
# What integrations call a ring, a plain button's press, and what comes after either.
RING_WORDS = {"ring", "rings", "rang", "ringing", "doorbell", "bell", "ding", "chime", "visitor"}
PRESS_TYPES = {
    "click",
    "initial_press",
    "press",
    "pressed",
    "press_start",
    "push",
    "short_press",
    "single",
    "single_click",
    "single_press",
    "single_push",
}
OTHER_WORDS = {"release", "released", "end", "ended", "stop", "stopped", "long"}
OTHER_WORDS |= {"no", "not", "missed", "off"}
# Apostrophes, and what only tells how an emoji is drawn.
SILENT_CHARACTERS = "'\u2019\ufe0f"


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
    unique_id = subentry.unique_id or ""
    # That of an entity without a registry entry is its name, which another one may have by now.
    registered = None if "." in unique_id else er.async_get(hass).async_get(unique_id)
    return registered.entity_id if registered else subentry.data.get(CONF_ENTITY_ID)


@callback
def doorbells_of(hass: HomeAssistant, entry: ConfigEntry, entity_id: str) -> list[ConfigSubentry]:
    """Return the doorbells that an entity rings: one, unless names were swapped meanwhile."""
    return [
        subentry
        for subentry in entry.subentries.values()
        if source_entity_id(hass, subentry) == entity_id
    ]


@callback
def source_unique_id(
    hass: HomeAssistant, entry: ConfigEntry, entity_id: str | None, mine: str | None = None
) -> str | None:
    """Return what stays the same when the entity is renamed, for the doorbell with the id `mine`.

    None if there is no such thing, or if another doorbell holds on to it.
    """
    if entity_id is None:
        return None
    registered = er.async_get(hass).async_get(entity_id)
    unique_id = registered.id if registered else entity_id
    others = [each for each in entry.subentries.values() if each.subentry_id != mine]
    return None if any(each.unique_id == unique_id for each in others) else unique_id


@callback
def source_name(hass: HomeAssistant, entity_id: str) -> str:
    """Return the entity's name as far as Alexa can say it."""
    state = hass.states.get(entity_id)
    registered = er.async_get(hass).async_get(entity_id)
    names = (
        state and state.attributes.get(ATTR_FRIENDLY_NAME),
        registered and (registered.name or registered.original_name),
        # Always sayable, once its underscores are gone.
        split_entity_id(entity_id)[1],
    )
    return next(said for name in names if (said := _sayable(str(name or ""))))


@callback
def source_choice(hass: HomeAssistant, entity_id: str | None) -> tuple[str, list[str]] | None:
    """Return the setting that says what rings, and what is known to choose from.

    None: the entity rings in one way only. Event types are known while it is unavailable too.
    """
    domain = entity_id.partition(".")[0] if entity_id else ""
    if entity_id is None or domain not in SOURCES:
        return None
    if SOURCES[domain] is Source.CHOSEN_STATES:
        state = hass.states.get(entity_id)
        known = _known(hass, entity_id, ATTR_OPTIONS) or ([state.state] if state else [])
        return CONF_STATES, without_gaps(known)
    if domain == EVENT and len(types := _known(hass, entity_id, ATTR_EVENT_TYPES)) != 1:
        return CONF_EVENT_TYPES, types
    return None


def without_gaps(names: Iterable[str]) -> list[str]:
    """Leave out what never rings (contract section 3), whatever an entity calls its states."""
    return [name for name in names if name not in GAPS]


def ring_like(names: Iterable[str]) -> list[str]:
    """Return those that sound like a ring, or else like the press of a button."""
    words = {name: set(re.split(r"[^a-z0-9]+", name.lower())) for name in names}
    rings = [name for name in words if words[name] & RING_WORDS]
    presses = [name for name in words if name.lower() in PRESS_TYPES]
    return [name for name in rings or presses if not words[name] & OTHER_WORDS]


def _sayable(name: str) -> str:
    """Return the letters, digits and spaces of a name; all else parts words."""
    said = "".join(
        character if character.isalnum() or unicodedata.category(character) in VOWEL_SIGNS else " "
        for character in name
        if character not in SILENT_CHARACTERS
    )
    words = [word for word in said.split() if any(map(str.isalnum, word))]
    return " ".join(words)[:NAME_LIMIT].strip()


def _known(hass: HomeAssistant, entity_id: str, attribute: str) -> list[str]:
    state = hass.states.get(entity_id)
    known = state.attributes.get(attribute) if state else None
    if not known and (registered := er.async_get(hass).async_get(entity_id)):
        known = (registered.capabilities or {}).get(attribute)
    return [str(name) for name in known or ()]
