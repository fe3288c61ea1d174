"""Tests of an Echo that wants to show a door: the three directives, through the webhook."""

from typing import Any
from uuid import UUID

from homeassistant.components.camera import Camera, WebRTCAnswer, WebRTCError
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.live_view.sdp import Description

from ..home import add_doorbell, doorbells
from .conftest import SESSION, Ask
from .door import GOOD, Provider, candidate
from .shapes import (
    ANSWER,
    AUDIO_ONLY,
    DATA_CHANNEL,
    H265_ONLY,
    HOST,
    OFFER,
    REFLEXIVE,
    VOICE_ONLY_ANSWER,
    crlf,
)

CRLF = "\r\n"
# A camera that says all at once.
WHOLE = ANSWER.replace("a=mid:audio0", f"a={REFLEXIVE}\r\na=mid:audio0")


def directions(sdp: str) -> list[str]:
    """The direction of each section, in their order."""
    description = Description.read(sdp)
    assert description is not None
    return [media.direction for media in description.media]


def error(event: dict[str, Any]) -> str:
    """The type of an error, whose form is checked."""
    assert event["header"]["namespace"] == "Alexa"
    assert event["header"]["name"] == "ErrorResponse"
    assert event["header"]["correlationToken"] == "correlation"
    assert event["payload"].keys() == {"type", "message"}
    return str(event["payload"]["type"])


@pytest.mark.usefixtures("camera", "provider")
async def test_an_offer_gets_a_whole_answer(offer: Ask, endpoint_id: str) -> None:
    event = await offer()

    assert str(UUID(event["header"].pop("messageId")))
    answer = event["payload"]["answer"].pop("value")
    assert event == {
        "header": {
            "namespace": "Alexa.RTCSessionController",
            "name": "AnswerGeneratedForSession",
            "correlationToken": "correlation",
            "payloadVersion": "3",
        },
        "endpoint": {"endpointId": endpoint_id},
        "payload": {"answer": {"format": "SDP"}},
    }
    whole = Description.read(answer)
    assert whole is not None
    assert whole.kinds == {"host": 1, "srflx": 1}
    assert whole.is_complete


@pytest.mark.usefixtures("camera")
async def test_the_camera_never_gets_the_microphones_direction(
    offer: Ask, provider: Provider
) -> None:
    provider.says = (WebRTCAnswer(ANSWER.replace("sendonly", "sendrecv")), *GOOD[1:])

    event = await offer()

    [offered] = provider.offers.values()
    assert directions(offered) == ["recvonly", "recvonly"]
    assert directions(event["payload"]["answer"]["value"]) == ["sendonly", "sendonly"]


@pytest.mark.usefixtures("camera")
@pytest.mark.parametrize("talk", [True])
async def test_with_talk_the_camera_is_offered_a_voice(offer: Ask, provider: Provider) -> None:
    provider.says = (WebRTCAnswer(ANSWER.replace("sendonly", "sendrecv", 1)), *GOOD[1:])

    event = await offer()

    [offered] = provider.offers.values()
    assert directions(offered) == ["sendrecv", "recvonly"]
    assert directions(event["payload"]["answer"]["value"]) == ["sendrecv", "sendonly"]


@pytest.mark.usefixtures("camera")
@pytest.mark.parametrize("talk", [True])
async def test_an_echo_without_a_screen_can_talk(offer: Ask, provider: Provider) -> None:
    provider.says = (WebRTCAnswer(VOICE_ONLY_ANSWER), *GOOD[1:])

    event = await offer(AUDIO_ONLY)

    assert directions(event["payload"]["answer"]["value"]) == ["sendrecv"]


@pytest.mark.usefixtures("camera")
async def test_an_echo_without_a_screen_is_refused_by_a_door_that_does_not_talk(
    offer: Ask, provider: Provider
) -> None:
    assert error(await offer(AUDIO_ONLY)) == "INVALID_DIRECTIVE"
    assert not provider.offers


@pytest.mark.usefixtures("camera")
@pytest.mark.parametrize(
    "sdp", ["", "hello", "v=0\r\n", OFFER.replace("a=", "\x00", 1), OFFER + "a" * 32_000, H265_ONLY]
)
async def test_what_is_no_offer_is_an_invalid_value(
    offer: Ask, provider: Provider, sdp: str
) -> None:
    assert error(await offer(sdp)) == "INVALID_VALUE"
    assert not provider.offers


