"""Login with Amazon: hands out tokens, and refuses what Amazon refuses."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import secrets

from aiohttp import web

from .account import Account
from .faults import Ledger, login_refusal

FORM = "application/x-www-form-urlencoded"
MESSAGING_SCOPE = "alexa:skill_messaging"
CODE_LIFETIME = 300


class TokenKind(StrEnum):
    """What an access token is good for."""

    EVENTS = "events"
    ACCOUNT_LINKING = "account linking"
    SKILL_MESSAGING = "skill messaging"


class RefreshTokenAnswer(StrEnum):
    """What a refresh answers as refresh token: Amazon has been seen doing each."""

    SAME = "same"
    NEW = "new"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessToken:
    """What Amazon remembers of an access token."""

    kind: TokenKind
    account: Account | None
    expires_at: float


class _RefusedError(Exception):
    """Login with Amazon refuses the request."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error


def _invalid_grant(parameter: str) -> _RefusedError:
    return _RefusedError(
        400,
        "invalid_grant",
        f"The request has an invalid grant parameter : {parameter}. "
        "User may have revoked or didn't grant the permission.",
    )


def _required(form: Mapping[str, str], name: str) -> str:
    if not (value := form.get(name)):
        raise _RefusedError(
            400, "invalid_request", f"The request is missing a required parameter : {name}"
        )
    return value


def _new_token(prefix: str) -> str:
    """A token of Amazon's length, with all the characters that a form has to encode."""
    return f"{prefix}|" + base64.b64encode(secrets.token_bytes(288)).decode()


