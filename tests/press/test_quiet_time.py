"""For how long one press stands for the signals after it."""

from itertools import accumulate

import pytest

from custom_components.alexa_doorbell.press.quiet_time import QuietTime


def announced(*pauses: float, cooldown: float) -> list[float]:
    """Return when the bell was heard, for signals with these pauses between them."""
    quiet, heard = QuietTime(), list[float]()
    for now in accumulate(pauses, initial=0.0):
        if not quiet.swallow(now, cooldown):
            quiet.begin(now)
            heard.append(now)
    return heard


def test_the_first_signal_is_heard() -> None:
    assert announced(cooldown=300) == [0]


def test_a_bounce_is_one_press() -> None:
    assert announced(*[0.07] * 14, cooldown=5) == [0]


def test_somebody_who_leans_on_the_button_is_heard_once() -> None:
    assert announced(*[0.5] * 16, cooldown=5) == [0]


def test_a_call_that_alternates_at_just_the_pace_of_the_cooldown_is_heard_once() -> None:
    assert announced(5, 5, 5, cooldown=5) == [0]


def test_a_swallowed_signal_counts_too() -> None:
    assert announced(4.9, 0.2, 4.9, cooldown=5) == [0]


def test_a_signal_after_the_cooldown_is_heard() -> None:
    assert announced(4.9, 5.1, cooldown=5) == [0, 10]


@pytest.mark.parametrize(
    ("cooldown", "longest"),
    [(1, 30), (5, 30), (7.5, 30), (10, 40), (300, 1200)],
)
def test_a_signal_that_never_ends_is_heard_again_and_again(cooldown: float, longest: float) -> None:
    heard = announced(*[0.5] * 5000, cooldown=cooldown)
    assert heard == [index * longest for index in range(len(heard))]
    assert len(heard) == 2500 // longest + 1


def test_without_a_cooldown_nothing_is_swallowed() -> None:
    assert announced(0, 0, cooldown=0) == [0, 0, 0]


def test_a_press_that_reached_nobody_keeps_nobody_quiet() -> None:
    quiet = QuietTime()
    quiet.begin(100)
    quiet.end()
    assert not quiet.swallow(101, 60)


def test_a_cooldown_that_is_changed_counts_at_once() -> None:
    quiet = QuietTime()
    quiet.begin(100)
    assert quiet.swallow(110, 60)
    assert not quiet.swallow(120, 5)
