"""Every JSON document that comes in: Alexa's directives, and what the setup command sends."""

from dataclasses import dataclass, field
import re
from typing import Any

from .documents import read_object, text_at
from .exceptions import MalformedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """What every directive has."""

    namespace: str
    name: str
    correlation_token: str | None = field(repr=False)
    endpoint_id: str | None
    # What account linking gave to Alexa: it stands beside the doorbell, or instead of one.
    token: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptGrant(Directive):
    """An account enabled the skill; incomplete ones are still answered, so both may be None."""

    code: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discover(Directive):
    """Alexa asks for every doorbell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportState(Directive):
    """Alexa asks whether a doorbell is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiateSession(Directive):
    """An Echo wants to show a door. What cannot be used is None, and is answered too."""

    session_id: str | None
    offer: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConnected(Directive):
    """An Echo shows a door; not every one says so."""

    session_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDisconnected(Directive):
    """An Echo shows a door no more."""

    session_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDirective(Directive):
    """Something that a doorbell cannot do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A skill was made by the script and brings its messaging client."""

    client_id: str
    client_secret: str = field(repr=False)
    skill_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """Somebody asks whether it is this integration that answers here."""

    nonce: str


type Message = Directive | Setup | Ping
# Printable ASCII, so that it comes back as it went, whatever relays it.
NONCE = re.compile(r"[ -~]{1,128}")


# Alexa's are UUIDs; it gets back what it sent, so that must be harmless.
SESSION_ID = re.compile(r"[!-~]{1,256}")


def parse(body: bytes) -> Message:
    """Read what the webhook got; MalformedError when it is none of ours."""
    document = read_object(body)
    if isinstance(directive := document.get("directive"), dict):
        return _directive(directive)
    if isinstance(setup := document.get("setup"), dict):
        return _setup(setup)
    if isinstance(ping := document.get("ping"), dict):
        return _ping(ping)
    raise MalformedError("neither a directive nor a setup or ping object")


def _directive(directive: dict[str, Any]) -> Directive:
    namespace = text_at(directive, "header", "namespace")
    name = text_at(directive, "header", "name")
    if namespace is None or name is None:
        raise MalformedError("a directive without namespace or name")
    common: dict[str, Any] = {
        "namespace": namespace,
        "name": name,
        "correlation_token": text_at(directive, "header", "correlationToken"),
        "endpoint_id": text_at(directive, "endpoint", "endpointId"),
        "token": (
            text_at(directive, "endpoint", "scope", "token")
            or text_at(directive, "payload", "scope", "token")
            or text_at(directive, "payload", "grantee", "token")
        ),
    }
    match namespace, name:
        case "Alexa.Authorization", "AcceptGrant":
            return AcceptGrant(**common, code=text_at(directive, "payload", "grant", "code"))
        case "Alexa.Discovery", "Discover":
            return Discover(**common)
        case "Alexa", "ReportState":
            return ReportState(**common)
        case "Alexa.RTCSessionController", _:
            return _about_session(directive, common)
        case _:
            return OtherDirective(**common)


def _about_session(directive: dict[str, Any], common: dict[str, Any]) -> Directive:
    session_id = text_at(directive, "payload", "sessionId")
    if session_id is not None and SESSION_ID.fullmatch(session_id) is None:
        session_id = None
    match common["name"]:
        case "InitiateSessionWithOffer":
            return InitiateSession(**common, session_id=session_id, offer=_offer(directive))
        case "SessionConnected":
            return SessionConnected(**common, session_id=session_id)
        case "SessionDisconnected":
            return SessionDisconnected(**common, session_id=session_id)
        case _:
            return OtherDirective(**common)


def _offer(directive: dict[str, Any]) -> str | None:
    if text_at(directive, "payload", "offer", "format") != "SDP":
        return None
    return text_at(directive, "payload", "offer", "value")


def _ping(ping: dict[str, Any]) -> Ping:
    nonce = text_at(ping, "nonce")
    if nonce is None or NONCE.fullmatch(nonce) is None:
        raise MalformedError("a ping object without a nonce")
    return Ping(nonce=nonce)


def _setup(setup: dict[str, Any]) -> Setup:
    client_id = text_at(setup, "client_id")
    client_secret = text_at(setup, "client_secret")
    skill_id = text_at(setup, "skill_id")
    if client_id is None or client_secret is None or skill_id is None:
        raise MalformedError("a setup object without client id, secret or skill id")
    return Setup(client_id=client_id, client_secret=client_secret, skill_id=skill_id)
