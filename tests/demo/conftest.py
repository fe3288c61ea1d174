"""A simulated Amazon with a clock that the test moves, and an account that has linked."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
import json
import time
from typing import Any
import uuid

import aiohttp
from aiohttp import web
import pytest
from pytest_aiohttp import AiohttpServer

from demo.amazon.account import Account, Enablement, Region
from demo.amazon.rules import DOORBELL
from demo.amazon.simulation import SimulatedAmazon

from .webhook import Webhook


@dataclass
class Clock:
    """Stands still until the test moves it."""

    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """No Home Assistant is needed here."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def amazon(clock: Clock, socket_enabled: None) -> AsyncIterator[SimulatedAmazon]:
    async with SimulatedAmazon(clock) as amazon:
        yield amazon


@pytest.fixture
def account(amazon: SimulatedAmazon) -> Account:
    """An account that has enabled the skill and discovered a front door."""
    account = amazon.add_account("Ada")
    account.enablement = Enablement.ENABLED
    account.endpoints["front-door"] = endpoint()
    return account


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def tokens(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account
) -> dict[str, Any]:
    """What Login with Amazon gave for the account's code."""
    grant = {"grant_type": "authorization_code", "code": amazon.login.new_code(account)}
    status, tokens = await ask_for_token(session, amazon, grant)
    assert status == 200
    return tokens


@pytest.fixture
def token(tokens: dict[str, Any]) -> str:
    access_token: str = tokens["access_token"]
    return access_token


async def ask_for_token(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, form: dict[str, str]
) -> tuple[int, dict[str, Any]]:
    """Ask with the skill's credentials, where the form does not bring others."""
    client = {"client_id": amazon.client_id, "client_secret": amazon.client_secret}
    sent = {key: value for key, value in (client | form).items() if value}
    async with session.post(f"{amazon.lwa_url}/auth/o2/token", data=sent) as response:
        return response.status, await response.json()


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


def header(namespace: str, name: str) -> dict[str, str]:
    """A message's header."""
    return {
        "namespace": namespace,
        "name": name,
        "payloadVersion": "3",
        "messageId": str(uuid.uuid4()),
    }


def scope(token: str) -> dict[str, str]:
    """Where a message says for whom it speaks."""
    return {"type": "BearerToken", "token": token}


def press(token: str, endpoint_id: str = "front-door") -> dict[str, Any]:
    """A press as Amazon wants it."""
    return {
        "context": {},
        "event": {
            "header": header("Alexa.DoorbellEventSource", "DoorbellPress"),
            "endpoint": {"scope": scope(token), "endpointId": endpoint_id},
            "payload": {
                "cause": {"type": "PHYSICAL_INTERACTION"},
                "timestamp": "2026-01-01T12:00:00Z",
            },
        },
    }


def endpoint(endpoint_id: str = "front-door", name: str = "Front door") -> dict[str, Any]:
    """A doorbell as Amazon wants to discover it."""
    return {
        "endpointId": endpoint_id,
        "manufacturerName": "Home Assistant",
        "friendlyName": name,
        "description": "Doorbell of Home Assistant",
        "displayCategories": ["DOORBELL"],
        "capabilities": [
            {"type": "AlexaInterface", "interface": "Alexa", "version": "3"},
            dict(DOORBELL),
        ],
    }


def discovery_report(name: str, token: str, endpoints: list[dict[str, Any]]) -> dict[str, Any]:
    """An AddOrUpdateReport or a DeleteReport."""
    payload = {"endpoints": endpoints, "scope": scope(token)}
    return {"event": {"header": header("Alexa.Discovery", name), "payload": payload}}


@pytest.fixture
async def webhook(aiohttp_server: AiohttpServer, socket_enabled: None) -> Webhook:
    webhook = Webhook()
    app = web.Application()
    app.router.add_post("/webhook", webhook.take)
    webhook.url = str((await aiohttp_server(app)).make_url("/webhook"))
    return webhook
