"""Tests of what each press leaves behind: an event and a time."""

from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_restore_cache_with_extra_data,
)

from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .home import link, press, set_up

EVENT = "event.front_door_announcement"
LAST_PRESS = "sensor.front_door_last_press"


async def ring(hass: HomeAssistant) -> dict[str, Any]:
    """Press, and return the attributes of the event that follows."""
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    state = hass.states.get(EVENT)
    assert state is not None
    return dict(state.attributes)


async def test_a_press_that_amazon_took_is_told_of(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill, "Ada")
    await link(amazon, skill, "Ben")

    told = await ring(hass)

    assert told["event_type"] == "accepted"
    assert [(each["name"], each["result"]) for each in told["accounts"]] == [
        ("Ada", "accepted"),
        ("Ben", "accepted"),
    ]
    assert told["latency_ms"] == max(each["latency_ms"] for each in told["accounts"])
    assert told["code"] is None


async def test_a_press_that_one_account_missed_has_failed(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill, "Ada")
    ben = await link(amazon, skill, "Ben")
    amazon.gateway_faults.append(Fault.gateway(400, "INVALID_REQUEST_EXCEPTION", account=ben))

    told = await ring(hass)

    assert told["event_type"] == "failed"
    assert told["code"] == "INVALID_REQUEST_EXCEPTION"
    assert {each["name"]: each["result"] for each in told["accounts"]} == {
        "Ada": "accepted",
        "Ben": "failed",
    }


async def test_a_press_that_nobody_could_hear_has_failed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)

    told = await ring(hass)

    assert (told["event_type"], told["accounts"]) == ("failed", [])


async def test_a_swallowed_press_is_no_second_event(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    await ring(hass)
    first = hass.states.get(EVENT)

    await ring(hass)

    assert hass.states.get(EVENT) == first


async def test_the_last_press_is_when_somebody_pressed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    before = hass.states.get(LAST_PRESS)
    assert before is not None
    assert before.state == "unknown"

    await ring(hass)

    after, source = hass.states.get(LAST_PRESS), hass.states.get("binary_sensor.front_door")
    assert after is not None
    assert source is not None
    assert dt_util.parse_datetime(after.state) == source.last_changed.replace(microsecond=0)


async def test_a_restart_remembers_the_last_press(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    pressed_at = "2026-11-01T08:15:00+00:00"
    stored = {"native_value": {"__type": "<class 'datetime.datetime'>", "isoformat": pressed_at}}
    mock_restore_cache_with_extra_data(
        hass, [(State(LAST_PRESS, pressed_at), {**stored, "native_unit_of_measurement": None})]
    )

    await set_up(hass, entry)

    state = hass.states.get(LAST_PRESS)
    assert state is not None
    assert state.state == pressed_at
