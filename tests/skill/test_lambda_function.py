"""The Lambda function against servers that do everything a server can do."""

import ast
import json
from pathlib import Path
import socket
import sys
import threading
import time
from types import ModuleType
from typing import Any

import pytest
from standardwebhooks import Webhook

from demo.amazon import messages as alexa
from skill import lambda_function

from .conftest import ACCEPT_GRANT, DISCOVER, REPORT_STATE, Context, Invoke, directive
from .server import (
    SHARED_SECRET,
    WEBHOOK_ID,
    Reply,
    Request,
    Server,
    answer,
    good,
    http,
    message,
    raw,
)

HTML = b"<!doctype html><title>Please log in</title>"


def error(response: dict[str, Any]) -> tuple[str, str]:
    """Namespace and type of an ErrorResponse that is complete."""
    event = response["event"]
    assert set(event) <= {"header", "payload", "endpoint"}
    assert event["header"]["name"] == "ErrorResponse"
    assert event["header"]["payloadVersion"] == "3"
    assert event["header"]["messageId"]
    assert event["payload"]["message"]
    assert event["payload"].keys() == {"type", "message"}
    return event["header"]["namespace"], event["payload"]["type"]


def drop(connection: socket.socket, _: Request) -> bool:
    """Close the connection without an answer."""
    return True


def test_a_directive_is_posted_as_it_came_and_the_answer_handed_back(invoke: Invoke) -> None:
    with Server([good("StateReport")]) as server:
        assert invoke(REPORT_STATE, server.url) == message("StateReport")

    (request,) = server.requests
    assert request.line == f"POST /api/webhook/{WEBHOOK_ID} HTTP/1.1"
    assert json.loads(request.body) == REPORT_STATE
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-aws-region"] == "eu-west-1"


def test_the_signature_is_that_of_standard_webhooks(invoke: Invoke) -> None:
    with Server([good()]) as server:
        invoke(DISCOVER, server.url)

    (request,) = server.requests
    assert Webhook(SHARED_SECRET).verify(request.body, request.headers) == DISCOVER


def test_no_two_requests_have_the_same_id(invoke: Invoke) -> None:
    with Server([good()]) as server:
        for _ in range(3):
            invoke(DISCOVER, server.url)

    assert len({request.headers["webhook-id"] for request in server.requests}) == 3


def test_the_connection_is_kept_between_invocations(invoke: Invoke) -> None:
    with Server([good()]) as server:
        for _ in range(3):
            invoke(ACCEPT_GRANT, server.url)

        assert server.connections == 1


