"""Tests of the event gateway."""

import asyncio
from collections.abc import AsyncIterator
import json
from typing import Any

import aiohttp
import pytest

from custom_components.alexa_doorbell.client.connections import Connections
from custom_components.alexa_doorbell.client.exceptions import TryAgainError
from custom_components.alexa_doorbell.client.gateway import (
    GATEWAY_URLS,
    Answer,
    EventGateway,
    region_of_lambda,
)

from .loopback import HOSTILE_BODIES, Loopback, breaks, reply, reset

pytestmark = pytest.mark.usefixtures("socket_enabled")

EVENT = {"context": {}, "event": {"payload": {"name": "Haustür"}}}


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    connections = Connections(aiohttp.ClientSession)
    yield connections
    await connections.close()


@pytest.fixture
def gateway(server: Loopback, connections: Connections) -> EventGateway:
    return EventGateway(connections, server.url)


def test_every_region_has_its_gateway() -> None:
    assert GATEWAY_URLS == {
        "na": "https://api.amazonalexa.com",
        "eu": "https://api.eu.amazonalexa.com",
        "fe": "https://api.fe.amazonalexa.com",
    }


@pytest.mark.parametrize(
    ("aws_region", "region"),
    [
        ("us-east-1", "na"),
        ("eu-west-1", "eu"),
        ("us-west-2", "fe"),
        ("eu-central-1", None),
        ("", None),
        (None, None),
    ],
)
def test_a_lambda_function_tells_the_region(aws_region: str | None, region: str | None) -> None:
    assert region_of_lambda(aws_region) == region


async def test_an_event_is_posted_with_its_token(server: Loopback, gateway: EventGateway) -> None:
    server.answer = reply(202)

    answer = await gateway.post(EVENT, "Atza|1/+")

    assert answer == Answer(status=202, code=None, description=None, retry_after=None)
    (received,) = server.received
    assert (received.method, received.path) == ("POST", "/v3/events")
    assert received.headers["Authorization"] == "Bearer Atza|1/+"
    assert received.headers["Content-Type"] == "application/json"
    assert json.loads(received.body) == EVENT


async def test_a_base_url_may_end_in_a_slash(server: Loopback, connections: Connections) -> None:
    server.answer = reply(202)

    await EventGateway(connections, f"{server.url}/").post(EVENT, "Atza|1")

    assert server.received[0].path == "/v3/events"


@pytest.mark.parametrize(
    ("status", "accepted"),
    [(200, True), (202, True), (299, True), (300, False), (307, False), (400, False), (503, False)],
)
async def test_only_a_2xx_is_accepted(
    server: Loopback, gateway: EventGateway, status: int, accepted: bool
) -> None:
    server.answer = reply(status, headers={"Location": "/elsewhere"})

    answer = await gateway.post(EVENT, "Atza|1")

    assert (answer.status, answer.accepted) == (status, accepted)
    assert len(server.received) == 1


async def test_a_refusal_says_code_and_description(server: Loopback, gateway: EventGateway) -> None:
    server.answer = reply(
        403,
        header={"namespace": "System", "name": "Exception", "messageId": "1"},
        payload={"code": "SKILL_DISABLED_EXCEPTION", "description": "No valid enablement."},
    )

    assert await gateway.post(EVENT, "Atza|1") == Answer(
        status=403,
        code="SKILL_DISABLED_EXCEPTION",
        description="No valid enablement.",
        retry_after=None,
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("X" * 100, "X" * 100, id="long"),
        pytest.param("X" * 101, None, id="too long"),
        pytest.param("ERROR_42", "ERROR_42", id="digits"),
        pytest.param("<b>", None, id="HTML"),
        pytest.param("lower", None, id="lower case"),
        pytest.param("CODE\n", None, id="line break"),
        pytest.param("", None, id="empty"),
        pytest.param(42, None, id="number"),
        pytest.param(None, None, id="null"),
        pytest.param(["CODE"], None, id="array"),
    ],
)
async def test_only_a_code_is_taken_for_a_code(
    server: Loopback, gateway: EventGateway, code: Any, expected: str | None
) -> None:
    server.answer = reply(400, payload={"code": code})

    assert (await gateway.post(EVENT, "Atza|1")).code == expected


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        pytest.param("Ungültig", "Ungültig", id="text"),
        pytest.param("x" * 201, "x" * 200, id="cut"),
        pytest.param(" two\r\n  lines\x1b[31m ", "two lines [31m", id="one line"),
        pytest.param("", None, id="empty"),
        pytest.param({"text": 1}, None, id="object"),
        pytest.param(None, None, id="null"),
    ],
)
async def test_a_description_is_one_short_line(
    server: Loopback, gateway: EventGateway, description: Any, expected: str | None
) -> None:
    server.answer = reply(400, payload={"description": description})

    assert (await gateway.post(EVENT, "Atza|1")).description == expected