class LoginWithAmazon:
    """The token endpoint and the customer profile."""

    def __init__(self, ledger: Ledger) -> None:
        self.client_id = f"amzn1.application-oa2-client.{secrets.token_hex(16)}"
        self.client_secret = f"amzn1.oa2-cs.v1.{secrets.token_hex(32)}"
        self.expires_in = 3600
        self.refresh_token_answer = RefreshTokenAnswer.SAME
        self.client_is_authorized = True
        self._ledger = ledger
        self._clock = ledger.clock
        self._codes: dict[str, tuple[Account, float]] = {}
        self._access_tokens: dict[str, AccessToken] = {}
        self._refresh_tokens: dict[str, Account] = {}

    def app(self) -> web.Application:
        """The web server behind api.amazon.com."""
        app = web.Application()
        app.router.add_post("/auth/o2/token", self._token)
        app.router.add_get("/user/profile", self._profile)
        return app

    def new_code(self, account: Account) -> str:
        """The code that an AcceptGrant brings."""
        code = "AN" + secrets.token_urlsafe(12)[:18]
        self._codes[code] = (account, self._clock() + CODE_LIFETIME)
        return code

    def new_access_token(self, kind: TokenKind, account: Account | None) -> str:
        """An access token for whatever the kind says."""
        token = _new_token("Atza")
        self._access_tokens[token] = AccessToken(
            kind=kind, account=account, expires_at=self._clock() + self.expires_in
        )
        return token

    def access_token(self, token: str) -> AccessToken | None:
        """What is known of the token while it is valid."""
        known = self._access_tokens.get(token)
        return known if known and known.expires_at > self._clock() else None

    def expire_access_tokens(self, account: Account | None = None) -> None:
        """End the access tokens of the account, or of all."""
        self._access_tokens = {
            token: known
            for token, known in self._access_tokens.items()
            if account is not None and known.account is not account
        }

    def revoke(self, account: Account) -> None:
        """The customer withdraws: no token or code of the account is good any more."""
        self.expire_access_tokens(account)
        self._refresh_tokens = {t: a for t, a in self._refresh_tokens.items() if a is not account}
        self._codes = {
            code: entry for code, entry in self._codes.items() if entry[0] is not account
        }

    async def _token(self, request: web.Request) -> web.Response:
        # Anything but a form is as good as empty to Amazon.
        form: dict[str, str] = {}
        if request.content_type == FORM:
            form = {key: str(value) for key, value in (await request.post()).items()}
        record = self._ledger.open("token", detail=form.get("grant_type", ""))

        def work() -> web.Response:
            try:
                return web.json_response(self._grant(form), headers={"Cache-Control": "no-store"})
            except _RefusedError as refused:
                record.refusal = f"{refused.error}: {refused}"
                return login_refusal(refused.status, refused.error, str(refused))

        account = self._account_named_in(form)
        return await self._ledger.answer(request, record, account, work)

    def _account_named_in(self, form: Mapping[str, str]) -> Account | None:
        if entry := self._codes.get(form.get("code", "")):
            return entry[0]
        return self._refresh_tokens.get(form.get("refresh_token", ""))

    def _grant(self, form: Mapping[str, str]) -> dict[str, str | int]:
        # A code is burnt by any try to use it, even a failed one.
        code = self._codes.pop(form.get("code", ""), None)
        grant_type = _required(form, "grant_type")
        client = (_required(form, "client_id"), _required(form, "client_secret"))
        if client != (self.client_id, self.client_secret):
            raise _RefusedError(401, "invalid_client", "Client authentication failed")
        if not self.client_is_authorized:
            raise _RefusedError(
                400, "unauthorized_client", "Not authorized for requested operation"
            )
        if grant_type == "client_credentials":
            return self._grant_to_client(_required(form, "scope"))
        if grant_type == "authorization_code":
            _required(form, "code")
            if code is None or code[1] <= self._clock():
                raise _invalid_grant("code")
            return self._tokens(code[0], self._new_refresh_token(code[0]))
        if grant_type == "refresh_token":
            return self._refreshed(_required(form, "refresh_token"))
        raise _RefusedError(
            400,
            "unsupported_grant_type",
            "The authorization grant type is not supported by the authorization server",
        )

    def _grant_to_client(self, scope: str) -> dict[str, str | int]:
        if scope != MESSAGING_SCOPE:
            raise _RefusedError(400, "invalid_scope", "The request has an invalid scope")
        token = self.new_access_token(TokenKind.SKILL_MESSAGING, None)
        return {
            "access_token": token,
            "scope": scope,
            "token_type": "bearer",
            "expires_in": self.expires_in,
        }

    def _refreshed(self, refresh_token: str) -> dict[str, str | int]:
        account = self._refresh_tokens.get(refresh_token)
        if account is None:
            raise _invalid_grant("refresh_token")
        if self.refresh_token_answer is RefreshTokenAnswer.NONE:
            return self._tokens(account, None)
        if self.refresh_token_answer is RefreshTokenAnswer.NEW:
            del self._refresh_tokens[refresh_token]
            refresh_token = self._new_refresh_token(account)
        return self._tokens(account, refresh_token)

    def _new_refresh_token(self, account: Account) -> str:
        token = _new_token("Atzr")
        self._refresh_tokens[token] = account
        return token

    def _tokens(self, account: Account, refresh_token: str | None) -> dict[str, str | int]:
        tokens: dict[str, str | int] = {
            "access_token": self.new_access_token(TokenKind.EVENTS, account),
            "token_type": "bearer",
            "expires_in": self.expires_in,
        }
        return tokens | ({"refresh_token": refresh_token} if refresh_token else {})

    async def _profile(self, request: web.Request) -> web.Response:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = self.access_token(request.headers.get("x-amz-access-token", bearer))
        record = self._ledger.open("profile")

        def work() -> web.Response:
            if token is None:
                record.refusal = "invalid_token"
                return login_refusal(400, "invalid_token", "The access token is not valid")
            if token.account is None or token.kind is not TokenKind.ACCOUNT_LINKING:
                record.refusal = "insufficient_scope"
                return login_refusal(401, "insufficient_scope", "The token has no profile scope")
            return web.json_response({"user_id": token.account.user_id, "name": token.account.name})

        account = token.account if token else None
        return await self._ledger.answer(request, record, account, work)
