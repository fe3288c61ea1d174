"""What is kept in the table, row by row; docs/design.md, "The closed home", lists it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
import hashlib
import json
import re
import secrets
from typing import Any, Self

from .background import TroubleError
from .table import Row

CONFIG = "config"
SIGNING_KEY = "signing_key"
TEXTS = (
    *("client_id", "client_secret", "vendor_id"),
    *("link_client_id", "link_client_secret", "skill_name"),
)
# Of homes, links and grants: 128 bits.
ID = r"[A-Za-z0-9_-]{22}"


def new_id() -> str:
    """An id that nobody guesses."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")


def is_id(value: Any) -> bool:
    """Whether it has the form of one."""
    return isinstance(value, str) and re.fullmatch(ID, value) is not None


def digest(text: str) -> str:
    """What is kept of a secret that only has to be known again."""
    return hashlib.sha256(text.encode()).hexdigest()


def home_key(home: str) -> str:
    """The key of a home: its secret, its list and its states."""
    return f"home#{home}"


def link_key(home: str, link: str) -> str:
    """The key of one linking of an Amazon account with a home."""
    return f"link#{home}#{link}"


def grants_key(home: str) -> str:
    """The key of the grants that wait for their home."""
    return f"grant#{home}"


def pair_key(code_hash: str) -> str:
    """The key of a code that a person types."""
    return f"pair#{code_hash}"


def enrol_key(code: str) -> str:
    """The key of the one-time code that lets a home in."""
    return f"enrol#{digest(code)}"


def seen_key(home: str, message_id: str) -> str:
    """The key of a message that was heard."""
    return f"seen#{home}#{digest(message_id)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What the command that made the skill has written for this function."""

    signing_key: bytes = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    vendor_id: str
    link_client_id: str
    link_client_secret: str = field(repr=False)
    skill_name: str

    @classmethod
    def of(cls, row: Row | None) -> Self:
        """TroubleError when it is not there, or not whole."""
        texts = {name: str((row or {}).get(name) or "") for name in (SIGNING_KEY, *TEXTS)}
        if not all(texts.values()):
            raise TroubleError("the skill is not set up to its end")
        return cls(signing_key=_key_of(texts.pop(SIGNING_KEY)), **texts)


def _key_of(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) < hashlib.sha256().digest_size:
        raise TroubleError("the signing key is none")
    return key


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A home that has enrolled."""

    secret: str = field(repr=False)
    pairing: str
    endpoints: list[dict[str, Any]]
    states: Mapping[str, dict[str, Any]]
    pushed_at: int

    @classmethod
    def of(cls, row: Row | None) -> Self | None:
        """None when it never enrolled, or was removed."""
        if row is None:
            return None
        return cls(
            secret=str(row["secret"]),
            pairing=str(row.get("pairing", "")),
            endpoints=json.loads(str(row.get("list", "[]"))),
            states=json.loads(str(row.get("states", "{}"))),
            pushed_at=int(row.get("pushed_at", 0)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One linking of an Amazon account; it is one once its code was traded for tokens."""

    code: str = field(repr=False)
    code_until: int
    redirect_uri: str
    challenge: str
    method: str
    identity: str
    is_traded: bool

    @classmethod
    def of(cls, row: Row | None) -> Self | None:
        """None when there is none."""
        if row is None:
            return None
        return cls(
            code=str(row["code"]),
            code_until=int(row["code_until"]),
            redirect_uri=str(row["redirect_uri"]),
            challenge=str(row.get("challenge", "")),
            method=str(row.get("method", "")),
            identity=str(row.get("identity", "")),
            is_traded="traded" in row,
        )