def filled(size: int) -> str:
    """An offer of so many bytes."""
    return f"{OFFER}a={'x' * (size - len(OFFER) - len('a=' + CRLF))}{CRLF}"


def with_candidates(number: int) -> str:
    """An offer with so many more ways to the Echo."""
    said = (f"a=candidate:{n} 1 udp {n} 192.0.2.1 9 typ host{CRLF}" for n in range(number))
    return OFFER + "".join(said)


@pytest.mark.usefixtures("camera", "provider")
@pytest.mark.parametrize(
    ("sdp", "name"),
    [
        pytest.param(filled(32_000), "AnswerGeneratedForSession", id="32 kB"),
        pytest.param(filled(32_001), "ErrorResponse", id="a byte more"),
        pytest.param(with_candidates(600), "AnswerGeneratedForSession", id="600 candidates"),
        pytest.param(with_candidates(1000), "ErrorResponse", id="1,000, which are too long"),
    ],
)
async def test_an_offer_may_be_long_but_not_longer_than_32_kb(
    offer: Ask, sdp: str, name: str
) -> None:
    event = await offer(sdp)

    assert event["header"]["name"] == name
    assert event["payload"].get("type") in {None, "INVALID_VALUE"}


@pytest.mark.usefixtures("camera")
async def test_an_offer_with_a_data_channel_is_answered(offer: Ask, provider: Provider) -> None:
    refused = crlf(DATA_CHANNEL.replace("40001", "0"))
    provider.says = (WebRTCAnswer(ANSWER + refused), *GOOD[1:])

    event = await offer(OFFER + crlf(DATA_CHANNEL))

    [offered] = provider.offers.values()
    assert offered.endswith(crlf(DATA_CHANNEL))
    assert event["payload"]["answer"]["value"].endswith(refused)


@pytest.mark.usefixtures("camera")
@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({}, id="empty"),
        pytest.param({"sessionId": SESSION}, id="no offer"),
        pytest.param({"sessionId": SESSION, "offer": OFFER}, id="a text for an offer"),
        pytest.param(
            {"sessionId": SESSION, "offer": {"format": "XML", "value": OFFER}}, id="no SDP"
        ),
        pytest.param({"offer": {"format": "SDP", "value": OFFER}}, id="no session"),
        pytest.param(
            {"sessionId": "x" * 257, "offer": {"format": "SDP", "value": OFFER}}, id="too long"
        ),
        pytest.param({"sessionId": {}, "offer": {"format": "SDP", "value": OFFER}}, id="an object"),
    ],
)
async def test_an_offer_that_lacks_something_is_an_invalid_value(
    ask: Ask, provider: Provider, payload: dict[str, Any]
) -> None:
    assert error(await ask("InitiateSessionWithOffer", **payload)) == "INVALID_VALUE"
    assert not provider.offers


async def test_a_camera_that_is_not_there_is_unreachable(offer: Ask) -> None:
    assert error(await offer()) == "ENDPOINT_UNREACHABLE"


@pytest.mark.usefixtures("camera")
async def test_a_camera_without_webrtc_is_unreachable(offer: Ask) -> None:
    assert error(await offer()) == "ENDPOINT_UNREACHABLE"


async def test_a_camera_that_is_off_is_unreachable(
    camera: Camera, provider: Provider, offer: Ask
) -> None:
    await camera.async_turn_off()

    assert error(await offer()) == "ENDPOINT_UNREACHABLE"
    assert not provider.offers


