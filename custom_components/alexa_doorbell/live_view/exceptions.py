"""What ends an offer without a picture, each by what is to be said to Alexa."""

from ..doorbells.cameras import Hindrance


class LiveViewError(Exception):
    """Nothing will be shown. The text is our own: it holds nothing of an offer or an answer."""


class InvalidOfferError(LiveViewError):
    """What came is no offer that anybody could answer."""


class NoVoiceError(LiveViewError):
    """Only voices are offered, and the doorbell shall not talk."""


class CameraError(LiveViewError):
    """The camera gives no picture."""

    def __init__(self, hindrance: Hindrance, text: str) -> None:
        super().__init__(text)
        self.hindrance = hindrance


class CrowdedError(LiveViewError):
    """So many Echos ask for the same door that one more would cost another its picture."""


class EndedError(LiveViewError):
    """The session was ended from here before it began."""
