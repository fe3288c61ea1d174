"""Tests of when a live view ends, and that nothing of it stays open."""

import asyncio
from typing import Any
from unittest.mock import patch

from homeassistant.components.camera import Camera, WebRTCAnswer
from homeassistant.components.camera.const import DATA_COMPONENT
from homeassistant.components.camera.webrtc import WebRTCSession
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.live_view.candidates import read_candidate
from custom_components.alexa_doorbell.live_view.views import MOST_AT_ONCE

from ..home import doorbells, set_up
from .conftest import SESSION, Ask
from .door import CAMERA_ID, GOOD, DoorCamera, Provider, candidate
from .shapes import ANSWER, HOST, OFFER

NEGOTIATION = "custom_components.alexa_doorbell.live_view.negotiation"

pytestmark = pytest.mark.usefixtures("camera")


def change(hass: HomeAssistant, entry: MockConfigEntry, **settings: Any) -> None:
    """Change the front door's settings, as the form does."""
    [subentry] = doorbells(entry).values()
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, **settings}, title="Front door"
    )


async def heard(provider: Provider, number: int = 1) -> None:
    """Wait until the camera has heard so many offers."""
    while len(provider.offers) < number:
        provider.news.clear()
        await provider.news.wait()


async def test_a_session_stays_open_until_the_echo_ends_it(
    provider: Provider, offer: Ask, ask: Ask, endpoint_id: str
) -> None:
    await offer()
    assert provider.open == {f"alexa_doorbell_{endpoint_id}_{SESSION}"}

    await ask("SessionConnected", sessionId=SESSION)
    assert provider.open

    await ask("SessionDisconnected", sessionId=SESSION)
    assert not provider.open


async def test_the_end_of_one_session_is_not_that_of_another(
    provider: Provider, offer: Ask, ask: Ask
) -> None:
    await offer(session="one")
    await offer(session="two")

    await ask("SessionDisconnected", sessionId="one")
    await ask("SessionDisconnected", sessionId="three")

    [left] = provider.open
    assert left.endswith("_two")


async def test_two_echos_may_look_at_once(provider: Provider, offer: Ask) -> None:
    one, two = await asyncio.gather(offer(session="one"), offer(session="two"))

    assert one["header"]["name"] == two["header"]["name"] == "AnswerGeneratedForSession"
    assert len(provider.open) == 2


async def test_a_new_offer_of_a_session_takes_the_place_of_the_one_before(
    provider: Provider, offer: Ask
) -> None:
    await offer()
    await offer()

    assert len(provider.closed) == 1
    assert len(provider.open) == 1


async def test_a_new_offer_ends_one_of_its_session_that_is_still_being_answered(
    provider: Provider, offer: Ask
) -> None:
    provider.says = (10.0,)
    first = asyncio.create_task(offer())
    await heard(provider)
    provider.says = GOOD

    second = await offer()

    assert (await first)["payload"]["type"] == "ENDPOINT_UNREACHABLE"
    assert second["header"]["name"] == "AnswerGeneratedForSession"
    assert len(provider.open) == 1


async def test_a_camera_that_fails_when_it_is_given_up_has_not_failed(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    entry: MockConfigEntry,
    provider: Provider,
    offer: Ask,
    ask: Ask,
) -> None:
    async def think(_camera: Camera, sdp: str, session_id: str, *_: Any) -> None:
        provider.offers[session_id] = sdp
        provider.news.set()
        try:
            await asyncio.sleep(3)
        except asyncio.CancelledError:
            raise ValueError("door:secret") from None

    monkeypatch.setattr(provider, "async_handle_async_webrtc_offer", think)
    asking = asyncio.create_task(offer())
    await heard(provider)

    await ask("SessionDisconnected", sessionId=SESSION)

    assert (await asking)["payload"]["type"] == "ENDPOINT_UNREACHABLE"
    assert not entry.runtime_data.live_views.last
    assert "could not be shown" not in caplog.text


