"""Messages of Home Assistant's, signed after the Standard Webhooks specification 1.0.0."""

import base64
from dataclasses import dataclass, field
import hashlib
import hmac
import http
import re
from typing import Any, Self

from .documents import dict_of, document
from .exchange import Request
from .rows import is_id

TOLERANCE = 300
LARGEST_MESSAGE = 320 * 1024


class RefusedError(Exception):
    """A status, and the word that says why in the header x-alexa-doorbell."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(word)
        self.status = status
        self.word = word


UNAUTHORIZED, MALFORMED = http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.BAD_REQUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it says to be; `verify` knows better."""

    home_id: str
    message_id: str
    timestamp: int
    signatures: str
    body: bytes = field(repr=False)
    now: float
    what: str = ""
    content: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, request: Request, now: float) -> Self:
        """The message with its time checked, nothing else."""
        if len(request.body) > LARGEST_MESSAGE:
            raise RefusedError(http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
        message_id, timestamp = request.header("webhook-id"), request.header("webhook-timestamp")
        signatures, home_id = request.header("webhook-signature"), request.header("x-home")
        if not re.fullmatch(r"[!-~]{1,256}", message_id) or not re.fullmatch(r"[ -~]+", signatures):
            raise RefusedError(UNAUTHORIZED, "signature")
        if not re.fullmatch(r"[1-9][0-9]{0,14}", timestamp) or not is_id(home_id):
            raise RefusedError(UNAUTHORIZED, "signature")
        if abs(now - int(timestamp)) > TOLERANCE:
            raise RefusedError(UNAUTHORIZED, "clock")
        content = document(request.body) or {}
        what = next(iter(content)) if len(content) == 1 else ""
        return cls(
            home_id=home_id,
            message_id=message_id,
            timestamp=int(timestamp),
            signatures=signatures,
            body=request.body,
            now=now,
            what=what,
            content=dict_of(content.get(what)),
        )

    def verify(self, secret: str) -> None:
        """RefusedError when it was signed with another secret."""
        signed = f"{self.message_id}.{self.timestamp}.".encode() + self.body
        mac = hmac.digest(secret_bytes(secret), signed, hashlib.sha256)
        expected = "v1," + base64.b64encode(mac).decode()
        if not any(hmac.compare_digest(expected, one) for one in self.signatures.split(" ")):
            raise RefusedError(UNAUTHORIZED, "signature")


def secret_bytes(secret: Any) -> bytes:
    """The key in a shared secret; RefusedError when it is none."""
    encoded = secret.removeprefix("whsec_") if isinstance(secret, str) else ""
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError:
        key = b""
    if encoded == secret or not 24 <= len(key) <= 64:  # noqa: PLR2004 - As the specification says.
        raise RefusedError(MALFORMED, "malformed")
    return key
