"""Makes entities doorbells at the word of an automation."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_ENTITY_ID
from homeassistant.core import HomeAssistant, callback, valid_entity_id
from homeassistant.exceptions import ServiceValidationError

from ..accounts.connection import is_closed
from ..client.messages import is_valid_friendly_name
from ..const import (
    CHOICES,
    CONF_ATTRIBUTE,
    CONF_ATTRIBUTE_VALUES,
    CONF_CAMERA,
    CONF_FRIENDLY_NAME,
    CONF_RINGS_ON_RETURN,
    CONF_RINGS_WHEN,
    CONF_STATES,
    CONF_TALK,
    CONF_WARM_UP,
    DOMAIN,
    LIMITS,
    RINGS_WHEN,
    SUBENTRY_DOORBELL,
)
from .cameras import camera_error
from .choice import attribute_of, real_names, source_choice, stripped, twin
from .doorbell import SOURCES
from .fields import WARM_UP_DOMAINS
from .naming import source_name, tidy
from .sources import doorbells_of, own_entities, source_error, source_unique_id

# YAML takes the words on and off, when nobody quotes them, for these.
SWITCHED = {True: "on", False: "off"}


@callback
def async_mark(
    hass: HomeAssistant, entity_id: str, settings: Mapping[str, Any], entry_id: str | None
) -> tuple[ConfigEntry, ConfigSubentry, bool]:
    """Make an entity a doorbell, or change one; True: it was none before.

    The entry need not be loaded. Raises ServiceValidationError.
    """
    error = source_error(hass, entity_id)
    # What is a doorbell already may just be away.
    if error and not (error == "entity_not_found" and _is_marked(hass, entity_id)):
        raise _invalid(error, entity=entity_id)
    entry = _entry(hass, entity_id, entry_id)
    given = {key: value for key, value in settings.items() if value is not None}
    asked = _checked_camera(hass, entry, given) | _checked_warm_up(hass, given)
    asked |= _checked_times(given) | _checked_switches(given) | _checked_attribute(given)
    choices = {key: real_names(_texts(given, key)) for key in CHOICES}
    marked = _marked(hass, entry, entity_id, asked | choices)
    stored = dict(marked.data) if marked else {}
    data = {key: value for key, value in stored.items() if key not in CHOICES}
    data |= {CONF_ENTITY_ID: entity_id} | asked
    if data.get(CONF_TALK) and not data.get(CONF_CAMERA):
        raise _invalid("talk_needs_camera")
    data |= _checked_choice(hass, entity_id, choices, stored)
    if given.get(CONF_FRIENDLY_NAME) or marked is None:
        title = data[CONF_FRIENDLY_NAME] = _checked_name(hass, entity_id, given)
    else:
        title = marked.title
    unique_id = source_unique_id(hass, entry, entity_id, marked.subentry_id if marked else None)
    if marked is not None:
        hass.config_entries.async_update_subentry(
            entry, marked, data=data, title=title, unique_id=unique_id
        )
        return entry, marked, False
    doorbell = ConfigSubentry(
        data=MappingProxyType(data),
        subentry_type=SUBENTRY_DOORBELL,
        title=title,
        unique_id=unique_id,
    )
    hass.config_entries.async_add_subentry(entry, doorbell)
    return entry, doorbell, True


@callback
def async_unmark(hass: HomeAssistant, entity_id: str) -> None:
    """Make an entity no doorbell of any skill, also of one that is disabled.

    Raises ServiceValidationError.
    """
    if entity_id.partition(".")[0] not in SOURCES:
        raise _invalid("unsupported_entity", entity=entity_id)
    for entry in hass.config_entries.async_entries(DOMAIN):
        for marked in doorbells_of(hass, entry, entity_id):
            hass.config_entries.async_remove_subentry(entry, marked.subentry_id)


def _is_marked(hass: HomeAssistant, entity_id: str) -> bool:
    entries = hass.config_entries.async_entries(DOMAIN)
    return any(doorbells_of(hass, entry, entity_id) for entry in entries)


def _entry(hass: HomeAssistant, entity_id: str, entry_id: str | None) -> ConfigEntry:
    """Return the skill that is meant, also one that is not loaded at the moment."""
    entries: list[ConfigEntry] = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    entries = [each for each in entries if entry_id in {None, each.entry_id}]
    if len(entries) > 1:
        # Whoever changes a doorbell need not say again whose it is.
        entries = [each for each in entries if doorbells_of(hass, each, entity_id)] or entries
    if not entries:
        raise _invalid("no_entry")
    if len(entries) > 1:
        raise _invalid("choose_entry")
    return entries[0]


def _marked(
    hass: HomeAssistant,
    entry: ConfigEntry,
    entity_id: str,
    asked: Mapping[str, Any],
) -> ConfigSubentry | None:
    """Return the doorbell that is meant: of several, the one that the same rings, or the first."""
    alike = [
        each
        for each in doorbells_of(hass, entry, entity_id)
        if attribute_of(each.data) == attribute_of(asked)
    ]
    return twin(hass, entry, entity_id, asked) or next(iter(alike), None)


def _checked_times(given: Mapping[str, Any]) -> dict[str, float]:
    checked = {}
    for field, (shortest, longest) in LIMITS.items():
        if field in given:
            try:
                seconds = float(given[field])
            except TypeError, ValueError, OverflowError:
                seconds = -1
            if not shortest <= seconds <= longest:
                raise _invalid(
                    "out_of_range", field=field, shortest=str(shortest), longest=str(longest)
                )
            checked[field] = seconds
    return checked


def _checked_switches(given: Mapping[str, Any]) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    if CONF_RINGS_WHEN in given:
        rings_when = ", ".join(_texts(given, CONF_RINGS_WHEN))
        if rings_when not in RINGS_WHEN:
            raise _invalid("not_one_of", field=CONF_RINGS_WHEN, known=", ".join(RINGS_WHEN))
        checked[CONF_RINGS_WHEN] = rings_when
    words = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}
    for field in {CONF_RINGS_ON_RETURN, CONF_TALK} & given.keys():
        switched = words.get(str(given[field]).lower())
        if switched is None:
            raise _invalid("not_one_of", field=field, known="true, false")
        checked[field] = switched
    return checked


def _checked_attribute(given: Mapping[str, Any]) -> dict[str, Any]:
    attribute = _texts(given, CONF_ATTRIBUTE)
    values = _texts(given, CONF_ATTRIBUTE_VALUES)
    if not attribute and not values:
        return {}
    if len(attribute) != 1 or not values:
        raise _invalid("attribute_needs_values")
    return {CONF_ATTRIBUTE: attribute[0], CONF_ATTRIBUTE_VALUES: values}


def _checked_warm_up(hass: HomeAssistant, given: Mapping[str, Any]) -> dict[str, list[str]]:
    if CONF_WARM_UP not in given:
        return {}
    # As elsewhere in Home Assistant, commas part several in one text.
    texts = ",".join(_texts(given, CONF_WARM_UP)).lower().split(",")
    entities, own = stripped(texts), own_entities(hass)
    for entity_id in entities:
        foretells = entity_id.partition(".")[0] in WARM_UP_DOMAINS and entity_id not in own
        if not foretells or not valid_entity_id(entity_id):
            raise _invalid("foretells_nothing", entity=entity_id)
    return {CONF_WARM_UP: entities}


def _checked_camera(
    hass: HomeAssistant, entry: ConfigEntry, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the camera; an empty text takes it away, and with it the talking."""
    if CONF_CAMERA not in given:
        return {}
    cameras = [entity_id.lower() for entity_id in _texts(given, CONF_CAMERA)]
    if not cameras:
        return {CONF_CAMERA: None, CONF_TALK: False}
    if is_closed(entry.data):
        raise _invalid("closed_home_shows_nothing")
    if len(cameras) > 1 or camera_error(hass, cameras[0]):
        raise _invalid("no_such_camera", camera=", ".join(cameras))
    return {CONF_CAMERA: cameras[0]}


