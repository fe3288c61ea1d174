"""Tests of HTTP."""

import gzip
import socket
import ssl

from aiodns.error import ARES_ENOTFOUND, ARES_ETIMEOUT, DNSError
import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver
from multidict import CIMultiDict
import pytest

from custom_components.alexa_doorbell.client.exceptions import TryAgainError
from custom_components.alexa_doorbell.client.transport import (
    BODY_LIMIT,
    REASONS,
    Reply,
    request,
    retry_after,
)

from .loopback import HOSTILE_BODIES, Answerer, Loopback, breaks, raw, reply, reset

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_an_answer_has_status_headers_and_body(
    server: Loopback, session: aiohttp.ClientSession
) -> None:
    server.answer = reply(202, b'{"a": 1}', {"X-Amzn-RequestId": "7"})

    answer = await request(session, "PUT", f"{server.url}/path", data=b"hello")

    assert (answer.status, answer.ok, answer.json()) == (202, True, {"a": 1})
    assert answer.headers["x-amzn-requestid"] == "7"
    assert [(r.method, r.path, r.body) for r in server.received] == [("PUT", "/path", b"hello")]


@pytest.mark.parametrize(
    ("status", "ok"),
    [(199, False), (200, True), (204, True), (299, True), (300, False), (404, False), (999, False)],
)
def test_only_a_2xx_is_ok(status: int, ok: bool) -> None:
    assert Reply(status=status, headers={}, body=b"").ok is ok


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(body, id=name)
        for name, body in HOSTILE_BODIES.items()
        if not name.startswith("wrong types")
    ],
)
async def test_a_body_that_is_no_object_reads_as_empty(
    server: Loopback, session: aiohttp.ClientSession, body: bytes
) -> None:
    server.answer = reply(500, body)

    answer = await request(session, "GET", server.url)

    assert (answer.status, answer.json()) == (500, {})


def test_what_may_hold_a_token_is_not_in_the_repr() -> None:
    answer = Reply(status=200, headers={"Set-Cookie": "secret"}, body=b"secret")

    assert "secret" not in repr(answer)


async def test_connections_are_kept_for_the_next_request(
    server: Loopback, session: aiohttp.ClientSession
) -> None:
    server.answer = reply(200, b"x" * BODY_LIMIT)

    for _ in range(3):
        await request(session, "GET", server.url)

    assert len({received.port for received in server.received}) == 1


async def test_a_giant_body_is_cut_off_and_its_connection_dropped(
    server: Loopback, session: aiohttp.ClientSession
) -> None:
    server.answer = reply(200, b"x" * 16 * 1024 * 1024)

    answers = [await request(session, "GET", server.url) for _ in range(2)]

    assert [len(answer.body) for answer in answers] == [BODY_LIMIT, BODY_LIMIT]
    assert len({received.port for received in server.received}) == 2


async def test_a_compressed_giant_is_cut_off_too(
    server: Loopback, session: aiohttp.ClientSession
) -> None:
    bomb = gzip.compress(b"x" * 16 * 1024 * 1024)
    server.answer = reply(200, bomb, {"Content-Encoding": "gzip"})

    answer = await request(session, "GET", server.url)

    assert (answer.status, len(answer.body)) == (200, BODY_LIMIT)


async def test_a_redirect_is_an_answer_and_not_followed(
    server: Loopback, session: aiohttp.ClientSession
) -> None:
    server.answer = reply(307, headers={"Location": f"{server.url}/elsewhere"})

    answer = await request(session, "POST", f"{server.url}/here")

    assert answer.status == 307
    assert [received.path for received in server.received] == ["/here"]


async def test_an_error_status_is_an_answer_for_a_session_that_raises(
    server: Loopback,
) -> None:
    server.answer = reply(403)

    async with aiohttp.ClientSession(raise_for_status=True) as session:
        answer = await request(session, "GET", server.url)

    assert answer.status == 403


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        pytest.param(breaks(202, b'{"a"'), b'{"a"', id="reset during the body"),
        pytest.param(
            reply(202, b"not gzip at all", {"Content-Encoding": "gzip"}),
            b"",
            id="nonsense for gzip",
        ),
    ],
)
async def test_a_status_counts_even_when_its_body_breaks(
    server: Loopback, session: aiohttp.ClientSession, answer: Answerer, body: bytes
) -> None:
    server.answer = answer

    answered = await request(session, "GET", server.url)

    assert (answered.status, answered.body) == (202, body)


async def test_a_status_counts_even_when_its_body_stalls(
    server: Loopback, session: aiohttp.ClientSession
) -> None:
    server.answer = server.stalls(202, b'{"a"')

    answer = await request(session, "GET", server.url, timeout=0.05)

    assert (answer.status, answer.body, answer.json()) == (202, b'{"a"', {})


