"""Every JSON document that Amazon gets from us."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
import re
from typing import Any
import unicodedata
from uuid import uuid4

NAME_LIMIT = 128
TEXT_LIMIT = 128
ATTRIBUTE_LIMIT = 256
ATTRIBUTES = (
    "manufacturer",
    "model",
    "serialNumber",
    "firmwareVersion",
    "softwareVersion",
    "customIdentifier",
)
ENDPOINT_ID = re.compile(r"[A-Za-z0-9_\-=#;:?@& ]{1,256}")
CORRELATION_TOKEN = re.compile(r"[!-~]{1,4096}")
# Hindi and Arabic write vowels as combining marks, which are no letters to Python.
VOWEL_SIGNS = {"Mn", "Mc"}
CAPABILITIES: tuple[dict[str, Any], ...] = (
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
)
RTC_SESSION_CONTROLLER = "Alexa.RTCSessionController"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A doorbell as Alexa is told of it."""

    endpoint_id: str
    friendly_name: str
    description: str
    manufacturer_name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    has_camera: bool = False
    can_talk: bool = False
    """Whether a voice gets from the Echo to its camera."""

    def as_dict(self) -> dict[str, Any]:
        """Return Alexa's form; whatever is too long or unknown there would void the discovery."""
        attributes = {
            key: value[:ATTRIBUTE_LIMIT]
            for key, value in self.attributes.items()
            if key in ATTRIBUTES and value
        }
        return {
            "endpointId": self.endpoint_id,
            "friendlyName": self.friendly_name,
            "description": self.description[:TEXT_LIMIT],
            "manufacturerName": self.manufacturer_name[:TEXT_LIMIT],
            # Alexa goes by the first.
            "displayCategories": ["CAMERA", "DOORBELL"] if self.has_camera else ["DOORBELL"],
            "capabilities": [*CAPABILITIES, *self._live_view()],
        } | ({"additionalAttributes": attributes} if attributes else {})

    def _live_view(self) -> list[dict[str, Any]]:
        if not self.has_camera:
            return []
        controller = {
            "type": "AlexaInterface",
            "interface": RTC_SESSION_CONTROLLER,
            "version": "3",
            "configuration": {"isFullDuplexAudioSupported": self.can_talk},
        }
        return [controller]


def is_valid_friendly_name(name: str) -> bool:
    """Whether Alexa takes the name: letters, digits and spaces of any script, no punctuation."""
    name = name.strip()
    return len(name) <= NAME_LIMIT and any(map(str.isalnum, name)) and all(map(_is_speakable, name))


def _is_speakable(character: str) -> bool:
    return character == " " or character.isalnum() or unicodedata.category(character) in VOWEL_SIGNS


def new_message_id() -> str:
    """Return an id that no other message has."""
    return str(uuid4())


def doorbell_press(
    *, endpoint_id: str, access_token: str, message_id: str, pressed_at: datetime
) -> dict[str, Any]:
    """Build the event behind "Someone is at the ..."; a retry keeps its message id."""
    return {
        # Empty, but not to be left out: Alexa has dropped presses without it.
        "context": {},
        "event": {
            "header": _header("Alexa.DoorbellEventSource", "DoorbellPress", message_id=message_id),
            "endpoint": {"scope": _scope(access_token), "endpointId": endpoint_id},
            "payload": {
                "cause": {"type": "PHYSICAL_INTERACTION"},
                "timestamp": _whole_seconds(pressed_at),
            },
        },
    }


