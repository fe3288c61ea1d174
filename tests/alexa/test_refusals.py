"""A refusal says whose it is and why, to the caller, in the log and in the diagnostics."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
import json
import time
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.alexa_doorbell.alexa.webhook import LARGEST_BODY

from ..conftest import WEBHOOK_ID
from ..home import set_up
from .posting import DISCOVER, OTHER_SECRET, PATH, Post, signed

SETUP = json.dumps(
    {"setup": {"client_id": "c", "client_secret": "s", "skill_id": "amzn1.ask.skill.1"}}
).encode()

type Visit = Callable[..., Awaitable[ClientResponse]]


@pytest.fixture
def visit(client: TestClient[Any, Any]) -> Visit:
    """Sends a request to the webhook, and returns all of the answer."""

    async def visit(body: bytes, headers: dict[str, str], method: str = "POST") -> ClientResponse:
        async with client.request(method, PATH, data=body, headers=headers) as response:
            assert await response.read() == b""
            return response

    return visit


@pytest.mark.parametrize(
    ("body", "changes", "status", "mark"),
    [
        pytest.param(DISCOVER, {"age": 301}, 401, "clock", id="too old"),
        pytest.param(DISCOVER, {"age": -301}, 401, "clock", id="from the future"),
        pytest.param(
            DISCOVER, {"age": 301, "secret": OTHER_SECRET}, 401, "clock", id="old and wrong"
        ),
        pytest.param(DISCOVER, {"secret": OTHER_SECRET}, 401, "signature", id="another secret"),
        pytest.param(b"{", {}, 400, "malformed", id="no JSON"),
        pytest.param(b'{"ping": {}}', {}, 400, "malformed", id="a ping without nonce"),
        pytest.param(b" " * (LARGEST_BODY + 1), {}, 413, "too_large", id="too large"),
        pytest.param(SETUP, {}, 409, "not_waiting", id="a setup that nothing waits for"),
    ],
)
async def test_each_refusal_is_marked_as_ours(
    visit: Visit, body: bytes, changes: dict[str, Any], status: int, mark: str
) -> None:
    response = await visit(body, signed(body, **changes))

    assert (response.status, response.headers["x-alexa-doorbell"]) == (status, mark)


async def test_a_message_without_signature_is_marked_too(visit: Visit) -> None:
    response = await visit(DISCOVER, {})

    assert (response.status, response.headers["x-alexa-doorbell"]) == (401, "signature")


async def test_a_replay_is_marked_as_a_signature_that_does_not_count(visit: Visit) -> None:
    headers = signed(SETUP)
    await visit(SETUP, headers)

    response = await visit(SETUP, headers)

    assert (response.status, response.headers["x-alexa-doorbell"]) == (401, "signature")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_a_method_that_is_not_allowed_is_marked_too(visit: Visit, method: str) -> None:
    response = await visit(b"", {}, method)

    assert (response.status, response.headers["x-alexa-doorbell"]) == (405, "method")


async def test_what_is_no_refusal_bears_no_mark(client: TestClient[Any, Any]) -> None:
    async with client.post(PATH, data=DISCOVER, headers=signed(DISCOVER)) as response:
        assert response.status == 200
        assert "x-alexa-doorbell" not in response.headers


@pytest.mark.parametrize(
    ("age", "mark"), [(301, "clock"), (0, "signature")], ids=["clock", "signature"]
)
async def test_a_cloudhook_hands_the_mark_on_as_the_type_of_the_content(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    age: int,
    mark: str,
) -> None:
    await set_up(hass, entry)
    socket = await hass_ws_client(hass)
    await socket.send_json_auto_id(
        {
            "type": "webhook/handle",
            "webhook_id": WEBHOOK_ID,
            "method": "POST",
            "body": DISCOVER.decode(),
            "headers": signed(DISCOVER, secret=OTHER_SECRET, age=age),
        }
    )
    result = (await socket.receive_json())["result"]

    assert result["headers"] == {"Content-Type": f"application/vnd.alexa-doorbell.{mark}"}
    assert (result["status"], result["body"]) == (401, None)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was warned of at the webhook, in order."""
    lines = [each.message for each in caplog.records if each.levelname == "WARNING"]
    start = "Refused a message to the skill's webhook: "
    return [line.removeprefix(start) for line in lines if line.startswith(start)]


async def test_no_reason_hides_another_in_the_log(
    visit: Visit, freezer: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        await visit(DISCOVER, {})
    await visit(DISCOVER, signed(DISCOVER, age=301))
    await visit(DISCOVER, signed(DISCOVER, age=301))
    await visit(b"{", signed(b"{"))
    freezer.tick(601)
    await visit(DISCOVER, {})

    assert warnings(caplog) == [
        "no signature (and 0 more before it)",
        "too old, or the clocks differ (and 0 more before it)",
        "not JSON (and 0 more before it)",
        "no signature (and 2 more before it)",
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_a_look_at_the_address_is_nothing_to_warn_of(
    visit: Visit, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    await visit(b"", {}, method)

    assert warnings(caplog) == []


async def test_refusals_are_counted_by_reason_over_a_reload(
    hass: HomeAssistant, entry: MockConfigEntry, visit: Visit, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(datetime.fromtimestamp(int(time.time()), UTC))
    headers = signed(SETUP)
    for body, sent in (
        (DISCOVER, {}),
        (DISCOVER, signed(DISCOVER, age=301)),
        (DISCOVER, signed(DISCOVER, age=301)),
        (b"{", signed(b"{")),
        (b" " * (LARGEST_BODY + 1), {}),
        (SETUP, headers),
        (SETUP, headers),
    ):
        await visit(body, sent)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await visit(b"", {}, "PUT")

    assert entry.runtime_data.refusals.counts == {
        "signature": 1,
        "clock": 2,
        "malformed": 1,
        "too_large": 1,
        "not_waiting": 1,
        "replay": 1,
        "method": 1,
    }


async def test_an_answer_is_not_counted(entry: MockConfigEntry, post: Post) -> None:
    assert (await post(DISCOVER))[0] == 200

    assert not entry.runtime_data.refusals.counts
