"""The Alexa event gateway: where events go, and what it says about them."""

from dataclasses import dataclass
from http import HTTPStatus
import re
import time
from typing import Any

from .connections import Connections
from .documents import text_at
from .exceptions import TryAgainError
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

    def __init__(self, connections: Connections, base_url: str, *, timeout: float = 10) -> None:
        self._connections = connections
        self._url = f"{base_url.rstrip('/')}/v3/events"
        self._endpoint_url = f"{base_url.rstrip('/')}/v1/alexaApiEndpoint"
        self._timeout = timeout

    async def post(self, event: dict[str, Any], access_token: str) -> Answer:
        """Hand an event over; TryAgainError only when not even a status comes back."""
        return _answer(await self._request("POST", self._url, access_token, json=event))

    async def takes(self, access_token: str) -> bool:
        """Ask whether a token is good, and leave a connection open for the next post.

        Asks for the account's endpoint, which costs Amazon next to nothing. Raises TryAgainError.
        """
        reply = await self._request("GET", self._endpoint_url, access_token)
        return reply.status != HTTPStatus.UNAUTHORIZED

    async def _request(self, method: str, url: str, access_token: str, **kwargs: Any) -> Reply:
        async with self._connections.session() as session:
            try:
                return await request(
                    session,
                    method,
                    url,
                    timeout=self._timeout,
                    body_says_more=False,
                    headers={"Authorization": f"Bearer {access_token}"},
                    **kwargs,
                )
            except TryAgainError:
                # The next try must not meet the next connection that died beside this one.
                self._connections.give_up(session)
                raise


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
