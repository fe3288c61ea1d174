"""Sign and verify messages after the Standard Webhooks specification 1.0.0."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
import hashlib
import hmac
import re
import secrets as random
from uuid import uuid4

from .exceptions import Refusal, SignatureError

TOLERANCE = 300
PREFIX = "whsec_"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedMessage:
    """What a verified message says of itself."""

    message_id: str
    timestamp: int
    secret: str = field(repr=False)


def new_secret() -> str:
    """Return a new shared secret in the form that the specification wants."""
    return PREFIX + base64.b64encode(random.token_bytes(32)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature, version included; `timestamp` is Unix time."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def signed_headers(
    secret: str, body: bytes, *, now: float, message_id: str | None = None
) -> dict[str, str]:
    """Return the three headers that a signed request carries."""
    message_id = message_id or f"msg_{uuid4().hex}"
    timestamp = int(now)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, message_id, timestamp, body),
    }


def verify(
    secrets: Iterable[str], headers: Mapping[str, str], body: bytes, *, now: float
) -> SignedMessage:
    """Return what was signed, and by which secret; SignatureError when by none of them."""
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "")
    if not (message_id and signatures and message_id.isascii() and signatures.isascii()):
        raise SignatureError("no signature")
    if not re.fullmatch(r"[1-9][0-9]{0,14}", timestamp):
        raise SignatureError("no timestamp")
    seconds = int(timestamp)
    if abs(now - seconds) > TOLERANCE:
        # Before the signature, so that a clock that is wrong is never taken for a wrong secret.
        raise SignatureError("too old, or the clocks differ", Refusal.CLOCK)
    for secret in secrets:
        expected = sign(secret, message_id, seconds, body)
        if any(hmac.compare_digest(expected, given) for given in signatures.split(" ")):
            return SignedMessage(message_id=message_id, timestamp=seconds, secret=secret)
    raise SignatureError("wrong signature")


class ReplayMemory:
    """The ids of verified messages, for as long as their timestamps would let them in again."""

    def __init__(self, limit: int = 10_000) -> None:
        self._limit = limit
        self._timestamps: dict[str, int] = {}

    def remember(self, message_id: str, *, timestamp: int, now: float) -> None:
        """Note the id of a verified message; SignatureError when it was used already."""
        oldest = now - TOLERANCE
        if self._timestamps.get(message_id, oldest - 1) >= oldest:
            raise SignatureError("seen before", Refusal.REPLAY)
        if len(self._timestamps) >= self._limit:
            self._timestamps = self.fresh(now=now)
        if len(self._timestamps) >= self._limit:
            # Forgetting one that is still fresh would let its replay in.
            raise SignatureError("too many messages", Refusal.TOO_MANY)
        self._timestamps[message_id] = timestamp

    def fresh(self, *, now: float) -> dict[str, int]:
        """Return the timestamps of the ids that would be let in again."""
        oldest = now - TOLERANCE
        return {key: seconds for key, seconds in self._timestamps.items() if seconds >= oldest}

    def update(self, timestamps: Mapping[str, int], *, now: float) -> None:
        """Take in what another memory held; raises what int() does for what is no time."""
        self._timestamps |= {str(key): int(seconds) for key, seconds in timestamps.items()}
        self._timestamps = self.fresh(now=now)
