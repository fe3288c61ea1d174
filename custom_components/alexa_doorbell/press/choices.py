"""Whether a state, an event or an attribute is one of those that the user chose to ring."""

from collections.abc import Iterable
from typing import Any

from homeassistant.components.event import ATTR_EVENT_TYPE, ATTR_EVENT_TYPES
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import State

from ..const import RINGS_WHEN_CHANGE, RINGS_WHEN_OFF, RINGS_WHEN_ON
from ..doorbells.doorbell import Doorbell, Source
from ..doorbells.sources import ring_like

RINGING_STATES = {
    RINGS_WHEN_ON: frozenset({STATE_ON}),
    RINGS_WHEN_OFF: frozenset({STATE_OFF}),
    RINGS_WHEN_CHANGE: frozenset({STATE_ON, STATE_OFF}),
}


def _ringing_states(doorbell: Doorbell, source: Source) -> frozenset[str]:
    if source is Source.TWO_STATES:
        return RINGING_STATES.get(doorbell.rings_when, frozenset())
    return doorbell.states


def enters(doorbell: Doorbell, source: Source, before: str | None, after: str) -> bool:
    """Whether going from one real state to another, or from nothing known, means ringing."""
    ringing = _ringing_states(doorbell, source)
    if after not in ringing or before is None:
        return after in ringing
    if source is Source.TWO_STATES:
        return before != after and before in RINGING_STATES[RINGS_WHEN_CHANGE]
    return before not in ringing


def keeps_ringing(doorbell: Doorbell, source: Source, before: str, after: str) -> bool:
    """Whether it rang and rings; one that rings by changing never does for longer."""
    if source is Source.TWO_STATES and doorbell.rings_when == RINGS_WHEN_CHANGE:
        return False
    return {before, after} <= _ringing_states(doorbell, source)


def is_chosen_type(doorbell: Doorbell, state: State) -> bool:
    """Whether the event is of a chosen type, or of one that stands in when all those are gone."""
    event_type = state.attributes.get(ATTR_EVENT_TYPE)
    if event_type is None:
        return False
    event_type = _text(event_type)
    if event_type in doorbell.event_types:
        return True
    offered = [_text(each) for each in _items(state.attributes.get(ATTR_EVENT_TYPES))]
    return doorbell.event_types.isdisjoint(offered) and event_type in ring_like(offered)


def offers_nothing(state: State) -> bool:
    """Whether the event has no types yet, as a template that was not rendered so far."""
    offered = state.attributes.get(ATTR_EVENT_TYPES)
    return isinstance(offered, list) and not offered


def has_chosen_value(doorbell: Doorbell, state: State) -> bool:
    """Whether the attribute, if one was chosen, has a chosen value."""
    if doorbell.attribute is None:
        return True
    return not doorbell.attribute_values.isdisjoint(_texts(state, doorbell.attribute))


def takes_chosen_value(doorbell: Doorbell, old: State, new: State) -> bool:
    """Whether the attribute has a chosen value that it did not have before."""
    if doorbell.attribute is None:
        return False
    new_texts = _texts(new, doorbell.attribute) - _texts(old, doorbell.attribute)
    return not doorbell.attribute_values.isdisjoint(new_texts)


def _items(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple | set | frozenset) else (value,)


def _text(value: Any) -> str:
    """Some write what is a word to us as a number, or as a member of an enumeration."""
    return value if isinstance(value, str) else str(value)


def _texts(state: State, attribute: str) -> set[str]:
    """Return how the attribute may be written; of several values each counts."""
    texts = set[str]()
    for item in _items(state.attributes.get(attribute)):
        if isinstance(item, bool):
            texts |= {str(item), str(item).lower(), str(item).upper()}
        elif item is not None:
            texts.add(_text(item))
    return texts
