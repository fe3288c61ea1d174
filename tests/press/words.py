"""The words that the rules of a press are made of."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import takewhile

from .bell import Bell
from .seen import Seen

GAPS = {"unavailable", "unknown"}
TWO_STATES = {"on", "off"}
RING_LIKE = {"ring"}
# Seconds.
LONG = 10
YOUTH = 60


def is_two_state(doorbell: Bell) -> bool:
    """Whether it can only be on or off."""
    return _domain(doorbell) in {"binary_sensor", "input_boolean", "switch"}


def tells_time(now: Seen, doorbell: Bell) -> bool:
    """Whether its state is the time of the last press."""
    if _domain(doorbell) == "sensor":
        return now.attributes.get("device_class") == "timestamp"
    return _domain(doorbell) in {"event", "button", "input_button"}


def _domain(doorbell: Bell) -> str:
    return str(doorbell.entity_id).partition(".")[0]


def ringing_states(doorbell: Bell) -> set[str]:
    """Return the states that ring; a gap is none, even if somebody chose it."""
    if not is_two_state(doorbell):
        return set(doorbell.states) - GAPS
    return TWO_STATES if doorbell.rings_when == "change" else {doorbell.rings_when}


def is_real(seen: Seen) -> bool:
    """Whether there was an entity, and it was in a state."""
    return seen.state is not None and seen.state not in GAPS


def is_rest(before: Seen, now: Seen, doorbell: Bell) -> bool:
    """Whether it did not ring before; where each change rings, that is the other state."""
    if is_two_state(doorbell):
        return before.state in TWO_STATES and before.state != now.state
    return is_real(before) and before.state not in ringing_states(doorbell)


def was_forced(before: Seen, now: Seen) -> bool:
    """Whether the same state was written as if it were another."""
    return now.state == before.state and now.since != before.since


def lasted(seen: Sequence[Seen]) -> float:
    """Return for how long it had been in the state from which it came, attributes aside."""
    return seen[-1].at - _spell_began(seen[:-1])


def _spell_began(seen: Sequence[Seen]) -> float:
    """Return since when it is in the state that it is in, however often that was forced."""
    spell = list(takewhile(lambda each: each.state == seen[-1].state, reversed(seen)))
    return spell[-1].since


def gap(seen: Sequence[Seen]) -> Sequence[Seen]:
    """Return what was seen between the last real state and now."""
    length = len(list(takewhile(lambda each: not is_real(each), reversed(seen[:-1]))))
    return seen[len(seen) - 1 - length : -1]


def is_birth(seen: Seen) -> bool:
    """Whether the entity that comes after it is another than the one before."""
    return seen.state is None or bool(
        seen.state == "unavailable" and seen.attributes.get("restored")
    )


def made_anew(seen: Sequence[Seen]) -> bool:
    """Whether the entity was made anew in the gap, and may have restored what it is now."""
    parts = gap(seen)
    births = [index for index, part in enumerate(parts) if is_birth(part)]
    if not births:
        return False
    after = parts[births[-1] + 1 :]
    # It "had by then been unknown" also when it became unavailable after that: nothing
    # was restored, and a disturbed network changes nothing about that.
    return not any(
        _spell(after, index, seen[-1].at) >= LONG
        for index, part in enumerate(after)
        if part.state == "unknown"
    )


def _spell(parts: Sequence[Seen], index: int, end: float) -> float:
    """Return for how long it stayed in the state of that part of a gap."""
    state = parts[index].state
    others = [part.at for part in parts[index:] if part.state != state]
    return (others[0] if others else end) - parts[index].since


def last_real(seen: Sequence[Seen]) -> Seen | None:
    """Return the last real state before now of the same entity, not of one before it."""
    own = list(takewhile(lambda each: not is_birth(each), reversed(seen[:-1])))
    return next(filter(is_real, own), None)


def last_real_of_any(seen: Sequence[Seen]) -> Seen | None:
    """Return the last real state before now, also of an entity that was made anew since."""
    return next(filter(is_real, reversed(seen[:-1])), None)


def is_young(seen: Sequence[Seen], started: float | None) -> bool:
    """Whether Home Assistant, or the entity as far as anybody knows, is younger than a minute."""
    own = list(takewhile(lambda each: not is_birth(each), reversed(seen)))
    # An entity that was there when watching began is at least as old as its state.
    born = own[-1].since if own[-1] is seen[0] else own[-1].at
    return started is None or seen[-1].at - max(born, started) < YOUTH


def instant(seen: Seen) -> datetime | None:
    """Return the time that is its state, if it is one."""
    try:
        return datetime.fromisoformat(seen.state or "").astimezone(UTC)
    except ValueError, OverflowError:
        return None


def was_set_back(before: Seen, now: Seen) -> bool:
    """Whether the clock was set back between two moments."""
    return (now.clock - before.clock).total_seconds() < now.at - before.at


def is_chosen_type(now: Seen, doorbell: Bell) -> bool:
    """Whether its type was chosen, or stands for those that were and are no longer offered."""
    if _domain(doorbell) != "event":
        return True
    offered = now.attributes.get("event_types")
    chosen = set(doorbell.event_types)
    # Without a choice, as doorbells of old have none, none is left either.
    if offered is not None and not chosen & set(offered):
        chosen = RING_LIKE & set(offered)
    return now.attributes.get("event_type") in chosen


def has_chosen_value(now: Seen, doorbell: Bell) -> bool:
    """Whether its attribute has a chosen value."""
    return attribute_value(now, doorbell) in doorbell.attribute_values


def takes_chosen_value(seen: Sequence[Seen], doorbell: Bell) -> bool:
    """Whether its attribute has another value than before, and a chosen one."""
    before, now = seen[-2:]
    changed = attribute_value(now, doorbell) != attribute_value(before, doorbell)
    return changed and has_chosen_value(now, doorbell)


def attribute_value(seen: Seen, doorbell: Bell) -> str | None:
    """Return the value of its attribute as text, as people choose it."""
    value = seen.attributes.get(str(doorbell.attribute))
    return None if value is None else str(value)
