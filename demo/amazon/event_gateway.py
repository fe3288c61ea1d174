"""The Alexa event gateway of one region."""

from collections.abc import Callable
import json
from typing import Any

from aiohttp import web

from . import messages, rules
from .account import Account, Enablement, RecordedRequest, Region
from .faults import Ledger, gateway_refusal
from .login_with_amazon import AccessToken, LoginWithAmazon, TokenKind

_DISABLED = "The user does not have a valid enablement for your skill."


class _RefusedError(Exception):
    """The gateway refuses the request; `why` is for whoever reads the records."""

    def __init__(self, status: int, code: str, description: str | None, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.code = code
        self.description = description


def _malformed(why: str) -> _RefusedError:
    return _RefusedError(400, "INVALID_REQUEST_EXCEPTION", "The request was malformed.", why)


class EventGateway:
    """Takes the events of the accounts that have their home in its region."""

    def __init__(
        self,
        region: Region,
        login: LoginWithAmazon,
        ledger: Ledger,
        *,
        address_of: Callable[[Region], str],
        accept: Callable[[Account, Region, dict[str, Any]], None],
    ) -> None:
        self._region = region
        self._login = login
        self._ledger = ledger
        self._address_of = address_of
        self._accept = accept

    def app(self) -> web.Application:
        """The web server behind the region's host; large bodies are refused in Amazon's form."""
        app = web.Application(client_max_size=16 * rules.MAX_BYTES)
        app.router.add_post("/v3/events", self._events)
        app.router.add_get("/v1/alexaApiEndpoint", self._endpoint)
        return app

    async def _events(self, request: web.Request) -> web.Response:
        body = await request.read()

        def work(token: str, record: RecordedRequest) -> web.Response:
            account = self._account(token)
            message = _parse(body, request.content_type)
            record.detail = messages.event_name(message)
            if (inside := messages.scope_token(message)) is not None and inside != token:
                raise _invalid_token("the token in the body is not the one in the header")
            try:
                messages.check_event(message)
            except rules.InvalidMessageError as broken:
                raise _malformed(str(broken)) from broken
            self._check_enablement(account)
            self._accept(account, self._region, message)
            return web.Response(status=202)

        return await self._answer(request, "events", work)

    async def _endpoint(self, request: web.Request) -> web.Response:
        def work(token: str, _: RecordedRequest) -> web.Response:
            return web.json_response({"endpoints": [self._address_of(self._account(token).region)]})

        return await self._answer(request, "endpoint", work)

    async def _answer(
        self,
        request: web.Request,
        kind: str,
        work: Callable[[str, RecordedRequest], web.Response],
    ) -> web.Response:
        record = self._ledger.open(kind, region=self._region)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        known = self._login.access_token(token) if scheme == "Bearer" else None

        def refusing_work() -> web.Response:
            try:
                return work(token if scheme == "Bearer" else "", record)
            except _RefusedError as refused:
                record.refusal = f"{refused.code}: {refused}"
                return gateway_refusal(refused.status, refused.code, refused.description)

        account = known.account if known else None
        return await self._ledger.answer(request, record, account, refusing_work)

    def _account(self, token: str) -> Account:
        """The account that the token speaks for; raises when it is not one for events."""
        known: AccessToken | None = self._login.access_token(token)
        if known is None:
            raise _invalid_token("no such token, or it has expired")
        if known.account is None or known.kind is not TokenKind.EVENTS:
            raise _RefusedError(
                403, "INSUFFICIENT_PERMISSION_EXCEPTION", None, f"a token for {known.kind}"
            )
        return known.account

    def _check_enablement(self, account: Account) -> None:
        if account.region is not self._region or account.enablement is Enablement.NEVER:
            why = f"the account's home is {account.region}, the skill {account.enablement} enabled"
            raise _RefusedError(403, "SKILL_NEVER_ENABLED_EXCEPTION", _DISABLED, why)
        if account.enablement is Enablement.DISABLED:
            raise _RefusedError(403, "SKILL_DISABLED_EXCEPTION", _DISABLED, "disabled")
        if not account.may_send_events:
            raise _RefusedError(
                403, "INSUFFICIENT_PERMISSION_EXCEPTION", None, "Send Alexa Events is off"
            )


def _invalid_token(why: str) -> _RefusedError:
    return _RefusedError(401, "INVALID_ACCESS_TOKEN_EXCEPTION", "Access token is not valid.", why)


def _parse(body: bytes, content_type: str) -> Any:
    if content_type != "application/json":
        raise _malformed(f"Content-Type is {content_type}")
    try:
        message = json.loads(body)
    except ValueError as error:
        raise _malformed("the body is not JSON") from error
    try:
        endpoints = len(message["event"]["payload"]["endpoints"])
    except KeyError, TypeError:
        endpoints = 0
    if len(body) > rules.MAX_BYTES or endpoints > rules.MAX_ENDPOINTS:
        raise _RefusedError(
            413,
            "REQUEST_ENTITY_TOO_LARGE_EXCEPTION",
            None,
            f"{len(body)} bytes, {endpoints} endpoints",
        )
    return message
