"""A press, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ..doorbells.doorbell import Doorbell


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Somebody rang, at a moment in UTC; a muted press is noted, but not announced."""

    doorbell: Doorbell
    pressed_at: datetime
    muted: bool = False


class Result(StrEnum):
    """How a press ended for one account."""

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
