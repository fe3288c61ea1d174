"""A list that a home pushes is kept only when Alexa can be answered with it."""

import json
from typing import Any

import pytest

from skill.closed_home.pushed import pushed_row

from .parts import FRONT_DOOR, PUSH, STATE


def test_list_and_states_are_kept_as_they_are() -> None:
    row = pushed_row(PUSH["push"])

    assert row is not None
    assert json.loads(str(row["list"])) == [FRONT_DOOR]
    assert json.loads(str(row["states"])) == {"front-door": STATE}


def test_what_else_a_state_says_is_left_out() -> None:
    states = {"front-door": STATE | {"secret": "of another version"}}
    row = pushed_row(PUSH["push"] | {"states": states})

    assert row is not None
    assert json.loads(str(row["states"])) == {"front-door": STATE}


@pytest.mark.parametrize(
    "push",
    [
        {"complete": False},
        {"complete": 1},
        {"endpoints": None},
        {"endpoints": {}},
        {"endpoints": [1]},
        {"endpoints": [FRONT_DOOR, FRONT_DOOR]},
        {"endpoints": [FRONT_DOOR | {"endpointId": ["front-door"]}]},
        {"endpoints": [FRONT_DOOR | {"endpointId": "a/b"}]},
        {"endpoints": [FRONT_DOOR | {"endpointId": "x" * 257}]},
        {"endpoints": []},
        {"states": {}},
        {"states": None},
        {"states": {"front-door": STATE, "other": STATE}},
        {"states": {"front-door": STATE | {"value": "MAYBE"}}},
        {"states": {"front-door": STATE | {"value": ["OK"]}}},
        {"states": {"front-door": STATE | {"time": "yesterday"}}},
        {"states": {"front-door": {}}},
        {"endpoints": [FRONT_DOOR | {"description": "x" * 256 * 1024}]},
    ],
    ids=lambda push: str(push)[:60],
)
def test_anything_else_is_not_kept(push: dict[str, Any]) -> None:
    assert pushed_row(PUSH["push"] | push) is None


def test_more_than_alexa_takes_is_not_kept() -> None:
    ids = [str(number) for number in range(301)]
    endpoints = [FRONT_DOOR | {"endpointId": one} for one in ids]
    states = dict.fromkeys(ids, STATE)

    assert pushed_row({"endpoints": endpoints, "states": states, "complete": True}) is None
