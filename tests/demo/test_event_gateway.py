"""The event gateway takes events that are right in every detail, and nothing else."""

from collections.abc import Callable
import json
from typing import Any

import aiohttp
import pytest

from demo.account import Account, Enablement, Region
from demo.amazon import SimulatedAmazon
from demo.login_with_amazon import TokenKind
from demo.rules import MAX_BYTES, MAX_ENDPOINTS

from .conftest import Clock, discovery_report, endpoint, header, press, scope

type Message = dict[str, Any]


@pytest.fixture
def token(tokens: dict[str, Any]) -> str:
    access_token: str = tokens["access_token"]
    return access_token


async def send(
    session: aiohttp.ClientSession,
    amazon: SimulatedAmazon,
    message: Any,
    token: str,
    region: Region = Region.EU,
) -> tuple[int, str]:
    """Status and code of the gateway's answer."""
    url = f"{amazon.gateway_url(region)}/v3/events"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    async with session.post(url, data=body, headers=headers) as response:
        if response.status == 202:
            assert await response.read() == b""
            return 202, ""
        error = await response.json()
        assert error["header"].keys() == {"namespace", "name", "messageId"}
        assert error["payload"].keys() == {"code", "description"}
        return response.status, error["payload"]["code"]


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


async def test_refuses_another_token_in_the_body_than_in_the_header(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account, token: str
) -> None:
    other = amazon.login.new_access_token(TokenKind.EVENTS, account)
    answer = await send(session, amazon, press(other), token)
    assert answer == (401, "INVALID_ACCESS_TOKEN_EXCEPTION")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (TokenKind.SKILL_MESSAGING, "INSUFFICIENT_PERMISSION_EXCEPTION"),
        (TokenKind.ACCOUNT_LINKING, "INSUFFICIENT_PERMISSION_EXCEPTION"),
    ],
)
async def test_refuses_a_token_for_something_else(
    session: aiohttp.ClientSession,
    amazon: SimulatedAmazon,
    account: Account,
    kind: TokenKind,
    code: str,
) -> None:
    token = amazon.login.new_access_token(kind, account)
    assert await send(session, amazon, press(token), token) == (403, code)


async def test_refuses_a_token_nobody_gave(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon
) -> None:
    answer = await send(session, amazon, press("Atza|x"), "Atza|x")
    assert answer == (401, "INVALID_ACCESS_TOKEN_EXCEPTION")


async def test_refuses_a_token_after_its_hour(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str, clock: Clock
) -> None:
    clock.now += 3600
    answer = await send(session, amazon, press(token), token)
    assert answer == (401, "INVALID_ACCESS_TOKEN_EXCEPTION")


async def test_refuses_tokens_that_were_ended(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account, token: str
) -> None:
    amazon.expire_access_tokens(account)
    answer = await send(session, amazon, press(token), token)
    assert answer == (401, "INVALID_ACCESS_TOKEN_EXCEPTION")


@pytest.mark.parametrize("region", [Region.NA, Region.FE])
async def test_a_gateway_far_from_home_knows_no_skill(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str, region: Region
) -> None:
    answer = await send(session, amazon, press(token), token, region)
    assert answer == (403, "SKILL_NEVER_ENABLED_EXCEPTION")


async def test_refuses_a_disabled_account_until_it_is_enabled(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account, token: str
) -> None:
    amazon.disable(account)
    answer = await send(session, amazon, press(token), token)
    assert answer == (403, "SKILL_DISABLED_EXCEPTION")
    amazon.enable(account)
    assert await send(session, amazon, press(token), token) == (202, "")


async def test_refuses_an_account_that_never_enabled_the_skill(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account, token: str
) -> None:
    account.enablement = Enablement.NEVER
    answer = await send(session, amazon, press(token), token)
    assert answer == (403, "SKILL_NEVER_ENABLED_EXCEPTION")


async def test_refuses_a_skill_that_may_not_send_events(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account, token: str
) -> None:
    account.may_send_events = False
    answer = await send(session, amazon, press(token), token)
    assert answer == (403, "INSUFFICIENT_PERMISSION_EXCEPTION")


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


async def test_says_where_the_accounts_gateway_is(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str
) -> None:
    url = f"{amazon.gateway_url(Region.NA)}/v1/alexaApiEndpoint"
    async with session.get(url, headers={"Authorization": f"Bearer {token}"}) as response:
        assert await response.json() == {"endpoints": [amazon.gateway_url(Region.EU)]}


async def test_says_nothing_about_gateways_to_strangers(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon
) -> None:
    async with session.get(f"{amazon.gateway_url()}/v1/alexaApiEndpoint") as response:
        assert response.status == 401


async def test_the_echo_says_what_the_account_discovered(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str
) -> None:
    await send(session, amazon, press(token), token)
    announcement = await amazon.wait_for_announcement()
    assert (announcement.account, announcement.text) == ("Ada", "Someone is at the Front door")


async def test_the_echo_is_silent_about_a_doorbell_it_does_not_know(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str
) -> None:
    assert await send(session, amazon, press(token, "back-door"), token) == (202, "")
    assert amazon.announcements == []


async def test_reports_teach_the_echo_and_make_it_forget(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str
) -> None:
    report = discovery_report("AddOrUpdateReport", token, [endpoint("back-door", "Back door")])
    await send(session, amazon, report, token)
    await send(session, amazon, press(token, "back-door"), token)
    assert (await amazon.wait_for_announcement()).text == "Someone is at the Back door"

    report = discovery_report("DeleteReport", token, [{"endpointId": "back-door"}])
    assert await send(session, amazon, report, token) == (202, "")
    await send(session, amazon, press(token, "back-door"), token)
    await send(session, amazon, press(token, "front-door"), token)
    assert (await amazon.wait_for_announcement()).text == "Someone is at the Front door"


async def test_waiting_in_vain_tells_what_was_asked_for(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon
) -> None:
    await send(session, amazon, press("Atza|x"), "Atza|x")
    with pytest.raises(TimeoutError, match="INVALID_ACCESS_TOKEN_EXCEPTION"):
        await amazon.wait_for_announcement(timeout=0)
