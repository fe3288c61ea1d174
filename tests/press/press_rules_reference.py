"""What rings a doorbell, and what is announced, once more: slow, and without any memory.

Whether something is a press is judged from everything that was seen of the entity since
watching began. Where docs/design.md leaves a rule open, a comment says how it is read here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile

from custom_components.alexa_doorbell.doorbells.doorbell import Doorbell
from custom_components.alexa_doorbell.press.press import Result

from .histories import Answered, Fact
from .seen import Moment, Seen, watched_times

GAPS = {"unavailable", "unknown"}
TWO_STATES = {"on", "off"}
RING_LIKE = {"ring"}
# Seconds.
LONG = 10
YOUTH = 60
BURST = 1
AHEAD = 5
LONGEST_QUIET = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """By which rule it rings or not, and since when it does."""

    why: str
    pressed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a change of the entity means; a press may be swallowed, or muted."""

    fact: Fact
    verdict: Verdict
    swallowed: bool
    muted: bool

    @property
    def announced(self) -> bool:
        """Whether anybody can hear of it."""
        return self.verdict.pressed_at is not None and not self.swallowed and not self.muted


def judge(history: Sequence[Fact]) -> list[Judged]:
    """Judge every change that was seen of the doorbell's entity."""
    return [judged for moments in watched_times(history) for judged in _judge(moments)]


def settled(history: Sequence[Fact]) -> Sequence[Fact]:
    """Return the history up to the first change of which no rule says what it is."""
    for judged in judge(history):
        if judged.verdict.why.startswith("open"):
            return history[: next(i for i, fact in enumerate(history) if fact is judged.fact)]
    return history


def _judge(moments: Sequence[Moment]) -> list[Judged]:
    # What was announced in an earlier time of watching keeps nobody quiet: a watch that is
    # made anew knows nothing of it.
    judged: list[Judged] = []
    for moment in moments:
        if moment.seen:
            verdict = judge_change(moment.seen, moment.doorbell, moment.home_assistant_started)
            judged.append(
                Judged(
                    fact=moment.fact,
                    verdict=verdict,
                    swallowed=is_quiet(moment, judged),
                    muted=not moment.doorbell.announcements,
                )
            )
    return judged


# ---- What is a press


def judge_change(seen: Sequence[Seen], doorbell: Doorbell, started: float | None) -> Verdict:
    """Judge the last change of those that were seen."""
    if tells_time(seen[-1], doorbell):
        verdict = judge_timestamp(seen, doorbell)
        ringing_on = False
    else:
        verdict = judge_state(seen, doorbell, started)
        rings = ringing_states(doorbell)
        # From one ringing state to another the entity rings on.
        ringing_on = seen[-1].state in rings and seen[-2].state in rings
    if doorbell.attribute is None:
        return verdict
    if ringing_on and takes_chosen_value(seen, doorbell):
        return Verdict(why="rings: takes a chosen value", pressed_at=seen[-1].clock)
    if verdict.pressed_at is not None and not has_chosen_value(seen[-1], doorbell):
        return Verdict(why="silent: another value")
    return verdict


def judge_state(seen: Sequence[Seen], doorbell: Doorbell, started: float | None) -> Verdict:
    """Judge a change of an entity that is on or off, or some of whose states ring."""
    before, now = seen[-2:]
    if now.state not in ringing_states(doorbell):
        return Verdict(why="silent: no ringing state")
    if is_real(before):
        why = _from_a_real_state(before, now, doorbell)
    elif made_anew(seen):
        why = "silent: made anew"
    elif before.state == "unavailable":
        why = _from_unavailable(seen, doorbell, started)
    else:
        why = _from_unknown(seen, doorbell, started)
    return Verdict(why=why, pressed_at=now.clock if why.startswith("rings") else None)


def _from_a_real_state(before: Seen, now: Seen, doorbell: Doorbell) -> str:
    if is_rest(before, now, doorbell):
        return "rings: from rest"
    if before.state != now.state:
        return "silent: between two ringing states"
    if not was_forced(before, now):
        return "silent: attributes only"
    # Where each change is a press, the same state again is none, however it was written.
    if doorbell.rings_when == "change" and is_two_state(doorbell):
        return "silent: forced without a change"
    # "The last one" is the last write that began the ringing state or forced it anew, whether
    # or not it was a press: a burst is one press however long it is.
    return "rings: forced" if now.at - before.since >= BURST else "silent: forced in a burst"


def _from_unavailable(seen: Sequence[Seen], doorbell: Doorbell, started: float | None) -> str:
    # Only what is on or off can be "there only while it is pressed".
    if not (is_two_state(doorbell) and doorbell.rings_on_return):
        return "silent: from unavailable"
    if lasted(seen) < LONG:
        return "silent: unavailable for a moment"
    if is_young(seen, started):
        return "silent: returned young"
    # Also when it rang before it went: with such a bell that is a press, and then a press.
    return "rings: on return"


def _from_unknown(seen: Sequence[Seen], doorbell: Doorbell, started: float | None) -> str:
    if lasted(seen) < LONG:
        return "silent: unknown for a moment"
    last = last_real(seen)
    if last is not None and not is_rest(last, seen[-1], doorbell):
        return "silent: rang before the gap"
    if is_young(seen, started):
        return "silent: young"
    return "rings: after a long unknown"


