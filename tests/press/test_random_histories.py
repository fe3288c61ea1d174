"""The random histories meet every rule of a press, and tell every other rule from it."""

from collections.abc import Callable, Iterator
from itertools import chain, islice
import random
from typing import Any

import pytest

from . import press_rules_reference as reference, words
from .histories import Story
from .random_histories import KINDS, draw
from .seen import Seen

# From a real state, and from the gaps.
OF_STATES = {
    "rings: from rest",
    "rings: forced",
    "rings: after a long unknown",
    "rings: takes a chosen value",
    "silent: no ringing state",
    "silent: between two ringing states",
    "silent: attributes only",
    "silent: forced in a burst",
    "silent: made anew",
    "silent: from unavailable",
    "silent: unknown for a moment",
    "silent: rang before the gap",
    "silent: young",
    "silent: another value",
    "open: rang before it was made anew",
}
OF_TWO_STATES = {
    "rings: on return",
    "silent: unavailable for a moment",
    "silent: returned young",
    "silent: forced without a change",
}
OF_TIMES = {
    "rings: later timestamp",
    "rings: far ahead of the clock",
    "rings: new after a gap",
    "silent: no timestamp",
    "silent: same timestamp",
    "silent: earlier timestamp",
    "silent: too old",
    "silent: made anew",
    "silent: far ahead after a gap",
    "silent: before watching began",
    "silent: another value",
    "open: earlier by another clock",
}
RULES = {
    "two states": OF_STATES - {"silent: between two ringing states"} | OF_TWO_STATES,
    "events": OF_TIMES | {"silent: another type"},
    "buttons": OF_TIMES,
    "timestamp sensors": OF_TIMES | {"silent: no ringing state"},
    "chosen states": OF_STATES,
}


def stories(kind: str) -> Iterator[Story]:
    """Draw histories without end, and always the same ones."""
    drawn = random.Random(kind)
    while True:
        doorbell = drawn.choice(KINDS[kind].doorbells)
        yield draw(KINDS[kind], doorbell, drawn.randbytes(2 * drawn.randint(1, 30)))


@pytest.mark.parametrize("kind", KINDS)
def test_random_histories_meet_every_rule(kind: str) -> None:
    met = {
        judged.verdict.why
        for story in islice(stories(kind), 1500)
        for judged in reference.judge(story.facts)
    }
    assert met == RULES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_random_histories_have_presses_that_are_announced_swallowed_or_muted(kind: str) -> None:
    met = {
        (judged.swallowed, judged.muted)
        for story in islice(stories(kind), 500)
        for judged in reference.judge(story.facts)
        if judged.verdict.pressed_at
    }
    assert met >= {(False, False), (True, False), (False, True)}


def returns(value: Any) -> Callable[..., Any]:
    return lambda *_: value


def lasted_by_the_clock(seen: list[Seen]) -> float:
    """Say how long it was in the state before by a clock that can be set."""
    return (seen[-1].clock - seen[-2].clock).total_seconds()


def lets_it_rest(before: Seen, now: Seen, _: Any) -> bool:
    return before.state not in words.GAPS and before.state != now.state


# By name: what of the reference is replaced, and by what.
MUTANTS: dict[str, tuple[str, Any]] = {
    "unknown has to last somewhat longer": ("LONG", 10.125),
    "unknown has to last somewhat less": ("LONG", 9.5),
    "youth ends somewhat later": ("YOUTH", 60.125),
    "youth ends somewhat earlier": ("YOUTH", 59.75),
    "nothing is young": ("is_young", returns(False)),
    "everything is young": ("is_young", returns(True)),
    "a burst lasts somewhat longer": ("BURST", 1.125),
    "a burst lasts somewhat less": ("BURST", 0.5),
    "somewhat further ahead": ("AHEAD", 5.25),
    "somewhat less ahead": ("AHEAD", 4.875),
    "the longest quiet time is longer": ("LONGEST_QUIET", 31),
    "the longest quiet time is shorter": ("LONGEST_QUIET", 29),
    "a press that reached nobody keeps the bell quiet": ("reached_nobody", returns(False)),
    "no press keeps the bell quiet": ("is_quiet", returns(False)),
    "unavailable is no gap": ("GAPS", {"unknown"}),
    "unknown is no gap": ("GAPS", {"unavailable"}),
    "nothing is made anew": ("made_anew", returns(False)),
    "an entity that comes back after it was gone is the same": (
        "is_birth",
        lambda seen: seen.state == "unavailable" and bool(seen.attributes.get("restored")),
    ),
    "an entity that was restored is the same": ("is_birth", lambda seen: seen.state is None),
    "every entity that was unavailable is made anew": (
        "is_birth",
        lambda seen: seen.state in {None, "unavailable"},
    ),
    "every write is forced": ("was_forced", returns(True)),
    "no write is forced": ("was_forced", returns(False)),
    "what rang before a gap is forgotten": ("last_real", returns(None)),
    "how long something lasted is read off the clock": ("lasted", lasted_by_the_clock),
    "every other state is at rest": ("is_rest", lets_it_rest),
    "everything can ring on return": ("is_two_state", returns(True)),
    "every type rings": ("is_chosen_type", returns(True)),
    "only chosen types ring": ("RING_LIKE", set()),
    "every value rings": ("has_chosen_value", returns(True)),
    "no value can be taken while it rings": ("takes_chosen_value", returns(False)),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_random_histories_tell_another_rule_apart(
    mutant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, other = MUTANTS[mutant]
    where = words if hasattr(words, name) else reference
    in_turn = zip(*map(stories, KINDS), strict=True)
    for story in islice(chain.from_iterable(in_turn), 7500):
        right = reference.judge(story.facts)
        with monkeypatch.context() as patch:
            patch.setattr(where, name, other)
            if _told(reference.judge(story.facts)) != _told(right):
                return
    pytest.fail("No history told it apart")


def _told(judged: list[reference.Judged]) -> list[Any]:
    verdicts = ((each.verdict, each.announced) for each in judged)
    return [(why.pressed_at, why.why.startswith("open"), told) for why, told in verdicts]
