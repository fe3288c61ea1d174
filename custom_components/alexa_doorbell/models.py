"""What the modules hand to each other: doorbells, presses, outcomes and accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
import time
from typing import Any, Self

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_ENTITY_ID

from .client.lwa import Tokens
from .const import (
    CONF_ANNOUNCEMENTS,
    CONF_COOLDOWN,
    CONF_EVENT_TYPES,
    CONF_FRIENDLY_NAME,
    CONF_MAX_AGE,
    CONF_STATES,
    CONF_WARM_UP,
    DEFAULT_COOLDOWN,
    DEFAULT_MAX_AGE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorbell:
    """A doorbell as its subentry describes it; without an entity it is virtual.

    The subentry's id is Alexa's endpoint id: it outlives every rename.
    Times are in seconds. No event types means that every type rings. Without announcements,
    presses are noted but not sent.
    """

    endpoint_id: str
    friendly_name: str
    entity_id: str | None = None
    cooldown: float = DEFAULT_COOLDOWN
    max_age: float = DEFAULT_MAX_AGE
    event_types: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    warm_up: frozenset[str] = frozenset()
    announcements: bool = True

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
            warm_up=frozenset(data.get(CONF_WARM_UP, ())),
            announcements=data.get(CONF_ANNOUNCEMENTS, True),
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


class Health(StrEnum):
    """Whether an account can be announced to, and if not, why."""

    LINKED = "linked"
    RELINK_REQUIRED = "relink_required"
    SKILL_DISABLED = "skill_disabled"
    MISSING_PERMISSION = "missing_permission"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as it is stored; it was linked, and its access token ends, at a Unix time.

    What Alexa was told of the doorbells, by endpoint id, is the digest of each endpoint, and
    the list of those that were reported unreachable.
    """

    account_id: str
    name: str
    region: str
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    expires_at: float
    linked_at: float
    health: Health = Health.LINKED
    told_endpoints: Mapping[str, str] = field(default_factory=dict)
    told_unreachable: Sequence[str] = field(default_factory=list)

    @classmethod
    def linked(cls, *, account_id: str, name: str, region: str, tokens: Tokens) -> Self:
        """Make the account of a grant that was just exchanged."""
        return cls(
            account_id=account_id,
            name=name,
            region=region,
            refresh_token=tokens.refresh_token or "",
            access_token=tokens.access_token,
            expires_at=time.time() + tokens.expires_in,
            linked_at=time.time(),
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read an account; raise KeyError, TypeError or ValueError if it is none."""
        return cls(
            account_id=str(data["account_id"]),
            name=str(data["name"]),
            region=str(data["region"]),
            refresh_token=str(data["refresh_token"]),
            access_token=str(data["access_token"]),
            expires_at=float(data["expires_at"]),
            linked_at=float(data["linked_at"]),
            health=Health(data["health"]),
            told_endpoints=dict(data["told_endpoints"]),
            told_unreachable=list(data["told_unreachable"]),
        )