async def test_who_asks_and_goes_away_leaves_nothing_open(
    entry: MockConfigEntry, provider: Provider, endpoint_id: str, ask: Ask
) -> None:
    provider.says = (3.0,)
    views, doorbell = (
        entry.runtime_data.live_views,
        entry.runtime_data.watches[endpoint_id].doorbell,
    )
    asking = asyncio.create_task(views.async_answer(doorbell, SESSION, OFFER))
    await heard(provider)

    asking.cancel()
    await asyncio.wait([asking])

    assert asking.cancelled()
    assert not provider.open
    assert views.open == 0


async def test_of_too_many_sessions_the_oldest_ends(provider: Provider, offer: Ask) -> None:
    for number in range(MOST_AT_ONCE + 2):
        await offer(session=str(number))

    assert [each[-1] for each in provider.closed] == ["0", "1"]
    assert len(provider.open) == MOST_AT_ONCE


async def test_of_too_many_echos_none_that_is_being_answered_makes_room(
    caplog: pytest.LogCaptureFixture, hass: HomeAssistant, provider: Provider, offer: Ask
) -> None:
    provider.says = (0.2, *GOOD)
    asked = [asyncio.create_task(offer(session=str(n))) for n in range(MOST_AT_ONCE)]
    await heard(provider, MOST_AT_ONCE)

    refused = await offer(session="one_more")

    assert refused["payload"]["type"] == "ENDPOINT_UNREACHABLE"
    assert "other Echos are being answered" in caplog.text
    answered = await asyncio.gather(*asked)
    assert {each["header"]["name"] for each in answered} == {"AnswerGeneratedForSession"}
    assert not [each for each in ir.async_get(hass).issues.values() if "view" in each.issue_id]


async def test_a_camera_that_cannot_be_asked_costs_no_other_echo_its_picture(
    hass: HomeAssistant, camera: DoorCamera, provider: Provider, offer: Ask
) -> None:
    for number in range(MOST_AT_ONCE):
        await offer(session=str(number))
    await camera.async_turn_off()

    await offer(session="one_more")

    assert len(provider.open) == MOST_AT_ONCE


async def test_an_unload_ends_every_session_also_one_that_is_being_answered(
    hass: HomeAssistant, entry: MockConfigEntry, provider: Provider, offer: Ask
) -> None:
    await offer(session="open")
    provider.says = (10.0,)
    answering = asyncio.create_task(offer(session="answering"))
    await heard(provider, 2)
    live_views = entry.runtime_data.live_views

    assert await hass.config_entries.async_unload(entry.entry_id)

    assert not provider.open
    assert (await answering)["payload"]["type"] == "ENDPOINT_UNREACHABLE"
    assert live_views.open == 0


async def test_after_a_reload_the_door_is_shown_again(
    hass: HomeAssistant, entry: MockConfigEntry, provider: Provider, offer: Ask, ask: Ask
) -> None:
    await offer()
    assert await hass.config_entries.async_reload(entry.entry_id)

    # The Echo knows nothing of it.
    event = await ask("SessionDisconnected", sessionId=SESSION)
    again = await offer()

    assert event["header"]["name"] == "SessionDisconnected"
    assert again["header"]["name"] == "AnswerGeneratedForSession"
    assert len(provider.open) == 1


@pytest.mark.parametrize(
    "settings", [{"camera": None}, {"camera": "camera.other"}, {"talk": True}], ids=str
)
async def test_another_camera_or_another_say_in_talking_ends_the_sessions(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    provider: Provider,
    offer: Ask,
    settings: dict[str, Any],
) -> None:
    await offer()

    change(hass, entry, **settings)
    await hass.async_block_till_done()

    assert not provider.open


async def test_another_name_ends_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, provider: Provider, offer: Ask
) -> None:
    await offer()

    change(hass, entry, friendly_name="Gate")
    await hass.async_block_till_done()

    assert provider.open


