"""Alexa's directives, answered with what Home Assistant has pushed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
import logging
import re
import time
from typing import Any, Self
import uuid

from . import grants
from .background import TroubleError
from .documents import dict_of
from .pushed import ENDPOINT_ID
from .rows import CONFIG, Config, Home, Link, home_key, link_key
from .table import ConflictError, Table
from .tokens import is_genuine, parts

_LOGGER = logging.getLogger("alexa_doorbell")

# Anything else nobody but a forger sends; sent back, it would void the whole answer.
CORRELATION = r"[!-~]{1,8192}"
# Home Assistant pushes once a day, and whenever something changes.
LONGEST_SILENCE = 26 * 3600


class AlexaError(Exception):
    """What Alexa is told instead of an answer."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """What of a directive matters here; empty where it is missing."""

    name: tuple[str, str]
    correlation_token: str
    endpoint_id: str
    token: str = field(repr=False)
    code: str = field(repr=False)

    @classmethod
    def of(cls, event: dict[str, Any]) -> Self:
        """Read it, whatever it is."""
        directive = dict_of(event.get("directive"))
        header, payload = dict_of(directive.get("header")), dict_of(directive.get("payload"))
        endpoint = dict_of(directive.get("endpoint"))
        owners = (endpoint.get("scope"), payload.get("scope"), payload.get("grantee"))
        tokens = [_text(dict_of(owner).get("token")) for owner in owners]
        return cls(
            name=(_text(header.get("namespace")), _text(header.get("name"))),
            correlation_token=_text(header.get("correlationToken"), CORRELATION),
            endpoint_id=_text(endpoint.get("endpointId"), ENDPOINT_ID),
            token=next(filter(None, tokens), ""),
            code=_text(dict_of(payload.get("grant")).get("code")),
        )

    @property
    def is_grant(self) -> bool:
        """Whether Alexa brings a grant: that interface has an error of its own."""
        return self.name == ("Alexa.Authorization", "AcceptGrant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Whose directive it is."""

    table: Table
    config: Config
    home_id: str
    home: Home
    link_id: str
    link: Link
    aws_region: str


def answer(event: dict[str, Any], deadline: float, aws_region: str) -> dict[str, Any]:
    """Alexa's answer to the directive; never one that it did not ask for."""
    directive = Directive.of(event)
    try:
        return _answer(directive, deadline, aws_region)
    except AlexaError as error:
        failure = error
    except TroubleError as error:
        failure = AlexaError("INTERNAL_ERROR", f"The skill's table did not answer: {error}.")
    except Exception as error:  # noqa: BLE001 - Alexa needs an answer, whatever it was.
        # Its text may hold what must not be logged.
        failure = AlexaError("INTERNAL_ERROR", f"Unexpected {type(error).__name__}.")
    name = directive.name[1] if re.fullmatch(r"[A-Za-z]{1,64}", directive.name[1]) else "A message"
    _LOGGER.error("%s was not answered: %s", name, failure)
    return _error_response(directive, failure)


def _answer(directive: Directive, deadline: float, aws_region: str) -> dict[str, Any]:
    work = ANSWERS.get(directive.name)
    if work is None:
        raise AlexaError("INVALID_DIRECTIVE", "A doorbell cannot do this.")
    return work(directive, _asker(directive, Table.until(deadline), aws_region))


def _asker(directive: Directive, table: Table, aws_region: str) -> Asker:
    """AlexaError only when it is sure: Alexa disables the skill of whom it is told so."""
    unknown = AlexaError("INVALID_AUTHORIZATION_CREDENTIAL", "This account is not linked (now).")
    claimed = parts("access", directive.token)
    if claimed is None:
        raise unknown
    home_id, link_id = claimed
    rows = table.get(CONFIG, home_key(home_id), link_key(home_id, link_id))
    config, home, link = Config.of(rows[0]), Home.of(rows[1]), Link.of(rows[2])
    if not is_genuine("access", directive.token, config.signing_key):
        raise unknown
    if home is None or link is None or not link.is_traded:
        raise unknown
    return Asker(
        table=table,
        config=config,
        home_id=home_id,
        home=home,
        link_id=link_id,
        link=link,
        aws_region=aws_region,
    )


def _discover(directive: Directive, asker: Asker) -> dict[str, Any]:
    header = _header("Alexa.Discovery", "Discover.Response")
    return {"event": {"header": header, "payload": {"endpoints": asker.home.endpoints}}}


def _report_state(directive: Directive, asker: Asker) -> dict[str, Any]:
    state = asker.home.states.get(directive.endpoint_id)
    if state is None:
        raise AlexaError("NO_SUCH_ENDPOINT", "This doorbell was removed.")
    value, sampled_at = state["value"], state["time"]
    now = time.time()
    if now - asker.home.pushed_at > LONGEST_SILENCE:
        value = "UNREACHABLE"
        sampled_at = datetime.fromtimestamp(int(now), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    connectivity = {
        "namespace": "Alexa.EndpointHealth",
        "name": "connectivity",
        "value": {"value": value},
        "timeOfSample": sampled_at,
        "uncertaintyInMilliseconds": 0,
    }
    header = _header("Alexa", "StateReport")
    if directive.correlation_token:
        header["correlationToken"] = directive.correlation_token
    return {
        "context": {"properties": [connectivity]},
        "event": {
            "header": header,
            "endpoint": {"endpointId": directive.endpoint_id},
            "payload": {},
        },
    }


def _accept_grant(directive: Directive, asker: Asker) -> dict[str, Any]:
    if not directive.code:
        raise AlexaError("ACCEPT_GRANT_FAILED", "There is no code.")
    try:
        tokens = grants.trade(directive.code, asker.config, asker.table.deadline)
        grants.keep(
            asker.table,
            asker.home_id,
            grants.Grant(
                link=asker.link_id,
                identity=asker.link.identity,
                tokens=tokens,
                aws_region=asker.aws_region,
            ),
        )
    except grants.NotTradedError as error:
        raise AlexaError("ACCEPT_GRANT_FAILED", str(error)) from None
    except ConflictError:
        raise AlexaError("ACCEPT_GRANT_FAILED", "This home was just removed.") from None
    return {
        "event": {
            "header": _header("Alexa.Authorization", "AcceptGrant.Response"),
            "payload": {},
        }
    }


ANSWERS: dict[tuple[str, str], Callable[[Directive, Asker], dict[str, Any]]] = {
    ("Alexa.Discovery", "Discover"): _discover,
    ("Alexa", "ReportState"): _report_state,
    ("Alexa.Authorization", "AcceptGrant"): _accept_grant,
}


def _header(namespace: str, name: str) -> dict[str, str]:
    return {
        "namespace": namespace,
        "name": name,
        "messageId": str(uuid.uuid4()),
        "payloadVersion": "3",
    }


def _error_response(directive: Directive, error: AlexaError) -> dict[str, Any]:
    header = _header("Alexa.Authorization" if directive.is_grant else "Alexa", "ErrorResponse")
    kind = "ACCEPT_GRANT_FAILED" if directive.is_grant else error.kind
    event: dict[str, Any] = {"header": header, "payload": {"type": kind, "message": str(error)}}
    if directive.correlation_token and not directive.is_grant:
        header["correlationToken"] = directive.correlation_token
    if directive.endpoint_id:
        event["endpoint"] = {"endpointId": directive.endpoint_id}
    return {"event": event}


def _text(value: Any, pattern: str = r"(?s:.*)") -> str:
    """The text, empty when it is none, or none of this form."""
    is_good = isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII)
    return str(value) if is_good else ""
