"""Login with Amazon: trade codes and refresh tokens for access tokens, and say whose they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
import math
import time
from typing import Any

import aiohttp

from .documents import text_at
from .exceptions import ReauthenticateError, RelinkError, TryAgainError
from .transport import Reply, request, retry_after

LWA_URL = "https://api.amazon.com"
USUAL_LIFETIME = 3600.0
LONGEST_LIFETIME = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a grant is worth; without a refresh token the caller keeps the one it has."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """An Amazon customer, as the account-linking token shows them."""

    user_id: str
    name: str | None


class LoginWithAmazon:
    """Login with Amazon, asked in the name of one skill."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        client_id: str,
        client_secret: str,
        *,
        timeout: float = 5,
    ) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._timeout = timeout

    async def check(self) -> None:
        """Try the skill's pair; ReauthenticateError when Amazon refuses it."""
        await self._tokens(grant_type="client_credentials", scope="alexa:skill_messaging")

    async def exchange(self, code: str) -> Tokens:
        """Trade the code of an AcceptGrant for tokens; a code works only once."""
        tokens = await self._tokens(grant_type="authorization_code", code=code)
        if tokens.refresh_token is None:
            # The code is spent and the access token ends within the hour.
            raise RelinkError("no refresh token in the answer")
        return tokens

    async def refresh(self, refresh_token: str) -> Tokens:
        """Trade a refresh token for a new access token."""
        return await self._tokens(grant_type="refresh_token", refresh_token=refresh_token)

    async def profile(self, access_token: str) -> Profile | None:
        """Return whose token this is, None when it is not Amazon's."""
        reply = await request(
            self._session,
            "GET",
            f"{self._base_url}/user/profile",
            timeout=self._timeout,
            headers={"Authorization": f"Bearer {access_token}"},
        )
        answer = reply.json()
        user_id = text_at(answer, "user_id")
        if reply.ok and user_id is not None:
            return Profile(user_id=user_id, name=text_at(answer, "name"))
        if reply.status in {
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.UNAUTHORIZED,
            HTTPStatus.FORBIDDEN,
            HTTPStatus.NOT_FOUND,
        }:
            return None
        raise _try_again(reply)

    async def _tokens(self, **form: str) -> Tokens:
        reply = await request(
            self._session,
            "POST",
            f"{self._base_url}/auth/o2/token",
            timeout=self._timeout,
            data=form | self._client,
        )
        answer = reply.json()
        tokens = read_tokens(answer)
        match reply.ok, answer.get("error"):
            case True, _ if tokens is not None:
                return tokens
            case False, "invalid_grant":
                raise RelinkError("invalid_grant")
            case False, "invalid_client" | "unauthorized_client" | "invalid_scope" as error:
                raise ReauthenticateError(error)
        raise _try_again(reply)


def read_tokens(answer: Mapping[str, Any]) -> Tokens | None:
    """Read the answer of Login with Amazon to whoever asked it for tokens; None: it has none."""
    access_token = text_at(answer, "access_token")
    # What has no place in a header would never reach the event gateway.
    if access_token is None or not (access_token.isascii() and access_token.isprintable()):
        return None
    return Tokens(
        access_token=access_token,
        refresh_token=text_at(answer, "refresh_token"),
        expires_in=_lifetime(answer.get("expires_in")),
    )


def _try_again(reply: Reply) -> TryAgainError:
    return TryAgainError(
        f"unexpected answer {reply.status}",
        status=reply.status,
        retry_after=retry_after(reply.headers, time.time()),
    )


def _lifetime(seconds: object) -> float:
    """Return a believable lifetime: Amazon's usual one in place of nonsense."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return USUAL_LIFETIME
    if not 0 < seconds < math.inf:
        return USUAL_LIFETIME
    return float(min(seconds, LONGEST_LIFETIME))
