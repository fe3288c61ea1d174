"""Alexa asks for a live view, and takes only an answer that an Echo could connect by."""

from collections.abc import Callable
from typing import Any

import pytest

from demo.amazon.account import Account
from demo.amazon.live_view import LiveView, NotShownError
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .conftest import header
from .webhook import SHARED_SECRET, Webhook

INTERFACE = "Alexa.RTCSessionController"
OFFER = """\
v=0
m=audio 1 UDP/TLS/RTP/SAVPF 96 0 8
m=video 1 UDP/TLS/RTP/SAVPF 99
"""
KEYS = "a=ice-ufrag:abcd\na=ice-pwd:x\na=fingerprint:sha-256 00\na=setup:active\n"
CANDIDATE = "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\n"
ANSWER = (
    f"v=0\nm=audio 9 UDP/TLS/RTP/SAVPF 96\n{KEYS}{CANDIDATE}"
    f"m=video 9 UDP/TLS/RTP/SAVPF 99\na=rtpmap:99 H264/90000\n{KEYS}"
)

type Directive = dict[str, Any]


@pytest.fixture
def view(amazon: SimulatedAmazon, webhook: Webhook, account: Account) -> LiveView:
    return LiveView(Skill(amazon, webhook.url, SHARED_SECRET), account, "front-door")


def answered(
    name: str, payload: dict[str, Any], namespace: str = INTERFACE
) -> Callable[[Directive], dict[str, Any]]:
    def answer(asked: Directive) -> dict[str, Any]:
        correlation = {"correlationToken": asked["header"]["correlationToken"]}
        endpoint = {"endpointId": asked["endpoint"]["endpointId"]}
        head = header(namespace, name) | correlation
        return {"event": {"header": head, "endpoint": endpoint, "payload": payload}}

    return answer


def sdp(value: str) -> Callable[[Directive], dict[str, Any]]:
    payload = {"answer": {"format": "SDP", "value": value}}
    return answered("AnswerGeneratedForSession", payload)


async def test_an_answer_with_all_inside_opens_the_view(view: LiveView, webhook: Webhook) -> None:
    webhook.answers["InitiateSessionWithOffer"] = sdp(ANSWER)

    assert await view.open(OFFER) == ANSWER


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(ANSWER.replace(CANDIDATE, ""), "no candidates", id="no candidates"),
        pytest.param(ANSWER.partition("m=video")[0], "1 media for 2", id="a medium less"),
        pytest.param("v=0\n", "0 media for 2", id="no media"),
        pytest.param(ANSWER.replace("H264", "H265"), "no H.264", id="another codec"),
        pytest.param(ANSWER + "a=inactive\n", "no H.264", id="no picture"),
        pytest.param(ANSWER.replace("a=ice-pwd:x\n", ""), "no a=ice-pwd: for audio", id="no key"),
        pytest.param(ANSWER + "\0", "has a NUL", id="a NUL"),
    ],
)
async def test_the_echo_stays_dark_when_the_answer_has(
    view: LiveView, webhook: Webhook, answer: str, reason: str
) -> None:
    webhook.answers["InitiateSessionWithOffer"] = sdp(answer)

    with pytest.raises(NotShownError, match=reason):
        await view.open(OFFER)


async def test_the_echo_stays_dark_at_an_error_that_amazon_knows(
    view: LiveView, webhook: Webhook
) -> None:
    error = {"type": "ENDPOINT_UNREACHABLE", "message": "The camera is off."}
    webhook.answers["InitiateSessionWithOffer"] = answered("ErrorResponse", error, "Alexa")

    with pytest.raises(NotShownError) as caught:
        await view.open(OFFER)
    assert caught.value.type == "ENDPOINT_UNREACHABLE"


async def test_an_error_that_amazon_does_not_know_is_no_answer(
    view: LiveView, webhook: Webhook
) -> None:
    error = {"type": "CAMERA_OFF", "message": "The camera is off."}
    webhook.answers["InitiateSessionWithOffer"] = answered("ErrorResponse", error, "Alexa")

    with pytest.raises(NotShownError, match="Not an answer"):
        await view.open(OFFER)


@pytest.mark.parametrize("name", ["SessionConnected", "SessionDisconnected"])
async def test_beginning_and_end_are_told_and_answered_by_their_own_names(
    view: LiveView, webhook: Webhook, name: str
) -> None:
    told = {"SessionConnected": view.connected, "SessionDisconnected": view.disconnected}[name]
    webhook.answers[name] = answered(name, {"sessionId": view.session_id})

    await told()

    webhook.answers[name] = answered(name, {"sessionId": "another"})
    with pytest.raises(NotShownError, match="sessionId"):
        await told()