@pytest.mark.parametrize("status", [202, 403, 500])
@pytest.mark.parametrize("body", HOSTILE_BODIES.values(), ids=HOSTILE_BODIES)
async def test_the_status_counts_whatever_the_body(
    server: Loopback, gateway: EventGateway, status: int, body: bytes
) -> None:
    server.answer = reply(status, body)

    assert await gateway.post(EVENT, "Atza|1") == Answer(
        status=status, code=None, description=None, retry_after=None
    )


async def test_the_status_counts_when_the_connection_breaks_after_it(
    server: Loopback, gateway: EventGateway
) -> None:
    server.answer = breaks(202, b"{")

    assert (await gateway.post(EVENT, "Atza|1")).accepted


async def test_the_status_counts_when_the_body_stalls(
    server: Loopback, connections: Connections
) -> None:
    server.answer = server.stalls(429, headers={"Retry-After": "3"})

    answer = await EventGateway(connections, server.url, timeout=1).post(EVENT, "Atza|1")

    assert (answer.status, answer.retry_after) == (429, 3)


async def test_a_reset_before_the_status_is_worth_another_try(
    server: Loopback, gateway: EventGateway
) -> None:
    server.answer = reset

    with pytest.raises(TryAgainError) as caught:
        await gateway.post(EVENT, "Atza|1")

    assert caught.value.status is None
    assert len(server.received) == 1


async def test_a_202_counts_before_its_body_has_come(
    server: Loopback, gateway: EventGateway
) -> None:
    server.answer = server.stalls(202)

    async with asyncio.timeout(5):  # A quarter of a second is meant; its own timeout is ten.
        assert (await gateway.post(EVENT, "Atza|1")).accepted


async def test_after_one_dead_connection_the_next_try_is_on_a_new_one(
    server: Loopback, connections: Connections
) -> None:
    gateway = EventGateway(connections, server.url, timeout=1)
    server.answer = reply(202)
    await asyncio.gather(*(gateway.post(EVENT, "Atza|1") for _ in range(3)))
    idle = {each.port for each in server.received}
    server.answer = server.silence
    with pytest.raises(TryAgainError):
        await gateway.post(EVENT, "Atza|1")
    server.answer = reply(202)

    await gateway.post(EVENT, "Atza|1")

    assert len(idle) > 1
    assert server.received[-1].port not in idle


async def test_a_connection_that_dies_takes_no_other_request_with_it(
    server: Loopback, connections: Connections
) -> None:
    gateway = EventGateway(connections, server.url, timeout=0.2)
    async with connections.session() as session:
        server.answer = server.silence
        with pytest.raises(TryAgainError):
            await gateway.post(EVENT, "Atza|1")
        assert not session.closed
    assert session.closed


async def test_asking_leaves_a_connection_for_the_next_event(
    server: Loopback, gateway: EventGateway
) -> None:
    server.answer = reply(200, endpoints=["https://api.amazonalexa.com"])
    assert await gateway.takes("Atza|1/+")
    server.answer = reply(202)

    await gateway.post(EVENT, "Atza|1/+")

    asked, posted = server.received
    assert (asked.method, asked.path) == ("GET", "/v1/alexaApiEndpoint")
    assert asked.headers["Authorization"] == "Bearer Atza|1/+"
    assert asked.port == posted.port


@pytest.mark.parametrize(("status", "works"), [(200, True), (401, False), (403, True), (500, True)])
async def test_a_token_that_is_refused_is_told_from_any_other(
    server: Loopback, gateway: EventGateway, status: int, works: bool
) -> None:
    server.answer = reply(status, b"<html>")

    assert await gateway.takes("Atza|1/+") is works


async def test_asking_what_cannot_be_reached_says_so(
    server: Loopback, gateway: EventGateway
) -> None:
    server.answer = reset

    with pytest.raises(TryAgainError, match="connection closed"):
        await gateway.takes("Atza|1/+")
