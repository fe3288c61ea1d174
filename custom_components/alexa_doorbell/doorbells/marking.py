"""Makes entities doorbells at the word of an automation (contract section 7)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_ENTITY_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError

from ..client.messages import is_valid_friendly_name
from ..const import CHOICES, CONF_FRIENDLY_NAME, CONF_STATES, DOMAIN, LIMITS, SUBENTRY_DOORBELL
from ..data import AlexaDoorbellConfigEntry
from .doorbell import SOURCES
from .sources import (
    doorbells_of,
    ring_like,
    source_choice,
    source_error,
    source_name,
    source_unique_id,
    without_gaps,
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
    marked = next(iter(doorbells_of(hass, entry, entity_id)), None)
    stored = dict(marked.data) if marked else {}
    data = {key: value for key, value in stored.items() if key not in CHOICES}
    data |= {CONF_ENTITY_ID: entity_id} | _checked_times(settings)
    data |= _checked_choice(hass, entity_id, settings, stored)
    if settings.get(CONF_FRIENDLY_NAME) or marked is None:
        title = data[CONF_FRIENDLY_NAME] = _checked_name(hass, entity_id, settings)
    else:
        title = marked.title
    if marked is not None:
        unique_id = source_unique_id(hass, entry, entity_id, marked.subentry_id)
        hass.config_entries.async_update_subentry(
            entry, marked, data=data, title=title, unique_id=unique_id
        )
        return entry, marked, False
    doorbell = ConfigSubentry(
        data=MappingProxyType(data),
        subentry_type=SUBENTRY_DOORBELL,
        title=title,
        unique_id=source_unique_id(hass, entry, entity_id),
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


def _entry(hass: HomeAssistant, entity_id: str, entry_id: str | None) -> AlexaDoorbellConfigEntry:
    """Return the skill that is meant, also one that is not loaded at the moment."""
    entries: list[AlexaDoorbellConfigEntry] = hass.config_entries.async_entries(
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


def _checked_times(settings: Mapping[str, Any]) -> dict[str, float]:
    checked = {}
    for field, (shortest, longest) in LIMITS.items():
        if field in settings:
            try:
                seconds = float(settings[field])
            except TypeError, ValueError, OverflowError:
                seconds = -1
            if not shortest <= seconds <= longest:
                raise _invalid(
                    "out_of_range", field=field, shortest=str(shortest), longest=str(longest)
                )
            checked[field] = seconds
    return checked


def _checked_name(hass: HomeAssistant, entity_id: str, settings: Mapping[str, Any]) -> str:
    name = " ".join(str(settings.get(CONF_FRIENDLY_NAME) or "").split())
    name = name or source_name(hass, entity_id)
    if not is_valid_friendly_name(name):
        raise _invalid("invalid_name", name=name)
    return name


def _checked_choice(
    hass: HomeAssistant, entity_id: str, settings: Mapping[str, Any], stored: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Return what rings: as asked for, else as before, else what sounds like a ring."""
    if (choice := source_choice(hass, entity_id)) is None:
        return {}
    key, known = choice
    asked = without_gaps(settings.get(key) or ())
    if key == CONF_STATES:
        # A sensor may have states that nobody has seen yet.
        if chosen := asked or stored.get(key) or ring_like(known):
            return {key: chosen}
        raise _invalid("states_needed", entity=entity_id)
    if not known:
        kept = asked or stored.get(key)
        return {key: kept} if kept else {}
    if unknown := [name for name in asked if name not in known]:
        raise _invalid(
            "unknown_event_types",
            entity=entity_id,
            unknown=", ".join(unknown),
            known=", ".join(known),
        )
    still_known = [name for name in stored.get(key, ()) if name in known]
    if chosen := asked or still_known or ring_like(known):
        return {key: chosen}
    raise _invalid("event_types_needed", entity=entity_id, known=", ".join(known))


def _invalid(translation_key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=translation_key,
        translation_placeholders=placeholders,
    )
