"""Tests of the documents that come in."""

import json
from typing import Any

import pytest

from custom_components.alexa_doorbell.client.exceptions import MalformedError
from custom_components.alexa_doorbell.client.incoming import (
    AcceptGrant,
    Discover,
    OtherDirective,
    Ping,
    ReportState,
    Setup,
    parse,
)

from .loopback import HOSTILE_BODIES


def body(
    namespace: Any, name: Any, payload: Any = None, *, correlation_token: Any = None, **other: Any
) -> bytes:
    """Return a directive as Amazon sends it."""
    header = {"namespace": namespace, "name": name, "payloadVersion": "3", "messageId": "1"}
    if correlation_token is not None:
        header["correlationToken"] = correlation_token
    return json.dumps({"directive": {"header": header, "payload": payload} | other}).encode()


GRANT = {
    "grant": {"type": "OAuth2.AuthorizationCode", "code": "code-1"},
    "grantee": {"type": "BearerToken", "token": "token-1"},
}


@pytest.mark.parametrize("correlation_token", [None, "dFMb"])
def test_accept_grant_brings_code_and_grantee(correlation_token: str | None) -> None:
    directive = parse(
        body("Alexa.Authorization", "AcceptGrant", GRANT, correlation_token=correlation_token)
    )

    assert directive == AcceptGrant(
        namespace="Alexa.Authorization",
        name="AcceptGrant",
        correlation_token=correlation_token,
        endpoint_id=None,
        code="code-1",
        token="token-1",
    )


@pytest.mark.parametrize(
    ("payload", "code", "grantee_token"),
    [
        pytest.param({"grant": GRANT["grant"]}, "code-1", None, id="no grantee"),
        pytest.param({"grantee": GRANT["grantee"]}, None, "token-1", id="no grant"),
        pytest.param({"grant": {"code": 1}, "grantee": {"token": ""}}, None, None, id="no texts"),
        pytest.param({"grant": "code-1", "grantee": []}, None, None, id="no objects"),
        pytest.param({}, None, None, id="empty"),
        pytest.param("code-1", None, None, id="no payload object"),
        pytest.param(None, None, None, id="no payload"),
    ],
)
def test_an_incomplete_accept_grant_can_still_be_answered(
    payload: Any, code: str | None, grantee_token: str | None
) -> None:
    directive = parse(body("Alexa.Authorization", "AcceptGrant", payload))

    assert isinstance(directive, AcceptGrant)
    assert (directive.code, directive.token) == (code, grantee_token)


def test_discover_is_recognised() -> None:
    directive = parse(
        body("Alexa.Discovery", "Discover", {"scope": {"type": "BearerToken", "token": "t"}})
    )

    assert directive == Discover(
        namespace="Alexa.Discovery",
        name="Discover",
        correlation_token=None,
        endpoint_id=None,
        token="t",
    )


@pytest.mark.parametrize(
    ("parts", "token"),
    [
        pytest.param({"endpoint": {"scope": {"token": "t"}}}, "t", id="beside the doorbell"),
        pytest.param({"payload": {"scope": {"token": "t"}}}, "t", id="without a doorbell"),
        pytest.param({"endpoint": {"scope": {"token": 1}}}, None, id="no text"),
        pytest.param({"endpoint": {"scope": "t"}, "payload": []}, None, id="no objects"),
        pytest.param({}, None, id="none"),
    ],
)
def test_a_directive_says_with_which_login_alexa_comes(
    parts: dict[str, Any], token: str | None
) -> None:
    header = {"namespace": "Alexa", "name": "ReportState"}
    directive = parse(json.dumps({"directive": {"header": header} | parts}).encode())

    assert isinstance(directive, ReportState)
    assert directive.token == token


def test_report_state_says_which_doorbell() -> None:
    directive = parse(
        body(
            "Alexa",
            "ReportState",
            {},
            correlation_token="dFMb",
            endpoint={"endpointId": "front", "cookie": {}},
        )
    )

    assert directive == ReportState(
        namespace="Alexa", name="ReportState", correlation_token="dFMb", endpoint_id="front"
    )


