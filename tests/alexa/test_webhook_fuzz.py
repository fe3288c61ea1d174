"""A body of any bytes, any JSON, any depth gets an answer of docs/design.md, "The webhook".

FUZZ_BODIES in the environment says how many bodies of each kind are tried.
"""

import json
import os
import random
import time
from typing import Any
from unittest.mock import patch

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.util.aiohttp import MockRequest
from hypothesis import HealthCheck, given, seed, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.client.signature import ReplayMemory, signed_headers
from demo.amazon.simulation import SimulatedAmazon

from ..conftest import SHARED_SECRET, WEBHOOK_ID
from ..home import set_up

pytestmark = pytest.mark.usefixtures("without_reports", "freezer")

BODIES = int(os.environ.get("FUZZ_BODIES", "1500"))
NAMES = {
    "AcceptGrant.Response",
    "Discover.Response",
    "ErrorResponse",
    "StateReport",
}

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["Alexa", "3", "Atza|x", "OAuth2.AuthorizationCode", "\ud800"])
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=8,
)


def maybe(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly the value, now and then anything at all."""
    return st.integers(0, 5).flatmap(lambda die: value if die else ANYTHING)


HEADER = st.fixed_dictionaries(
    {
        "namespace": maybe(st.sampled_from(["Alexa", "Alexa.Discovery", "Alexa.Authorization"])),
        "name": maybe(st.sampled_from(["ReportState", "Discover", "AcceptGrant", "TurnOn"])),
    },
    optional={
        "messageId": maybe(st.uuids().map(str)),
        "payloadVersion": maybe(st.just("3")),
        "correlationToken": maybe(st.text(max_size=30)),
    },
)
PAYLOAD = st.fixed_dictionaries(
    {},
    optional={
        "grant": maybe(st.fixed_dictionaries({}, optional={"code": maybe(st.text(max_size=20))})),
        "grantee": maybe(
            st.fixed_dictionaries({}, optional={"token": maybe(st.text(max_size=20))})
        ),
        "scope": ANYTHING,
    },
)
ENDPOINT = st.fixed_dictionaries({}, optional={"endpointId": maybe(st.text(max_size=30))})
DOCUMENTS = maybe(
    st.fixed_dictionaries(
        {},
        optional={
            "directive": maybe(
                st.fixed_dictionaries(
                    {"header": maybe(HEADER)},
                    optional={"payload": maybe(PAYLOAD), "endpoint": maybe(ENDPOINT)},
                )
            ),
            "ping": maybe(
                st.fixed_dictionaries({}, optional={"nonce": maybe(st.text(max_size=130))})
            ),
            "setup": maybe(
                st.fixed_dictionaries(
                    {},
                    optional={
                        key: maybe(st.text(max_size=20))
                        for key in ("client_id", "client_secret", "skill_id")
                    },
                )
            ),
        },
    )
)


async def answer(hass: HomeAssistant, body: bytes, *, sign: bool) -> web.Response:
    """Post a body to the webhook, by the way that a cloudhook takes."""
    headers = signed_headers(SHARED_SECRET, body, now=time.time()) if sign else {}
    request = MockRequest(body, "fuzz", method="POST", headers=headers)
    return await webhook.async_handle_webhook(hass, WEBHOOK_ID, request)


def check(response: web.Response, body: bytes) -> None:
    """See that the answer is one of the table's."""
    assert response.status in (200, 400, 401, 409, 413), body
    assert not (response.status == 200 and not response.body), body
    if response.status == 200:
        assert isinstance(response.body, bytes)
        document = json.loads(response.body)
        assert "pong" in document or document["event"]["header"]["name"] in NAMES, body
    else:
        assert not response.body, body
        assert response.headers["x-alexa-doorbell"], body


def documents(strategy: st.SearchStrategy[Any], number: int) -> list[Any]:
    """Draw this many documents, the same ones each time."""
    drawn: list[Any] = []

    @seed(2026)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(document: Any) -> None:
        drawn.append(document)

    draw()
    return drawn


@pytest.fixture
async def _listening(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
) -> None:
    """A skill's webhook; grants are refused at once, since only the way in is tried here."""
    await amazon.stop()
    await set_up(hass, entry)


@pytest.mark.usefixtures("_listening")
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
async def test_any_json_gets_an_answer(hass: HomeAssistant, signed: bool) -> None:
    with patch.object(ReplayMemory, "remember"):  # It would be full, and refuse, soon.
        for document in documents(DOCUMENTS, BODIES):
            body = json.dumps(document).encode()
            check(await answer(hass, body, sign=signed), body)


@pytest.mark.usefixtures("_listening")
async def test_any_bytes_get_an_answer(hass: HomeAssistant) -> None:
    chance = random.Random(2026)
    good = json.dumps(
        {
            "directive": {
                "header": {"namespace": "Alexa", "name": "ReportState"},
                "endpoint": {"endpointId": "x"},
            }
        }
    ).encode()
    with patch.object(ReplayMemory, "remember"):
        for _ in range(BODIES):
            body = bytearray(good if chance.random() < 0.7 else chance.randbytes(50))
            for _ in range(chance.randrange(4)):
                place = chance.randrange(len(body) + 1)
                body[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
            check(await answer(hass, bytes(body), sign=True), bytes(body))


@pytest.mark.usefixtures("_listening")
@pytest.mark.parametrize("opening", [b"[", b'{"directive":', b'{"a":[', b'{"setup":{"client_id":'])
async def test_any_depth_gets_an_answer(hass: HomeAssistant, opening: bytes) -> None:
    for depth in (10, 500, 1000, 5000, 64 * 1024 // len(opening)):
        body = opening * depth
        check(await answer(hass, body, sign=True), body[:20])
