"""What rings a doorbell: the choice that its entity leaves, and whether another has the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.components.event import ATTR_EVENT_TYPES, DOMAIN as EVENT_DOMAIN
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_ATTRIBUTE, CONF_ATTRIBUTE_VALUES, CONF_EVENT_TYPES, CONF_STATES
from .doorbell import GAPS, Doorbell, Source
from .sources import doorbells_of, source_kind, told_names
from .wording import ring_like

# The attribute of selects, input selects and enum sensors.
ATTR_OPTIONS = "options"
# What Home Assistant wants every doorbell to call it, for an event that has not told its types.
STANDARD_TYPE = "ring"
# For a sensor that has no options: what such a one may well say when somebody rings.
LIKELY_STATES = ("ringing", "ring", "pressed", "single")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which of an entity's events or states ring: one of the settings in CHOICES."""

    setting: str
    known: tuple[str, ...]
    """What the entity has, as far as it tells."""
    likely: tuple[str, ...] = ()
    """What it may have beyond that."""
    takes_others: bool = True
    """Whether it may have what nobody has seen yet."""

    def proposed(self, stored: Mapping[str, Any]) -> list[str]:
        """Return what was chosen before, while any of it is left, or else what sounds like it."""
        before = [str(name) for name in stored.get(self.setting) or ()]
        if self.setting == CONF_STATES:
            return before or ring_like(self.known)
        if not self.known:
            return before or [STANDARD_TYPE]
        if any(name in self.known for name in before):
            return before
        return list(self.known) if len(self.known) == 1 else ring_like(self.known)

    def leaves_nothing_to_ask(self, stored: Mapping[str, Any]) -> bool:
        """Whether it is an event of one type, and no other was ever chosen."""
        return (
            self.setting == CONF_EVENT_TYPES
            and len(self.known) == 1
            and set(stored.get(self.setting) or ()) <= set(self.known)
        )


@callback
def source_choice(hass: HomeAssistant, entity_id: str | None) -> Choice | None:
    """Return what there is to choose; None: the entity rings in one way only."""
    kind = source_kind(hass, entity_id) if entity_id else None
    if entity_id is None or kind is None:
        return None
    if entity_id.partition(".")[0] == EVENT_DOMAIN:
        types = told_names(hass, entity_id, ATTR_EVENT_TYPES)
        return Choice(setting=CONF_EVENT_TYPES, known=tuple(types), takes_others=not types)
    if kind is not Source.CHOSEN_STATES:
        return None
    if options := told_names(hass, entity_id, ATTR_OPTIONS):
        return Choice(setting=CONF_STATES, known=tuple(real_names(options)))
    state = hass.states.get(entity_id)
    known = real_names([state.state] if state else [])
    return Choice(setting=CONF_STATES, known=tuple(known), likely=LIKELY_STATES)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypesGone:
    """An event that offers none of the types that were chosen, and what rings instead."""

    offered: list[str]
    ringing: list[str]


@callback
def types_gone(hass: HomeAssistant, doorbell: Doorbell) -> TypesGone | None:
    """Return what an event offers instead of the chosen types; None: one of them is left."""
    if not doorbell.event_types or doorbell.entity_id is None:
        return None
    offered = told_names(hass, doorbell.entity_id, ATTR_EVENT_TYPES)
    if not offered or not doorbell.event_types.isdisjoint(offered):
        return None
    return TypesGone(offered=offered, ringing=ring_like(offered))


def real_names(names: Iterable[str]) -> list[str]:
    """Leave out what never rings, whatever an entity calls its states."""
    return [name for name in stripped(names) if name not in GAPS]


def stripped(names: Iterable[str]) -> list[str]:
    """Return each name once, without blanks around it."""
    return list(dict.fromkeys(tidied for name in names if (tidied := name.strip())))


@callback
def twin(
    hass: HomeAssistant,
    entry: ConfigEntry,
    entity_id: str,
    data: Mapping[str, Any],
    mine: str | None = None,
) -> ConfigSubentry | None:
    """Return another doorbell than `mine` that the very same of the entity rings already."""
    wanted = _what_rings(hass, entity_id, data)
    for other in doorbells_of(hass, entry, entity_id):
        if other.subentry_id != mine and _what_rings(hass, entity_id, other.data) == wanted:
            return other
    return None


def attribute_of(data: Mapping[str, Any]) -> tuple[str | None, frozenset[str]]:
    """Return the attribute that has to have a value for a doorbell to ring, and its values."""
    attribute = data.get(CONF_ATTRIBUTE)
    return attribute, frozenset(data.get(CONF_ATTRIBUTE_VALUES, ()) if attribute else ())


def _what_rings(hass: HomeAssistant, entity_id: str, data: Mapping[str, Any]) -> object:
    choice = source_choice(hass, entity_id)
    return frozenset(choice.proposed(data) if choice else ()), attribute_of(data)
