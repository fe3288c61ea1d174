"""The way to Home Assistant's camera component; what passes here is written down nowhere."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
import logging

from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..doorbells.cameras import hindrance
from .exceptions import CameraError

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The camera's side takes the offer."""

    sdp: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidCandidate:
    """The camera's side says where it can be reached; with an empty text it has said all."""

    text: str = field(repr=False)
    mid: str | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The camera's side takes no offer. Its own words may hold a password: they are dropped."""

    text: str = "The camera refused the offer."


type Hear = Callable[[Answer | SaidCandidate | Refusal], None]


class CameraSession:
    """An offer to a camera of Home Assistant; CameraError if that could not take any now."""

    def __init__(self, hass: HomeAssistant, entity_id: str, session_id: str) -> None:
        if (why := hindrance(hass, entity_id)) is not None:
            raise CameraError(why, "The camera cannot be asked.")
        # It is loaded, since the camera can be asked.
        from homeassistant.components.camera import get_camera_from_entity_id  # noqa: PLC0415

        self._hass = hass
        self._camera = get_camera_from_entity_id(hass, entity_id)
        self._session_id = session_id
        self._offering: asyncio.Task[None] | None = None

    @callback
    def offer(self, sdp: str, hear: Hear) -> None:
        """Offer; all that the camera says to it is heard then, or later.

        Some cameras go on with an offer that they have answered, until the session ends.
        """
        self._offering = self._hass.async_create_background_task(
            self._async_offer(sdp, hear), f"{DOMAIN} camera"
        )

    async def _async_offer(self, sdp: str, hear: Hear) -> None:
        @callback
        def heard(message: object) -> None:
            if (said := _said(message)) is not None:
                hear(said)

        try:
            await self._camera.async_handle_async_webrtc_offer(sdp, self._session_id, heard)
        except Exception as error:  # noqa: BLE001 - who brings cameras raises what they like.
            hear(Refusal(text=f"The camera failed: {type(error).__name__}."))

    @callback
    def close(self) -> None:
        """Tell the camera's side that nobody waits any more; it may have forgotten already."""
        if self._offering is not None:
            self._offering.cancel()
        try:
            self._camera.close_webrtc_session(self._session_id)
        except Exception as error:  # noqa: BLE001 - as above, and nothing is left to be done.
            _LOGGER.debug("A camera could not end a live view: %s", type(error).__name__)


def _said(message: object) -> Answer | SaidCandidate | Refusal | None:
    from homeassistant.components import camera  # noqa: PLC0415 - it is loaded, since it speaks.

    match message:
        case camera.WebRTCAnswer(answer=str(sdp)) if sdp:
            return Answer(sdp=sdp)
        case camera.WebRTCAnswer():
            return Refusal(text="The camera's answer is empty.")
        case camera.WebRTCCandidate(candidate=said) if isinstance(said.candidate, str):
            return SaidCandidate(
                text=said.candidate,
                mid=getattr(said, "sdp_mid", None),
                index=getattr(said, "sdp_m_line_index", None),
            )
        case camera.WebRTCError():
            return Refusal()
    return None