def _checked_name(hass: HomeAssistant, entity_id: str, given: Mapping[str, Any]) -> str:
    name = tidy(str(given.get(CONF_FRIENDLY_NAME) or "")) or source_name(hass, entity_id)
    if not is_valid_friendly_name(name):
        raise _invalid("invalid_name", name=name)
    return name


def _checked_choice(
    hass: HomeAssistant,
    entity_id: str,
    choices: Mapping[str, list[str]],
    stored: Mapping[str, Any],
) -> dict[str, list[str]]:
    """Return what rings: as asked for, else as before, else what sounds like a ring."""
    if (choice := source_choice(hass, entity_id)) is None:
        return {}
    asked, known = choices[choice.setting], ", ".join(choice.known)
    unknown = [] if choice.takes_others else [each for each in asked if each not in choice.known]
    if unknown:
        raise _invalid(
            "unknown_event_types", entity=entity_id, unknown=", ".join(unknown), known=known
        )
    if chosen := asked or choice.proposed(stored):
        return {choice.setting: chosen}
    if choice.setting == CONF_STATES:
        raise _invalid("states_needed", entity=entity_id)
    raise _invalid("event_types_needed", entity=entity_id, known=known)


def _texts(given: Mapping[str, Any], field: str) -> list[str]:
    """Return one or several texts or numbers as a list of texts."""
    value = given.get(field, [])
    values = value if isinstance(value, list | tuple | set) else [value]
    if any(isinstance(each, list | tuple | set | Mapping) or each is None for each in values):
        raise _invalid("not_texts", field=field)
    # An attribute that is true says so in capitals; no event and no state is.
    switched = {} if field == CONF_ATTRIBUTE_VALUES else SWITCHED
    return stripped(
        switched.get(each, str(each)) if isinstance(each, bool) else str(each) for each in values
    )


def _invalid(translation_key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=translation_key,
        translation_placeholders=placeholders,
    )
