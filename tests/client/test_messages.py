"""Tests of the documents that Amazon gets."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
import json
from typing import Any
from uuid import UUID

import pytest

from custom_components.alexa_doorbell.client import messages
from custom_components.alexa_doorbell.client.messages import Endpoint

NOON = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
SCOPE = {"type": "BearerToken", "token": "Atza|1"}
FRONT = Endpoint(
    endpoint_id="front", friendly_name="Front door", description="Bell", manufacturer_name="HA"
)
FRONT_DOCUMENT = {
    "endpointId": "front",
    "friendlyName": "Front door",
    "description": "Bell",
    "manufacturerName": "HA",
    "displayCategories": ["DOORBELL"],
    "capabilities": [
        {
            "type": "AlexaInterface",
            "interface": "Alexa.DoorbellEventSource",
            "version": "3",
            "proactivelyReported": True,
        },
        {
            "type": "AlexaInterface",
            "interface": "Alexa.EndpointHealth",
            "version": "3",
            "properties": {
                "supported": [{"name": "connectivity"}],
                "proactivelyReported": True,
                "retrievable": True,
            },
        },
        {"type": "AlexaInterface", "interface": "Alexa", "version": "3"},
    ],
}


def header(document: dict[str, Any]) -> tuple[str, str]:
    """Take the header out, check what all have in common, return namespace and name."""
    found = document["event"].pop("header")
    assert str(UUID(found.pop("messageId"))) != ""
    assert found.pop("payloadVersion") == "3"
    assert set(found) == {"namespace", "name"}
    return found["namespace"], found["name"]


def connectivity(value: str) -> dict[str, Any]:
    return {
        "namespace": "Alexa.EndpointHealth",
        "name": "connectivity",
        "value": {"value": value},
        "timeOfSample": "2026-01-01T12:00:00Z",
        "uncertaintyInMilliseconds": 0,
    }


def test_a_press_is_what_amazon_shows() -> None:
    press = messages.doorbell_press(
        endpoint_id="front", access_token="Atza|1", message_id="id-1", pressed_at=NOON
    )

    assert press == {
        "context": {},
        "event": {
            "header": {
                "messageId": "id-1",
                "namespace": "Alexa.DoorbellEventSource",
                "name": "DoorbellPress",
                "payloadVersion": "3",
            },
            "endpoint": {"scope": SCOPE, "endpointId": "front"},
            "payload": {
                "cause": {"type": "PHYSICAL_INTERACTION"},
                "timestamp": "2026-01-01T12:00:00Z",
            },
        },
    }


@pytest.mark.parametrize(
    ("pressed_at", "timestamp"),
    [
        pytest.param(
            datetime(2026, 1, 1, 12, 0, 0, 999_999, tzinfo=UTC),
            "2026-01-01T12:00:00Z",
            id="fractions are cut",
        ),
        pytest.param(
            datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))),
            "2025-12-31T23:30:00Z",
            id="east",
        ),
        pytest.param(
            datetime(2026, 6, 30, 20, 0, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
            "2026-07-01T05:30:00Z",
            id="west",
        ),
    ],
)
def test_a_press_has_whole_seconds_utc(pressed_at: datetime, timestamp: str) -> None:
    press = messages.doorbell_press(
        endpoint_id="front", access_token="Atza|1", message_id="id-1", pressed_at=pressed_at
    )

    assert press["event"]["payload"]["timestamp"] == timestamp


def test_no_two_messages_share_an_id() -> None:
    assert len({messages.new_message_id() for _ in range(100)}) == 100


def test_a_discovery_names_every_doorbell() -> None:
    response = messages.discover_response(iter([FRONT, FRONT]))

    assert header(response) == ("Alexa.Discovery", "Discover.Response")
    assert response == {"event": {"payload": {"endpoints": [FRONT_DOCUMENT, FRONT_DOCUMENT]}}}


def test_a_discovery_without_doorbells_is_empty() -> None:
    response = messages.discover_response([])

    assert response["event"]["payload"] == {"endpoints": []}


def test_an_endpoint_says_only_what_alexa_allows() -> None:
    document = Endpoint(
        endpoint_id="front",
        friendly_name="Front door",
        description="d" * 129,
        manufacturer_name="m" * 129,
        attributes={
            "manufacturer": "a" * 257,
            "model": "b",
            "serialNumber": "c",
            "firmwareVersion": "d",
            "softwareVersion": "e",
            "customIdentifier": "f",
            "colour": "green",
        },
    ).as_dict()

    assert document["description"] == "d" * 128
    assert document["manufacturerName"] == "m" * 128
    assert document["additionalAttributes"] == {
        "manufacturer": "a" * 256,
        "model": "b",
        "serialNumber": "c",
        "firmwareVersion": "d",
        "softwareVersion": "e",
        "customIdentifier": "f",
    }


@pytest.mark.parametrize("attributes", [{}, {"colour": "green"}, {"model": ""}])
def test_an_endpoint_without_attributes_has_none(attributes: dict[str, str]) -> None:
    document = Endpoint(
        endpoint_id="front",
        friendly_name="Front door",
        description="Bell",
        manufacturer_name="HA",
        attributes=attributes,
    ).as_dict()

    assert document == FRONT_DOCUMENT


def test_a_grant_is_accepted_with_an_empty_payload() -> None:
    response = messages.accept_grant_response()

    assert header(response) == ("Alexa.Authorization", "AcceptGrant.Response")
    assert response == {"event": {"payload": {}}}


def test_a_grant_fails_in_a_namespace_of_its_own() -> None:
    response = messages.accept_grant_failed("Not today")

    assert header(response) == ("Alexa.Authorization", "ErrorResponse")
    assert response == {
        "event": {"payload": {"type": "ACCEPT_GRANT_FAILED", "message": "Not today"}}
    }


def test_an_error_says_what_and_why() -> None:
    response = messages.error_response("INTERNAL_ERROR", "Our fault")

    assert header(response) == ("Alexa", "ErrorResponse")
    assert response == {"event": {"payload": {"type": "INTERNAL_ERROR", "message": "Our fault"}}}


def test_an_error_goes_back_to_the_directive_it_is_about() -> None:
    event = messages.error_response(
        "NO_SUCH_ENDPOINT", "Gone", endpoint_id="front", correlation_token="dFMb"
    )["event"]

    assert event["header"]["correlationToken"] == "dFMb"
    assert event["endpoint"] == {"endpointId": "front"}


@pytest.mark.parametrize(
    "endpoint_id", ["a", "Az09_-=#;:?@& b", "x" * 256], ids=["one", "all kinds", "256"]
)
def test_an_error_names_any_doorbell_that_alexa_may_know(endpoint_id: str) -> None:
    event = messages.error_response("NO_SUCH_ENDPOINT", "Gone", endpoint_id=endpoint_id)["event"]

    assert event["endpoint"] == {"endpointId": endpoint_id}


@pytest.mark.parametrize(
    "endpoint_id",
    ["", "x" * 257, "a.b", "a/b", "a+b", "tür", "a\n", "a\x00", "<script>"],
    ids=["empty", "257", "dot", "slash", "plus", "umlaut", "line break", "zero", "markup"],
)
def test_an_error_names_no_doorbell_that_alexa_cannot_know(endpoint_id: str) -> None:
    event = messages.error_response("NO_SUCH_ENDPOINT", "Gone", endpoint_id=endpoint_id)["event"]

    assert "endpoint" not in event


@pytest.mark.parametrize(
    "correlation_token",
    ["", "x" * 4097, "a b", "a\r\n", "ü", "a\x7f"],
    ids=["empty", "4097", "space", "line break", "umlaut", "delete"],
)
def test_an_error_answers_no_token_that_alexa_cannot_have_made(correlation_token: str) -> None:
    event = messages.error_response("X", "x", correlation_token=correlation_token)["event"]

    assert "correlationToken" not in event["header"]


def test_an_error_answers_a_token_of_4096_characters() -> None:
    event = messages.error_response("X", "x", correlation_token="=" * 4096)["event"]

    assert event["header"]["correlationToken"] == "=" * 4096


@pytest.mark.parametrize(("connected", "value"), [(True, "OK"), (False, "UNREACHABLE")])
def test_a_state_report_says_whether_the_doorbell_is_there(connected: bool, value: str) -> None:
    report = messages.state_report(
        endpoint_id="front", correlation_token=None, connectivity=connected, sampled_at=NOON
    )

    assert header(report) == ("Alexa", "StateReport")
    assert report == {
        "context": {"properties": [connectivity(value)]},
        "event": {"endpoint": {"endpointId": "front"}, "payload": {}},
    }


def test_a_state_report_goes_back_to_the_directive_it_answers() -> None:
    event = messages.state_report(
        endpoint_id="front",
        correlation_token="dFMb",
        connectivity=True,
        sampled_at=NOON,
    )["event"]

    assert event["header"]["correlationToken"] == "dFMb"


@pytest.mark.parametrize(("connected", "value"), [(True, "OK"), (False, "UNREACHABLE")])
def test_a_change_report_says_what_changed(connected: bool, value: str) -> None:
    report = messages.change_report(
        endpoint_id="front", access_token="Atza|1", connectivity=connected, sampled_at=NOON
    )

    assert header(report) == ("Alexa", "ChangeReport")
    assert report == {
        "context": {},
        "event": {
            "endpoint": {"endpointId": "front", "scope": SCOPE},
            "payload": {
                "change": {
                    "cause": {"type": "PERIODIC_POLL"},
                    "properties": [connectivity(value)],
                }
            },
        },
    }


def test_new_doorbells_are_reported_whole() -> None:
    report = messages.add_or_update_report([FRONT], "Atza|1")

    assert header(report) == ("Alexa.Discovery", "AddOrUpdateReport")
    assert report == {"event": {"payload": {"endpoints": [FRONT_DOCUMENT], "scope": SCOPE}}}


def test_doorbells_that_are_gone_are_reported_by_id() -> None:
    report = messages.delete_report(["front", "back"], "Atza|1")

    assert header(report) == ("Alexa.Discovery", "DeleteReport")
    assert report == {
        "event": {
            "payload": {
                "endpoints": [{"endpointId": "front"}, {"endpointId": "back"}],
                "scope": SCOPE,
            }
        }
    }


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(lambda: messages.discover_response([FRONT]), id="discovery"),
        pytest.param(messages.accept_grant_response, id="grant"),
        pytest.param(lambda: messages.add_or_update_report([FRONT], "Atza|1"), id="report"),
    ],
)
def test_documents_are_json(build: Callable[[], dict[str, Any]]) -> None:
    document = build()

    assert json.loads(json.dumps(document)) == document


@pytest.mark.parametrize(
    "name",
    [
        "Front door",
        "Door 2",
        "1",
        "Haustür",
        "Côté cour",
        "Co\u0302te\u0301 cour",
        "मुख्य दरवाज़ा",
        "الباب الأمامي",
        "بَاب",
        "玄関",
        "  Front door  ",
        "x" * 128,
        " " + "x" * 128 + " ",
    ],
)
def test_alexa_takes_a_name_of_letters_digits_and_spaces(name: str) -> None:
    assert messages.is_valid_friendly_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "x" * 129,
        "Front-door",
        "Bob's door",
        "Bob\u2019s door",
        "Door!",
        "Tür_1",
        "Door 🔔",
        "Front\tdoor",
        "Front\ndoor",
        "Front\u00a0door",
        "\u0301",
        "<b>",
    ],
)
def test_alexa_refuses_any_other_name(name: str) -> None:
    assert not messages.is_valid_friendly_name(name)
