"""An Amazon account, and what the simulated Amazon writes down."""

from dataclasses import dataclass, field
from enum import StrEnum
import secrets
import string
from typing import Any


class Region(StrEnum):
    """Where an event gateway stands, and where an account has its home."""

    NA = "na"
    EU = "eu"
    FE = "fe"


class Enablement(StrEnum):
    """How the skill stands with an account."""

    NEVER = "never"
    ENABLED = "enabled"
    DISABLED = "disabled"


def _user_id() -> str:
    letters = string.ascii_uppercase + string.digits
    return "amzn1.account." + "".join(secrets.choice(letters) for _ in range(28))


@dataclass(eq=False, kw_only=True, slots=True)
class Account:
    """An Amazon account; `notice` is what its Alexa app last showed."""

    name: str
    region: Region = Region.EU
    user_id: str = field(default_factory=_user_id)
    enablement: Enablement = Enablement.NEVER
    may_send_events: bool = True
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the Echos of an account said, and when (Unix seconds); `shown`: they show it too."""

    account: str
    endpoint_id: str
    text: str
    at: float
    shown: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedEvent:
    """An event that a gateway answered with 202."""

    account: str
    region: Region
    message: dict[str, Any]
    at: float

    @property
    def name(self) -> str:
        """The name in the event's header."""
        return str(self.message["event"]["header"]["name"])


@dataclass(kw_only=True, slots=True)
class RecordedRequest:
    """A request and how it was answered; status None: not at all, or not yet.

    `kind` is token, profile, events or endpoint; `detail` the grant type or the event's name;
    `refusal` says why Amazon refused.
    """

    kind: str
    at: float
    region: Region | None = None
    account: str | None = None
    detail: str = ""
    status: int | None = None
    refusal: str = ""
