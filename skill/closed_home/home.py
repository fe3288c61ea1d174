"""POST /home: what Home Assistant says and asks, signed after Standard Webhooks."""

from collections.abc import Callable
import contextlib
import hmac
import http
import re
import time
from typing import Any

from . import grants
from .exchange import Request, Response, json_response
from .pushed import pushed_row
from .rows import (
    CONFIG,
    Config,
    Home,
    enrol_key,
    grants_key,
    home_key,
    is_id,
    new_id,
    pair_key,
    seen_key,
)
from .signed_message import MALFORMED, TOLERANCE, UNAUTHORIZED, Message, RefusedError, secret_bytes
from .table import ConflictError, Row, Table

# Of this protocol: Home Assistant sees by it whether the function has to be made anew.
VERSION = 1
LONGEST_PAIRING = 900
LONGEST_IDENTITY = 256
MOST_AT_ONCE = 100


def answer(request: Request, table: Table) -> Response:
    """Do what the message says, if it is this home's own."""
    try:
        message = Message.of(request, time.time())
        if message.what == "enrol":
            return json_response(http.HTTPStatus.OK, _enrol(message, table))
        home = _home_of(message, table)
        work = WORK.get(message.what, _refuse)
        return json_response(http.HTTPStatus.OK, work(message, home, table))
    except RefusedError as refused:
        return Response(status=refused.status, headers={"x-alexa-doorbell": refused.word})


def unavailable(request: Request) -> Response:
    """Not now."""
    headers = {"x-alexa-doorbell": "table", "Retry-After": "2"}
    return Response(status=http.HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)


def _refuse(message: Message, home: Home, table: Table) -> dict[str, Any]:
    raise RefusedError(MALFORMED, "malformed")


def _home_of(message: Message, table: Table) -> Home:
    """The home whose message it is; it cannot come again."""
    home = Home.of(table.get(home_key(message.home_id))[0])
    if home is None:
        raise RefusedError(UNAUTHORIZED, "unknown_home")
    message.verify(home.secret)
    _remember(message, table)
    return home


def _remember(message: Message, table: Table) -> None:
    row: Row = {
        "key": seen_key(message.home_id, message.message_id),
        "by": new_id(),
        "ttl": message.timestamp + 2 * TOLERANCE,
    }
    try:
        table.put(row, unless_other="by")
    except ConflictError:
        raise RefusedError(UNAUTHORIZED, "signature") from None


def _enrol(message: Message, table: Table) -> dict[str, Any]:
    """Let a home in that knows the one-time code; the same home may say it again."""
    secret, code = message.content.get("secret"), message.content.get("code")
    secret_bytes(secret)
    message.verify(str(secret))
    refused = RefusedError(UNAUTHORIZED, "enrolment")
    if not isinstance(code, str) or not re.fullmatch(r"[A-Za-z0-9_-]{22}", code):
        raise refused
    rows = table.get(CONFIG, enrol_key(code), home_key(message.home_id))
    config, known = Config.of(rows[0]), Home.of(rows[2])
    if rows[1] is None or (known and not hmac.compare_digest(known.secret, str(secret))):
        raise refused
    _remember(message, table)
    try:
        table.claim(enrol_key(code), by=message.home_id, now=message.now)
        row: Row = {"key": home_key(message.home_id), "secret": str(secret)}
        if known is None:
            grants.let_in(table, message.home_id)
            table.put(row | {"enrolled_at": int(message.now)}, unless_other="secret")
    except ConflictError:
        raise refused from None
    enrolled = {
        "client_id": config.client_id,
        "client_secret": config.client_secret,
        "skill_name": config.skill_name,
    }
    return {"enrolled": enrolled | _here(message)}


def _push(message: Message, home: Home, table: Table) -> dict[str, Any]:
    """Keep the whole list and every state; a push that a later one overtook changes nothing."""
    row = pushed_row(message.content)
    if row is None:
        raise RefusedError(MALFORMED, "malformed")
    try:
        table.update(
            home_key(message.home_id),
            row | {"pushed_at": int(message.now), "pushed": message.timestamp},
            condition="attribute_exists(#secret) AND "
            "(attribute_not_exists(#pushed) OR #pushed <= :timestamp)",
            given={"timestamp": message.timestamp},
        )
    except ConflictError:
        return {"pushed": {"taken": False}}
    return {"pushed": {"taken": True}}


def _pair(message: Message, home: Home, table: Table) -> dict[str, Any]:
    """Make a code good that a person will type; the one before is good no more."""
    code_hash, seconds = message.content.get("code_hash"), message.content.get("expires_in")
    identity = message.content.get("identity", "")
    if not isinstance(code_hash, str) or not re.fullmatch(r"[0-9a-f]{64}", code_hash):
        raise RefusedError(MALFORMED, "malformed")
    if type(seconds) is not int or not 0 < seconds <= LONGEST_PAIRING:
        raise RefusedError(MALFORMED, "malformed")
    if not isinstance(identity, str) or len(identity) > LONGEST_IDENTITY:
        raise RefusedError(MALFORMED, "malformed")
    expires_at = int(message.now) + seconds
    row: Row = {
        "key": pair_key(code_hash),
        "home": message.home_id,
        "identity": identity,
        "ttl": expires_at,
    }
    try:
        table.put(row, unless_other="home")
        table.update(
            home_key(message.home_id),
            {"pairing": code_hash},
            condition="attribute_exists(#secret)",
        )
    except ConflictError:
        raise RefusedError(http.HTTPStatus.CONFLICT, "code_taken") from None
    return {"pairing": {"expires_at": expires_at}}


def _grants(message: Message, home: Home, table: Table) -> dict[str, Any]:
    """What waits for this home, and whether its code was typed."""
    keys = [grants_key(message.home_id)] + [pair_key(home.pairing)] * bool(home.pairing)
    row, *pairs = table.get(*keys)
    was_typed = any("taken" in (pair or {}) for pair in pairs)
    return {"grants": grants.waiting(row, message.now), "paired": was_typed}


def _acknowledge(message: Message, home: Home, table: Table) -> dict[str, Any]:
    """Forget the grants that Home Assistant has on its disk."""
    ids = message.content.get("grants")
    if not isinstance(ids, list) or not 0 < len(ids) <= MOST_AT_ONCE or not all(map(is_id, ids)):
        raise RefusedError(MALFORMED, "malformed")
    with contextlib.suppress(ConflictError):
        grants.forget(table, message.home_id, sorted(set(ids)))
    return {"acknowledged": {"grants": ids}}


def _remove(message: Message, home: Home, table: Table) -> dict[str, Any]:
    """Forget this home. Its secret goes last, so that it can say so again."""
    if home.pairing:
        table.delete(pair_key(home.pairing))
    grants.refuse_more(table, message.home_id, message.now)
    table.delete(home_key(message.home_id))
    return {"removed": {}}


def _ping(message: Message, home: Home, table: Table) -> dict[str, Any]:
    return {"pong": {"nonce": message.content.get("nonce")} | _here(message)}


def _here(message: Message) -> dict[str, int]:
    return {"version": VERSION, "time": int(message.now)}


WORK: dict[str, Callable[[Message, Home, Table], dict[str, Any]]] = {
    "push": _push,
    "pair": _pair,
    "grants": _grants,
    "acknowledge": _acknowledge,
    "remove": _remove,
    "ping": _ping,
}
