"""The table's own small client: signed as AWS wants it, and asked again where that helps."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
import re
import threading
import time

from botocore.auth import SigV4Auth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]
import pytest

from demo.developer.aws import SimulatedAws
from skill.closed_home import grants, signature_v4
from skill.closed_home.background import Task, TroubleError
from skill.closed_home.connections import is_allowed
from skill.closed_home.table import ConflictError, Table

from .dynamodb import KEYS, REGION, DynamoDB, Fault, denied, server_error
from .parts import TABLE, new_table


@pytest.mark.parametrize("token", ["", "a-session/token+="], ids=["lasting", "session"])
@pytest.mark.parametrize("body", [b"", b"{}", "ü".encode() * 5000], ids=len)
@pytest.mark.parametrize(
    "url",
    [
        "https://dynamodb.eu-west-1.amazonaws.com/",
        "http://127.0.0.1:8000/",
        "https://dynamodb.us-west-2.amazonaws.com",
    ],
)
def test_a_request_is_signed_with_the_letters_of_botocore(
    url: str, body: bytes, token: str
) -> None:
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "Dynamo.GetItem "}
    keys = signature_v4.Credentials(key_id=KEYS[0], secret=KEYS[1], session_token=token)
    ours = signature_v4.signed(
        url, headers, body, credentials=keys, region=REGION, service="dynamodb", now=1.8e9
    )

    names = set(ours) - {"Authorization"}
    request = AWSRequest("POST", url, headers={name: ours[name] for name in names}, data=body)
    request.context["timestamp"] = ours["X-Amz-Date"]
    signer = SigV4Auth(Credentials(*KEYS, token or None), "dynamodb", REGION)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    signature = signer.signature(text, request)
    assert ours["Authorization"].endswith(f"Signature={signature}")
    assert ours["X-Amz-Date"] == "20270115T080000Z"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://dynamodb.eu-west-1.amazonaws.com", True),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("http://localhost", True),
        ("http://dynamodb.eu-west-1.amazonaws.com", False),
        ("http://127.0.0.1.example", False),
        ("http://localhost.example", False),
        ("ftp://127.0.0.1", False),
        ("https://", False),
        ("https://x:99999", False),
        ("", False),
    ],
)
def test_secrets_go_over_https_or_stay_on_the_machine(url: str, allowed: bool) -> None:
    assert is_allowed(url) is allowed


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [("", ""), ("eu-west-1/../x", ""), ("eu-west-1", "http://example.com")],
    ids=["none", "no region", "not safe"],
)
def test_a_table_that_is_not_named_well_is_trouble(
    monkeypatch: pytest.MonkeyPatch, region: str, endpoint: str
) -> None:
    monkeypatch.setenv("TABLE_REGION", region)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint)

    with pytest.raises(TroubleError):
        Table.until(time.monotonic() + 1)


@pytest.fixture
async def server(aws: SimulatedAws) -> AsyncIterator[DynamoDB]:
    """A table in moto."""
    new_table(aws)
    async with DynamoDB(aws.url) as server:
        yield server
        for thread in threading.enumerate():
            if isinstance(thread, Task):
                await asyncio.to_thread(thread.join)


def table(server: DynamoDB, seconds: float = 5) -> Table:
    """The client of that table."""
    keys = signature_v4.Credentials(key_id=KEYS[0], secret=KEYS[1], session_token="")
    return Table(
        url=f"{server.url}/",
        region=REGION,
        name=TABLE,
        deadline=time.monotonic() + seconds,
        credentials=keys,
    )


async def test_texts_and_whole_numbers_come_back_as_they_went(server: DynamoDB) -> None:
    row: dict[str, str | int] = {"key": "a", "text": "ü 👋 \x00", "empty": "", "number": -(10**15)}
    await asyncio.to_thread(table(server).replace, row)

    assert await asyncio.to_thread(table(server).get, "a", "b") == [row, None]


async def test_what_is_asked_for_together_is_asked_for_at_once(server: DynamoDB) -> None:
    server.delay = 0.3
    started = time.monotonic()

    await asyncio.to_thread(table(server).get, "a", "b", "c")
    assert time.monotonic() - started < 0.8


async def test_a_claim_is_its_claimers_until_its_end(server: DynamoDB) -> None:
    await asyncio.to_thread(table(server).replace, {"key": "a", "ttl": 100})

    for by, now in (("me", 99.9), ("me", 99)):
        claimed = await asyncio.to_thread(table(server).claim, "a", by=by, now=now)
        assert claimed == {"key": "a", "ttl": 100, "taken": "me"}
    for key, by, now in (("a", "other", 99), ("a", "me", 100), ("b", "me", 99)):
        with pytest.raises(ConflictError):
            await asyncio.to_thread(table(server).claim, key, by=by, now=now)
    assert await asyncio.to_thread(table(server).get, "b") == [None]


@pytest.mark.parametrize(
    ("fault", "calls"), [(denied, 1), (server_error, 4)], ids=["for good", "for now"]
)
async def test_only_what_may_pass_by_itself_is_asked_again(
    server: DynamoDB, fault: Fault, calls: int
) -> None:
    server.begin(lambda _: fault)

    with pytest.raises(TroubleError, match=r"answer \d+ \w+"):
        await asyncio.to_thread(table(server).get, "a")
    assert len(server.calls) == calls


async def test_a_table_that_is_away_is_trouble_at_once(server: DynamoDB) -> None:
    client = table(server)
    await server.__aexit__()

    with pytest.raises(TroubleError, match="no connection"):
        await asyncio.to_thread(client.get, "a")


async def test_a_kept_connection_that_was_closed_meanwhile_is_not_noticed(
    server: DynamoDB,
) -> None:
    await asyncio.to_thread(table(server).get, "a")
    await server.restart()

    assert await asyncio.to_thread(table(server).get, "a") == [None]


async def test_deadlines_are_kept_whatever_hangs(server: DynamoDB) -> None:
    server.delay = 30
    started = time.monotonic()

    with pytest.raises(TroubleError, match="too long"):
        await asyncio.to_thread(table(server, 0.5).get, "a")
    assert time.monotonic() - started < 1.5


def test_only_four_actions_on_single_rows_are_used() -> None:
    sources = Path(signature_v4.__file__).parent.glob("*.py")
    text = "".join(path.read_text() for path in sources)

    actions = {"GetItem", "PutItem", "UpdateItem", "DeleteItem"}
    assert set(re.findall(r'"([A-Z]\w*(?:Item|Scan|Query|Batch)\w*|Item)"', text)) == actions | {
        "Item"
    }


async def test_a_grant_that_comes_while_its_home_is_removed_is_not_kept(server: DynamoDB) -> None:
    grant = grants.Grant(link="l", identity="", tokens={"access_token": "t"}, aws_region=REGION)
    await asyncio.to_thread(grants.refuse_more, table(server), "home", time.time())

    with pytest.raises(ConflictError):
        await asyncio.to_thread(grants.keep, table(server), "home", grant)
    (row,) = await asyncio.to_thread(table(server).get, "grant#home")
    assert row is not None
    assert row.keys() == {"key", "removed", "ttl"}
