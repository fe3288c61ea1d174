"""The event gateway takes events that are right in every detail, and nothing else."""

from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from demo.amazon.rules import MAX_BYTES, MAX_ENDPOINTS
from demo.amazon.simulation import SimulatedAmazon

from .conftest import discovery_report, endpoint, header, press, scope, send

type Message = dict[str, Any]


def change_report(token: str) -> Message:
    sampled = {"timeOfSample": "2026-01-01T12:00:00.5Z", "uncertaintyInMilliseconds": 0}
    health = {"namespace": "Alexa.EndpointHealth", "name": "connectivity", "value": {"value": "OK"}}
    change = {"cause": {"type": "PERIODIC_POLL"}, "properties": [health | sampled]}
    return {
        "context": {"properties": []},
        "event": {
            "header": header("Alexa", "ChangeReport"),
            "endpoint": {"scope": scope(token), "endpointId": "front-door"},
            "payload": {"change": change},
        },
    }


async def test_takes_a_press(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str
) -> None:
    assert await send(session, amazon, press(token), token) == (202, "")
    assert [event.name for event in amazon.events] == ["DoorbellPress"]
    assert (amazon.requests[-1].kind, amazon.requests[-1].status) == ("events", 202)


async def test_takes_a_change_report(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str
) -> None:
    assert await send(session, amazon, change_report(token), token) == (202, "")


def _no_context(message: Message) -> None:
    del message["context"]


def _full_context(message: Message) -> None:
    message["context"] = {"properties": []}


def _correlated(message: Message) -> None:
    message["event"]["header"]["correlationToken"] = "x"


def _payload_version(message: Message) -> None:
    message["event"]["header"]["payloadVersion"] = "2"


def _message_id(message: Message) -> None:
    message["event"]["header"]["messageId"] = "with_underscore"


def _no_message_id(message: Message) -> None:
    del message["event"]["header"]["messageId"]


def _namespace(message: Message) -> None:
    message["event"]["header"]["namespace"] = "Alexa"


def _unknown_name(message: Message) -> None:
    message["event"]["header"]["name"] = "DoorbellRing"


def _endpoint_id(message: Message) -> None:
    message["event"]["endpoint"]["endpointId"] = "binary_sensor.front_door"


def _no_scope(message: Message) -> None:
    del message["event"]["endpoint"]["scope"]


def _scope_type(message: Message) -> None:
    message["event"]["endpoint"]["scope"]["type"] = "Bearer"


def _cause(message: Message) -> None:
    message["event"]["payload"]["cause"] = {"type": "RING"}


def _bare_cause(message: Message) -> None:
    message["event"]["payload"]["cause"] = "PHYSICAL_INTERACTION"


def _more_payload(message: Message) -> None:
    message["event"]["payload"]["name"] = "Front door"


def _timestamp(text: str) -> Callable[[Message], None]:
    def change(message: Message) -> None:
        message["event"]["payload"]["timestamp"] = text

    return change


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(_no_context, id="no context"),
        pytest.param(_full_context, id="a context that is not empty"),
        pytest.param(_correlated, id="a correlation token"),
        pytest.param(_payload_version, id="another payload version"),
        pytest.param(_message_id, id="a message id with other signs"),
        pytest.param(_no_message_id, id="no message id"),
        pytest.param(_namespace, id="another namespace"),
        pytest.param(_unknown_name, id="an event that does not exist"),
        pytest.param(_endpoint_id, id="an endpoint id with a dot"),
        pytest.param(_no_scope, id="no scope"),
        pytest.param(_scope_type, id="a scope of another type"),
        pytest.param(_cause, id="a cause that does not exist"),
        pytest.param(_bare_cause, id="a cause that is no object"),
        pytest.param(_more_payload, id="a payload with more in it"),
        pytest.param(_timestamp("2026-01-01T12:00:00.000Z"), id="a time with milliseconds"),
        pytest.param(_timestamp("2026-01-01T12:00:00+00:00"), id="a time with an offset"),
        pytest.param(_timestamp("2026-01-01 12:00:00Z"), id="a time with a space"),
    ],
)
async def test_refuses_a_press_with(
    session: aiohttp.ClientSession,
    amazon: SimulatedAmazon,
    token: str,
    spoil: Callable[[Message], None],
) -> None:
    message = press(token)
    spoil(message)
    assert await send(session, amazon, message, token) == (400, "INVALID_REQUEST_EXCEPTION")
    assert amazon.events == []
    assert amazon.announcements == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"event": 1}', b'{"event": {}}'])
async def test_refuses_what_is_no_message(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str, body: bytes
) -> None:
    assert await send(session, amazon, body, token) == (400, "INVALID_REQUEST_EXCEPTION")


async def test_refuses_a_change_that_is_in_the_context_too(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str
) -> None:
    message = change_report(token)
    message["context"]["properties"] = message["event"]["payload"]["change"]["properties"]
    assert await send(session, amazon, message, token) == (400, "INVALID_REQUEST_EXCEPTION")


async def test_refuses_too_many_endpoints(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str
) -> None:
    every = [{"endpointId": str(number)} for number in range(MAX_ENDPOINTS + 1)]
    message = discovery_report("DeleteReport", token, every)
    answer = await send(session, amazon, message, token)
    assert answer == (413, "REQUEST_ENTITY_TOO_LARGE_EXCEPTION")


async def test_refuses_too_many_bytes(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str
) -> None:
    message = discovery_report("AddOrUpdateReport", token, [endpoint()])
    message["event"]["payload"]["endpoints"][0]["description"] = "x" * MAX_BYTES
    answer = await send(session, amazon, message, token)
    assert answer == (413, "REQUEST_ENTITY_TOO_LARGE_EXCEPTION")
