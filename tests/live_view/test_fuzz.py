"""Any offer, whatever a camera says to it, has an answer of docs/design.md, "The live view".

FUZZ_OFFERS in the environment says how many offers are tried.
"""

import json
import logging
import os
import random
import time
from typing import Any
from unittest.mock import patch

from homeassistant.components import webhook
from homeassistant.components.camera import (
    Camera,
    WebRTCAnswer,
    WebRTCError,
    WebRTCMessage,
    WebRTCSendMessage,
)
from homeassistant.core import HomeAssistant
from homeassistant.util.aiohttp import MockRequest
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.client.signature import ReplayMemory, signed_headers
from custom_components.alexa_doorbell.live_view.views import MOST_AT_ONCE
from demo.amazon.skill import directive

from ..conftest import SHARED_SECRET, WEBHOOK_ID
from ..home import set_up
from .door import Provider, add_camera, add_provider, candidate
from .shapes import ANSWER, AUDIO_ONLY, H265_ONLY, HOST, IPV6_HOST, OFFER, REFLEXIVE, TCP_HOST

OFFERS = int(os.environ.get("FUZZ_OFFERS", "1000"))
ERRORS = {"ENDPOINT_UNREACHABLE", "INVALID_DIRECTIVE", "INVALID_VALUE", "NO_SUCH_ENDPOINT"}
CANDIDATES = (HOST, TCP_HOST, IPV6_HOST, REFLEXIVE, "", "hello", "candidate:")
PIECES = ("\r\n", "\n", "\x00", "m=", "a=", "v=0", "=", " ", "é", "\u2028", "a=sendrecv\r\n")
MORE_PIECES = (
    "a=SendOnly:1\n",
    "\x0ba=sendrecv x\x0b",
    "m=audio 0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
    "H265",
    "99",
)
SESSION_IDS = ("one", "two", "three", "four", "five", "six", "seven", "eight")


def spoilt(chance: random.Random, text: str) -> str:
    """A text with some of it taken away, doubled, or put in."""
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 3, 8))):
        at, to = sorted((chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)))
        if chance.random() < 0.8:
            to = min(to, at + chance.randrange(40))
        put = chance.choice(
            (*PIECES, *MORE_PIECES, "", "", text[at:to] * 2, chance.choice(CANDIDATES))
        )
        text = text[:at] + put + text[to:]
    return text


def messages(chance: random.Random) -> list[WebRTCMessage]:
    """What a camera says to an offer; at its end it has said all, for time would pass else."""
    said: list[WebRTCMessage] = [WebRTCAnswer(spoilt(chance, ANSWER))]
    said += [
        candidate(spoilt(chance, chance.choice(CANDIDATES))) for _ in range(chance.randrange(4))
    ]
    if chance.random() < 0.8:
        said.append(candidate(HOST))
    if chance.random() < 0.1:
        said += [candidate(f"{HOST[:-9]} x {n}", sdp_m_line_index=n) for n in range(1000)]
    if chance.random() < 0.1:
        said.insert(chance.randrange(len(said)), WebRTCError("x", "y"))
    return [*said, candidate("")]


def ways(sdp: str) -> set[str]:
    """The directions that the most careless of readers finds, but for those of a data channel."""
    found, kind = set(), ""
    for line in map(str.strip, sdp.lower().splitlines()):
        kind = line[2:].strip() if line.startswith("m=") else kind
        if line.startswith("a=") and not kind.startswith("application"):
            found.add(line[2:].partition(":")[0].strip().partition(" ")[0])
    return found & {"sendrecv", "sendonly", "recvonly", "inactive"}


class Fuzzer(Provider):
    """Says at once what comes out of the dice."""

    __hash__ = object.__hash__

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance
        self.microphones: list[str] = []

    async def async_handle_async_webrtc_offer(
        self, camera: Camera, offer_sdp: str, session_id: str, send_message: WebRTCSendMessage
    ) -> None:
        """Note whether a microphone comes with it, and answer."""
        if ways(offer_sdp) & {"sendrecv", "sendonly"}:
            # Raised here, it would only be a camera that fails.
            self.microphones.append(offer_sdp)
        self.open.add(session_id)
        if self.chance.random() < 0.05:
            raise self.chance.choice((ValueError, KeyError, TimeoutError, OSError))(offer_sdp)
        for each in messages(self.chance):
            send_message(each)


def body(chance: random.Random, endpoint_id: str) -> bytes:
    """A directive about a session."""
    name = chance.choice(("InitiateSessionWithOffer",) * 8 + ("SessionConnected",))
    name = chance.choice((name,) * 8 + ("SessionDisconnected",))
    sdp: Any = spoilt(chance, chance.choice((OFFER, OFFER, OFFER, AUDIO_ONLY, H265_ONLY)))
    if chance.random() < 0.02:
        sdp = chance.choice((None, 7, [], {}, "a=" * 20_000, OFFER * 20))
    payload: dict[str, Any] = {
        "sessionId": chance.choice((*SESSION_IDS * 5, "", None, "x" * 300)),
        "offer": {"format": chance.choice(("SDP",) * 9 + ("XML",)), "value": sdp},
    }
    if chance.random() < 0.02:
        del payload[chance.choice(("sessionId", "offer"))]
    where = {"endpointId": chance.choice((endpoint_id,) * 19 + ("other",))}
    about = directive("Alexa.RTCSessionController", name, payload, endpoint=where)
    return json.dumps(about).encode()


async def answer(hass: HomeAssistant, posted: bytes) -> dict[str, Any] | None:
    """Post a signed directive by the way of a cloudhook; None: it was too large."""
    headers = signed_headers(SHARED_SECRET, posted, now=time.time())
    request = MockRequest(posted, "fuzz", method="POST", headers=headers)
    response = await webhook.async_handle_webhook(hass, WEBHOOK_ID, request)
    if response.status == 413:
        return None
    assert response.status == 200, posted
    assert isinstance(response.body, bytes), posted
    event: dict[str, Any] = json.loads(response.body)["event"]
    return event


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("without_reports", "endpoint_id")
async def test_any_offer_is_answered_and_none_stays_open_unseen(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    endpoint_id: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    chance = random.Random(2026)
    provider = Fuzzer(chance)
    await add_camera(hass)
    await add_provider(hass, provider)
    await set_up(hass, entry)
    logging.getLogger("custom_components.alexa_doorbell").setLevel(logging.ERROR)
    logging.getLogger("homeassistant").setLevel(logging.ERROR)
    views, shown = entry.runtime_data.live_views, 0

    with patch.object(ReplayMemory, "remember"):  # It would be full, and refuse, soon.
        for _ in range(OFFERS):
            posted = body(chance, endpoint_id)
            event = await answer(hass, posted)
            if event is None:
                continue
            name = event["header"]["name"]
            if name == "ErrorResponse":
                assert event["payload"]["type"] in ERRORS, posted
            elif name == "AnswerGeneratedForSession":
                shown += 1
                said = event["payload"]["answer"]["value"]
                assert not ways(said) & {"sendrecv", "recvonly"}
                assert "a=end-of-candidates\r\n" in said
                assert "\x00" not in said
            else:
                assert name in {"SessionConnected", "SessionDisconnected"}, posted
            assert views.open == len(provider.open) <= MOST_AT_ONCE, posted

    assert not provider.microphones
    assert shown > OFFERS / 20, "else hardly anything was tried"
    assert not [each for each in caplog.records if each.exc_info]
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert not provider.open
