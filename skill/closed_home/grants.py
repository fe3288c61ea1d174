"""The grants that Alexa brings: traded for tokens at once, and kept until their home has them."""

import contextlib
from dataclasses import dataclass, field
import http
import json
import os
import time
from typing import Any
from urllib.parse import urlencode

from .background import Task, TroubleError
from .connections import Answer, Connections, NotSentError, is_allowed
from .documents import compact, document
from .rows import Config, grants_key, new_id
from .table import ConflictError, Row, Table

LOGIN_WITH_AMAZON = "https://api.amazon.com"
LOGIN_TIMEOUT = 4.5
# So much of the time belongs to the table afterwards.
TIME_TO_KEEP = 1.5
LONGEST_WAIT = 7 * 86400
PREFIX = "grant_"


class NotTradedError(Exception):
    """There are no tokens for this code; the text holds no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What Home Assistant will collect."""

    link: str
    identity: str
    tokens: dict[str, Any] = field(repr=False)
    aws_region: str


def trade(code: str, config: Config, deadline: float) -> dict[str, Any]:
    """The tokens for the code, and when they came. A code is good for one try."""
    base = os.environ.get("LWA_URL") or LOGIN_WITH_AMAZON
    if not is_allowed(base):
        raise NotTradedError("LWA_URL is no safe address.")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": config.client_id,
        "client_secret": config.client_secret,
    }
    url = f"{base.rstrip('/')}/auth/o2/token"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
        "User-Agent": "AlexaDoorbell",
    }
    until = min(deadline - TIME_TO_KEEP, time.monotonic() + LOGIN_TIMEOUT)
    body = urlencode(form, errors="replace").encode()

    try:
        status, content = Task(lambda: _post(url, headers, body, until)).result(until)
    except TroubleError as error:
        raise NotTradedError(f"Login with Amazon did not answer: {error}.") from None
    answer = document(content) or {}
    if status != http.HTTPStatus.OK:
        raise NotTradedError(_refusal(status, answer.get("error")))
    needed = (answer.get("access_token"), answer.get("refresh_token"))
    if not all(isinstance(token, str) and token for token in needed):
        raise NotTradedError("Login with Amazon answered without the tokens.")
    return answer | {"received_at": round(time.time(), 3)}


def _post(url: str, headers: dict[str, str], body: bytes, until: float) -> Answer:
    # Of its own: one kept from before may be closed by now, and nobody can tell whether the code
    # was read.
    connections = Connections()
    left = max(0.1, until - time.monotonic())
    try:
        return connections.post(url, headers, body, timeout=left)
    except NotSentError:
        # Nobody has seen the code yet.
        return connections.post(url, headers, body, timeout=left)


def _refusal(status: int, error: Any) -> str:
    if error in {"invalid_client", "unauthorized_client"}:
        return "Login with Amazon refuses the skill's messaging credentials."
    if error == "invalid_grant":
        return "Login with Amazon refuses the code: it was used, or is too old."
    return f"Login with Amazon answered {status}."


def keep(table: Table, home_id: str, grant: Grant) -> None:
    """Return once it is in the table; ConflictError when the home was removed."""
    content = {
        "link": grant.link,
        **({"identity": grant.identity} if grant.identity else {}),
        "tokens": grant.tokens,
        "aws_region": grant.aws_region,
    }
    table.update(
        grants_key(home_id),
        {PREFIX + new_id(): compact(content), "ttl": int(time.time()) + LONGEST_WAIT},
        condition="attribute_not_exists(#removed)",
    )


def waiting(row: Row | None, now: float) -> list[dict[str, Any]]:
    """The grants in the row, in the order in which they came."""
    found = [
        {"id": name.removeprefix(PREFIX)} | json.loads(str(content))
        for name, content in (row or {}).items()
        if name.startswith(PREFIX)
    ]
    fresh = [one for one in found if now - one["tokens"]["received_at"] < LONGEST_WAIT]
    return sorted(fresh, key=lambda one: float(one["tokens"]["received_at"]))


def forget(table: Table, home_id: str, ids: list[str]) -> None:
    """They are on Home Assistant's disk. ConflictError when there is nothing to forget."""
    table.update(
        grants_key(home_id),
        {},
        remove=[PREFIX + one for one in ids],
        condition="attribute_exists(#key)",
    )


def let_in(table: Table, home_id: str) -> None:
    """Keep what comes for a home that was removed, and now enrols again."""
    with contextlib.suppress(ConflictError):
        table.update(
            grants_key(home_id), {}, remove=["removed"], condition="attribute_exists(#removed)"
        )


def refuse_more(table: Table, home_id: str, now: float) -> None:
    """Drop what waits for a home that is removed; nothing comes any more."""
    row: Row = {"key": grants_key(home_id), "removed": int(now), "ttl": int(now) + LONGEST_WAIT}
    table.replace(row)
