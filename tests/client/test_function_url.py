"""Tests of what the home says to the skill's function."""

import json
import time
from typing import Any

import aiohttp
import pytest

from custom_components.alexa_doorbell.client import function_url
from custom_components.alexa_doorbell.client.exceptions import FunctionError, Trouble, TryAgainError
from custom_components.alexa_doorbell.client.function_url import (
    Enrolled,
    Enrolment,
    FunctionUrl,
    Grant,
    Home,
    is_function_url,
    new_home_id,
    read_enrolment,
)
from custom_components.alexa_doorbell.client.lwa import Tokens
from custom_components.alexa_doorbell.client.signature import verify
from custom_components.alexa_doorbell.client.transport import UNKNOWN_HOST

from .loopback import HOSTILE_BODIES, Loopback, reply, reset

SECRET = "whsec_" + "c2VjcmV0" * 4
HOME_ID = "h" * 22
CODE = "c" * 22
HOST = "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws"
TOKENS: dict[str, Any] = {"access_token": "Atza|1", "refresh_token": "Atzr|1", "expires_in": 3600}

needs_sockets = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
def function(server: Loopback, session: aiohttp.ClientSession) -> FunctionUrl:
    home = Home(function_url=server.url, home_id=HOME_ID, secret=SECRET)
    return FunctionUrl(session, home)


def said(server: Loopback) -> dict[str, Any]:
    """Return the only message, which must be signed by this home."""
    (received,) = server.received
    assert (received.method, received.path) == ("POST", "/home")
    assert received.headers["x-home"] == HOME_ID
    headers = {key.lower(): value for key, value in received.headers.items()}
    verify([SECRET], headers, received.body, now=time.time())
    message: dict[str, Any] = json.loads(received.body)
    return message


async def trouble_of(function: FunctionUrl) -> FunctionError:
    """Return what keeps the function from being asked."""
    with pytest.raises(FunctionError) as caught:
        await function.grants()
    return caught.value


# The line that the command prints at its end.


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"{HOST}/#{CODE}", id="as it is printed"),
        pytest.param(f"{HOST}#{CODE}", id="without the slash"),
        pytest.param(f"  {HOST}/#{CODE}\n", id="with blanks around it"),
        pytest.param(f"{HOST[:30]}\n{HOST[30:]}/#{CODE}", id="broken by a terminal"),
        pytest.param(f"`{HOST}/#{CODE}`", id="as code"),
        pytest.param(f"<{HOST}/#{CODE}>", id="as a link"),
    ],
)
def test_an_enrolment_is_read_however_it_was_copied(line: str) -> None:
    assert read_enrolment(line) == Enrolment(url=HOST, code=CODE)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="nothing"),
        pytest.param(HOST, id="no code"),
        pytest.param(f"{HOST}/#{CODE[1:]}", id="a code cut short"),
        pytest.param(f"{HOST}/#{CODE}c", id="a code too long"),
        pytest.param(f"{HOST}/#{'ü' * 22}", id="another code"),
        pytest.param(f"{HOST}/home#{CODE}", id="a path"),
        pytest.param(f"{HOST}/?a=b#{CODE}", id="a query"),
        pytest.param(f"{HOST}:444/#{CODE}", id="a port"),
        pytest.param(f"{HOST.replace('https', 'http')}/#{CODE}", id="http"),
        pytest.param(f"https://user@{HOST[8:]}/#{CODE}", id="a user"),
        pytest.param(f"{HOST}.example.com/#{CODE}", id="a longer host"),
        pytest.param(f"https://evil.example.com/#{CODE}", id="another host"),
        pytest.param(f"https://evil.example.com/{HOST[8:]}/#{CODE}", id="the host as a path"),
        pytest.param(f"http://127.0.0.1:8080/#{CODE}", id="this machine"),
        pytest.param("uv run skill/create_skill.py create", id="the command"),
    ],
)
def test_what_is_no_enrolment_is_not_taken_for_one(line: str) -> None:
    assert read_enrolment(line) is None


@pytest.mark.parametrize(
    "region", ["us-east-1", "eu-west-1", "us-west-2", "ap-northeast-1", "us-gov-west-1"]
)
def test_a_function_may_be_in_any_region_of_aws(region: str) -> None:
    assert is_function_url(f"https://abcdefgh.lambda-url.{region}.on.aws")


def test_the_code_of_an_enrolment_does_not_show() -> None:
    assert CODE not in repr(read_enrolment(f"{HOST}/#{CODE}"))


def test_a_home_id_is_22_letters_and_never_the_same() -> None:
    assert len(new_home_id()) == 22
    assert new_home_id() != new_home_id()


# What is said.


