"""Why there is no answer: each cause by its name, and the events that ask for it."""

from collections.abc import Callable
from contextlib import contextmanager
from email.utils import formatdate
import errno
import json
from pathlib import Path
import re
import socket
import threading
import time
from types import ModuleType
from typing import Any

import pytest
from standardwebhooks import Webhook

from .conftest import ACCEPT_GRANT, DISCOVER, Invoke, directive
from .server import SHARED_SECRET, Reply, Request, Server, answer, http, raw

PING = {"ping": {"nonce": "of-the-test"}}
SETUP = {"setup": {"client_id": "of-the-skill", "client_secret": "hidden", "skill_id": "the-skill"}}
PONG = {"pong": {"nonce": "of-the-test", "version": "1.2.3", "time": 1_800_000_000}}
HTML = b"<!doctype html><title>Welcome</title>"
BLOCKED = b"<title>Attention Required! | Cloudflare</title>"


def problem(answer: Any) -> dict[str, Any]:
    """What the function tells of what went wrong."""
    assert answer.keys() == {"problem"}
    told: dict[str, Any] = answer["problem"]
    assert told.keys() == {"cause", "message", "facts"}
    return told


@pytest.mark.parametrize("event", [PING, SETUP], ids=["ping", "setup"])
def test_an_event_of_the_commands_is_posted_signed_as_it_came(invoke: Invoke, event: Any) -> None:
    with Server([answer(body=json.dumps(PONG).encode())]) as server:
        invoke(event, server.url)

    (request,) = server.requests
    assert Webhook(SHARED_SECRET).verify(request.body, request.headers) == event


ANSWERS: dict[str, tuple[Reply, dict[str, Any]]] = {
    "a pong": (
        answer(body=json.dumps(PONG).encode()),
        {"status": 200, "document": PONG},
    ),
    "taken": (answer("204 No Content"), {"status": 204, "document": None}),
    "nobody waits": (
        answer("409 Conflict", b"", "x-alexa-doorbell: not_waiting"),
        {"status": 409, "document": None},
    ),
    "nobody waits in an older one": (answer("409 Conflict"), {"status": 409, "document": None}),
}


