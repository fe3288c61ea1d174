"""What rings a doorbell, and what is announced, once more: slow, and without any memory.

Whether something is a press is judged from everything that was seen of the entity since
watching began. Where docs/design.md, "The rules of a press", leaves one open, a comment says
how it is read here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from custom_components.alexa_doorbell.press.press import Result

from . import words
from .bell import Bell
from .histories import Answered, Fact
from .seen import Moment, Seen, watched_times

# Seconds.
BURST = 1
AHEAD = 5
LONGEST_QUIET = 30

BURST_WHY = "silent: forced in a burst"


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


def judge_change(seen: Sequence[Seen], doorbell: Bell, started: float | None) -> Verdict:
    """Judge the last change of those that were seen."""
    if words.tells_time(seen[-1], doorbell):
        verdict = judge_timestamp(seen, doorbell)
        ringing_on = False
    else:
        verdict = judge_state(seen, doorbell, started)
        # From one ringing state to another the entity rings on.
        ringing_on = {each.state for each in seen[-2:]} <= words.ringing_states(doorbell)
    if doorbell.attribute is None:
        return verdict
    if ringing_on and words.takes_chosen_value(seen, doorbell):
        return Verdict(why="rings: takes a chosen value", pressed_at=seen[-1].clock)
    rings = verdict.pressed_at is not None or verdict.why == BURST_WHY
    if rings and not words.has_chosen_value(seen[-1], doorbell):
        return Verdict(why="silent: another value")
    return verdict


def judge_state(seen: Sequence[Seen], doorbell: Bell, started: float | None) -> Verdict:
    """Judge a change of an entity that is on or off, or some of whose states ring."""
    before, now = seen[-2:]
    if now.state not in words.ringing_states(doorbell):
        return Verdict(why="silent: no ringing state")
    if words.is_real(before):
        why = _from_a_real_state(before, now, doorbell)
    elif words.made_anew(seen):
        why = "silent: made anew"
    elif before.state == "unavailable":
        why = _from_unavailable(seen, doorbell, started)
    else:
        why = _from_unknown(seen, doorbell, started)
    return Verdict(why=why, pressed_at=now.clock if why.startswith("rings") else None)


def _from_a_real_state(before: Seen, now: Seen, doorbell: Bell) -> str:
    if words.is_rest(before, now, doorbell):
        return "rings: from rest"
    if before.state != now.state:
        return "silent: between two ringing states"
    if not words.was_forced(before, now):
        return "silent: attributes only"
    # Where each change is a press, the same state again is none, however it was written.
    if doorbell.rings_when == "change" and words.is_two_state(doorbell):
        return "silent: forced without a change"
    # "The last one" is the last write that began the ringing state or forced it anew, whether
    # or not it was a press: a burst is one press however long it is.
    return "rings: forced" if now.at - before.since >= BURST else BURST_WHY


def _from_unavailable(seen: Sequence[Seen], doorbell: Bell, started: float | None) -> str:
    # Only what is on or off can be "there only while it is pressed".
    if not (words.is_two_state(doorbell) and doorbell.rings_on_return):
        return "silent: from unavailable"
    if words.lasted(seen) < words.LONG:
        return "silent: unavailable for a moment"
    if words.is_young(seen, started):
        return "silent: returned young"
    # Also when it rang before it went: with such a bell that is a press, and then a press.
    return "rings: on return"


def _from_unknown(seen: Sequence[Seen], doorbell: Bell, started: float | None) -> str:
    if words.lasted(seen) < words.LONG:
        return "silent: unknown for a moment"
    last = words.last_real(seen)
    if last is not None and not words.is_rest(last, seen[-1], doorbell):
        return "silent: rang before the gap"
    if words.is_young(seen, started):
        return "silent: young"
    # Nothing was restored, so this is the first press ever of what was made anew; and yet the
    # gap followed the ringing state. Both can be read in the rules.
    former = words.last_real_of_any(seen)
    if former is not None and not words.is_rest(former, seen[-1], doorbell):
        return "open: rang before it was made anew"
    return "rings: after a long unknown"


def judge_timestamp(seen: Sequence[Seen], doorbell: Bell) -> Verdict:
    """Judge a change of an entity whose state is the time of the last press."""
    *earlier, now = seen
    stamp, last = words.instant(now), words.instant(seen[-2])
    if stamp is None:
        return Verdict(why="silent: no timestamp")
    # Whoever told it, and however long ago.
    if stamp in map(words.instant, earlier):
        return Verdict(why="silent: same timestamp")
    if last is not None and stamp < last:
        return Verdict(why=_told_earlier(last, seen[-2], now))
    if not words.is_chosen_type(now, doorbell):
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
    if last > now.clock or words.was_set_back(before, now):
        return "open: earlier by another clock"
    return "silent: earlier timestamp"


def _told_after_a_gap(seen: Sequence[Seen], age: float) -> str:
    if words.made_anew(seen):
        return "silent: made anew"
    if age < -AHEAD:
        return "silent: far ahead after a gap"
    # By the clock of now, for it may have been set since watching began.
    if age > seen[-1].at - seen[0].at:
        return "silent: before watching began"
    return "rings: new after a gap"


# ---- What is announced


def is_quiet(moment: Moment, judged: Sequence[Judged]) -> bool:
    """Whether an earlier press keeps the bell quiet at that moment."""
    # What comes in a burst is no press, but a signal: somebody still rings. Once it is no longer
    # quiet, it belongs to no press that anybody heard of, and must not hide the next one.
    signals = [
        each
        for each in judged
        if each.verdict.pressed_at or (each.verdict.why == BURST_WHY and each.swallowed)
    ]
    heard = [each for each in signals if each.verdict.pressed_at and not each.swallowed]
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
