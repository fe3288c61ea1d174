"""Makes entities doorbells at the word of an automation (contract section 7)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_ENTITY_ID
from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.exceptions import ServiceValidationError

from .client.messages import is_valid_friendly_name
from .const import (
    CONF_EVENT_TYPES,
    CONF_FRIENDLY_NAME,
    CONF_STATES,
    DOMAIN,
    LIMITS,
    SUBENTRY_DOORBELL,
)
from .data import AlexaDoorbellConfigEntry
from .doorbell import GAPS, RULES, ChosenStateRule
from .sources import (
    ring_like,
    source_entity_id,
    source_error,
    source_event_types,
    source_name,
    source_states,
    source_unique_id,
)


@callback
def async_mark(
    hass: HomeAssistant, entity_id: str, settings: Mapping[str, Any], entry_id: str | None
) -> tuple[AlexaDoorbellConfigEntry, ConfigSubentry, bool]:
    """Make an entity a doorbell, or change one; True: it was none before.

    The entry need not be loaded. Raises ServiceValidationError.
    """
    if error := source_error(hass, entity_id):
        raise _invalid(error, entity=entity_id)
    entry = _entry(hass, entity_id, entry_id)
    marked = _doorbell_of(hass, entry, entity_id)
    data = {CONF_ENTITY_ID: entity_id, **(marked.data if marked else {})}
    data |= _checked_times(settings)
    if CONF_FRIENDLY_NAME in settings or marked is None:
        data[CONF_FRIENDLY_NAME] = _checked_name(hass, entity_id, settings)
    data |= _checked_choice(hass, entity_id, settings, data)
    title, unique_id = data[CONF_FRIENDLY_NAME], source_unique_id(hass, entity_id)
    if marked is None:
        marked = ConfigSubentry(
            data=MappingProxyType(data),
            subentry_type=SUBENTRY_DOORBELL,
            title=title,
            unique_id=unique_id,
        )
        hass.config_entries.async_add_subentry(entry, marked)
        return entry, marked, True
    hass.config_entries.async_update_subentry(
        entry, marked, data=data, title=title, unique_id=unique_id
    )
    return entry, marked, False


@callback
def async_unmark(hass: HomeAssistant, entity_id: str) -> None:
    """Make an entity no doorbell of any skill."""
    for entry in _entries(hass):
        if (marked := _doorbell_of(hass, entry, entity_id)) is not None:
            hass.config_entries.async_remove_subentry(entry, marked.subentry_id)


def _entries(hass: HomeAssistant) -> list[AlexaDoorbellConfigEntry]:
    return hass.config_entries.async_entries(DOMAIN, include_ignore=False, include_disabled=False)


def _entry(hass: HomeAssistant, entity_id: str, entry_id: str | None) -> AlexaDoorbellConfigEntry:
    """Return the skill that is meant, also one that is not loaded at the moment."""
    entries = [each for each in _entries(hass) if entry_id in {None, each.entry_id}]
    if len(entries) > 1:
        # Whoever changes a doorbell need not say again whose it is.
        entries = [each for each in entries if _doorbell_of(hass, each, entity_id)] or entries
    if not entries:
        raise _invalid("no_entry")
    if len(entries) > 1:
        raise _invalid("choose_entry")
    return entries[0]


def _doorbell_of(
    hass: HomeAssistant, entry: AlexaDoorbellConfigEntry, entity_id: str
) -> ConfigSubentry | None:
    for subentry in entry.subentries.values():
        if source_entity_id(hass, subentry) == entity_id:
            return subentry
    return None


def _checked_times(settings: Mapping[str, Any]) -> dict[str, float]:
    checked = {}
    for field, (shortest, longest) in LIMITS.items():
        if field in settings:
            try:
                seconds = float(settings[field])
            except TypeError, ValueError:
                seconds = -1
            if not shortest <= seconds <= longest:
                raise _invalid(
                    "out_of_range", field=field, shortest=str(shortest), longest=str(longest)
                )
            checked[field] = seconds
    return checked


def _checked_name(hass: HomeAssistant, entity_id: str, settings: Mapping[str, Any]) -> str:
    name = " ".join(str(settings.get(CONF_FRIENDLY_NAME, "")).split())
    name = name or source_name(hass, entity_id)
    if not is_valid_friendly_name(name):
        raise _invalid("invalid_name", name=name)
    return name


def _checked_choice(
    hass: HomeAssistant, entity_id: str, settings: Mapping[str, Any], stored: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Return the events or states that ring, whichever such an entity has."""
    domain = split_entity_id(entity_id)[0]
    if RULES[domain] is ChosenStateRule:
        # A gap never rings (contract section 3), whatever the entity calls its states.
        states = [state for state in settings.get(CONF_STATES, ()) if state not in GAPS]
        states = states or stored.get(CONF_STATES) or ring_like(source_states(hass, entity_id))
        if not states:
            raise _invalid("states_needed", entity=entity_id)
        return {CONF_STATES: states}
    known = source_event_types(hass, entity_id) if domain == "event" else []
    if len(known) <= 1:
        return {}
    asked = settings.get(CONF_EVENT_TYPES, ())
    types = asked or stored.get(CONF_EVENT_TYPES) or ring_like(known)
    if not types:
        raise _invalid("event_types_needed", entity=entity_id, known=", ".join(known))
    if unknown := [name for name in asked if name not in known]:
        raise _invalid(
            "unknown_event_types",
            entity=entity_id,
            unknown=", ".join(unknown),
            known=", ".join(known),
        )
    return {CONF_EVENT_TYPES: types}


def _invalid(translation_key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=translation_key,
        translation_placeholders=placeholders,
    )