@needs_sockets
async def test_a_home_enrols_with_the_secret_that_signs_it(
    server: Loopback, function: FunctionUrl
) -> None:
    server.answer = reply(
        200,
        enrolled={"client_id": "id", "client_secret": "secret", "skill_name": "Bell", "version": 1},
    )

    enrolled = await function.enrol(CODE)

    assert enrolled == Enrolled(client_id="id", client_secret="secret", skill_name="Bell")
    assert said(server) == {"enrol": {"code": CODE, "secret": SECRET}}
    assert "'secret'" not in repr(enrolled)


@needs_sockets
async def test_a_skill_may_be_nameless(server: Loopback, function: FunctionUrl) -> None:
    server.answer = reply(200, enrolled={"client_id": "id", "client_secret": "secret"})

    assert (await function.enrol(CODE)).skill_name == ""


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
@needs_sockets
async def test_an_enrolment_that_brings_no_pair_has_failed(
    server: Loopback, function: FunctionUrl, missing: str
) -> None:
    pair = {"client_id": "id", "client_secret": "secret"} | {missing: ""}
    server.answer = reply(200, enrolled=pair)

    with pytest.raises(FunctionError) as caught:
        await function.enrol(CODE)

    assert caught.value.trouble is Trouble.FAILING


@pytest.mark.parametrize(
    ("answer", "taken"),
    [({"taken": True}, True), ({"taken": False}, False), ({}, True)],
    ids=["taken", "overtaken", "an older function"],
)
@needs_sockets
async def test_the_list_and_the_states_are_pushed_whole(
    server: Loopback, function: FunctionUrl, answer: dict[str, bool], taken: bool
) -> None:
    server.answer = reply(200, pushed=answer)
    states = {"bell": {"value": "OK", "time": "2026-11-26T12:00:00Z"}}

    assert await function.push([{"endpointId": "bell"}], states) is taken

    assert said(server) == {
        "push": {"endpoints": [{"endpointId": "bell"}], "states": states, "complete": True}
    }


@needs_sockets
async def test_a_pairing_code_goes_out_only_as_its_hash(
    server: Loopback, function: FunctionUrl
) -> None:
    server.answer = reply(200, pairing={"expires_at": 1})

    await function.pair("f" * 64, expires_in=900)

    assert said(server) == {"pair": {"code_hash": "f" * 64, "expires_in": 900}}


@needs_sockets
async def test_a_pairing_says_which_account_is_to_link_again(
    server: Loopback, function: FunctionUrl
) -> None:
    server.answer = reply(200, pairing={"expires_at": 1})

    await function.pair("f" * 64, expires_in=900, identity="anonymous#2")

    assert said(server)["pair"]["identity"] == "anonymous#2"


@needs_sockets
async def test_what_waits_is_taken_as_it_came(server: Loopback, function: FunctionUrl) -> None:
    first = {
        "id": "first",
        "identity": "anonymous",
        "tokens": TOKENS | {"received_at": 1764150000.5},
        "aws_region": "eu-west-1",
    }
    server.answer = reply(
        200, grants=[first, {"id": "second", "tokens": TOKENS, "aws_region": 1}], paired=True
    )

    waiting = await function.grants()

    tokens = Tokens(access_token="Atza|1", refresh_token="Atzr|1", expires_in=3600)
    assert waiting.grants == [
        Grant(
            grant_id="first",
            identity="anonymous",
            tokens=tokens,
            received_at=1764150000.5,
            aws_region="eu-west-1",
        ),
        Grant(grant_id="second", identity=None, tokens=tokens, received_at=0.0, aws_region=None),
    ]
    assert waiting.paired
    assert said(server) == {"grants": {}}


@pytest.mark.parametrize(
    "useless",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param({"tokens": TOKENS}, id="no id"),
        pytest.param({"id": "grant"}, id="no tokens"),
        pytest.param({"id": "grant", "tokens": {"access_token": "Atza|1"}}, id="no refresh token"),
        pytest.param({"id": "grant", "tokens": {"refresh_token": "Atzr|1"}}, id="no access token"),
    ],
)
@needs_sockets
async def test_a_grant_that_nobody_could_use_keeps_no_other_back(
    server: Loopback, function: FunctionUrl, useless: object
) -> None:
    server.answer = reply(200, grants=[useless, {"id": "good", "tokens": TOKENS}], paired=False)

    waiting = await function.grants()

    assert [each.grant_id for each in waiting.grants] == ["good"]
    assert not waiting.paired


@pytest.mark.parametrize(
    "received_at",
    [b"-1", b"true", b'"1"', b"NaN", b"1e999", b"9" * 400, b"null"],
    ids=["negative", "bool", "text", "not a number", "infinity", "beyond floats", "nothing"],
)
@needs_sockets
async def test_a_time_that_is_none_is_long_ago(
    server: Loopback, function: FunctionUrl, received_at: bytes
) -> None:
    tokens = json.dumps(TOKENS).encode()[:-1] + b', "received_at": ' + received_at + b"}"
    server.answer = reply(200, b'{"grants": [{"id": "grant", "tokens": ' + tokens + b"}]}")

    (grant,) = (await function.grants()).grants

    assert grant.received_at <= 1


