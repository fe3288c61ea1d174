"""HTTPS requests with JSON answers; whatever goes wrong, no secret gets into a text."""

from dataclasses import dataclass
from email.message import Message
import http.client
import json
import ssl
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from skill.lambda_function import is_loopback

from .causes import failure
from .certificates import certificate_failure

TIMEOUT = 30


class NoConnectionError(Exception):
    """There was no answer; the text says why, `kind` without naming anybody."""

    def __init__(self, host: str | None, kind: str) -> None:
        super().__init__(f"{host} did not answer ({kind})")
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Response:
    """Any answer; `document` is the JSON object in it, {} when there is none."""

    status: int
    headers: Message
    document: dict[str, Any]


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would carry the token to somewhere else."""

    def redirect_request(self, *_: Any) -> None:
        """Take the redirect as the answer."""


_OPENER = build_opener(_NoRedirect)


def is_safe(url: str) -> bool:
    """Whether the address is https, or of this computer."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - Raises when it is no number.
        host.encode("idna")
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    return parts.scheme == "http" and is_loopback(host)


def request(
    method: str, url: str, *, headers: dict[str, str] | None = None, body: bytes | None = None
) -> Response:
    """One request to Amazon; NoConnectionError when nothing answers."""
    if not is_safe(url):
        raise failure("unsafe_address")
    asked = Request(url, data=body, method=method, headers=headers or {})  # noqa: S310 - Checked.
    try:
        with _OPENER.open(asked, timeout=TIMEOUT) as answer:
            return Response(answer.status, answer.headers, _document(answer.read()))
    except HTTPError as error:
        with error:
            return Response(error.code, error.headers, _document(error.read()))
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, ssl.SSLCertVerificationError):
            host = urlsplit(url).hostname or ""
            raise certificate_failure(host, str(reason)) from None
        kind = getattr(reason, "strerror", None) or type(reason).__name__
        raise NoConnectionError(urlsplit(url).hostname, kind) from None


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
