"""Home Assistant's end: the signed messages that the integration's webhook takes.

The same questions go two ways: from this computer, and from the function. Both answer alike.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
import ipaddress
import json
import re
import secrets
import time
from typing import Any

from skill.lambda_function import Asking, Bridge, BridgeError, Configuration, configuration, judged

from .causes import CAUSES, failure
from .errors import CommandError
from .smapi import Credentials

PATIENCE = 20
IPV4 = 4
# Names of no use beyond the network they are in.
ONLY_AT_HOME = r"(^\.[^.]+|\.(local|lan|home|home\.arpa|internal|localdomain|fritz\.box))\.?$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the integration answered."""

    status: int
    document: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why it did not; `message` holds neither address nor secret."""

    cause: str
    message: str
    facts: Mapping[str, Any]

    def failure(self, cause: str | None = None) -> CommandError:
        """The error to raise, by this cause or another that knows more."""
        known = self.cause if self.cause in CAUSES else "function_unexpected"
        facts = {"kind": self.cause, "message": self.message, "status": "unknown"}
        facts |= {"reason": "unknown", "difference": "is wrong"}
        facts |= {name: str(value) for name, value in self.facts.items()}
        return failure(cause or known, **facts)


type Ask = Callable[[Mapping[str, Any]], Answered | Problem]


def checked_address(webhook_url: str, shared_secret: str) -> Configuration:
    """The address and secret, if they can be used from AWS."""
    try:
        config = configuration(webhook_url, shared_secret)
    except BridgeError as error:
        raise failure(error.cause) from None
    try:
        address = ipaddress.ip_address(config.host)
    except ValueError:
        only_at_home = re.search(ONLY_AT_HOME, f".{config.host}", re.IGNORECASE)
        if only_at_home and config.host != "localhost":
            raise failure("private_address") from None
        return config
    # Loopback is for tests.
    if not address.is_global and not address.is_loopback:
        raise failure("private_address")
    if address.version != IPV4 and not address.is_loopback:
        raise failure("ipv6_only")
    return config


def from_this_computer(config: Configuration) -> Ask:
    """Ask as the function does, but from here."""

    def ask(document: Mapping[str, Any]) -> Answered | Problem:
        bridge = Bridge()
        body = json.dumps(document).encode()
        deadline = time.monotonic() + PATIENCE
        asking = Asking(bridge, config, body, repeatable=False, deadline=deadline)
        asking.start()
        try:
            answer = asking.wait()
            problem = judged(answer)
        except BridgeError as error:
            problem = error
        finally:
            bridge.close()
        if problem is not None:
            return Problem(cause=problem.cause, message=str(problem), facts=problem.facts)
        return Answered(status=answer.status, document=answer.document or {})

    return ask


def told_by_function(returned: Mapping[str, Any]) -> Answered | Problem:
    """What the function says to an event of our own."""
    answer, problem = returned.get("answer"), returned.get("problem")
    if isinstance(answer, dict):
        return Answered(status=int(answer["status"]), document=answer.get("document") or {})
    told = problem if isinstance(problem, dict) else {}
    cause = str(told.get("cause") or "unexpected")
    message = str(told.get("message") or "it says nothing that this command knows")
    return Problem(cause=cause, message=message, facts=told.get("facts") or {})


def ping(ask: Ask) -> Problem | None:
    """Ask what only the integration can answer; None when it did."""
    nonce = secrets.token_urlsafe(16)
    said = ask({"ping": {"nonce": nonce}})
    if isinstance(said, Problem):
        return said
    pong = said.document.get("pong")
    if isinstance(pong, dict) and pong.get("nonce") == nonce:
        return None
    message = "what answered is not the integration"
    return Problem(cause="not_home_assistant", message=message, facts={"status": said.status})


def hand_over(ask: Ask, skill_id: str, credentials: Credentials) -> bool | Problem:
    """Bring Home Assistant the skill's credentials; whether it was waiting for them."""
    setup = {
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "skill_id": skill_id,
    }
    said = ask({"setup": setup})
    if isinstance(said, Problem):
        return False if said.cause == "not_waiting" else said
    if said.status in {HTTPStatus.NO_CONTENT, HTTPStatus.CONFLICT}:
        return said.status == HTTPStatus.NO_CONTENT
    message = "what answered is not the integration"
    return Problem(cause="not_home_assistant", message=message, facts={"status": said.status})
