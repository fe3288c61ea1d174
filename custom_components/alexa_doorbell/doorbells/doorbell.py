"""A doorbell, as its subentry describes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Self

from homeassistant.components.sensor import DOMAIN as SENSOR_DOMAIN, SensorDeviceClass
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    CONF_ENTITY_ID,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import State

from ..const import (
    CONF_ATTRIBUTE,
    CONF_ATTRIBUTE_VALUES,
    CONF_CAMERA,
    CONF_COOLDOWN,
    CONF_EVENT_TYPES,
    CONF_FRIENDLY_NAME,
    CONF_MAX_AGE,
    CONF_RINGS_ON_RETURN,
    CONF_RINGS_WHEN,
    CONF_STATES,
    CONF_TALK,
    CONF_WARM_UP,
    DEFAULT_COOLDOWN,
    DEFAULT_MAX_AGE,
    RINGS_WHEN_ON,
)

# Neither is a state that an entity is in.
GAPS = (STATE_UNAVAILABLE, STATE_UNKNOWN)


class Source(Enum):
    """How an entity tells of a press."""

    TWO_STATES = auto()
    """It is on or off."""
    TIMESTAMP = auto()
    """Its state is the time of the last one."""
    CHOSEN_STATES = auto()
    """Some of its states mean ringing."""


# By domain; nothing else can be a doorbell.
SOURCES: dict[str, Source] = {
    "binary_sensor": Source.TWO_STATES,
    "input_boolean": Source.TWO_STATES,
    "switch": Source.TWO_STATES,
    "event": Source.TIMESTAMP,
    "button": Source.TIMESTAMP,
    "input_button": Source.TIMESTAMP,
    "sensor": Source.CHOSEN_STATES,
    "input_select": Source.CHOSEN_STATES,
    "select": Source.CHOSEN_STATES,
}


def source_of(state: State) -> Source | None:
    """Return how an entity in this state tells of a press; None: it cannot be a doorbell."""
    if (
        state.domain == SENSOR_DOMAIN
        and state.attributes.get(ATTR_DEVICE_CLASS) == SensorDeviceClass.TIMESTAMP
    ):
        return Source.TIMESTAMP
    return SOURCES.get(state.domain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorbell:
    """A doorbell as its subentry describes it; without an entity it is virtual.

    The subentry's id is Alexa's endpoint id: it outlives every rename.
    Times are in seconds.
    """

    endpoint_id: str
    friendly_name: str
    title: str | None = None
    """What its page calls it: the same, unless it was renamed there just now."""
    entity_id: str | None = None
    cooldown: float = DEFAULT_COOLDOWN
    max_age: float = DEFAULT_MAX_AGE
    event_types: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    warm_up: frozenset[str] = frozenset()
    rings_when: str = RINGS_WHEN_ON
    rings_on_return: bool = False
    attribute: str | None = None
    attribute_values: frozenset[str] = frozenset()
    camera: str | None = None
    talk: bool = False
    """Whether a voice may get from an Echo to the camera."""

    @classmethod
    def from_subentry(cls, subentry: ConfigSubentry) -> Self:
        """Read what the subentry flow stored."""
        data: Mapping[str, Any] = subentry.data
        return cls(
            endpoint_id=subentry.subentry_id,
            friendly_name=data[CONF_FRIENDLY_NAME],
            title=subentry.title,
            entity_id=data.get(CONF_ENTITY_ID),
            cooldown=data.get(CONF_COOLDOWN, DEFAULT_COOLDOWN),
            max_age=data.get(CONF_MAX_AGE, DEFAULT_MAX_AGE),
            event_types=frozenset(map(str, data.get(CONF_EVENT_TYPES, ()))),
            states=frozenset(map(str, data.get(CONF_STATES, ()))),
            warm_up=frozenset(data.get(CONF_WARM_UP, ())),
            rings_when=data.get(CONF_RINGS_WHEN, RINGS_WHEN_ON),
            rings_on_return=data.get(CONF_RINGS_ON_RETURN, False),
            attribute=data.get(CONF_ATTRIBUTE),
            attribute_values=frozenset(map(str, data.get(CONF_ATTRIBUTE_VALUES, ()))),
            camera=data.get(CONF_CAMERA),
            talk=data.get(CONF_TALK, False),
        )