def test_a_connection_that_was_quiet_for_long_is_not_used_again(
    invoke: Invoke, function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(function, "LONGEST_SILENCE", 0.0)
    with Server([good()]) as server:
        invoke(DISCOVER, server.url)
        invoke(DISCOVER, server.url)

        assert server.connections == 2


def test_a_connection_that_the_server_means_to_close_is_not_used_again(invoke: Invoke) -> None:
    last = answer("200 OK", json.dumps(message()).encode(), "Connection: close")
    with Server([last]) as server:
        invoke(DISCOVER, server.url)
        invoke(DISCOVER, server.url)

        assert server.connections == 2


def test_a_new_address_means_a_new_connection(invoke: Invoke) -> None:
    with Server([good("First")]) as first, Server([good("Second")]) as second:
        assert alexa.event_name(invoke(DISCOVER, first.url)) == "First"
        assert alexa.event_name(invoke(DISCOVER, second.url)) == "Second"


@pytest.mark.parametrize("event", [ACCEPT_GRANT, DISCOVER], ids=["AcceptGrant", "Discover"])
def test_a_connection_that_was_closed_meanwhile_is_replaced(invoke: Invoke, event: Any) -> None:
    with Server([good()]) as server:
        invoke(event, server.url)
        server.close_connections()

        assert invoke(event, server.url) == message()
        assert len(server.requests) == 2


@pytest.mark.parametrize("event", [DISCOVER, REPORT_STATE], ids=["Discover", "ReportState"])
def test_a_question_is_asked_again_when_the_kept_connection_breaks_under_it(
    invoke: Invoke, event: Any
) -> None:
    with Server([good(), drop, good()]) as server:
        invoke(event, server.url)

        assert invoke(event, server.url) == message()

    _, lost, repeated = server.requests
    assert lost.body == repeated.body
    assert lost.headers["webhook-id"] != repeated.headers["webhook-id"]
    assert Webhook(SHARED_SECRET).verify(repeated.body, repeated.headers)


def test_a_question_is_repeated_only_once(invoke: Invoke) -> None:
    with Server([good(), drop]) as server:
        invoke(DISCOVER, server.url)

        assert error(invoke(DISCOVER, server.url)) == ("Alexa", "BRIDGE_UNREACHABLE")
        assert len(server.requests) == 3


def test_a_grant_that_home_assistant_may_have_taken_is_never_sent_again(invoke: Invoke) -> None:
    with Server([good(), drop, good()]) as server:
        invoke(ACCEPT_GRANT, server.url)

        failed = invoke(ACCEPT_GRANT, server.url)
        assert error(failed) == ("Alexa.Authorization", "ACCEPT_GRANT_FAILED")
        assert len(server.requests) == 2


def test_a_grant_of_which_the_end_never_left_is_sent_again(
    invoke: Invoke, function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server([good()]) as server:
        invoke(ACCEPT_GRANT, server.url)
        connection = function._bridge._connection
        send = connection.send

        def break_before_the_end(data: bytes) -> None:
            if data.startswith(b"{"):
                raise BrokenPipeError
            send(data)

        monkeypatch.setattr(connection, "send", break_before_the_end)

        assert invoke(ACCEPT_GRANT, server.url) == message()
        assert server.connections == 2


def test_a_new_connection_that_breaks_is_not_tried_again(invoke: Invoke) -> None:
    with Server([drop]) as server:
        assert error(invoke(DISCOVER, server.url)) == ("Alexa", "BRIDGE_UNREACHABLE")
        assert len(server.requests) == 1


REPLIES = {
    "nothing (a webhook that Home Assistant does not know)": (answer(), "BRIDGE_UNREACHABLE"),
    "white space": (answer(body=b" \n"), "BRIDGE_UNREACHABLE"),
    "HTML": (answer(body=HTML), "BRIDGE_UNREACHABLE"),
    "JSON that is no message": (answer(body=b'{"event": {"header": {}}}'), "BRIDGE_UNREACHABLE"),
    "a list": (answer(body=b"[]"), "BRIDGE_UNREACHABLE"),
    "depth": (answer(body=b"[" * 100_000), "BRIDGE_UNREACHABLE"),
    "half a JSON": (raw(http("200 OK", b'{"event": {"hea')), "BRIDGE_UNREACHABLE"),
    "half a body": (raw(http("200 OK", b"1" * 99)[:-50]), "BRIDGE_UNREACHABLE"),
    "half a header": (raw(b"HTTP/1.1 200 OK\r\nContent-"), "BRIDGE_UNREACHABLE"),
    "no HTTP": (raw(b"SSH-2.0-OpenSSH_9.9\r\n"), "BRIDGE_UNREACHABLE"),
    "a broken connection": (drop, "BRIDGE_UNREACHABLE"),
    "400": (answer("400 Bad Request"), "INTERNAL_ERROR"),
    "401": (answer("401 Unauthorized"), "INTERNAL_ERROR"),
    "302": (answer("302 Found", b"", "Location: https://elsewhere.example"), "INTERNAL_ERROR"),
    "404": (answer("404 Not Found", HTML), "INTERNAL_ERROR"),
    "413": (answer("413 Content Too Large"), "INTERNAL_ERROR"),
    "429": (answer("429 Too Many Requests"), "BRIDGE_UNREACHABLE"),
    "500": (answer("500 Internal Server Error"), "BRIDGE_UNREACHABLE"),
    "502": (answer("502 Bad Gateway", HTML), "BRIDGE_UNREACHABLE"),
    "530": (answer("530 Origin DNS Error", HTML), "BRIDGE_UNREACHABLE"),
}


@pytest.mark.parametrize(("reply", "expected"), REPLIES.values(), ids=REPLIES)
def test_whatever_comes_alexa_gets_an_answer_it_understands(
    invoke: Invoke, caplog: pytest.LogCaptureFixture, reply: Reply, expected: str
) -> None:
    with Server([reply]) as server:
        assert error(invoke(DISCOVER, server.url)) == ("Alexa", expected)
        assert len(caplog.records) == 1
        failed = invoke(ACCEPT_GRANT, server.url)

    assert error(failed) == ("Alexa.Authorization", "ACCEPT_GRANT_FAILED")
    assert len(caplog.records) == 2
    assert "AcceptGrant was not answered: " in caplog.text


def test_an_answer_that_is_too_large_is_not_handed_back(
    invoke: Invoke, function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(function, "LARGEST_ANSWER", 10)
    with Server([good()]) as server:
        assert error(invoke(DISCOVER, server.url)) == ("Alexa", "INTERNAL_ERROR")


def test_an_error_tells_alexa_which_request_it_answers(invoke: Invoke) -> None:
    with Server([answer()]) as server:
        event = invoke(REPORT_STATE, server.url)["event"]

    assert event["header"]["correlationToken"] == "of-the-directive"
    assert event["endpoint"] == {"endpointId": "front-door"}


def test_nothing_listens(invoke: Invoke, caplog: pytest.LogCaptureFixture) -> None:
    with Server([good()]) as server:
        pass

    assert error(invoke(DISCOVER, server.url)) == ("Alexa", "BRIDGE_UNREACHABLE")
    assert "Discover was not answered: nothing listens at the address" in caplog.text


def silent(connection: socket.socket, _: Request) -> None:
    """Keep the connection, and say nothing."""


def endless_body(connection: socket.socket, _: Request) -> None:
    """Never stop to send the body."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n")
    try:
        while True:
            connection.sendall(b" ")
            time.sleep(0.001)
    except OSError:
        return


@pytest.mark.parametrize("reply", [silent, endless_body], ids=["nothing", "a trickle"])
def test_alexa_is_answered_when_time_is_up(
    invoke: Invoke, caplog: pytest.LogCaptureFixture, reply: Reply
) -> None:
    with Server([reply]) as server:
        failed = invoke(ACCEPT_GRANT, server.url, milliseconds=450)

    assert error(failed) == ("Alexa.Authorization", "ACCEPT_GRANT_FAILED")
    assert caplog.messages == [
        "AcceptGrant was not answered: Home Assistant did not answer in time"
    ]


def test_after_a_timeout_the_next_directive_gets_through(invoke: Invoke) -> None:
    with Server([silent, good()]) as server:
        invoke(DISCOVER, server.url, milliseconds=450)

        assert invoke(DISCOVER, server.url) == message()


def test_what_hangs_where_no_timeout_reaches_is_left_behind(
    invoke: Invoke, function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server([good()]) as server:
        look_up = socket.create_connection
        bridge = function._bridge

        def slow_name_server(*arguments: Any) -> socket.socket:
            bridge.abandoned.wait()
            return look_up(*arguments)

        monkeypatch.setattr(socket, "create_connection", slow_name_server)

        failed = invoke(ACCEPT_GRANT, server.url, milliseconds=450)
        assert error(failed) == ("Alexa.Authorization", "ACCEPT_GRANT_FAILED")
        for thread in threading.enumerate():
            if isinstance(thread, function.Asking):
                thread.join()
        assert server.requests == [], "Nobody waits for it any more"

        monkeypatch.setattr(socket, "create_connection", look_up)
        assert invoke(ACCEPT_GRANT, server.url) == message()


def test_nothing_is_sent_for_somebody_who_has_left(invoke: Invoke, function: ModuleType) -> None:
    with Server([good()]) as server:
        function._bridge.abandoned.set()

        assert error(invoke(DISCOVER, server.url)) == ("Alexa", "BRIDGE_UNREACHABLE")
        assert server.requests == []
        assert invoke(DISCOVER, server.url) == message()


def test_no_more_than_seven_seconds_are_spent() -> None:
    assert lambda_function._patience(Context(60_000)) == 7.0
    assert lambda_function._patience(Context(3_000)) == 2.6
    assert lambda_function._patience(None) == 7.0


def test_without_time_nothing_is_sent(invoke: Invoke) -> None:
    with Server([good()]) as server:
        assert error(invoke(DISCOVER, server.url, milliseconds=1))[1] == "BRIDGE_UNREACHABLE"
        assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "home-assistant.example",
        "http://home-assistant.example/api/webhook/1",
        "http://127.0.0.1.example/api/webhook/1",
        "http://localhost.example/api/webhook/1",
        "ftp://127.0.0.1/1",
        "https://[::1/1",
        "https://127.0.0.1:port/1",
        "https://127.0.0.1/a b",
        "https:///api/webhook/1",
    ],
)
def test_an_address_that_is_not_safe_is_refused(invoke: Invoke, url: str) -> None:
    assert error(invoke(DISCOVER, url)) == ("Alexa", "INTERNAL_ERROR")


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!", "c2VjcmV0", "whsec_c2VjcmV"])
def test_a_secret_that_is_none_is_refused(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("SHARED_SECRET", secret)
    with Server([good()]) as server:
        assert error(invoke(DISCOVER, server.url)) == ("Alexa", "INTERNAL_ERROR")
        assert server.requests == []


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "text",
        {},
        {"directive": None},
        {"directive": {"header": []}},
        {"directive": {"header": {"name": ["AcceptGrant"], "namespace": {}}}},
        {"directive": {"header": {"name": "x\ny"}, "endpoint": {"endpointId": 1}}},
        directive("TurnOn", "Alexa.PowerController"),
    ],
)
def test_any_event_is_answered(invoke: Invoke, event: Any) -> None:
    with Server([answer("400 Bad Request")]) as server:
        assert error(invoke(event, server.url)) == ("Alexa", "INTERNAL_ERROR")


def test_what_nobody_thought_of_is_answered_and_logged_without_its_text(
    invoke: Invoke,
    function: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def explode(*_: object) -> None:
        raise KeyError(SHARED_SECRET)

    monkeypatch.setattr(function, "configuration", explode)

    assert error(invoke(DISCOVER, "https://127.0.0.1/1")) == ("Alexa", "INTERNAL_ERROR")
    assert caplog.messages == ["Discover was not answered: unexpected KeyError"]


def test_a_certificate_that_nobody_vouches_for_is_refused(
    invoke: Invoke, certificate: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Server([good()], certificate=certificate) as server:
        assert error(invoke(DISCOVER, server.url)) == ("Alexa", "BRIDGE_UNREACHABLE")
        assert server.requests == []
    assert "certificate is not good: self-signed certificate" in caplog.text


def test_https_is_spoken_and_the_connection_kept(
    invoke: Invoke, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Server([good()], certificate=certificate) as server:
        assert server.url.startswith("https:")
        assert invoke(ACCEPT_GRANT, server.url) == message()
        assert invoke(DISCOVER, server.url) == message()
        server.close_connections()
        assert invoke(ACCEPT_GRANT, server.url) == message()

        assert server.connections == 2


def test_a_server_without_https_is_told_from_one_with(
    invoke: Invoke, caplog: pytest.LogCaptureFixture
) -> None:
    with Server([good()]) as server:
        url = server.url.replace("http:", "https:")
        assert error(invoke(DISCOVER, url)) == ("Alexa", "BRIDGE_UNREACHABLE")
    assert "does not speak HTTPS" in caplog.text


def test_the_file_runs_on_aws() -> None:
    source = Path(lambda_function.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 12))

    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(str(node.module).split(".")[0])
    assert modules <= sys.stdlib_module_names
