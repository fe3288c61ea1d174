"""The one place that talks HTTP."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
import math
import socket
from typing import Any

import aiohttp

from .documents import read_object
from .exceptions import MalformedError, TryAgainError

BODY_LIMIT = 64 * 1024
# What says all by its status gets this long for its body, in seconds: most come along with it.
NEEDLESS_BODY_PATIENCE = 0.25
# The name servers answer, and there is no such name.
UNKNOWN_HOST = "unknown host"
# As c-ares says so (no name, no address for it), and the system's own resolver.
UNKNOWN_HOST_CODES = (4, 1, socket.EAI_NONAME)
# The first that fits counts: aiohttp's errors are also OSErrors or ValueErrors.
REASONS: dict[type[Exception], str] = {
    TimeoutError: "timeout",
    aiohttp.InvalidURL: "unusable address",
    aiohttp.NonHttpUrlClientError: "unusable address",
    aiohttp.ClientSSLError: "no secure connection",
    aiohttp.ClientConnectorError: "no connection",
    aiohttp.ClientConnectionError: "connection closed",
    aiohttp.ClientError: "unreadable answer",
    OSError: "connection closed",
    ValueError: "unusable request",
    # All that aiohttp raises so.
    RuntimeError: "session closed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP answer; the body may be cut short."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is any 2xx."""
        return self.status in range(200, 300)

    def json(self) -> dict[str, Any]:
        """Return the JSON object in the body, empty when there is none."""
        try:
            return read_object(self.body)
        except MalformedError:
            return {}


async def request(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    timeout: float = 10,  # noqa: ASYNC109  # It ends the request, but not a status that came.
    body_says_more: bool = True,
    **kwargs: Any,
) -> Reply:
    """Send one request; TryAgainError when no status comes within `timeout` seconds.

    Without `body_says_more`, a 2xx is returned whatever its body does.
    """
    try:
        response = await session.request(
            method,
            url,
            # A redirect would carry the tokens on to another host.
            allow_redirects=False,
            raise_for_status=False,
            timeout=aiohttp.ClientTimeout(total=timeout),
            **kwargs,
        )
    except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
        # The original error can quote the URL or a header, so it is not chained.
        raise TryAgainError(_reason(error)) from None
    needless = response.ok and not body_says_more
    try:
        body = await _read(response, NEEDLESS_BODY_PATIENCE if needless else timeout)
    finally:
        # Harmless after a whole body: its connection is back in the pool by then.
        response.close()
    return Reply(status=response.status, headers=response.headers, body=body)


async def _read(response: aiohttp.ClientResponse, patience: float) -> bytes:
    """Return what arrives of the body, at most BODY_LIMIT: the status counts even if it breaks."""
    body = bytearray()
    try:
        async with asyncio.timeout(patience):
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > BODY_LIMIT:
                    break
    except aiohttp.ClientError, OSError:
        pass
    return bytes(body[:BODY_LIMIT])


def _reason(error: Exception) -> str:
    """Say in a word or two what kept the status from coming."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        cause = error.os_error.__cause__ or error.os_error
        if cause.args and cause.args[0] in UNKNOWN_HOST_CODES:
            return UNKNOWN_HOST
    return next(reason for kind, reason in REASONS.items() if isinstance(error, kind))


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that Retry-After asks for, as number or date; `now` is Unix time."""
    value = headers.get("Retry-After", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            date = parsedate_to_datetime(value)
        except ValueError, OverflowError:
            return None
        # HTTP dates are UTC, also those that say so with a bare "-0000" or not at all.
        seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
    return max(seconds, 0.0) if math.isfinite(seconds) else None