def judge_timestamp(seen: Sequence[Seen], doorbell: Doorbell) -> Verdict:
    """Judge a change of an entity whose state is the time of the last press."""
    *earlier, now = seen
    stamp, last = instant(now), instant(seen[-2])
    if stamp is None:
        return Verdict(why="silent: no timestamp")
    # Whoever told it, and however long ago.
    if stamp in map(instant, earlier):
        return Verdict(why="silent: same timestamp")
    if last is not None and stamp < last:
        return Verdict(why=_told_earlier(last, seen[-2], now))
    if not is_chosen_type(now, doorbell):
        return Verdict(why="silent: another type")
    age = (now.clock - stamp).total_seconds()
    if age > doorbell.max_age:
        return Verdict(why="silent: too old")
    why = _told_after_a_gap(seen, age) if last is None else _told_later(age)
    # Nothing can have happened later than now, wherever it came from.
    return Verdict(why=why, pressed_at=min(stamp, now.clock) if why.startswith("rings") else None)


def _told_later(age: float) -> str:
    return "rings: later timestamp" if age >= -AHEAD else "rings: far ahead of the clock"


def _told_earlier(last: datetime, before: Seen, now: Seen) -> str:
    # Told with another clock than the last one: no rule says what that is. A button that is
    # pressed after the clock was set back has to ring; see real_doorbells.py.
    if last > now.clock or was_set_back(before, now):
        return "open: earlier by another clock"
    return "silent: earlier timestamp"


def _told_after_a_gap(seen: Sequence[Seen], age: float) -> str:
    if made_anew(seen):
        return "silent: made anew"
    if age < -AHEAD:
        return "silent: far ahead after a gap"
    # By the clock of now, for it may have been set since watching began.
    if age > seen[-1].at - seen[0].at:
        return "silent: before watching began"
    return "rings: new after a gap"


# ---- The words that the rules are made of


def is_two_state(doorbell: Doorbell) -> bool:
    """Whether it can only be on or off."""
    return _domain(doorbell) in {"binary_sensor", "input_boolean", "switch"}


def tells_time(now: Seen, doorbell: Doorbell) -> bool:
    """Whether its state is the time of the last press."""
    if _domain(doorbell) == "sensor":
        return now.attributes.get("device_class") == "timestamp"
    return _domain(doorbell) in {"event", "button", "input_button"}


def _domain(doorbell: Doorbell) -> str:
    return str(doorbell.entity_id).partition(".")[0]


def ringing_states(doorbell: Doorbell) -> set[str]:
    """Return the states that ring; a gap is none, even if somebody chose it."""
    if not is_two_state(doorbell):
        return set(doorbell.states) - GAPS
    return TWO_STATES if doorbell.rings_when == "change" else {doorbell.rings_when}


def is_real(seen: Seen) -> bool:
    """Whether there was an entity, and it was in a state."""
    return seen.state is not None and seen.state not in GAPS


def is_rest(before: Seen, now: Seen, doorbell: Doorbell) -> bool:
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
    """Return the last real state before now of the same entity.

    One that was made anew had none: what an earlier entity of its name was does not count.
    """
    for each in reversed(seen[:-1]):
        if is_birth(each):
            return None
        if is_real(each):
            return each
    return None


def is_young(seen: Sequence[Seen], started: float | None) -> bool:
    """Whether Home Assistant, or the entity as far as anybody knows, is younger than a minute."""
    own = list(takewhile(lambda each: not is_birth(each), reversed(seen)))
    # An entity that was there when watching began is at least as old as its state.
    born = own[-1].since
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


def is_chosen_type(now: Seen, doorbell: Doorbell) -> bool:
    """Whether its type was chosen, or stands for those that were and are no longer offered."""
    if _domain(doorbell) != "event":
        return True
    offered = now.attributes.get("event_types")
    chosen = set(doorbell.event_types)
    # Without a choice, as doorbells of old have none, none is left either.
    if offered is not None and not chosen & set(offered):
        chosen = RING_LIKE & set(offered)
    return now.attributes.get("event_type") in chosen


def has_chosen_value(now: Seen, doorbell: Doorbell) -> bool:
    """Whether its attribute has a chosen value."""
    return attribute_value(now, doorbell) in doorbell.attribute_values


def takes_chosen_value(seen: Sequence[Seen], doorbell: Doorbell) -> bool:
    """Whether its attribute has another value than before, and a chosen one."""
    before, now = seen[-2:]
    changed = attribute_value(now, doorbell) != attribute_value(before, doorbell)
    return changed and has_chosen_value(now, doorbell)


def attribute_value(seen: Seen, doorbell: Doorbell) -> str | None:
    """Return the value of its attribute as text, as people choose it."""
    value = seen.attributes.get(str(doorbell.attribute))
    return None if value is None else str(value)


# ---- What is announced


def is_quiet(moment: Moment, judged: Sequence[Judged]) -> bool:
    """Whether an earlier press keeps the bell quiet at that moment."""
    signals = [each for each in judged if each.verdict.pressed_at is not None]
    heard = [each for each in signals if not each.swallowed]
    if not heard or heard[-1].muted or reached_nobody(heard[-1], moment.facts):
        return False
    since_signal = moment.fact.at - signals[-1].fact.at
    since_heard = moment.fact.at - heard[-1].fact.at
    cooldown = moment.doorbell.cooldown
    # Five seconds later is within a quiet time of five seconds: a call state that comes back
    # every five seconds is one press. Without a quiet time nothing is. After its longest time
    # it is not quiet for a moment more.
    return 0 < cooldown >= since_signal and since_heard < max(4 * cooldown, LONGEST_QUIET)


def reached_nobody(announced: Judged, facts: Sequence[Fact]) -> bool:
    """Whether it is known by now that no account took that announcement."""
    began = next(index for index, fact in enumerate(facts) if fact is announced.fact)
    answers = [fact.results for fact in facts[began:] if isinstance(fact, Answered)]
    return bool(answers) and Result.ACCEPTED not in answers[0]