@needs_sockets
async def test_what_is_on_disk_is_acknowledged(server: Loopback, function: FunctionUrl) -> None:
    server.answer = reply(200, acknowledged={"grants": ["a", "b"]})

    await function.acknowledge(("a", "b"))

    assert said(server) == {"acknowledge": {"grants": ["a", "b"]}}


@needs_sockets
async def test_a_home_says_that_it_is_removed(server: Loopback, function: FunctionUrl) -> None:
    server.answer = reply(200, removed={})

    await function.remove()

    assert said(server) == {"remove": {}}


@needs_sockets
async def test_what_was_said_is_counted(server: Loopback, function: FunctionUrl) -> None:
    server.answer = reply(200, removed={}, grants=[])
    for _ in range(2):
        await function.grants()
    await function.remove()

    assert function.sent == {"grants": 2, "remove": 1}


# What keeps it from being heard.


@pytest.mark.parametrize(
    ("status", "mark", "trouble"),
    [
        (401, "clock", Trouble.CLOCK),
        (401, "signature", Trouble.REFUSED),
        (401, "unknown_home", Trouble.REFUSED),
        (401, "enrolment", Trouble.CODE),
        (409, "code_taken", Trouble.CODE),
        (400, "malformed", Trouble.UNREADABLE),
        (413, "too_large", Trouble.UNREADABLE),
        (503, "table", Trouble.FAILING),
        (401, "of another version", Trouble.FAILING),
    ],
)
@needs_sockets
async def test_each_refusal_of_the_function_has_its_trouble(
    server: Loopback, function: FunctionUrl, status: int, mark: str, trouble: Trouble
) -> None:
    server.answer = reply(status, headers={"x-alexa-doorbell": mark})

    assert (await trouble_of(function)).trouble is trouble


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (403, Trouble.GONE),
        (404, Trouble.GONE),
        (410, Trouble.GONE),
        (400, Trouble.FAILING),
        (401, Trouble.FAILING),
        (429, Trouble.FAILING),
        (500, Trouble.FAILING),
        (502, Trouble.FAILING),
        (302, Trouble.FAILING),
    ],
)
@needs_sockets
async def test_what_somebody_else_answers_is_no_word_of_the_function(
    server: Loopback, function: FunctionUrl, status: int, trouble: Trouble
) -> None:
    server.answer = reply(status, b'{"Message":"Forbidden"}')

    assert (await trouble_of(function)).trouble is trouble


@pytest.mark.parametrize("body", HOSTILE_BODIES.values(), ids=HOSTILE_BODIES)
@needs_sockets
async def test_an_answer_of_another_form_is_a_failure(
    server: Loopback, function: FunctionUrl, body: bytes
) -> None:
    server.answer = reply(200, body)

    assert (await trouble_of(function)).trouble is Trouble.FAILING
    with pytest.raises(FunctionError):
        await function.remove()


@needs_sockets
async def test_no_answer_says_nothing_of_the_function(
    server: Loopback, function: FunctionUrl
) -> None:
    server.answer = reset

    assert (await trouble_of(function)).trouble is Trouble.AWAY


@needs_sockets
async def test_silence_says_nothing_of_the_function(
    server: Loopback, session: aiohttp.ClientSession
) -> None:
    server.answer = server.silence
    home = Home(function_url=server.url, home_id=HOME_ID, secret=SECRET)

    assert (await trouble_of(FunctionUrl(session, home, timeout=0.05))).trouble is Trouble.AWAY


async def test_a_name_that_nobody_knows_is_a_failure(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise TryAgainError(UNKNOWN_HOST)

    monkeypatch.setattr(function_url, "request", unknown)
    function = FunctionUrl(session, Home(function_url=HOST, home_id=HOME_ID, secret=SECRET))

    assert (await trouble_of(function)).trouble is Trouble.FAILING


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Thu, 26 Nov 2026 12:00:00 GMT", 600),
        ("Thu, 26 Nov 2026 12:00:00", 600),
        ("Thu, 26 Nov 2026 12:20:00 GMT", -600),
        ("yesterday", None),
    ],
)
@needs_sockets
async def test_a_clock_that_is_off_is_told_by_how_much(
    server: Loopback,
    function: FunctionUrl,
    monkeypatch: pytest.MonkeyPatch,
    date: str,
    ahead: int | None,
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1795695000.0)  # 12:10:00
    server.answer = reply(401, headers={"x-alexa-doorbell": "clock", "Date": date})

    assert (await trouble_of(function)).seconds_ahead == ahead


@needs_sockets
async def test_no_trouble_tells_a_secret(server: Loopback, function: FunctionUrl) -> None:
    for answer in (reply(401, headers={"x-alexa-doorbell": "signature"}), reset):
        server.answer = answer
        error = await trouble_of(function)
        assert SECRET not in str(error)
        assert server.url not in str(error)
