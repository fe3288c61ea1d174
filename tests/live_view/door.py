"""A camera at the door, in Home Assistant's real camera component, that answers as it is told."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from homeassistant.components.camera import (
    DOMAIN as CAMERA,
    Camera,
    CameraEntityFeature,
    CameraWebRTCProvider,
    WebRTCAnswer,
    WebRTCCandidate,
    WebRTCMessage,
    WebRTCSendMessage,
    async_register_webrtc_provider,
)
from homeassistant.components.camera.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from webrtc_models import RTCIceCandidateInit

from .shapes import ANSWER, HOST, REFLEXIVE

CAMERA_ID = "camera.door"

type Say = WebRTCMessage | float | Exception
"""A message, seconds until the next one, or what is raised."""


def candidate(text: str, **place: Any) -> WebRTCCandidate:
    """A candidate as Home Assistant's providers say it."""
    return WebRTCCandidate(RTCIceCandidateInit(text, **place))


GOOD: tuple[Say, ...] = (WebRTCAnswer(ANSWER), candidate(HOST), candidate(REFLEXIVE))


class DoorCamera(Camera):
    """A camera with a stream."""

    _attr_supported_features = CameraEntityFeature.STREAM | CameraEntityFeature.ON_OFF
    _attr_name = "Door"

    def __init__(self, unique_id: str = "door", entity_id: str = CAMERA_ID) -> None:
        super().__init__()
        self.entity_id = entity_id
        self._attr_unique_id = unique_id

    async def stream_source(self) -> str:
        """Where nobody looks."""
        return "rtsp://door:secret@127.0.0.1/"

    async def async_turn_off(self) -> None:
        """Say nothing else than before, as real ones do."""
        self._attr_is_on = False
        self.async_write_ha_state()

    async def async_turn_on(self) -> None:
        """Be there again."""
        self._attr_is_on = True
        self.async_write_ha_state()


@dataclass
class Provider(CameraWebRTCProvider):
    """Offers WebRTC for every camera; `says` is what comes after each offer."""

    says: tuple[Say, ...] = GOOD
    waits: float = 0
    """So long it takes until it says that it has heard the offer."""
    offers: dict[str, str] = field(default_factory=dict)
    """What was offered, by session."""
    open: set[str] = field(default_factory=set)
    closed: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def domain(self) -> str:
        """Some integration's."""
        return "test"

    __hash__ = object.__hash__

    def async_is_supported(self, stream_source: str) -> bool:
        """Whatever it is."""
        return True

    async def async_handle_async_webrtc_offer(
        self, camera: Camera, offer_sdp: str, session_id: str, send_message: WebRTCSendMessage
    ) -> None:
        """Say what is to be said, mostly after this has returned."""
        self.offers[session_id] = offer_sdp
        self.open.add(session_id)
        self.news.set()
        if isinstance(error := self.says[0], Exception):
            raise error
        if self.waits:
            await asyncio.sleep(self.waits)
        self.tasks.add(asyncio.create_task(self._say(send_message)))

    async def _say(self, send: Callable[[WebRTCMessage], None]) -> None:
        for each in self.says:
            if isinstance(each, WebRTCMessage):
                send(each)
            elif isinstance(each, float):
                await asyncio.sleep(each)

    async def async_on_webrtc_candidate(
        self, session_id: str, candidate: RTCIceCandidateInit
    ) -> None:
        """Hear none: Alexa's are in its offer."""

    def async_close_session(self, session_id: str) -> None:
        """Note it."""
        self.open.discard(session_id)
        self.closed.append(session_id)


async def add_camera(hass: HomeAssistant, camera: Camera | None = None) -> Camera:
    """Add a camera to the real camera component."""
    assert await async_setup_component(hass, CAMERA, {})
    camera = camera or DoorCamera()
    await hass.data[DATA_COMPONENT].async_add_entities([camera])
    await hass.async_block_till_done()
    return camera


async def add_provider(hass: HomeAssistant, provider: Provider) -> Callable[[], None]:
    """Let a provider offer WebRTC; the callback that is returned takes it away."""
    assert await async_setup_component(hass, CAMERA, {})
    remove = async_register_webrtc_provider(hass, provider)
    await hass.async_block_till_done()
    return remove
