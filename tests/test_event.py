"""Tests of what each press leaves behind: an event, a time, and a line in the logbook."""

from datetime import timedelta
import re
from typing import Any

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant, State
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_restore_cache_with_extra_data,
)
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alexa_doorbell.logbook import _seconds
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


# The logbook.


@pytest.fixture
async def logbook(
    recorder_mock: Recorder, hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> Any:
    """Reads what the logbook says of the doorbell."""
    await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "logbook", {})

    async def read() -> list[str]:
        await hass.async_block_till_done(wait_background_tasks=True)
        await async_wait_recording_done(hass)
        client = await hass_client()
        since = dt_util.utcnow() - timedelta(hours=1)
        response = await client.get(f"/api/logbook/{since.isoformat()}")
        assert response.status == 200
        lines = await response.json()
        return [
            f"{line['name']} {line['message']}"
            for line in lines
            if line.get("domain") == "alexa_doorbell"
        ]

    return read


async def test_the_logbook_says_to_how_many_a_press_was_announced(
    logbook: Any,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill, "Ada")
    await link(amazon, skill, "Ben")

    press(hass)

    [line] = await logbook()
    assert re.fullmatch(r"Front door announced to 2 accounts in [\d.]+\xa0s", line)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0"), (0.0123, "0.012"), (1.26, "1.3"), (9.99, "10"), (119.6, "120")]
)
def test_the_logbook_tells_two_digits_of_a_time(seconds: float, words: str) -> None:
    assert _seconds(seconds) == words


async def test_the_logbook_says_who_missed_a_press(
    logbook: Any,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill, "Ada")
    ben = await link(amazon, skill, "Ben")
    amazon.gateway_faults.append(Fault.gateway(400, "INVALID_REQUEST_EXCEPTION", account=ben))

    press(hass)

    assert await logbook() == ["Front door not announced to Ben"]


async def test_the_logbook_says_why_nobody_heard_a_press(
    logbook: Any, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    press(hass)
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.front_door_announcements"}, blocking=True
    )
    hass.config_entries.async_update_subentry(
        entry,
        subentry := next(iter(entry.subentries.values())),
        data={**subentry.data, "cooldown": 0},
    )
    press(hass)

    assert await logbook() == [
        "Front door not announced, because no Amazon account is linked",
        "Front door not announced, because its announcements are off",
    ]


async def test_the_logbook_speaks_the_language_of_home_assistant(
    logbook: Any, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await hass.config.async_update(language="de")
    await set_up(hass, entry)
    press(hass)

    [line] = await logbook()
    assert "Amazon-Konto" in line
