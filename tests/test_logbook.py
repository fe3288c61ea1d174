"""Tests of the line that each press leaves in the logbook."""

from datetime import timedelta
import re
from typing import Any

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .home import link, press, set_up
from .test_services import device_id_of


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


def announced(hass: HomeAssistant, result: str, *names: str, latency_ms: int = 350) -> None:
    """Let a press of the front door have ended so for each of those accounts."""
    accounts = [{"name": name, "result": result} for name in names]
    told = {"accounts": accounts, "latency_ms": latency_ms, "result": result}
    hass.bus.async_fire("alexa_doorbell_announcement", {"name": "Front door"} | told)


async def test_a_press_that_one_account_heard_is_told_with_its_time(
    logbook: Any, hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill, "Ada")

    press(hass)

    [line] = await logbook()
    assert re.fullmatch(r"Front door announced in [\d.]+\xa0s", line)


async def test_a_press_that_several_accounts_heard_is_told_with_their_number(
    logbook: Any, hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill, "Ada")
    await link(amazon, skill, "Ben")

    press(hass)

    [line] = await logbook()
    assert re.fullmatch(r"Front door announced to 2 accounts in [\d.]+\xa0s", line)


@pytest.mark.parametrize(
    ("latency_ms", "time"), [(0, "0"), (12, "0.012"), (1260, "1.3"), (9990, "10"), (119600, "120")]
)
async def test_a_time_is_told_with_two_digits(
    logbook: Any, hass: HomeAssistant, entry: MockConfigEntry, latency_ms: int, time: str
) -> None:
    await set_up(hass, entry)

    announced(hass, "accepted", "Ada", latency_ms=latency_ms)

    assert await logbook() == [f"Front door announced in {time}\xa0s"]


async def test_only_those_who_missed_a_press_are_named(
    logbook: Any, hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill, "Ada")
    ben = await link(amazon, skill, "Ben")
    amazon.gateway_faults.append(Fault.gateway(400, "INVALID_REQUEST_EXCEPTION", account=ben))

    press(hass)

    assert await logbook() == ["Front door not announced to Ben"]


async def test_a_press_that_came_too_late_names_all_who_missed_it(
    logbook: Any, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)

    announced(hass, "expired", "Ada", "Ben", "Eve")

    assert await logbook() == ["Front door not announced to Ada, Ben, Eve in time"]


async def test_a_press_that_nobody_could_hear_says_why(
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


@pytest.mark.parametrize(
    ("language", "heard", "missed"),
    [
        pytest.param("de", "wurde in 0,35\xa0s angesagt", "bei Ada, Ben nicht", id="German"),
        pytest.param("fr", "été annoncée en 0,35\xa0s", "faite pour Ada, Ben", id="French"),
        pytest.param("ja", "0.35秒でアナウンスされました", "Ada、Ben には", id="Japanese"),
        pytest.param("ar", "تم الإعلان عن الرنين خلال 0.35\xa0ث", "لدى Ada، Ben", id="Arabic"),
    ],
)
async def test_numbers_and_lists_are_written_as_the_language_of_home_assistant_does(
    logbook: Any,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    language: str,
    heard: str,
    missed: str,
) -> None:
    await hass.config.async_update(language=language)
    await set_up(hass, entry)

    announced(hass, "accepted", "Ada")
    announced(hass, "failed", "Ada", "Ben")

    first, second = await logbook()
    assert heard in first
    assert missed in second


@pytest.mark.parametrize(
    ("language", "picture", "line"),
    [
        pytest.param("en", True, "Front door shown on an Echo in 0.6\xa0s", id="English"),
        pytest.param("de", True, "Front door war in 0,6\xa0s auf einem Echo zu sehen", id="German"),
        pytest.param("en", False, "Front door heard on an Echo in 0.6\xa0s", id="no screen"),
    ],
)
async def test_a_door_that_was_shown_is_told_with_its_time(
    logbook: Any,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    language: str,
    picture: bool,
    line: str,
) -> None:
    await hass.config.async_update(language=language)
    await set_up(hass, entry)

    about = {"name": "Front door", "latency_ms": 600, "picture": picture}
    hass.bus.async_fire("alexa_doorbell_shown", about)

    assert await logbook() == [line]


async def test_a_door_that_was_shown_is_told_on_the_page_of_its_device(
    logbook: Any,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    await set_up(hass, entry)
    [endpoint_id] = entry.subentries
    device_id = device_id_of(hass, entry, endpoint_id)
    about = {"name": "Front door", "device_id": device_id, "latency_ms": 600, "picture": True}

    hass.bus.async_fire("alexa_doorbell_shown", about)

    await logbook()
    client = await hass_ws_client()
    since = (dt_util.utcnow() - timedelta(hours=1)).isoformat()
    asked = {"type": "logbook/get_events", "start_time": since, "device_ids": [device_id]}
    await client.send_json_auto_id(asked)
    lines = (await client.receive_json())["result"]
    assert [each["message"] for each in lines if each.get("domain") == "alexa_doorbell"] == [
        "shown on an Echo in 0.6\xa0s"
    ]
