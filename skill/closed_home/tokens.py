"""The tokens that Alexa gets: signed, and holding nothing but whose they are."""

import base64
import hashlib
import hmac
import re
from typing import Literal

from .rows import ID

type Kind = Literal["access", "refresh"]


def token(kind: Kind, home: str, link: str, key: bytes) -> str:
    """The token of a link, the same one each time."""
    text = f"{kind}.{home}.{link}"
    mac = hmac.digest(key, f"alexa_doorbell.{text}".encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def parts(kind: Kind, given: str) -> tuple[str, str] | None:
    """Home and link that it claims to be of; whether that is true, `is_genuine` tells."""
    found = re.fullmatch(rf"{kind}\.({ID})\.({ID})\.[A-Za-z0-9_-]{{43}}", given)
    return (found[1], found[2]) if found else None


def is_genuine(kind: Kind, given: str, key: bytes) -> bool:
    """Whether this function made it."""
    claimed = parts(kind, given)
    return claimed is not None and hmac.compare_digest(given, token(kind, *claimed, key))
