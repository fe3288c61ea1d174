"""The reference rings where people at home would want it to."""

import pytest

from custom_components.alexa_doorbell.doorbells.sources import ring_like

from .bell import Bell
from .press_rules_reference import judge
from .real_doorbells import CHOSEN_STATES, QUIET, TIMESTAMPS, TWO_STATES, Told, tell


@pytest.mark.parametrize(
    ("doorbell", "told", "rings_at"), [*TWO_STATES, *TIMESTAMPS, *CHOSEN_STATES]
)
def test_the_reference_rings_when_somebody_rang(
    doorbell: Bell, told: Told, rings_at: list[float]
) -> None:
    judged = judge(tell(doorbell, told).facts)
    assert [each.fact.at for each in judged if each.verdict.pressed_at] == rings_at


@pytest.mark.parametrize(("doorbell", "told", "announced_at"), QUIET)
def test_the_reference_keeps_the_bell_quiet_for_as_long_as_people_want(
    doorbell: Bell, told: Told, announced_at: list[float]
) -> None:
    judged = judge(tell(doorbell, told).facts)
    assert [each.fact.at for each in judged if each.announced] == announced_at


def test_what_the_reference_takes_for_a_ring_sounds_like_one() -> None:
    assert ring_like(["knock", "ring", "motion"]) == ["ring"]
    assert ring_like(["knock", "motion"]) == []
