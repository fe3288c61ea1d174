"""The skill's own function, which the home calls at its Function URL; nothing calls the home.

The protocol is in docs/design.md, "The closed home".
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
import json
import re
import secrets as random
import time
from typing import Any

import aiohttp

from .documents import text_at
from .exceptions import FunctionError, Trouble, TryAgainError
from .lwa import Tokens, read_tokens
from .signature import signed_headers
from .transport import UNKNOWN_HOST, Reply, request

# Amazon's hosts of Function URLs: a name that nobody guesses, and where the function runs.
_FUNCTION_URL = re.compile(r"https://[a-z0-9]{8,64}\.lambda-url\.[a-z]{2}(-[a-z]+)+-\d\.on\.aws")
_ENROLMENT = re.compile(r"(https?://[^\s/#?]+)/?#([A-Za-z0-9_-]{22})")
# What a terminal or a chat may have put around or into the line.
_NOT_OF_THE_LINE = re.compile(r"[\s`'\"<>\u200b\u2028\ufeff]")
# The word in our own mark, and what it is to us.
_REFUSALS = {
    "clock": Trouble.CLOCK,
    "signature": Trouble.REFUSED,
    "unknown_home": Trouble.REFUSED,
    "enrolment": Trouble.CODE,
    "code_taken": Trouble.CODE,
    "malformed": Trouble.UNREADABLE,
    "too_large": Trouble.UNREADABLE,
}
# AWS's own answers where a function was deleted, or may not be called (any more).
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.GONE}
_MARK = "x-alexa-doorbell"
# Of a Unix time that can be one, in seconds: thousands of years.
_LATEST = 1e11


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """As whom the function is spoken to, and where it is."""

    function_url: str
    home_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """The line that the command printed last: where the function is, and its one-time code."""

    url: str
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """What the function tells a home that it has let in: the skill's messaging client."""

    client_id: str
    client_secret: str = field(repr=False)
    skill_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An account that enabled the skill, and waits with the function for its home."""

    grant_id: str
    identity: str | None
    tokens: Tokens
    received_at: float
    aws_region: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits for the home; `paired`: the last pairing code was typed in by somebody."""

    grants: Sequence[Grant]
    paired: bool


def is_function_url(url: str) -> bool:
    """Whether it is the address of a function at AWS, and no other."""
    return _FUNCTION_URL.fullmatch(url) is not None


def read_enrolment(line: str) -> Enrolment | None:
    """Read what the user pasted; None: it is no such line."""
    found = _ENROLMENT.fullmatch(_NOT_OF_THE_LINE.sub("", line))
    if found is None or not is_function_url(found[1]):
        return None
    return Enrolment(url=found[1], code=found[2])


def new_home_id() -> str:
    """Return an id that no other home has, and nobody guesses."""
    return random.token_urlsafe(16)


class FunctionUrl:
    """The function, spoken to in the name of one home; all its methods raise FunctionError."""

    def __init__(self, session: aiohttp.ClientSession, home: Home, *, timeout: float = 10) -> None:
        self.home = home
        # For the diagnostics: what was said and asked, how often.
        self.sent: Counter[str] = Counter()
        self._session = session
        self._timeout = timeout

    async def enrol(self, code: str) -> Enrolled:
        """Become a home of the skill; the function takes the secret that signs this."""
        answer = await self._say("enrol", "enrolled", code=code, secret=self.home.secret)
        client_id, client_secret = text_at(answer, "client_id"), text_at(answer, "client_secret")
        if client_id is None or client_secret is None:
            raise FunctionError(Trouble.FAILING, "an answer without the skill's client")
        return Enrolled(
            client_id=client_id,
            client_secret=client_secret,
            skill_name=text_at(answer, "skill_name") or "",
        )

    async def push(
        self, endpoints: Sequence[Mapping[str, Any]], states: Mapping[str, Mapping[str, str]]
    ) -> bool:
        """Have Alexa answered with these; False: the function holds something newer."""
        answer = await self._say(
            "push", "pushed", endpoints=endpoints, states=states, complete=True
        )
        return answer.get("taken") is not False

    async def pair(self, code_hash: str, *, expires_in: int, identity: str | None = None) -> None:
        """Let whoever types the code link an account with this home; earlier codes end."""
        content: dict[str, Any] = {"code_hash": code_hash, "expires_in": expires_in}
        if identity is not None:
            content["identity"] = identity
        await self._say("pair", "pairing", **content)

    async def grants(self) -> Waiting:
        """Return which accounts wait to be taken over; those that nobody could use are left out."""
        answer = await self._post("grants", {})
        if not isinstance(found := answer.get("grants"), list):
            raise FunctionError(Trouble.FAILING, "an unexpected answer")
        grants = [grant for each in found if (grant := _grant(each)) is not None]
        return Waiting(grants=grants, paired=answer.get("paired") is True)

    async def acknowledge(self, grant_ids: Sequence[str]) -> None:
        """Say that these are on disk here, so that the function forgets their tokens."""
        await self._say("acknowledge", "acknowledged", grants=list(grant_ids))

    async def remove(self) -> None:
        """Have this home forgotten; Alexa learns at its next question that it is unlinked."""
        await self._say("remove", "removed")

    async def _say(self, what: str, answer_key: str, **content: Any) -> dict[str, Any]:
        """Post a signed message, and return what is under this key of the answer."""
        found = (await self._post(what, content)).get(answer_key)
        if not isinstance(found, dict):
            raise FunctionError(Trouble.FAILING, "an unexpected answer")
        return found

    async def _post(self, what: str, content: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps({what: content}, separators=(",", ":")).encode()
        self.sent[what] += 1
        now = time.time()
        headers = signed_headers(self.home.secret, body, now=now) | {
            "x-home": self.home.home_id,
            "Content-Type": "application/json",
        }
        try:
            reply = await request(
                self._session,
                "POST",
                f"{self.home.function_url}/home",
                timeout=self._timeout,
                data=body,
                headers=headers,
            )
        except TryAgainError as error:
            unknown = error.reason == UNKNOWN_HOST
            raise FunctionError(
                Trouble.FAILING if unknown else Trouble.AWAY, error.reason
            ) from None
        if not reply.ok:
            raise _refused(reply, now)
        return reply.json()


def _refused(reply: Reply, now: float) -> FunctionError:
    mark = reply.headers.get(_MARK, "")
    if (trouble := _REFUSALS.get(mark)) is None:
        trouble = Trouble.GONE if reply.status in _GONE else Trouble.FAILING
        return FunctionError(trouble, f"answer {reply.status}")
    ahead = _seconds_ahead(reply, now) if trouble is Trouble.CLOCK else None
    return FunctionError(trouble, f"answer {reply.status}, {mark}", seconds_ahead=ahead)


def _seconds_ahead(reply: Reply, now: float) -> float | None:
    try:
        date = parsedate_to_datetime(reply.headers.get("Date", ""))
    except ValueError:
        return None
    return now - (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()


def _grant(document: object) -> Grant | None:
    grant_id = text_at(document, "id")
    given = document.get("tokens") if isinstance(document, dict) else None
    if grant_id is None or not isinstance(given, dict):
        return None
    tokens = read_tokens(given)
    if tokens is None or tokens.refresh_token is None:
        return None
    return Grant(
        grant_id=grant_id,
        identity=text_at(document, "identity"),
        tokens=tokens,
        received_at=_moment(given.get("received_at")),
        aws_region=text_at(document, "aws_region"),
    )


def _moment(value: object) -> float:
    """Return a Unix time; one that is none is long ago."""
    if isinstance(value, int | float) and 0 < value < _LATEST:
        return float(value)
    return 0.0