async def test_a_doorbell_that_is_removed_ends_its_sessions(
    hass: HomeAssistant, entry: MockConfigEntry, provider: Provider, offer: Ask, endpoint_id: str
) -> None:
    await offer()

    hass.config_entries.async_remove_subentry(entry, endpoint_id)
    await hass.async_block_till_done()

    assert not provider.open


async def test_a_camera_that_was_removed_may_have_forgotten_its_sessions(
    hass: HomeAssistant, provider: Provider, offer: Ask, ask: Ask, camera: Camera
) -> None:
    await offer()
    await hass.data[DATA_COMPONENT].async_remove_entity(camera.entity_id)

    event = await ask("SessionDisconnected", sessionId=SESSION)

    assert event["header"]["name"] == "SessionDisconnected"


async def test_a_camera_that_cannot_end_a_session_keeps_nobody_from_ending_it(
    monkeypatch: pytest.MonkeyPatch,
    entry: MockConfigEntry,
    provider: Provider,
    offer: Ask,
    ask: Ask,
) -> None:
    def fail(_session_id: str) -> None:
        raise KeyError("door:secret")

    monkeypatch.setattr(provider, "async_close_session", fail)
    await offer()

    event = await ask("SessionDisconnected", sessionId=SESSION)

    assert event["header"]["name"] == "SessionDisconnected"
    assert entry.runtime_data.live_views.open == 0


@pytest.mark.parametrize(
    "fails", ["only_to_echo", "complete_answer"], ids=["before it was asked", "afterwards"]
)
async def test_a_fault_of_ours_leaves_no_session_open(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    entry: MockConfigEntry,
    provider: Provider,
    offer: Ask,
    fails: str,
) -> None:
    monkeypatch.setattr(f"{NEGOTIATION}.{fails}", None)

    event = await offer()

    assert event["payload"]["type"] == "INTERNAL_ERROR"
    assert not provider.open
    assert entry.runtime_data.live_views.open == 0
    assert "could not be answered" in caplog.text


async def test_what_a_camera_says_of_its_session_is_passed_over(
    provider: Provider, offer: Ask
) -> None:
    provider.says = (WebRTCSession("door"), *GOOD)

    event = await offer()

    assert event["header"]["name"] == "AnswerGeneratedForSession"


async def test_what_a_camera_says_after_its_session_changes_nothing(
    provider: Provider, offer: Ask, hass: HomeAssistant
) -> None:
    provider.says = (WebRTCAnswer("hello"), 0.01, WebRTCAnswer(ANSWER))

    event = await offer()
    await asyncio.gather(*provider.tasks)

    assert event["payload"]["type"] == "ENDPOINT_UNREACHABLE"
    assert not provider.open


async def test_a_camera_that_never_stops_saying_where_it_is_fills_no_memory(
    provider: Provider, offer: Ask
) -> None:
    provider.says = (*GOOD, 1.0, *[candidate(HOST)] * 10)

    with patch(f"{NEGOTIATION}.read_candidate", wraps=read_candidate) as read:
        await offer()
        await asyncio.gather(*provider.tasks)

    assert read.call_count == 2


@pytest.mark.parametrize("loaded", [True, False], ids=["loaded", "not loaded"])
async def test_a_renamed_camera_is_followed(
    hass: HomeAssistant, entry: MockConfigEntry, endpoint_id: str, loaded: bool
) -> None:
    registry = er.async_get(hass)
    registered = registry.async_get_or_create(
        "camera", "test", "gate", suggested_object_id="gate", original_name="Gate"
    )
    change(hass, entry, camera=registered.entity_id)
    if loaded:
        await set_up(hass, entry)
    else:
        assert await hass.config_entries.async_setup(entry.entry_id)
        assert await hass.config_entries.async_unload(entry.entry_id)

    registry.async_update_entity(registered.entity_id, new_entity_id="camera.entrance")
    await hass.async_block_till_done()

    assert entry.subentries[endpoint_id].data["camera"] == "camera.entrance"
    assert entry.subentries[endpoint_id].data["entity_id"] != CAMERA_ID
