"""A door on an Echo Show: what Alexa asks of the skill for it, and which answers it can use."""

from collections.abc import Callable
import re
from typing import Any, Protocol
import uuid

import voluptuous as vol

from . import rules
from .account import Account
from .rules import InvalidMessageError, check, every, exactly, rule
from .skill import Answer, directive

# The interface by which an endpoint says that it can be seen.
INTERFACE = "Alexa.RTCSessionController"
_ERROR_TYPES = (
    "BRIDGE_UNREACHABLE ENDPOINT_BUSY ENDPOINT_LOW_POWER ENDPOINT_UNREACHABLE INTERNAL_ERROR"
    " INVALID_DIRECTIVE INVALID_VALUE NO_SUCH_ENDPOINT"
)
# Nothing can be told later, so all of this has to be in the answer, for each of the media.
_NEEDED = ("a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=setup:")
_MEDIA = re.compile(r"^(?=m=)", re.MULTILINE)


class NotShownError(Exception):
    """The Echo stays dark; the text says why. `type` is that of an ErrorResponse."""

    def __init__(self, reason: str, error_type: str = "") -> None:
        super().__init__(reason)
        self.type = error_type


class Skill(Protocol):
    """What carries directives to a home."""

    async def send(self, message: dict[str, Any]) -> Answer:
        """Hand a directive over; its answer."""

    def linking_token(self, account: Account) -> str:
        """What says whose a directive is."""


class LiveView:
    """One doorbell on one Echo Show of an account, from its offer until it is closed."""

    def __init__(self, skill: Skill, account: Account, endpoint_id: str) -> None:
        self._skill = skill
        self._account = account
        self._endpoint_id = endpoint_id
        self.session_id = str(uuid.uuid4())

    async def open(self, offer: str) -> str:
        """The answer to the offer, good enough to connect by; NotShownError if it is not."""
        payload = {"sessionId": self.session_id, "offer": {"format": "SDP", "value": offer}}
        answered = await self._tell("InitiateSessionWithOffer", payload)
        message = self._checked(answered, "AnswerGeneratedForSession", _ANSWER)
        answer = str(message["event"]["payload"]["answer"]["value"])
        if missing := _missing(offer, answer):
            raise NotShownError(f"The answer has {missing}")
        return answer

    async def connected(self) -> None:
        """Tell that pictures come."""
        await self._tell_of("SessionConnected")

    async def disconnected(self) -> None:
        """Tell that nobody looks any more."""
        await self._tell_of("SessionDisconnected")

    async def _tell_of(self, name: str) -> None:
        answered = await self._tell(name, {"sessionId": self.session_id})
        self._checked(answered, name, {"sessionId": self.session_id})

    async def _tell(self, name: str, payload: dict[str, Any]) -> tuple[Answer, str]:
        correlation = uuid.uuid4().hex
        scope = {"type": "BearerToken", "token": self._skill.linking_token(self._account)}
        message = directive(
            INTERFACE,
            name,
            payload,
            header={"correlationToken": correlation},
            endpoint={"scope": scope, "endpointId": self._endpoint_id, "cookie": {}},
        )
        return await self._skill.send(message), correlation

    def _checked(self, answered: tuple[Answer, str], name: str, payload: Any) -> dict[str, Any]:
        """The message, if it is what Alexa takes for an answer of that name."""
        answer, correlation = answered
        if answer.status is None:
            raise NotShownError("There was no answer in time")
        refused = answer.name == "ErrorResponse"
        schema = (
            self._schema("Alexa", answer.name, correlation, _ERROR, vol.Optional)
            if refused
            else self._schema(INTERFACE, name, correlation, payload)
        )
        try:
            check(schema, answer.message)
        except InvalidMessageError as broken:
            raise NotShownError(f"Not an answer: {broken}") from broken
        if refused:
            error = answer.message["event"]["payload"]["type"]
            raise NotShownError(f"The skill answered {error}", error)
        message: dict[str, Any] = answer.message
        return message

    def _schema(
        self,
        namespace: str,
        name: str,
        correlation: str,
        payload: Any,
        presence: Callable[[str], Any] = vol.Required,
    ) -> rules.Schema:
        header = {
            "namespace": namespace,
            "name": name,
            "payloadVersion": "3",
            "messageId": rules.MESSAGE_ID,
            "correlationToken": correlation,
        }
        endpoint = {
            vol.Optional("scope"): rules.SCOPE,
            vol.Optional("cookie"): {str: str},
            "endpointId": self._endpoint_id,
        }
        event = {"header": header, presence("endpoint"): endpoint, "payload": payload}
        return exactly({vol.Optional("context"): {}, "event": event})


_ANSWER = {
    "answer": {"format": "SDP", "value": every(str, rule(lambda it: "\0" not in it, "has a NUL"))}
}
_ERROR = {"type": vol.In(_ERROR_TYPES.split()), "message": str}


def _missing(offer: str, answer: str) -> str:
    """What keeps an Echo from connecting by the answer; empty: nothing."""
    offered, answered = _MEDIA.split(offer)[1:], _MEDIA.split(answer)[1:]
    if len(offered) != len(answered) or not answered:
        return f"{len(answered)} media for {len(offered)}"
    head = _MEDIA.split(answer)[0]
    # The media are bundled: what one is reached by will do for all.
    if "a=candidate:" not in answer:
        return "no candidates"
    for asked, told in zip(offered, answered, strict=True):
        kind = told[2:7]
        if kind != asked[2:7]:
            return f"{kind} in the place of {asked[2:7]}"
        for needed in _NEEDED:
            if needed not in told and needed not in head:
                return f"no {needed} for {kind}"
        if kind == "video" and ("H264/90000" not in told or "a=inactive" in told):
            return "no H.264"
    return ""
