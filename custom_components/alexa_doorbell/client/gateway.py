"""The Alexa event gateway: where events go, and what it says about them."""

from dataclasses import dataclass
from http import HTTPStatus
import re
import time
from typing import Any

import aiohttp

from .documents import text_at
from .transport import Reply, request, retry_after

GATEWAY_URLS: dict[str, str] = {
    "na": "https://api.amazonalexa.com",
    "eu": "https://api.eu.amazonalexa.com",
    "fe": "https://api.fe.amazonalexa.com",
}
LAMBDA_REGIONS = {"us-east-1": "na", "eu-west-1": "eu", "us-west-2": "fe"}
DESCRIPTION_LIMIT = 200


def region_of_lambda(aws_region: str | None) -> str | None:
    """Return the gateway's region for the one that Alexa called the Lambda function in."""
    return LAMBDA_REGIONS.get(aws_region) if aws_region else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the gateway said; code and description are safe to log."""

    status: int
    code: str | None
    description: str | None
    retry_after: float | None

    @property
    def accepted(self) -> bool:
        """Whether Alexa took the event: 202 as a rule, but any 2xx counts."""
        return self.status in range(200, 300)


class EventGateway:
    """The event gateway of one region."""

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, *, timeout: float = 10
    ) -> None:
        self._session = session
        self._url = f"{base_url.rstrip('/')}/v3/events"
        self._endpoint_url = f"{base_url.rstrip('/')}/v1/alexaApiEndpoint"
        self._timeout = timeout

    async def post(
        self,
        event: dict[str, Any],
        access_token: str,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # As transport.request.
    ) -> Answer:
        """Hand an event over; TryAgainError only when not even a status comes back."""
        reply = await request(
            self._session,
            "POST",
            self._url,
            timeout=self._timeout if timeout is None else timeout,
            json=event,
            headers={"Authorization": f"Bearer {access_token}"},
        )
        return _answer(reply)

    async def open(self, access_token: str) -> bool:
        """Leave a connection open for the next post; return False if the token was refused.

        Asks for the account's endpoint, which costs Amazon next to nothing. Raises TryAgainError.
        """
        reply = await request(
            self._session,
            "GET",
            self._endpoint_url,
            timeout=self._timeout,
            headers={"Authorization": f"Bearer {access_token}"},
        )
        return reply.status != HTTPStatus.UNAUTHORIZED


def _answer(reply: Reply) -> Answer:
    document = reply.json()
    code = text_at(document, "payload", "code")
    description = text_at(document, "payload", "description")
    return Answer(
        status=reply.status,
        code=code if code and re.fullmatch(r"[A-Z0-9_]{1,100}", code) else None,
        description=_one_line(description)[:DESCRIPTION_LIMIT] if description else None,
        retry_after=retry_after(reply.headers, time.time()),
    )


def _one_line(text: str) -> str:
    """Keep line breaks and terminal codes out of the log."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