async def test_silence_ends_in_a_timeout(server: Loopback, session: aiohttp.ClientSession) -> None:
    server.answer = server.silence

    with pytest.raises(TryAgainError) as caught:
        await request(session, "GET", server.url, timeout=0.05)

    assert (caught.value.reason, caught.value.status) == ("timeout", None)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(reset, "connection closed", id="reset"),
        pytest.param(raw(b""), "connection closed", id="hung up"),
        pytest.param(raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "unreadable answer", id="not HTTP"),
        pytest.param(raw(b"HTTP/1.1 200"), "connection closed", id="half a status line"),
    ],
)
async def test_no_status_is_worth_another_try(
    server: Loopback, session: aiohttp.ClientSession, answer: Answerer, reason: str
) -> None:
    server.answer = answer

    with pytest.raises(TryAgainError) as caught:
        await request(session, "POST", server.url)

    assert (caught.value.reason, caught.value.status) == (reason, None)


async def test_a_closed_port_is_no_connection(
    session: aiohttp.ClientSession,
) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]
        with pytest.raises(TryAgainError) as caught:
            await request(session, "GET", f"http://127.0.0.1:{port}/?token=secret")

    assert caught.value.reason == "no connection"


def of_c_ares(code: int) -> OSError:
    """What the resolver that Home Assistant uses raises."""
    error = OSError(None, "DNS lookup failed")
    error.__cause__ = DNSError(code, "DNS lookup failed")
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(socket.gaierror(socket.EAI_NONAME, "unknown"), "unknown host", id="no name"),
        pytest.param(socket.gaierror(socket.EAI_AGAIN, "later"), "no connection", id="not now"),
        pytest.param(OSError(), "no connection", id="nothing said"),
        pytest.param(of_c_ares(ARES_ENOTFOUND), "unknown host", id="no name, by c-ares"),
        pytest.param(of_c_ares(ARES_ETIMEOUT), "no connection", id="not now, by c-ares"),
    ],
)
async def test_a_name_that_is_unknown_is_told_from_one_that_nobody_could_look_up(
    error: OSError, reason: str
) -> None:
    class Resolver(ThreadedResolver):
        async def resolve(self, *_: object, **__: object) -> list[ResolveResult]:
            raise error

    connector = aiohttp.TCPConnector(resolver=Resolver())
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(TryAgainError) as caught:
            await request(session, "GET", "https://skill.example.com/?token=secret")

    assert caught.value.reason == reason


async def test_plain_http_where_https_is_expected_is_no_secure_connection(
    server: Loopback, session: aiohttp.ClientSession
) -> None:
    with pytest.raises(TryAgainError) as caught:
        await request(session, "GET", server.url.replace("http:", "https:"))

    assert caught.value.reason == "no secure connection"


@pytest.mark.parametrize("url", ["", "secret", "http://", "ftp://127.0.0.1", "http://[secret"])
async def test_an_address_that_cannot_be_used_is_said_so(
    session: aiohttp.ClientSession, url: str
) -> None:
    with pytest.raises(TryAgainError) as caught:
        await request(session, "GET", url)

    assert caught.value.reason in {"unusable address", "unusable request"}
    assert caught.value.__suppress_context__


async def test_a_token_that_breaks_the_header_is_not_sent(
    server: Loopback, session: aiohttp.ClientSession
) -> None:
    with pytest.raises(TryAgainError) as caught:
        await request(session, "GET", server.url, headers={"Authorization": "a\r\nX-Evil: 1"})

    assert caught.value.reason == "unusable request"
    assert server.received == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(aiohttp.ServerTimeoutError(), "timeout", id="server timeout"),
        pytest.param(aiohttp.ConnectionTimeoutError(), "timeout", id="connection timeout"),
        pytest.param(ssl.SSLError(), "connection closed", id="broken TLS"),
        pytest.param(OSError(), "connection closed", id="system"),
        pytest.param(UnicodeError(), "unusable request", id="host name"),
    ],
)
def test_the_first_reason_that_fits_is_the_right_one(error: Exception, reason: str) -> None:
    assert next(text for kind, text in REASONS.items() if isinstance(error, kind)) == reason


NOW = 1_445_412_480.0  # Wed, 21 Oct 2015 07:28:00 GMT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("120", 120.0, id="seconds"),
        pytest.param("0", 0.0, id="at once"),
        pytest.param("1.5", 1.5, id="fraction"),
        pytest.param("-3", 0.0, id="negative"),
        pytest.param("nan", None, id="not a number"),
        pytest.param("inf", None, id="infinity"),
        pytest.param("-inf", None, id="negative infinity"),
        pytest.param("9" * 400, None, id="beyond floats"),
        pytest.param("", None, id="empty"),
        pytest.param("soon", None, id="a word"),
        pytest.param("Wed, 21 Oct 2015 07:28:30 GMT", 30.0, id="date"),
        pytest.param("Wed, 21 Oct 2015 07:28:30 -0000", 30.0, id="date of unsaid zone"),
        pytest.param("Wed, 21 Oct 2015 07:27:00 GMT", 0.0, id="date gone by"),
        pytest.param("Wed, 32 Oct 2015 07:28:30 GMT", None, id="date that is none"),
        pytest.param("Wed, 21 Oct 2015 07:28:30 +9999999999", None, id="zone that is none"),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(value: str, seconds: float | None) -> None:
    assert retry_after(CIMultiDict({"retry-after": value}), NOW) == seconds


def test_no_retry_after_is_none() -> None:
    assert retry_after({}, NOW) is None
