"""POST /token: Alexa trades a code for tokens, or a refresh token for a new access token.

What is refused here disables the skill at its customer's. So it is refused only by what the table
says; trouble with the table is none of it.
"""

import base64
import hashlib
import hmac
import http
import re
import time
from typing import Any
from urllib.parse import unquote_plus

from .exchange import Request, Response, form, json_response
from .rows import CONFIG, ID, Config, Home, Link, digest, home_key, link_key, new_id
from .table import ConflictError, Table
from .tokens import is_genuine, parts, token

# What Alexa refreshes by. A token ends with its link, which every directive asks for.
LIFETIME = 3600


type Client = tuple[str, str]


class RefusedError(Exception):
    """OAuth's own word for what is wrong."""


def answer(request: Request, table: Table) -> Response:
    """The tokens, or OAuth's word for why there are none."""
    given = form(request)
    if given is None:
        return _refusal("invalid_request")
    try:
        clients = _client(request, given)
        tokens = GRANTS.get(given.get("grant_type", ""), _refuse)(given, clients, table)
    except RefusedError as refused:
        return _refusal(str(refused), is_basic=bool(request.header("authorization")))
    return json_response(http.HTTPStatus.OK, tokens, {"Pragma": "no-cache"})


def unavailable(request: Request) -> Response:
    """Not now; nothing is said of the code or the token."""
    return json_response(
        http.HTTPStatus.SERVICE_UNAVAILABLE,
        {"error": "temporarily_unavailable"},
        {"Retry-After": "1"},
    )


def _refusal(error: str, *, is_basic: bool = False) -> Response:
    status, headers = http.HTTPStatus.BAD_REQUEST, {}
    if error == "invalid_client":
        status = http.HTTPStatus.UNAUTHORIZED
        if is_basic:
            headers["WWW-Authenticate"] = 'Basic realm="alexa_doorbell"'
    return json_response(status, {"error": error}, headers)


def _client(request: Request, given: dict[str, str]) -> set[Client]:
    """Who says to ask: by HTTP Basic or in the body, not both.

    For Basic, OAuth has both halves encoded as in a form, which not every client does.
    """
    in_body = given.get("client_id", ""), given.get("client_secret", "")
    header = request.header("authorization")
    if not header:
        return {in_body}
    scheme, _, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("ascii")
    except ValueError:
        raise RefusedError("invalid_client") from None
    client_id, colon, secret = text.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise RefusedError("invalid_client")
    clients = {(client_id, secret), (unquote_plus(client_id), unquote_plus(secret))}
    if in_body[1] or in_body[0] not in {"", *(one for one, _ in clients)}:
        raise RefusedError("invalid_request")
    return clients


def _check_client(clients: set[Client], config: Config) -> None:
    for client_id, secret in clients:
        same_id = hmac.compare_digest(client_id.encode(), config.link_client_id.encode())
        same_secret = hmac.compare_digest(secret.encode(), config.link_client_secret.encode())
        if same_id and same_secret:
            return
    raise RefusedError("invalid_client")


def _needed(given: dict[str, str], name: str) -> str:
    """A parameter. Without it nothing is said of any code or token."""
    if not (value := given.get(name)):
        raise RefusedError("invalid_request")
    return value


def _trade(given: dict[str, str], clients: set[Client], table: Table) -> dict[str, Any]:
    code = _needed(given, "code")
    redirect_uri = _needed(given, "redirect_uri")
    found = re.fullmatch(rf"({ID})\.({ID})\.[A-Za-z0-9_-]{{43}}", code)
    home_id, link_id = (found[1], found[2]) if found else ("", "")
    config, home, link = _known(table, home_id, link_id)
    _check_client(clients, config)
    now = time.time()
    if home is None or link is None or not hmac.compare_digest(link.code, digest(code)):
        raise RefusedError("invalid_grant")
    if link.is_traded or link.code_until <= now or link.redirect_uri != redirect_uri:
        raise RefusedError("invalid_grant")
    if not _is_proof(given.get("code_verifier", ""), link):
        raise RefusedError("invalid_grant")
    nonce = new_id()
    try:
        table.update(
            link_key(home_id, link_id),
            {"traded": nonce, "linked_at": int(now)},
            remove=["ttl"],
            condition="#code = :code AND (attribute_not_exists(#traded) OR #traded = :nonce)",
            given={"code": digest(code), "nonce": nonce},
        )
    except ConflictError:
        raise RefusedError("invalid_grant") from None
    return _tokens(home_id, link_id, config)


def _is_proof(verifier: str, link: Link) -> bool:
    """PKCE: when it was asked with a challenge, and only then."""
    if not link.challenge:
        return not verifier
    if not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier):
        return False
    if link.method == "S256":
        hashed = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
    return hmac.compare_digest(verifier, link.challenge)


def _refresh(given: dict[str, str], clients: set[Client], table: Table) -> dict[str, Any]:
    refresh_token = _needed(given, "refresh_token")
    home_id, link_id = parts("refresh", refresh_token) or ("", "")
    config, home, link = _known(table, home_id, link_id)
    _check_client(clients, config)
    if home is None or link is None or not link.is_traded:
        raise RefusedError("invalid_grant")
    if not is_genuine("refresh", refresh_token, config.signing_key):
        raise RefusedError("invalid_grant")
    return _tokens(home_id, link_id, config)


def _refuse(given: dict[str, str], clients: set[Client], table: Table) -> dict[str, Any]:
    raise RefusedError("unsupported_grant_type")


GRANTS = {"authorization_code": _trade, "refresh_token": _refresh}


def _known(table: Table, home_id: str, link_id: str) -> tuple[Config, Home | None, Link | None]:
    """What the table says, asked for at once: Alexa waits."""
    keys = [home_key(home_id), link_key(home_id, link_id)] if home_id else []
    config, *rows = table.get(CONFIG, *keys)
    home, link = rows or (None, None)
    return Config.of(config), Home.of(home), Link.of(link)


def _tokens(home_id: str, link_id: str, config: Config) -> dict[str, Any]:
    return {
        "access_token": token("access", home_id, link_id, config.signing_key),
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "refresh_token": token("refresh", home_id, link_id, config.signing_key),
    }