@pytest.mark.usefixtures("camera")
@pytest.mark.parametrize(
    "says",
    [
        pytest.param((WebRTCError("failed", "rtsp://door:secret@127.0.0.5/"),), id="an error"),
        pytest.param((WebRTCAnswer(ANSWER), WebRTCError("x", "")), id="an error afterwards"),
        pytest.param(
            (WebRTCAnswer(WHOLE), WebRTCError("x", "")), id="an error after a whole answer"
        ),
        pytest.param((*GOOD, candidate(""), WebRTCError("x", "")), id="an error after the end"),
        pytest.param((ValueError("rtsp://door:secret@127.0.0.5/"),), id="an exception"),
        pytest.param((WebRTCAnswer("hello"),), id="no SDP"),
        pytest.param((WebRTCAnswer(""),), id="an empty answer"),
        pytest.param((WebRTCAnswer(None),), id="no answer"),  # type: ignore[arg-type]
        pytest.param((WebRTCAnswer(7),), id="a number"),  # type: ignore[arg-type]
        pytest.param(
            (WebRTCAnswer(ANSWER), candidate(7), candidate("")),  # type: ignore[arg-type]
            id="a candidate that is a number",
        ),
        pytest.param((WebRTCAnswer(VOICE_ONLY_ANSWER),), id="fewer sections"),
        pytest.param((WebRTCAnswer(ANSWER.replace("H264", "H265")),), id="H.265"),
        pytest.param((WebRTCAnswer(ANSWER.replace("fingerprint", "x")),), id="no fingerprint"),
        pytest.param((WebRTCAnswer(ANSWER), candidate("")), id="no candidate"),
        pytest.param(
            (WebRTCAnswer(ANSWER), candidate(""), candidate(HOST)), id="candidates after the end"
        ),
    ],
)
async def test_a_camera_that_fails_is_unreachable_and_its_session_closed(
    caplog: pytest.LogCaptureFixture,
    entry: MockConfigEntry,
    endpoint_id: str,
    provider: Provider,
    offer: Ask,
    says: tuple[Any, ...],
) -> None:
    provider.says = says

    assert error(await offer()) == "ENDPOINT_UNREACHABLE"
    assert entry.runtime_data.live_views.last[endpoint_id].hindrance != "late"
    assert provider.offers
    assert not provider.open
    assert "Traceback" not in caplog.text


@pytest.mark.usefixtures("camera", "provider")
@pytest.mark.parametrize("name", ["SessionConnected", "SessionDisconnected"])
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
async def test_a_session_that_begins_or_ends_is_answered_by_the_same_name(
    offer: Ask, ask: Ask, endpoint_id: str, name: str, known: bool
) -> None:
    if known:
        await offer()

    event = await ask(name, sessionId=SESSION)

    assert str(UUID(event["header"].pop("messageId")))
    assert event == {
        "header": {
            "namespace": "Alexa.RTCSessionController",
            "name": name,
            "correlationToken": "correlation",
            "payloadVersion": "3",
        },
        "endpoint": {"endpointId": endpoint_id},
        "payload": {"sessionId": SESSION},
    }


@pytest.mark.parametrize("payload", [{}, {"sessionId": ""}, {"sessionId": 1}])
async def test_a_session_without_an_id_is_an_invalid_value(
    ask: Ask, payload: dict[str, Any]
) -> None:
    assert error(await ask("SessionConnected", **payload)) == "INVALID_VALUE"


@pytest.mark.usefixtures("camera")
@pytest.mark.parametrize("name", ["SessionConnected", "SessionDisconnected"])
async def test_a_doorbell_that_was_removed_has_no_sessions(ask: Ask, name: str) -> None:
    assert error(await ask(name, endpoint="other", sessionId=SESSION)) == "NO_SUCH_ENDPOINT"


@pytest.mark.usefixtures("camera")
async def test_a_doorbell_that_was_removed_shows_nothing(offer: Ask, provider: Provider) -> None:
    assert error(await offer(endpoint="other")) == "NO_SUCH_ENDPOINT"
    assert not provider.offers


@pytest.mark.usefixtures("camera")
@pytest.mark.parametrize(
    "name", ["InitiateSessionWithOffer", "SessionConnected", "SessionDisconnected"]
)
async def test_a_doorbell_without_a_camera_answers_as_before_there_were_any(
    hass: HomeAssistant, entry: MockConfigEntry, ask: Ask, provider: Provider, name: str
) -> None:
    add_doorbell(hass, entry, "binary_sensor.back_door")
    await hass.async_block_till_done()
    [_, back_door] = doorbells(entry)
    payload = {"sessionId": SESSION, "offer": {"format": "SDP", "value": OFFER}}

    event = await ask(name, endpoint=back_door, **payload)

    assert error(event) == "INVALID_DIRECTIVE"
    assert event["payload"]["message"] == "A doorbell cannot do this."
    assert event["endpoint"] == {"endpointId": back_door}
    assert not provider.offers


async def test_another_directive_of_the_interface_cannot_be_followed(ask: Ask) -> None:
    assert error(await ask("UpdateSessionWithOffer", sessionId=SESSION)) == "INVALID_DIRECTIVE"