@pytest.mark.parametrize("endpoint", [None, [], "front", {}, {"endpointId": 1}])
def test_report_state_of_no_doorbell_can_still_be_answered(endpoint: Any) -> None:
    directive = parse(body("Alexa", "ReportState", {}, correlation_token=1, endpoint=endpoint))

    assert isinstance(directive, ReportState)
    assert (directive.endpoint_id, directive.correlation_token) == (None, None)


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("Alexa.PowerController", "TurnOn"),
        ("Alexa", "AcceptGrant"),
        ("Alexa.Authorization", "Discover"),
        ("Alexa.Discovery", "ReportState"),
        ("alexa", "reportstate"),
    ],
)
def test_any_other_directive_is_named(namespace: str, name: str) -> None:
    directive = parse(
        body(namespace, name, {}, correlation_token="dFMb", endpoint={"endpointId": "front"})
    )

    assert directive == OtherDirective(
        namespace=namespace, name=name, correlation_token="dFMb", endpoint_id="front"
    )


SETUP = {"client_id": "id-1", "client_secret": "pair-2", "skill_id": "skill-3"}


def test_setup_brings_the_pair() -> None:
    assert parse(json.dumps({"setup": SETUP}).encode()) == Setup(
        client_id="id-1", client_secret="pair-2", skill_id="skill-3"
    )


@pytest.mark.parametrize("key", SETUP)
@pytest.mark.parametrize("value", [None, "", 1, ["x"]])
def test_a_setup_that_lacks_something_is_malformed(key: str, value: Any) -> None:
    with pytest.raises(MalformedError):
        parse(json.dumps({"setup": SETUP | {key: value}}).encode())


@pytest.mark.parametrize(
    "nonce", ["1", "n" * 128, " ~", '"\\{}'], ids=["one", "128", "both ends", "quoted in JSON"]
)
def test_a_ping_brings_its_nonce(nonce: str) -> None:
    assert parse(json.dumps({"ping": {"nonce": nonce}}).encode()) == Ping(nonce=nonce)


@pytest.mark.parametrize(
    "nonce",
    [None, "", 1, ["x"], "n" * 129, "a\n", "a\x00", "a\x7f", "é"],
    ids=["none", "empty", "number", "list", "129", "line break", "zero", "delete", "not ASCII"],
)
def test_a_ping_without_a_plain_nonce_is_malformed(nonce: Any) -> None:
    with pytest.raises(MalformedError):
        parse(json.dumps({"ping": {"nonce": nonce}}).encode())


@pytest.mark.parametrize(
    ("namespace", "name"), [(None, "Discover"), ("Alexa", None), (1, "x"), ("", "x"), ([], {})]
)
def test_a_directive_without_names_is_malformed(namespace: Any, name: Any) -> None:
    with pytest.raises(MalformedError):
        parse(body(namespace, name, {}))


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"directive": None},
        {"directive": "Discover"},
        {"directive": {}},
        {"directive": {"header": []}},
        {"setup": None},
        {"ping": None},
        {"ping": "1"},
        {"ping": {}},
        {"setup": [SETUP]},
        {"event": {"header": {}}},
    ],
    ids=json.dumps,
)
def test_neither_directive_nor_setup_nor_ping_is_malformed(document: Any) -> None:
    with pytest.raises(MalformedError):
        parse(json.dumps(document).encode())


@pytest.mark.parametrize("hostile", HOSTILE_BODIES.values(), ids=HOSTILE_BODIES)
def test_anything_else_is_malformed(hostile: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        parse(hostile)

    assert "Atza" not in str(caught.value)


def test_no_repr_holds_a_secret() -> None:
    grant = parse(body("Alexa.Authorization", "AcceptGrant", GRANT, correlation_token="dFMb"))
    setup = parse(json.dumps({"setup": SETUP}).encode())

    shown = f"{grant!r} {setup!r}"

    assert "AcceptGrant" in shown
    assert not [secret for secret in ("code-1", "token-1", "dFMb", "pair-2") if secret in shown]
