"""GET and POST /authorize: the page on which a person links an Amazon account with a home."""

import base64
from dataclasses import dataclass, field
import hmac
import http
import re
import time
from typing import Self
import unicodedata
from urllib.parse import urlencode

from . import linking_page
from .exchange import Request, Response, fields, form
from .rows import CONFIG, Config, Home, digest, home_key, link_key, new_id, pair_key
from .table import ConflictError, Row, Table

# RFC 8628's letters: no vowels, so no words, and none that looks like another.
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 10
CODE_LIFETIME = 120
# AWS deletes late, and the code's end is looked at anyway.
ROW_LIFETIME = 3600
LONGEST_STATE = 4096


class BrokenError(Exception):
    """Whoever asks is not Alexa, as far as can be seen: nobody is sent anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What Alexa asks for when it opens the page."""

    client_id: str
    redirect_uri: str
    state: str = field(repr=False)
    scope: str
    challenge: str
    method: str
    # OAuth's word for what is wrong with it, which Alexa is told.
    error: str

    @classmethod
    def of(cls, given: dict[str, str] | None, config: Config) -> Self:
        """BrokenError when it is not for this skill, or would lead elsewhere than to Alexa."""
        given = given or {}
        redirect_uri, state = given.get("redirect_uri", ""), given.get("state", "")
        allowed = {f"{origin}/api/skill/link/{config.vendor_id}" for origin in linking_page.ALEXA}
        if given.get("client_id") != config.link_client_id or redirect_uri not in allowed:
            raise BrokenError
        if len(state) > LONGEST_STATE:
            raise BrokenError
        challenge = given.get("code_challenge", "")
        method = given.get("code_challenge_method", "") or "plain" * bool(challenge)
        return cls(
            client_id=config.link_client_id,
            redirect_uri=redirect_uri,
            state=state,
            scope=given.get("scope", ""),
            challenge=challenge,
            method=method,
            error=_error(given.get("response_type"), challenge, method),
        )

    def fields(self) -> dict[str, str]:
        """What the form takes along, since cookies do not live in Alexa's app."""
        named = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "scope": self.scope,
            "code_challenge": self.challenge,
            "code_challenge_method": self.method,
        }
        return {name: value for name, value in named.items() if value}

    def back(self, **answer: str) -> Response:
        """Send the browser back to Alexa."""
        query = urlencode(({"state": self.state} if self.state else {}) | answer)
        headers = {"Location": f"{self.redirect_uri}?{query}", "Referrer-Policy": "no-referrer"}
        return Response(status=http.HTTPStatus.SEE_OTHER, headers=headers)


def page(request: Request, table: Table) -> Response:
    """The page as Alexa opens it."""
    config = Config.of(table.get(CONFIG)[0])
    try:
        asked = Asked.of(fields(request.query), config)
    except BrokenError:
        return linking_page.broken(request)
    if asked.error:
        return asked.back(error=asked.error)
    return linking_page.form(request, config.skill_name, asked.fields())


def submitted(request: Request, table: Table) -> Response:
    """The page with a code in it: back to Alexa, or once more when the code does not fit."""
    given = form(request) or {}
    # Phones write letters of full width, and long dashes.
    code = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", given.get("code", ""))).upper()
    is_code = re.fullmatch(rf"[{LETTERS}]{{{CODE_LENGTH}}}", code) is not None
    config_row, *pairs = table.get(CONFIG, *([pair_key(digest(code))] if is_code else []))
    config = Config.of(config_row)
    try:
        asked = Asked.of(given, config)
    except BrokenError:
        return linking_page.broken(request)
    if asked.error:
        return asked.back(error=asked.error)
    pair = pairs[0] if pairs else None
    granted = pair and _grant(digest(code), pair, asked, config, table)
    if not granted:
        typed = given.get("code", "")
        return linking_page.form(request, config.skill_name, asked.fields(), wrong_code=typed)
    return asked.back(code=granted)


def unavailable(request: Request) -> Response:
    """The table does not answer: the person is told so, and Alexa nothing."""
    return linking_page.unavailable(request)


def _error(response_type: str | None, challenge: str, method: str) -> str:
    if response_type != "code":
        return "unsupported_response_type"
    is_challenge = re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", challenge) and method in {
        "S256",
        "plain",
    }
    return "" if is_challenge or not (challenge or method) else "invalid_request"


def _grant(code_hash: str, pair: Row, asked: Asked, config: Config, table: Table) -> str | None:
    """A code for Alexa, None when the pairing code was used or is too old.

    Taking the pairing code comes last: whatever fails before, the person can type it again. So
    may whoever typed it: a second tap on the button is the same attempt, and gets the same code,
    until Alexa has traded that.
    """
    now = time.time()
    home_id = str(pair["home"])
    home = Home.of(table.get(home_key(home_id))[0])
    # The last code that a home has opened ends those before, also of those opened at once.
    if home is None or home.pairing != code_hash:
        return None
    attempt = f"{asked.redirect_uri}\n{asked.state}\n{asked.challenge}"
    by = digest(attempt) if asked.state else new_id()
    link_id = _derived(config, "link", code_hash, by)[: len(new_id())]
    code = f"{home_id}.{link_id}.{_derived(config, 'code', code_hash, by)}"
    row: Row = {
        "code": digest(code),
        "code_until": int(now) + CODE_LIFETIME,
        "redirect_uri": asked.redirect_uri,
        "challenge": asked.challenge,
        "method": asked.method,
        "identity": str(pair["identity"]),
        "ttl": int(now) + ROW_LIFETIME,
    }
    try:
        table.update(link_key(home_id, link_id), row, condition="attribute_not_exists(#traded)")
        table.claim(pair_key(code_hash), by=by, now=now)
    except ConflictError:
        return None
    return code


def _derived(config: Config, *parts: str) -> str:
    """256 bits that nobody knows who has not the key, in 43 letters."""
    hashed = hmac.digest(config.signing_key, "\n".join(parts).encode(), "sha256")
    return base64.urlsafe_b64encode(hashed).decode().rstrip("=")
