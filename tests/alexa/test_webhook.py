"""Tests of the way in: what the webhook answers to whatever comes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
import json
import logging
import time
from typing import Any
from unittest.mock import patch

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from hass_nabucasa import CloudError
from homeassistant.components.cloud import CloudNotAvailable, CloudNotConnected
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    WebSocketGenerator,
)

from custom_components.alexa_doorbell.alexa.address import async_webhook_url
from custom_components.alexa_doorbell.alexa.answers import Answers
from custom_components.alexa_doorbell.alexa.webhook import LARGEST_BODY
from custom_components.alexa_doorbell.const import (
    CONF_PREVIOUS_SHARED_SECRET,
    CONF_PREVIOUS_SHARED_SECRET_ENDS,
    CONF_SHARED_SECRET,
)
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill, directive

from ..conftest import SHARED_SECRET, WEBHOOK_ID
from ..home import link, set_up
from .posting import DISCOVER, OTHER_SECRET, PATH, Post, signed

CLOUD = "homeassistant.components.cloud"
EXTERNAL_URL = "https://home.example"
CLOUDHOOK = "https://hooks.nabu.example/1"


def padded(document: dict[str, Any], size: int) -> bytes:
    """The document as JSON of exactly this many bytes."""
    body = json.dumps(document).encode()
    return body + b" " * (size - len(body))


def event(body: bytes) -> dict[str, Any]:
    """The event in an answer."""
    document = json.loads(body)["event"]
    assert isinstance(document, dict)
    return document


async def test_a_signed_directive_is_answered(post: Post) -> None:
    status, body = await post(DISCOVER)

    assert status == 200
    assert event(body)["header"]["name"] == "Discover.Response"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"webhook-signature": None}, id="no signature"),
        pytest.param({"webhook-id": None}, id="no id"),
        pytest.param({"webhook-timestamp": None}, id="no time"),
        pytest.param({"webhook-signature": ""}, id="an empty signature"),
        pytest.param({"webhook-signature": "v1,AAAA"}, id="a wrong signature"),
        pytest.param({"webhook-signature": "v1,é"}, id="not ASCII"),
        pytest.param({"webhook-timestamp": "soon"}, id="no number for a time"),
        pytest.param({"webhook-id": "msg_other"}, id="another id than was signed"),
    ],
)
async def test_a_message_without_a_true_signature_is_refused(
    post: Post, changes: dict[str, str | None]
) -> None:
    headers = signed(DISCOVER) | changes

    assert await post(
        DISCOVER, {name: value for name, value in headers.items() if value is not None}
    ) == (401, b"")


async def test_an_unsigned_message_is_refused(post: Post) -> None:
    assert await post(DISCOVER, {}) == (401, b"")


async def test_one_true_signature_among_several_is_enough(post: Post) -> None:
    headers = signed(DISCOVER)
    headers["webhook-signature"] = f"v1,AAAA v1a,AAAA {headers['webhook-signature']}"

    assert (await post(DISCOVER, headers))[0] == 200


async def test_a_signature_by_another_secret_is_refused(post: Post) -> None:
    assert await post(DISCOVER, signed(DISCOVER, secret=OTHER_SECRET)) == (401, b"")


async def test_a_changed_body_is_refused(post: Post) -> None:
    assert await post(DISCOVER + b" ", signed(DISCOVER)) == (401, b"")


@pytest.mark.parametrize(
    ("age", "status"),
    [
        pytest.param(301, 401, id="too old"),
        pytest.param(299, 200, id="old"),
        pytest.param(-299, 200, id="a clock ahead"),
        pytest.param(-301, 401, id="a clock too far ahead"),
    ],
)
async def test_a_message_counts_for_five_minutes(
    post: Post, freezer: FrozenDateTimeFactory, age: float, status: int
) -> None:
    freezer.move_to(datetime.fromtimestamp(int(time.time()), UTC))

    assert (await post(DISCOVER, signed(DISCOVER, age=age)))[0] == status


async def test_a_replayed_message_is_refused(post: Post) -> None:
    headers = signed(DISCOVER)

    assert (await post(DISCOVER, headers))[0] == 200
    assert await post(DISCOVER, headers) == (401, b"")


async def test_a_reload_does_not_let_a_replay_in(
    hass: HomeAssistant, entry: MockConfigEntry, post: Post
) -> None:
    headers = signed(DISCOVER)
    assert (await post(DISCOVER, headers))[0] == 200

    assert await hass.config_entries.async_reload(entry.entry_id)

    assert await post(DISCOVER, headers) == (401, b"")
    assert (await post(DISCOVER))[0] == 200


async def test_a_used_id_is_refused_with_any_other_body(post: Post) -> None:
    assert (await post(DISCOVER, signed(DISCOVER, message_id="msg_1")))[0] == 200
    other = DISCOVER + b" "

    assert await post(other, signed(other, message_id="msg_1")) == (401, b"")


async def test_a_new_shared_secret_counts_at_once(
    hass: HomeAssistant, entry: MockConfigEntry, post: Post
) -> None:
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, CONF_SHARED_SECRET: OTHER_SECRET}
    )

    assert (await post(DISCOVER))[0] == 401
    assert (await post(DISCOVER, signed(DISCOVER, secret=OTHER_SECRET)))[0] == 200


async def test_the_old_shared_secret_stays_good_until_the_new_one_was_used(
    hass: HomeAssistant, entry: MockConfigEntry, post: Post
) -> None:
    hass.config_entries.async_update_entry(
        entry,
        data={
            **entry.data,
            CONF_SHARED_SECRET: OTHER_SECRET,
            CONF_PREVIOUS_SHARED_SECRET: SHARED_SECRET,
            CONF_PREVIOUS_SHARED_SECRET_ENDS: time.time() + 24 * 3600,
        },
    )

    assert (await post(DISCOVER, signed(DISCOVER)))[0] == 200
    assert (await post(DISCOVER, signed(DISCOVER)))[0] == 200
    assert (await post(DISCOVER, signed(DISCOVER, secret=OTHER_SECRET)))[0] == 200
    assert CONF_PREVIOUS_SHARED_SECRET not in entry.data
    assert (await post(DISCOVER, signed(DISCOVER)))[0] == 401
    assert (await post(DISCOVER, signed(DISCOVER, secret=OTHER_SECRET)))[0] == 200


async def test_refusals_are_logged_at_the_pace_of_a_reader(
    post: Post, freezer: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(20):
        await post(DISCOVER, {})
    freezer.tick(601)
    await post(DISCOVER, {})

    lines = [each.message for each in caplog.records if "Refused a message" in each.message]
    assert [line.partition("(")[2] for line in lines] == [
        "and 0 more before it)",
        "and 19 more before it)",
    ]


async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
    """The body in pieces, for which no length is announced."""
    for start in range(0, len(body), 10_000):
        yield body[start : start + 10_000]


@pytest.mark.parametrize("chunked", [False, True], ids=["at once", "in chunks"])
@pytest.mark.parametrize(
    ("size", "status"),
    [
        pytest.param(LARGEST_BODY, 200, id="64 KiB"),
        pytest.param(LARGEST_BODY + 1, 413, id="a byte more"),
        pytest.param(4 * LARGEST_BODY, 413, id="256 KiB"),
    ],
)
async def test_a_body_may_be_64_kib_large(
    post: Post, size: int, status: int, chunked: bool
) -> None:
    body = padded(json.loads(DISCOVER), size)
    data = in_chunks(body) if chunked else body

    assert (await post(data, signed(body)))[0] == status


async def test_a_large_body_is_refused_before_its_signature_is_read(post: Post) -> None:
    assert (await post(b" " * (LARGEST_BODY + 1), {}))[0] == 413


@asynccontextmanager
async def connected(
    client: TestClient[Any, Any],
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare connection to the web server, to send what no client would."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


def request(headers: dict[str, str], body: bytes) -> bytes:
    """A request with these headers and no others, whatever the body is."""
    lines = [f"POST {PATH} HTTP/1.1", "Host: home.example", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def test_a_body_longer_than_announced_is_a_bad_request(
    client: TestClient[Any, Any],
) -> None:
    headers = signed(DISCOVER) | {"Content-Length": str(len(DISCOVER))}
    async with connected(client) as (reader, writer):
        writer.write(request(headers, DISCOVER + b" and more"))

        assert b" 400 " in await reader.readline()


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param({"Content-Length": "1000"}, DISCOVER, id="shorter than announced"),
        pytest.param({"Content-Length": "99999999"}, DISCOVER, id="much shorter than announced"),
        pytest.param({"Transfer-Encoding": "chunked"}, b"5\r\nabc", id="half a chunk"),
    ],
)
async def test_a_caller_who_breaks_off_harms_nobody(
    client: TestClient[Any, Any],
    post: Post,
    caplog: pytest.LogCaptureFixture,
    headers: dict[str, str],
    body: bytes,
) -> None:
    async with connected(client) as (reader, writer):
        writer.write(request(signed(DISCOVER) | headers, body))
        writer.write_eof()
        assert await reader.read() == b""

    assert (await post(DISCOVER))[0] == 200
    # A busy machine makes asyncio itself complain of slow callbacks.
    assert not [
        record
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name != "asyncio"
    ]


async def test_a_body_that_is_not_compressed_as_it_claims_is_a_bad_request(post: Post) -> None:
    body = b"not compressed" * 10

    assert (await post(body, signed(body) | {"Content-Encoding": "gzip"}))[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half a JSON"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="empty"),
        pytest.param(b'{"directive": null, "setup": []}', id="neither is an object"),
        pytest.param(b'{"directive": {}}', id="a directive without a name"),
        pytest.param(b'{"setup": {"client_id": "c"}}', id="a setup without secret"),
        pytest.param(b'{"event": {"header": {}}}', id="an event"),
    ],
)
async def test_a_signed_message_that_is_no_directive_is_a_bad_request(
    post: Post, body: bytes
) -> None:
    assert (await post(body))[0] == 400


async def test_setup_meets_a_conflict_while_nothing_waits_for_it(
    hass: HomeAssistant, entry: MockConfigEntry, post: Post
) -> None:
    before = dict(entry.data)
    setup = {"client_id": "c", "client_secret": "s", "skill_id": "amzn1.ask.skill.1"}

    assert (await post(json.dumps({"setup": setup}).encode()))[0] == 409
    assert dict(entry.data) == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_other_methods_are_not_allowed(client: TestClient[Any, Any], method: str) -> None:
    async with client.request(method, PATH, data=DISCOVER, headers=signed(DISCOVER)) as response:
        assert response.status == 405
        assert response.headers["Allow"] == "POST"
        assert await response.read() == b""


async def test_our_own_fault_is_an_error_response_that_alexa_can_place(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    body = json.dumps(
        directive(
            "Alexa",
            "ReportState",
            {},
            header={"correlationToken": "correlation-1"},
            endpoint={"endpointId": "front"},
        )
    ).encode()
    with patch.object(Answers, "async_answer", side_effect=KeyError("oops")):
        status, answer = await post(body)

    assert status == 200
    assert event(answer)["header"].items() >= {
        ("namespace", "Alexa"),
        ("name", "ErrorResponse"),
        ("correlationToken", "correlation-1"),
    }
    assert event(answer)["endpoint"] == {"endpointId": "front"}
    assert event(answer)["payload"]["type"] == "INTERNAL_ERROR"
    assert "oops" in caplog.text


async def test_a_damaged_shared_secret_is_our_own_fault_too(
    hass: HomeAssistant, entry: MockConfigEntry, post: Post
) -> None:
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, CONF_SHARED_SECRET: "whsec_A"}
    )

    status, answer = await post(DISCOVER)

    assert status == 200
    assert event(answer)["payload"]["type"] == "INTERNAL_ERROR"


async def test_nobody_listens_when_the_entry_is_unloaded(
    hass: HomeAssistant, entry: MockConfigEntry, post: Post
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)

    assert await post(DISCOVER) == (200, b"")  # What Home Assistant answers for unknown webhooks.


@pytest.mark.parametrize(
    ("body", "headers", "status", "name"),
    [
        pytest.param(DISCOVER, None, 200, "Discover.Response", id="a directive"),
        pytest.param(DISCOVER, {}, 401, None, id="unsigned"),
        pytest.param(b"[]", None, 400, None, id="no directive"),
        pytest.param(b" " * (LARGEST_BODY + 1), None, 413, None, id="too large"),
    ],
)
async def test_a_cloudhook_leads_to_the_same_answers(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    body: bytes,
    headers: dict[str, str] | None,
    status: int,
    name: str | None,
) -> None:
    await set_up(hass, entry)
    relayed = signed(body) if headers is None else headers
    socket = await hass_ws_client(hass)
    await socket.send_json_auto_id(
        {
            "type": "webhook/handle",
            "webhook_id": WEBHOOK_ID,
            "method": "POST",
            "body": body.decode(),
            # Some relays change how names are written, and announce a length of their own.
            "headers": {key.title(): value for key, value in relayed.items()}
            | {"Content-Length": "1"},
        }
    )
    result = (await socket.receive_json())["result"]

    assert result["status"] == status
    assert (json.loads(result["body"])["event"]["header"]["name"] if name else None) == name


async def test_no_secret_reaches_the_log(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    client: TestClient[Any, Any],
    post: Post,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    account = await link(amazon, skill)
    assert await skill.link(account, grantee_token="grantee-token")
    for body, headers in (
        (DISCOVER, {}),
        (b'{"secret-of-the-body": 1}', None),
        (b"secret-of-the-body", None),
        (DISCOVER, signed(DISCOVER, secret=OTHER_SECRET)),
    ):
        await post(body, headers)
    with patch.object(Answers, "async_answer", side_effect=KeyError):
        await skill.discover(account)
    await client.get(PATH)
    await hass.async_block_till_done()

    ours = "\n".join(
        caplog.handler.format(record)
        for record in caplog.records
        if record.name.startswith("custom_components.") or record.levelno >= logging.WARNING
    )
    assert "Linked with the Amazon account" in ours
    secrets = {
        SHARED_SECRET.removeprefix("whsec_"),
        WEBHOOK_ID,
        "secret-of-the-body",
        "grantee-token",
        amazon.client_secret,
    }
    for account in entry.runtime_data.accounts.all:
        secrets |= {account.stored.access_token, account.stored.refresh_token}
    assert not {secret for secret in secrets if secret in ours}


async def test_the_lambda_finds_us_below_the_external_url(hass: HomeAssistant) -> None:
    await async_process_ha_core_config(
        hass, {"internal_url": "http://home.local:8123", "external_url": EXTERNAL_URL}
    )

    assert await async_webhook_url(hass, "id") == f"{EXTERNAL_URL}/api/webhook/id"


async def test_an_address_that_only_the_home_can_reach_is_none(hass: HomeAssistant) -> None:
    await async_process_ha_core_config(hass, {"internal_url": "http://home.local:8123"})

    assert await async_webhook_url(hass, "id") is None


@pytest.fixture
async def subscribed(hass: HomeAssistant) -> AsyncIterator[None]:
    """A Home Assistant with an external URL and a Nabu Casa subscription."""
    await async_process_ha_core_config(hass, {"external_url": EXTERNAL_URL})
    hass.config.components.add("cloud")
    with patch(f"{CLOUD}.async_active_subscription", return_value=True):
        yield


@pytest.mark.usefixtures("subscribed")
async def test_a_subscriber_gets_a_cloudhook(hass: HomeAssistant) -> None:
    with patch(f"{CLOUD}.async_get_or_create_cloudhook", return_value=CLOUDHOOK) as create:
        assert await async_webhook_url(hass, "id") == CLOUDHOOK

    create.assert_awaited_once_with(hass, "id")


@pytest.mark.usefixtures("subscribed")
@pytest.mark.parametrize("error", [CloudNotConnected, CloudError, TimeoutError, ValueError])
async def test_without_a_cloudhook_the_external_url_still_does(
    hass: HomeAssistant, error: type[Exception]
) -> None:
    with patch(f"{CLOUD}.async_get_or_create_cloudhook", side_effect=error):
        assert await async_webhook_url(hass, "id") == f"{EXTERNAL_URL}/api/webhook/id"


async def test_without_a_subscription_the_cloud_is_left_alone(hass: HomeAssistant) -> None:
    await async_process_ha_core_config(hass, {"external_url": EXTERNAL_URL})
    hass.config.components.add("cloud")

    assert await async_webhook_url(hass, "id") == f"{EXTERNAL_URL}/api/webhook/id"


@pytest.mark.usefixtures("subscribed")
@pytest.mark.parametrize("error", [None, CloudNotAvailable, ValueError], ids=str)
async def test_a_removed_entry_takes_its_cloudhook_along(
    hass: HomeAssistant, entry: MockConfigEntry, error: type[Exception] | None
) -> None:
    await set_up(hass, entry)

    with patch(f"{CLOUD}.async_delete_cloudhook", side_effect=error) as delete:
        await hass.config_entries.async_remove(entry.entry_id)

    delete.assert_awaited_once_with(hass, WEBHOOK_ID)


async def test_an_entry_is_removed_without_the_cloud_as_well(
    hass: HomeAssistant, entry: MockConfigEntry, post: Post
) -> None:
    await hass.config_entries.async_remove(entry.entry_id)

    assert await post(DISCOVER) == (200, b"")
