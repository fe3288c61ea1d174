"""What a watch can see of a history: no more than Home Assistant tells, from when it began."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .bell import Bell
from .histories import (
    NOTHING,
    Began,
    Configured,
    Ended,
    Fact,
    HomeAssistantStarted,
    HomeAssistantStarts,
    Removed,
    Renamed,
    Wrote,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The entity when watching began, or after a change; without a state there is none.

    `since` is when it got its state or was forced into it again, in seconds that nobody can set.
    """

    at: float
    clock: datetime
    since: float
    state: str | None
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A fact, all facts up to it, and if it changed the entity, all that was seen of that.

    While Home Assistant still starts, it has not started at any time.
    """

    fact: Fact
    facts: Sequence[Fact]
    seen: Sequence[Seen]
    doorbell: Bell
    home_assistant_started: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What Home Assistant holds of the entity; `changed` is by the clock, `since` is not."""

    state: str | None = None
    attributes: Mapping[str, Any] = NOTHING
    changed: datetime
    since: float


def watched_times(history: Sequence[Fact]) -> list[list[Moment]]:
    """Return the moments of each time in which somebody watched."""
    held = _Held(changed=history[0].clock, since=history[0].at)
    started: float | None = None
    times: list[list[Moment]] = []
    doorbell: Bell | None = None
    seen: list[Seen] = []
    for number, fact in enumerate(history, 1):
        before, held = held, _held(held, fact)
        match fact:
            case HomeAssistantStarts():
                started = None
            case HomeAssistantStarted():
                started = fact.at
            case Began():
                doorbell, seen = fact.doorbell, [_found(held, fact)]
                times.append([])
            case Ended():
                doorbell = None
            case Configured() if doorbell:
                doorbell = fact.doorbell
        if doorbell is None:
            continue
        if changed := held is not before:
            same = held.state == before.state and held.since == before.since
            since = seen[-1].since if same else held.since
            seen.append(_as_seen(held, fact, since))
        times[-1].append(
            Moment(
                fact=fact,
                facts=history[:number],
                seen=seen[:] if changed else [],
                doorbell=doorbell,
                home_assistant_started=started,
            )
        )
    return times


def _held(held: _Held, fact: Fact) -> _Held:
    """Return what Home Assistant holds after that."""
    match fact:
        case Wrote() if fact.forced or fact.state != held.state:
            return _Held(
                state=fact.state, attributes=fact.attributes, changed=fact.clock, since=fact.at
            )
        case Wrote() if fact.attributes != held.attributes:
            return replace(held, attributes=fact.attributes)
        case HomeAssistantStarts() | Removed() if held.state is not None:
            return _Held(changed=fact.clock, since=fact.at)
        case Renamed():
            # There is no state under the new name yet, whatever it was under the old one.
            return _Held(changed=fact.clock, since=fact.at)
    return held


def _found(held: _Held, began: Began) -> Seen:
    """Return what there was when watching began.

    How long it has been so only the time in the state tells, which is off if the clock was set.
    """
    known_for = max((began.clock - held.changed).total_seconds(), 0)
    return _as_seen(held, began, began.at - known_for)


def _as_seen(held: _Held, fact: Fact, since: float) -> Seen:
    return Seen(
        at=fact.at, clock=fact.clock, since=since, state=held.state, attributes=held.attributes
    )