def discover_response(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Answer Discover."""
    return _event(
        _header("Alexa.Discovery", "Discover.Response"),
        {"endpoints": [endpoint.as_dict() for endpoint in endpoints]},
    )


def accept_grant_response() -> dict[str, Any]:
    """Answer AcceptGrant: the tokens are safe."""
    return _event(_header("Alexa.Authorization", "AcceptGrant.Response"), {})


def accept_grant_failed(message: str) -> dict[str, Any]:
    """Answer AcceptGrant: linking failed. Unlike other errors it has its own namespace."""
    return _event(
        _header("Alexa.Authorization", "ErrorResponse"),
        {"type": "ACCEPT_GRANT_FAILED", "message": message},
    )


def error_response(
    error_type: str,
    message: str,
    *,
    endpoint_id: str | None = None,
    correlation_token: str | None = None,
) -> dict[str, Any]:
    """Answer any other directive that cannot be followed.

    What Alexa itself cannot have sent, it would not take back either: that is left out.
    """
    document = _event(
        _header("Alexa", "ErrorResponse", correlation_token=correlation_token),
        {"type": error_type, "message": message},
    )
    if endpoint_id is not None and ENDPOINT_ID.fullmatch(endpoint_id):
        document["event"]["endpoint"] = {"endpointId": endpoint_id}
    return document


def state_report(
    *,
    endpoint_id: str,
    correlation_token: str | None,
    connectivity: bool,
    sampled_at: datetime,
) -> dict[str, Any]:
    """Answer ReportState."""
    return {
        "context": {"properties": [_connectivity(connectivity, sampled_at)]},
        "event": {
            "header": _header("Alexa", "StateReport", correlation_token=correlation_token),
            "endpoint": {"endpointId": endpoint_id},
            "payload": {},
        },
    }


def answer_generated(
    *, endpoint_id: str, correlation_token: str | None, sdp: str
) -> dict[str, Any]:
    """Answer InitiateSessionWithOffer."""
    header = _header(
        RTC_SESSION_CONTROLLER, "AnswerGeneratedForSession", correlation_token=correlation_token
    )
    payload = {"answer": {"format": "SDP", "value": sdp}}
    return _event(header, payload, endpoint={"endpointId": endpoint_id})


def session_response(
    name: str, *, endpoint_id: str, correlation_token: str | None, session_id: str
) -> dict[str, Any]:
    """Answer SessionConnected and SessionDisconnected, by the same name."""
    header = _header(RTC_SESSION_CONTROLLER, name, correlation_token=correlation_token)
    return _event(header, {"sessionId": session_id}, endpoint={"endpointId": endpoint_id})


def change_report(
    *, endpoint_id: str, access_token: str, connectivity: bool, sampled_at: datetime
) -> dict[str, Any]:
    """Tell Alexa that a doorbell went away or came back."""
    return {
        # For the properties that did not change: there are none.
        "context": {},
        "event": {
            "header": _header("Alexa", "ChangeReport"),
            "endpoint": {"scope": _scope(access_token), "endpointId": endpoint_id},
            "payload": {
                "change": {
                    "cause": {"type": "PERIODIC_POLL"},
                    "properties": [_connectivity(connectivity, sampled_at)],
                }
            },
        },
    }


def add_or_update_report(endpoints: Iterable[Endpoint], access_token: str) -> dict[str, Any]:
    """Tell Alexa of new or changed doorbells; it keeps those that are not named."""
    return _event(
        _header("Alexa.Discovery", "AddOrUpdateReport"),
        {
            "endpoints": [endpoint.as_dict() for endpoint in endpoints],
            "scope": _scope(access_token),
        },
    )


def delete_report(endpoint_ids: Iterable[str], access_token: str) -> dict[str, Any]:
    """Tell Alexa of doorbells that are gone."""
    return _event(
        _header("Alexa.Discovery", "DeleteReport"),
        {
            "endpoints": [{"endpointId": endpoint_id} for endpoint_id in endpoint_ids],
            "scope": _scope(access_token),
        },
    )


def _event(header: dict[str, str], payload: dict[str, Any], **about: Any) -> dict[str, Any]:
    return {"event": {"header": header, **about, "payload": payload}}


def _header(
    namespace: str,
    name: str,
    *,
    message_id: str | None = None,
    correlation_token: str | None = None,
) -> dict[str, str]:
    header = {
        "namespace": namespace,
        "name": name,
        "messageId": message_id or new_message_id(),
        "payloadVersion": "3",
    }
    if correlation_token is not None and CORRELATION_TOKEN.fullmatch(correlation_token):
        header["correlationToken"] = correlation_token
    return header


def _scope(access_token: str) -> dict[str, str]:
    return {"type": "BearerToken", "token": access_token}


def sampled_connectivity(connectivity: bool, sampled_at: datetime) -> dict[str, str]:
    """Return what the skill's function says of a doorbell when Alexa asks it."""
    return {
        "value": "OK" if connectivity else "UNREACHABLE",
        "time": _whole_seconds(sampled_at),
    }


def _connectivity(connectivity: bool, sampled_at: datetime) -> dict[str, Any]:
    sampled = sampled_connectivity(connectivity, sampled_at)
    return {
        "namespace": "Alexa.EndpointHealth",
        "name": "connectivity",
        "value": {"value": sampled["value"]},
        "timeOfSample": sampled["time"],
        "uncertaintyInMilliseconds": 0,
    }


def _whole_seconds(moment: datetime) -> str:
    """Return whole seconds UTC: Amazon's schema allows neither a fraction nor an offset."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
