"""Tests of what is told of live views: to Alexa, in repairs, diagnostics and the logbook."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
import json
import sys
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.camera import Camera, WebRTCAnswer, WebRTCError
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alexa_doorbell.alexa.endpoints import endpoint_of
from custom_components.alexa_doorbell.client.messages import Endpoint
from custom_components.alexa_doorbell.doorbells.doorbell import Doorbell
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import doorbells, link, set_up
from .conftest import PRIVATE, SESSION, Ask
from .door import CAMERA_ID, GOOD, Provider, add_camera, add_provider, candidate
from .shapes import ANSWER, AUDIO_ONLY, HOST, VOICE_ONLY_ANSWER

RTC = "Alexa.RTCSessionController"


@pytest.fixture(autouse=True)
async def _diagnostics(hass: HomeAssistant) -> None:
    """Set diagnostics up before the web server starts."""
    assert await async_setup_component(hass, "diagnostics", {})


@pytest.fixture
def later(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> Callable[[float], Awaitable[None]]:
    """Lets seconds pass."""

    async def later(seconds: float) -> None:
        freezer.tick(seconds)
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=1))
        await hass.async_block_till_done(wait_background_tasks=True)

    return later


def hindrance(hass: HomeAssistant) -> str | None:
    """What the repair says, if it is there."""
    issues = [each for each in ir.async_get(hass).issues.values() if "live_view" in each.issue_id]
    assert len(issues) <= 1
    for issue in issues:
        assert issue.issue_id.startswith("no_live_view_")
        assert issue.translation_placeholders is not None
        assert (
            issue.translation_placeholders.items()
            >= {
                "doorbell": "Front door",
                "camera": CAMERA_ID,
            }.items()
        )
        return str(issue.translation_key).removeprefix("no_live_view_")
    return None


# To Alexa.


async def test_without_a_camera_not_a_byte_is_another_than_before(hass: HomeAssistant) -> None:
    doorbell = Doorbell(endpoint_id="front", friendly_name="Front door")

    assert json.dumps(endpoint_of(hass, doorbell).as_dict()) == (
        '{"endpointId": "front", "friendlyName": "Front door",'
        ' "description": "Doorbell connected through Home Assistant",'
        ' "manufacturerName": "Home Assistant", "displayCategories": ["DOORBELL"],'
        ' "capabilities": [{"type": "AlexaInterface",'
        ' "interface": "Alexa.DoorbellEventSource", "version": "3",'
        ' "proactivelyReported": true}, {"type": "AlexaInterface",'
        ' "interface": "Alexa.EndpointHealth", "version": "3", "properties":'
        ' {"supported": [{"name": "connectivity"}], "proactivelyReported": true,'
        ' "retrievable": true}}, {"type": "AlexaInterface", "interface": "Alexa",'
        ' "version": "3"}]}'
    )


@pytest.mark.parametrize("talk", [True, False])
def test_with_a_camera_alexa_knows_a_camera_that_is_a_doorbell(talk: bool) -> None:
    about: dict[str, Any] = {
        "endpoint_id": "front",
        "friendly_name": "Front door",
        "description": "Bell",
        "manufacturer_name": "HA",
    }
    plain = Endpoint(**about).as_dict()
    told = Endpoint(**about, has_camera=True, can_talk=talk).as_dict()

    assert told["displayCategories"] == ["CAMERA", "DOORBELL"]
    [*others, controller] = told["capabilities"]
    assert controller == {
        "type": "AlexaInterface",
        "interface": RTC,
        "version": "3",
        "configuration": {"isFullDuplexAudioSupported": talk},
    }
    assert plain == told | {"displayCategories": ["DOORBELL"], "capabilities": others}


@pytest.mark.usefixtures("camera", "provider", "endpoint_id")
async def test_alexa_discovers_a_camera_and_hears_when_it_is_none_any_more(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    later: Callable[[float], Awaitable[None]],
) -> None:
    await set_up(hass, entry)
    account = await link(amazon, skill)
    [before] = account.endpoints.values()
    [subentry] = doorbells(entry).values()
    data = {key: value for key, value in subentry.data.items() if key not in {"camera", "talk"}}

    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    await later(3)

    assert before["displayCategories"] == ["CAMERA", "DOORBELL"]
    [after] = account.endpoints.values()
    assert after["displayCategories"] == ["DOORBELL"]
    assert RTC not in str(after)


async def test_the_capability_stays_while_the_camera_is_away(
    hass: HomeAssistant, entry: MockConfigEntry, endpoint_id: str
) -> None:
    await set_up(hass, entry)

    [endpoint] = entry.runtime_data.reports.endpoints.values()
    assert endpoint.has_camera


# In repairs.


async def test_a_camera_that_is_missing_for_long_is_an_issue_until_it_comes(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    endpoint_id: str,
    later: Callable[[float], Awaitable[None]],
) -> None:
    await async_setup_component(hass, "camera", {})
    await set_up(hass, entry)
    await later(20)
    assert hindrance(hass) is None
    await later(11)
    assert hindrance(hass) == "missing"

    await add_camera(hass)
    await later(1)
    assert hindrance(hass) == "no_webrtc"

    provider = Provider()
    remove = await add_provider(hass, provider)
    await later(31)
    assert hindrance(hass) is None

    remove()
    await hass.async_block_till_done()
    await later(31)
    assert hindrance(hass) == "no_webrtc"


async def test_a_camera_that_is_off_is_an_issue_only_if_somebody_wanted_to_see_it(
    hass: HomeAssistant,
    camera: Camera,
    provider: Provider,
    offer: Ask,
    later: Callable[[float], Awaitable[None]],
) -> None:
    await camera.async_turn_off()
    await later(31)
    assert hindrance(hass) is None

    await offer()
    assert hindrance(hass) == "off"

    await camera.async_turn_on()
    await hass.async_block_till_done()
    assert hindrance(hass) is None


@pytest.mark.usefixtures("camera")
@pytest.mark.parametrize(
    ("says", "found"),
    [
        pytest.param((WebRTCError("x", "y"),), "failed", id="failed"),
        pytest.param((WebRTCAnswer(ANSWER.replace("H264", "H265")),), "no_h264", id="H.265"),
        pytest.param(
            (WebRTCAnswer(ANSWER), candidate(HOST), candidate("")), "home_network", id="at home"
        ),
    ],
)
async def test_a_live_view_that_failed_is_an_issue_until_one_works(
    hass: HomeAssistant, provider: Provider, offer: Ask, says: tuple[Any, ...], found: str
) -> None:
    provider.says = says
    await offer()
    assert hindrance(hass) == found

    provider.says = GOOD
    await offer()
    assert hindrance(hass) is None


@pytest.mark.usefixtures("camera")
async def test_an_echo_that_shows_the_door_knows_better(
    hass: HomeAssistant, provider: Provider, offer: Ask, ask: Ask
) -> None:
    provider.says = (WebRTCAnswer(ANSWER), candidate(HOST), candidate(""))
    await offer()

    await ask("SessionConnected", sessionId="other")
    assert hindrance(hass) == "home_network"
    await ask("SessionConnected", sessionId=SESSION)
    assert hindrance(hass) is None


@pytest.mark.usefixtures("camera")
async def test_what_one_echo_can_reach_from_the_home_network_any_of_them_can(
    hass: HomeAssistant, provider: Provider, offer: Ask, ask: Ask
) -> None:
    provider.says = (WebRTCAnswer(ANSWER), candidate(HOST), candidate(""))
    await offer(session="one")
    await offer(session="other")

    await ask("SessionConnected", sessionId="one")

    assert hindrance(hass) is None


@pytest.mark.usefixtures("camera")
async def test_an_echo_that_shows_the_door_knows_nothing_of_the_view_of_another(
    hass: HomeAssistant, provider: Provider, offer: Ask, ask: Ask
) -> None:
    await offer(session="one")
    provider.says = (WebRTCError("x", "y"),)
    await offer(session="other")

    await ask("SessionConnected", sessionId="one")

    assert hindrance(hass) == "failed"


@pytest.mark.usefixtures("camera")
async def test_a_reload_forgets_no_issue(
    hass: HomeAssistant, entry: MockConfigEntry, provider: Provider, offer: Ask
) -> None:
    provider.says = (WebRTCError("x", "y"),)
    await offer()

    assert await hass.config_entries.async_reload(entry.entry_id)

    assert hindrance(hass) == "failed"


@pytest.mark.usefixtures("camera", "provider")
async def test_another_camera_begins_without_the_issue_of_the_one_before(
    hass: HomeAssistant, entry: MockConfigEntry, provider: Provider, offer: Ask
) -> None:
    provider.says = (WebRTCError("x", "y"),)
    await offer()
    [subentry] = doorbells(entry).values()

    data = {**subentry.data, "camera": None}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    await hass.async_block_till_done()

    assert hindrance(hass) is None


# In diagnostics and the logbook.


async def test_the_diagnostics_tell_of_the_last_live_view_without_anything_private(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    provider: Provider,
    offer: Ask,
    hass_client: ClientSessionGenerator,
) -> None:
    before = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    await offer()

    after = await get_diagnostics_for_config_entry(hass, hass_client, entry)

    nothing = {"hindrance_now": None, "talk": False, "last": None}
    assert before["doorbells"][0]["live_view"] == nothing
    last = after["doorbells"][0]["live_view"]["last"]
    assert 0 <= last.pop("milliseconds") < 5000
    assert last == {
        "hindrance": None,
        "talk": False,
        "detail": None,
        "candidates": {"srflx": 1, "host": 1},
        "codecs": ["OPUS", "H264"],
        "connected": False,
    }
    assert not [private for private in PRIVATE if private in json.dumps(after)]


async def test_the_diagnostics_of_a_failure_say_what_was_wrong(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera, provider: Provider, offer: Ask
) -> None:
    provider.says = (ValueError("rtsp://door:secret@127.0.0.5/"),)
    await offer()

    [last] = entry.runtime_data.live_views.last.values()
    assert (last.hindrance, last.detail) == ("failed", "The camera failed: ValueError.")


@pytest.mark.usefixtures("camera", "provider")
async def test_home_assistant_hears_that_a_door_was_shown(
    hass: HomeAssistant, entry: MockConfigEntry, offer: Ask, endpoint_id: str
) -> None:
    told: list[dict[str, Any]] = []
    hass.bus.async_listen("alexa_doorbell_shown", lambda event: told.append(dict(event.data)))

    await offer()
    await hass.async_block_till_done()

    [about] = told
    assert about.pop("latency_ms") < 5000
    assert about.pop("device_id")
    assert about == {"name": "Front door", "picture": True}


@pytest.mark.usefixtures("camera")
@pytest.mark.parametrize("talk", [True])
async def test_a_door_on_an_echo_without_a_screen_was_heard(
    hass: HomeAssistant, provider: Provider, offer: Ask
) -> None:
    told: list[bool] = []
    hass.bus.async_listen("alexa_doorbell_shown", lambda event: told.append(event.data["picture"]))
    provider.says = (WebRTCAnswer(VOICE_ONLY_ANSWER), *GOOD[1:])

    await offer(AUDIO_ONLY)
    await hass.async_block_till_done()

    assert told == [False]


@pytest.mark.usefixtures("camera")
async def test_a_door_that_could_not_be_shown_was_not_shown(
    hass: HomeAssistant, provider: Provider, offer: Ask
) -> None:
    told: list[Any] = []
    hass.bus.async_listen("alexa_doorbell_shown", told.append)
    provider.says = (WebRTCError("x", "y"),)

    await offer()
    await hass.async_block_till_done()

    assert not told


async def test_the_log_says_once_for_each_failure_what_was_wrong(
    caplog: pytest.LogCaptureFixture, camera: Camera, provider: Provider, offer: Ask
) -> None:
    provider.says = (WebRTCError("x", "rtsp://door:secret@127.0.0.5/"),)

    await offer()

    lines = [each.message for each in caplog.records if "could not be shown" in each.message]
    assert lines == [
        "The door of Front door could not be shown on an Echo. The camera refused the offer."
    ]


async def test_a_home_without_a_camera_does_not_carry_its_weight() -> None:
    """In a process of its own: here others have imported it."""
    code = (
        "import sys; import custom_components.alexa_doorbell;"
        " import custom_components.alexa_doorbell.doorbells.form;"
        " sys.exit('homeassistant.components.camera' in sys.modules)"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await process.wait() == 0