@pytest.mark.parametrize(("reply", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_what_the_integration_answers_the_command_comes_back_as_it_is(
    invoke: Invoke, caplog: pytest.LogCaptureFixture, reply: Reply, expected: dict[str, Any]
) -> None:
    with Server([reply]) as server:
        assert invoke(SETUP, server.url) == {"answer": expected}
    assert caplog.messages == []


def marked(status: str, mark: str) -> Reply:
    """Reply with a refusal of the integration's."""
    return answer(status, b"", f"x-alexa-doorbell: {mark}")


def marked_through_the_cloud(status: str, mark: str) -> Reply:
    """Reply with such a refusal as Home Assistant Cloud hands it through."""
    return answer(status, b"", f"Content-Type: application/vnd.alexa-doorbell.{mark}")


REFUSALS: dict[str, tuple[Reply, str, str]] = {
    # The integration's.
    "secret": (
        marked("401 Unauthorized", "signature"),
        "signature",
        "Home Assistant refused the signature: SHARED_SECRET is another",
    ),
    "secret, through the cloud": (
        marked_through_the_cloud("401 Unauthorized", "signature"),
        "signature",
        "Home Assistant refused the signature: SHARED_SECRET is another",
    ),
    "secret or clock, by an older integration": (
        answer("401 Unauthorized"),
        "signature_or_clock",
        (
            "the signature was refused, nobody says why: is SHARED_SECRET the newest, and Home "
            "Assistant's clock right?"
        ),
    ),
    "malformed": (
        marked("400 Bad Request", "malformed"),
        "malformed",
        "Home Assistant could not read the message",
    ),
    "malformed, through the cloud": (
        marked_through_the_cloud("400 Bad Request", "malformed"),
        "malformed",
        "Home Assistant could not read the message",
    ),
    "malformed, by an older integration": (
        answer("400 Bad Request"),
        "malformed",
        "Home Assistant could not read the message",
    ),
    "another method arrived": (
        marked("405 Method Not Allowed", "method"),
        "malformed",
        "Home Assistant could not read the message",
    ),
    "too large": (
        marked("413 Content Too Large", "too_large"),
        "too_large",
        "the message is too large for Home Assistant, or for something before it",
    ),
    # Home Assistant's.
    "an unknown webhook": (
        answer(),
        "unknown_webhook",
        "the answer was empty, so Home Assistant does not know this webhook (now)",
    ),
    "an untrusted proxy": (
        answer("400 Bad Request", b"400: Bad Request"),
        "untrusted_proxy",
        (
            "Home Assistant does not trust the proxy before it: trusted_proxies is missing, or "
            "names another"
        ),
    ),
    "a ban": (
        answer("403 Forbidden", b"403: Forbidden", "cf-ray: 1", "Server: cloudflare"),
        "banned",
        "Home Assistant has banned the address that the message came from",
    ),
    # Of something before it.
    "a login": (
        answer("401 Unauthorized", b"", 'WWW-Authenticate: Basic realm="home"'),
        "asks_for_login",
        "something before Home Assistant asks for a login (answer 401)",
    ),
    "a proxy's login": (
        answer("407 Proxy Authentication Required", b"", "Proxy-Authenticate: Basic"),
        "asks_for_login",
        "something before Home Assistant asks for a login (answer 407)",
    ),
    "a redirect": (
        answer("302 Found", b"", "Location: https://login.example"),
        "redirected",
        (
            "something before Home Assistant sends to another address, perhaps to a login "
            "(answer 302)"
        ),
    ),
    "a challenge for bots": (
        answer("403 Forbidden", HTML, "cf-mitigated: challenge"),
        "bot_check",
        "Cloudflare takes this function for a bot (answer 403)",
    ),
    "a challenge for those who ask often": (
        answer("429 Too Many Requests", HTML, "cf-mitigated: challenge"),
        "bot_check",
        "Cloudflare takes this function for a bot (answer 429)",
    ),
    "a page for those who are blocked": (
        answer("403 Forbidden", BLOCKED, "Server: cloudflare"),
        "bot_check",
        "Cloudflare takes this function for a bot (answer 403)",
    ),
    "a line for those who are blocked": (
        answer("403 Forbidden", b"error code: 1010", "Server: cloudflare"),
        "bot_check",
        "Cloudflare takes this function for a bot (answer 403)",
    ),
    "a proxy's 403 that Cloudflare brings": (
        answer("403 Forbidden", b"<hr><center>nginx</center>", "Server: cloudflare", "cf-ray: 1"),
        "refused",
        "something before Home Assistant refused the message (answer 403)",
    ),
    "a 401 without a way to log in": (
        answer("401 Unauthorized", HTML),
        "refused",
        "something before Home Assistant refused the message (answer 401)",
    ),
    "a 405 of somebody else": (
        answer("405 Method Not Allowed"),
        "refused",
        "something before Home Assistant refused the message (answer 405)",
    ),
    "a 409 of somebody else": (
        answer("409 Conflict", HTML),
        "refused",
        "something before Home Assistant refused the message (answer 409)",
    ),
    "not found": (
        answer("404 Not Found", b"404: Not Found"),
        "not_found",
        "there is no Home Assistant at WEBHOOK_URL (answer 404)",
    ),
    "too often": (
        answer("429 Too Many Requests", HTML),
        "rate_limited",
        "something before Home Assistant allows no more requests (answer 429)",
    ),
    "a proxy before nothing": (
        answer("502 Bad Gateway", HTML),
        "away",
        "a proxy answers, but does not reach Home Assistant (answer 502)",
    ),
    "Cloudflare before nothing": (
        answer("521 Web Server Is Down", BLOCKED, "Server: cloudflare"),
        "away",
        "a proxy answers, but does not reach Home Assistant (answer 521)",
    ),
    "a fault": (
        answer("500 Internal Server Error", b"500 Internal Server Error"),
        "server_error",
        "Home Assistant, or a proxy before it, has a fault (answer 500)",
    ),
    "a fault that is told in JSON": (
        answer("503 Service Unavailable", b'{"pong": {}}'),
        "server_error",
        "Home Assistant, or a proxy before it, has a fault (answer 503)",
    ),
    # No answer at all, or of somebody else.
    "a page": (
        answer(body=HTML),
        "not_home_assistant",
        "what answered is not Home Assistant, or only half of its answer came",
    ),
    "a page that was made": (
        answer("201 Created"),
        "not_home_assistant",
        "what answered is not Home Assistant, or only half of its answer came",
    ),
    "a list": (
        answer(body=b"[]"),
        "not_home_assistant",
        "what answered is not Home Assistant, or only half of its answer came",
    ),
    "JSON that Amazon cannot read": (
        answer(body=b'{"pong": NaN}'),
        "not_home_assistant",
        "what answered is not Home Assistant, or only half of its answer came",
    ),
    "JSON that AWS cannot write": (
        answer(body=rb'{"pong": "\ud800"}'),
        "not_home_assistant",
        "what answered is not Home Assistant, or only half of its answer came",
    ),
    "half a body": (
        raw(http("200 OK", b"1" * 99)[:-50]),
        "broke_off",
        "the connection broke before Home Assistant had answered",
    ),
    "half a body by somebody who says that it is the last": (
        raw(http("200 OK", b"1" * 99, "Connection: close")[:-50]),
        "broke_off",
        "the connection broke before Home Assistant had answered",
    ),
    "another protocol": (
        raw(b"SSH-2.0-OpenSSH_9.9\r\n"),
        "not_http",
        "what answered does not speak HTTP",
    ),
}


@pytest.mark.parametrize(("reply", "cause", "words"), REFUSALS.values(), ids=REFUSALS)
def test_each_refusal_has_the_name_and_the_words_of_its_cause(
    invoke: Invoke, caplog: pytest.LogCaptureFixture, reply: Reply, cause: str, words: str
) -> None:
    with Server([reply]) as server:
        told = problem(invoke(PING, server.url))

    assert (told["cause"], told["message"]) == (cause, words)
    assert caplog.messages == [f"ping was not answered: {words}"]


def test_the_status_is_told_with_the_cause(invoke: Invoke) -> None:
    with Server([answer("403 Forbidden")]) as server:
        assert problem(invoke(PING, server.url))["facts"] == {"status": 403}


CLOCKS = {
    "39 minutes behind": (-39 * 60, "is 39 minutes behind"),
    "6 minutes ahead": (6 * 60, "is 6 minutes ahead"),
    "2 hours behind": (-2 * 3600, "is 2 hours behind"),
    "56 years behind": (-56 * 365 * 86_400, "is 20440 days behind"),
    "a proxy's clock is right": (2, "is wrong by more than 5 minutes"),
}


@pytest.mark.parametrize(("seconds", "words"), CLOCKS.values(), ids=CLOCKS)
def test_a_wrong_clock_is_told_from_a_wrong_secret_and_by_how_much(
    invoke: Invoke, seconds: int, words: str
) -> None:
    date = f"Date: {formatdate(time.time() + seconds, usegmt=True)}"
    with Server([answer("401 Unauthorized", b"", "x-alexa-doorbell: clock", date)]) as server:
        told = problem(invoke(PING, server.url))

    assert (told["cause"], told["message"]) == ("clock", f"Home Assistant's clock {words}")


@pytest.mark.parametrize("date", ["", "Date: today", "Date: Thu, 01 Jan 0001 00:00:00 GMT"])
def test_a_wrong_clock_is_told_without_a_date_too(invoke: Invoke, date: str) -> None:
    with Server([answer("401 Unauthorized", b"", "x-alexa-doorbell: clock", date)]) as server:
        told = problem(invoke(PING, server.url))

    assert told["cause"] == "clock"
    json.dumps(told)


def test_nothing_listens(invoke: Invoke) -> None:
    with Server([answer()]) as server:
        pass

    assert problem(invoke(PING, server.url))["cause"] == "nothing_listens"


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the only host in the world have these addresses."""

    def know(*addresses: str) -> None:
        def look_up(_host: str, port: int, *_: Any, **__: Any) -> list[Any]:
            if not addresses:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            return [
                (socket.AF_INET6 if ":" in one else socket.AF_INET, 0, 0, "", (one, port))
                for one in addresses
            ]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return know


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Callable[[OSError], None]:
    """Let every connection fail like this."""

    def fail(error: OSError) -> None:
        def connect(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(socket, "create_connection", connect)

    return fail


NO_ROUTE = OSError(errno.ENETUNREACH, "Network is unreachable")
SILENCE = TimeoutError()
REFUSED = ConnectionRefusedError()
UNREACHED: dict[str, tuple[tuple[str, ...], OSError, str]] = {
    "no such name": ((), SILENCE, "unknown_name"),
    "silence": (("8.8.8.8",), SILENCE, "not_reached"),
    "no route": (("8.8.8.8", "2001:4860:4860::8888"), NO_ROUTE, "not_reached"),
    "refused": (("8.8.8.8",), REFUSED, "nothing_listens"),
    "IPv6 only": (("2001:4860:4860::8888",), NO_ROUTE, "ipv6_only"),
    "IPv6 only, and silence": (("2001:4860:4860::8888",), SILENCE, "ipv6_only"),
    "IPv6, refused: there is a way": (("2001:4860:4860::8888",), REFUSED, "nothing_listens"),
    "at home": (("192.168.1.2",), SILENCE, "private_address"),
    "at home, by IPv6": (("fd00::2",), NO_ROUTE, "private_address"),
    "behind the provider's NAT": (("100.64.0.2",), SILENCE, "private_address"),
    "the caller itself": (("127.0.0.1",), REFUSED, "private_address"),
    "IPv4 at home, IPv6 everywhere": (
        ("192.168.1.2", "2001:4860:4860::8888"),
        NO_ROUTE,
        "private_address",
    ),
}


@pytest.mark.parametrize(("addresses", "error", "cause"), UNREACHED.values(), ids=UNREACHED)
def test_an_address_that_leads_nowhere_is_told_by_its_kind(
    invoke: Invoke,
    name_server: Callable[..., None],
    network: Callable[[OSError], None],
    addresses: tuple[str, ...],
    error: OSError,
    cause: str,
) -> None:
    name_server(*addresses)
    network(error)

    told = problem(invoke(PING, "https://home.example/api/webhook/1"))

    assert told["cause"] == cause
    assert "home.example" not in str(told)


def test_a_name_server_that_says_nothing_is_not_taken_for_a_slow_home_assistant(
    invoke: Invoke, function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge = function._bridge

    def look_up(*_: object, **__: object) -> None:
        bridge.abandoned.wait()
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    told = problem(invoke(PING, "https://home.example/api/webhook/1", milliseconds=450))

    assert told["cause"] == "not_reached"


def test_ipv6_addresses_are_asked_at_the_usual_port(
    invoke: Invoke, name_server: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def connect(address: Any, *_: object, **__: object) -> None:
        asked.append(address)
        raise NO_ROUTE

    name_server("2001:4860:4860::8888")
    monkeypatch.setattr(socket, "create_connection", connect)

    invoke(PING, "https://[2001:4860:4860::8888]/api/webhook/1")

    assert asked == [("2001:4860:4860::8888", 443)]


def test_a_certificate_is_refused_for_a_reason_that_names_no_host(
    invoke: Invoke, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Server([answer()], certificate=certificate) as server:
        told = problem(invoke(PING, server.url.replace("127.0.0.1", "localhost")))

    assert told["cause"] == "certificate"
    reason = "Hostname mismatch, certificate is not valid"
    assert told["facts"] == {"reason": reason}
    assert told["message"] == f"Home Assistant's certificate is not good: {reason}"


def test_a_server_without_https_is_told_from_one_with(invoke: Invoke) -> None:
    with Server([answer()]) as server:
        told = problem(invoke(PING, server.url.replace("http:", "https:")))

    assert told["cause"] == "not_https"


@contextmanager
def listening(do: Callable[[socket.socket], None]) -> Any:
    """Do this with the first connection; the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: do(listener.accept()[0]))
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/api/webhook/1"
        thread.join()


@pytest.mark.parametrize("heard", [1, 64 * 1024], ids=["reset", "ended"])
def test_a_handshake_that_breaks_off_is_a_broken_connection(invoke: Invoke, heard: int) -> None:
    def close(connection: socket.socket) -> None:
        # What was not read makes a reset of the end.
        connection.recv(heard)
        connection.close()

    with listening(close) as url:
        assert problem(invoke(PING, url))["cause"] == "broke_off"


def test_a_handshake_without_an_answer_is_too_late(invoke: Invoke) -> None:
    kept: list[socket.socket] = []
    with listening(kept.append) as url:
        assert problem(invoke(PING, url, milliseconds=450))["cause"] == "too_late"
    for connection in kept:
        connection.close()


def test_an_answer_that_never_comes_is_too_late(invoke: Invoke) -> None:
    def silent(_: socket.socket, __: Request) -> None:
        """Keep the connection, and say nothing."""

    with Server([silent]) as server:
        told = problem(invoke(PING, server.url, milliseconds=450))

    assert (told["cause"], told["message"]) == (
        "too_late",
        "Home Assistant did not answer in time",
    )


def test_an_answer_that_is_too_large_is_told(
    invoke: Invoke, function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(function, "LARGEST_ANSWER", 10)
    with Server([answer(body=b"1" * 11)]) as server:
        assert problem(invoke(PING, server.url))["cause"] == "answer_too_large"


ADDRESSES = {
    "none": ("", "no_address"),
    "no scheme": ("home.example/api/webhook/1", "no_address"),
    "two dots": ("https://home..example/api/webhook/1", "no_address"),
    "a name that is too long": (f"https://{'a' * 64}.example/api/webhook/1", "no_address"),
    "a space in the name": ("https://my home/api/webhook/1", "no_address"),
    "half a character": ("https://home\ud800.example/api/webhook/1", "no_address"),
    "half a character in the path": ("https://home.example/\udce9", "no_address"),
    "a port that is none": ("https://home.example:99999/1", "no_address"),
    "http": ("http://home.example/api/webhook/1", "not_safe"),
}


@pytest.mark.parametrize(("url", "cause"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_that_is_none_is_told(function: ModuleType, url: str, cause: str) -> None:
    with pytest.raises(function.BridgeError) as caught:
        function.configuration(url, SHARED_SECRET)

    assert caught.value.cause == cause


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_é", "whsec_c2Vj\udce9", "c2VjcmV0"])
def test_a_secret_that_is_none_is_told(function: ModuleType, secret: str) -> None:
    with pytest.raises(function.BridgeError) as caught:
        function.configuration("https://home.example/api/webhook/1", secret)

    assert caught.value.cause == "no_secret"


def test_a_region_that_is_none_is_not_sent(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu\r\nx-forged: yes")
    with Server([answer(body=json.dumps(PONG).encode())]) as server:
        assert "answer" in invoke(PING, server.url)

    assert "x-aws-region" not in server.requests[0].headers


def nested(depth: int) -> Any:
    """A list in a list in a list."""
    inner: Any = []
    for _ in range(depth):
        inner = [inner]
    return inner


@pytest.mark.parametrize("inner", [float("nan"), nested(100_000)], ids=["no number", "too deep"])
def test_an_event_that_home_assistant_would_not_read_is_not_sent(
    invoke: Invoke, inner: Any
) -> None:
    with Server([answer()]) as server:
        assert problem(invoke({"ping": inner}, server.url))["cause"] == "malformed"
        assert server.requests == []


def test_whoever_refuses_a_message_before_it_is_sent_is_heard(invoke: Invoke) -> None:
    def refuse(connection: socket.socket) -> None:
        with connection:
            connection.recv(1000)
            connection.sendall(http("413 Content Too Large"))

    with listening(refuse) as url:
        told = problem(invoke({"ping": "x" * 5_000_000}, url.replace("https:", "http:")))

    assert told["cause"] == "too_large"


@pytest.mark.parametrize(
    "context",
    [None, object(), type("Odd", (), {"get_remaining_time_in_millis": lambda _: "soon"})()],
    ids=["none", "another", "odd"],
)
def test_without_a_context_of_awss_the_usual_time_is_taken(
    function: ModuleType, context: Any
) -> None:
    assert function._patience(context) == 7.0


IMPOSSIBLE = {
    "too long": "x" * 257,
    "a space": "front door",
    "a letter of another alphabet": "haustür",
    "half a character": "\ud800",
    "nothing": "",
    "a number": 1,
    "a list": ["front-door"],
}


@pytest.mark.parametrize("endpoint_id", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_an_endpoint_id_that_is_impossible_is_not_echoed(
    invoke: Invoke, endpoint_id: object
) -> None:
    event = directive("ReportState", endpoint={"endpointId": endpoint_id})
    with Server([answer()]) as server:
        assert "endpoint" not in invoke(event, server.url)["event"]


@pytest.mark.parametrize(
    "token", ["x" * 8193, "a b", "tür", "\ud800", "", 1, None], ids=lambda token: repr(token)[:12]
)
def test_a_correlation_token_that_is_impossible_is_not_echoed(
    invoke: Invoke, token: object
) -> None:
    event = directive("ReportState")
    event["directive"]["header"]["correlationToken"] = token
    with Server([answer()]) as server:
        assert "correlationToken" not in invoke(event, server.url)["event"]["header"]


def test_a_ping_is_asked_again_when_the_kept_connection_breaks_under_it(invoke: Invoke) -> None:
    def drop(_: socket.socket, __: Request) -> bool:
        return True

    pong = answer(body=json.dumps(PONG).encode())
    with Server([pong, drop, pong]) as server:
        invoke(PING, server.url)

        assert "answer" in invoke(PING, server.url)


def test_an_event_with_a_directive_in_it_is_alexas(invoke: Invoke) -> None:
    with Server([answer("403 Forbidden")]) as server:
        told = invoke(DISCOVER | PING, server.url)

    assert told["event"]["header"]["name"] == "ErrorResponse"


def test_alexa_is_never_told_that_a_credential_is_bad(function: ModuleType) -> None:
    types = {
        function._error_response(event, error)["event"]["payload"]["type"]
        for event in (DISCOVER, ACCEPT_GRANT)
        for error in all_errors(function)
    }

    assert types == {"INTERNAL_ERROR", "BRIDGE_UNREACHABLE", "ACCEPT_GRANT_FAILED"}


def all_errors(function: ModuleType) -> list[Any]:
    """One error for each cause."""
    facts = {"status": 500, "reason": "", "difference": "", "kind": ""}
    return [function.BridgeError(cause, **facts) for cause in function.CAUSES]


def test_every_cause_that_is_named_in_the_code_is_in_the_table(function: ModuleType) -> None:
    source = Path(str(function.__file__)).read_text()
    named = set(re.findall(r'BridgeError\(\s*"(\w+)"', source))
    named |= {*function.MARKS.values(), *function.UNMARKED.values(), *function.UNREACHABLE}
    named |= {*function.OWN_WORDS.values(), *function.BY_STATUS.values()}

    assert named <= function.CAUSES.keys()
