"""What can go wrong with Amazon, named by what the caller does about it."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why a message that came in is refused."""

    CLOCK = "clock"
    SIGNATURE = "signature"
    REPLAY = "replay"
    TOO_MANY = "too_many"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    METHOD = "method"
    NOT_WAITING = "not_waiting"


class AlexaError(Exception):
    """Base of all errors here; no text of theirs ever holds a secret, a body or a URL."""


class ReauthenticateError(AlexaError):
    """Login with Amazon refuses the skill's client id and secret."""


class RelinkError(AlexaError):
    """Only a new grant helps: the user must link the skill again."""


class TryAgainError(AlexaError):
    """Nothing usable came back; the same request may succeed later."""

    def __init__(
        self, reason: str, *, retry_after: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        """Seconds that Amazon asked to wait."""
        self.status = status
        """None when not even a status came back."""


class MalformedError(AlexaError):
    """A document is not what Amazon sends."""


class SignatureError(AlexaError):
    """A message is unsigned, wrongly signed, too old, or was seen before."""

    def __init__(self, what: str, reason: Refusal = Refusal.SIGNATURE) -> None:
        super().__init__(what)
        self.reason = reason


class Trouble(StrEnum):
    """What is wrong with the skill's function, named by what can be done about it."""

    AWAY = "away"
    """No answer came: wait."""
    FAILING = "failing"
    """It answers, but cannot do its work, or its name is unknown: wait, but not for ever."""
    GONE = "gone"
    """It was deleted, or its address is closed."""
    REFUSED = "refused"
    """It knows another secret, or no such home."""
    CLOCK = "clock"
    """Its clock and ours differ."""
    CODE = "code"
    """The one-time code was used, is too old, or was never one."""
    UNREADABLE = "unreadable"
    """It does not understand the message: one of the two is of another version."""


class FunctionError(AlexaError):
    """A message to the skill's function came to nothing."""

    def __init__(self, trouble: Trouble, what: str, *, seconds_ahead: float | None = None) -> None:
        super().__init__(what)
        self.trouble = trouble
        self.seconds_ahead = seconds_ahead
        """How far our clock is ahead of the function's, where its answer says the time."""
