"""The press rules a second time: no memory, but the whole history at hand.

The first time is press/rules.py, and both go by docs/design.md, "The rules of a press".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile

from custom_components.alexa_doorbell.doorbells.doorbell import Doorbell

GAPS = {"unavailable", "unknown"}
SETTLED = 10
AHEAD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the entity was seen in when watching began, and after each of its changes.

    Monotonic are the seconds that nobody can set. Without a state there is no such entity.
    """

    utc: datetime
    monotonic: float
    name: str
    state: str | None
    last_changed: datetime
    event_type: str | None = None


type History = Sequence[Observation]
type Reference = Callable[[History, Doorbell], datetime | None]


def toggle(history: History, doorbell: Doorbell) -> datetime | None:
    """Off to on; or unknown to on if it was unknown for long, and not on before that."""
    *earlier, now = history
    before = _before(history)
    if before is None or now.state != "on":
        return None
    real = [seen.state for seen in earlier if seen.state not in {*GAPS, None}]
    after_long_unknown = (
        before == "unknown"
        and real[-1:] != ["on"]
        and now.monotonic - _unknown_since(earlier) >= SETTLED
    )
    return now.utc if before == "off" or after_long_unknown else None


def timestamp(history: History, doorbell: Doorbell) -> datetime | None:
    """Return the timestamp if it was never seen, is of a chosen type, and of the right age."""
    *earlier, now = history
    stamp = _instant(now)
    if stamp is None or stamp in map(_instant, earlier):
        return None
    if doorbell.event_types and now.event_type not in doorbell.event_types:
        return None
    # By the clock of today: it may have been set since watching began.
    watched_for = now.monotonic - history[0].monotonic
    age = (now.utc - stamp).total_seconds()
    return stamp if -AHEAD <= age <= min(doorbell.max_age, watched_for) else None


def chosen_state(history: History, doorbell: Doorbell) -> datetime | None:
    """Into a chosen state, right from a real one that is not chosen."""
    now, before = history[-1], _before(history)
    if before is None or before in GAPS or before in doorbell.states:
        return None
    return now.utc if now.state in doorbell.states - GAPS else None


def _before(history: History) -> str | None:
    """Return the state right before the last; under a new name an entity had none."""
    *_, before, now = history
    return before.state if before.name == now.name else None


def _unknown_since(history: History) -> float:
    """Return since when it is unknown, of which only Home Assistant knows the time before."""
    since = list(takewhile(lambda seen: seen.state == "unknown", reversed(history)))[-1]
    if since is not history[0]:
        return since.monotonic
    return since.monotonic - max((since.utc - since.last_changed).total_seconds(), 0)


def _instant(seen: Observation) -> datetime | None:
    try:
        return datetime.fromisoformat(seen.state or "").astimezone(UTC)
    except ValueError, OverflowError:
        return None
