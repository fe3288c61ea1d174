"""What the modules hand to each other: a doorbell, a press, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_ENTITY_ID

from .const import (
    CONF_COOLDOWN,
    CONF_EVENT_TYPES,
    CONF_FRIENDLY_NAME,
    CONF_MAX_AGE,
    CONF_STATES,
    DEFAULT_COOLDOWN,
    DEFAULT_MAX_AGE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorbell:
    """A doorbell as its subentry describes it; without an entity it is virtual.

    The subentry's id is Alexa's endpoint id: it outlives every rename.
    Times are in seconds. No event types means that every type rings.
    """

    endpoint_id: str
    friendly_name: str
    entity_id: str | None = None
    cooldown: float = DEFAULT_COOLDOWN
    max_age: float = DEFAULT_MAX_AGE
    event_types: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()

    @classmethod
    def from_subentry(cls, subentry: ConfigSubentry) -> Self:
        """Read what the subentry flow stored."""
        data: Mapping[str, Any] = subentry.data
        return cls(
            endpoint_id=subentry.subentry_id,
            friendly_name=data[CONF_FRIENDLY_NAME],
            entity_id=data.get(CONF_ENTITY_ID),
            cooldown=data.get(CONF_COOLDOWN, DEFAULT_COOLDOWN),
            max_age=data.get(CONF_MAX_AGE, DEFAULT_MAX_AGE),
            event_types=frozenset(data.get(CONF_EVENT_TYPES, ())),
            states=frozenset(data.get(CONF_STATES, ())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Somebody rang, at a moment in UTC."""

    doorbell: Doorbell
    pressed_at: datetime


class Result(StrEnum):
    """How a press ended for one account (contract section 7)."""

    ACCEPTED = "accepted"
    FAILED = "failed"
    EXPIRED = "expired"
    MUTED = "muted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a press for one account; status and code are Amazon's last."""

    name: str
    result: Result
    attempts: int
    latency_ms: int
    status: int | None = None
    code: str | None = None
