"""How long until an Echo Show has its answer, and sees the door."""

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path
import time
from typing import override

from homeassistant.components.camera.helper import get_camera_from_entity_id
from homeassistant.components.camera.webrtc import WebRTCCandidate, WebRTCMessage

from demo.amazon.live_view import LiveView
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill
from demo.home_assistant.process import free_port
from demo.live_view.camera import ENTITY_ID, CameraAtTheDoor
from demo.live_view.echo_show import EchoShow

from .figures import Figures, difference
from .home import CONFIGURATION
from .ours import Ours
from .remote import Remote
from .stage import Stage

_TIMES = 40
# As long as the integration waits for more candidates, in seconds.
_QUIET = 0.2
_PATIENCE = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """Seconds from the directive to the answer, to the first decoded picture, and bare.

    Bare is the call of Home Assistant's camera, with the same wait for candidates.
    """

    answered: Figures
    seen: Figures
    bare: Figures

    @property
    def more(self) -> float:
        """What this integration adds, in seconds."""
        return difference(self.answered.values, self.bare.values)[0]


class SeenHome(Ours):
    """A home on this machine alone, with one doorbell that a camera sees."""

    def __init__(self, folder: Path, port: int, camera: str) -> None:
        super().__init__(folder, port, 1, ("id", "secret"))
        self.url = f"http://127.0.0.1:{port}"
        self._camera = camera

    @property
    @override
    def configuration(self) -> str:
        return CONFIGURATION + self._camera

    @override
    async def add_entry(self) -> None:
        await super().add_entry()
        [doorbell] = self._entry.subentries.values()
        settings = {**doorbell.data, "camera": ENTITY_ID}
        self.hass.config_entries.async_update_subentry(self._entry, doorbell, data=settings)
        await self.hass.async_block_till_done()

    def doorbell(self) -> str:
        """What Alexa knows the doorbell by."""
        [endpoint_id] = self._entry.subentries
        return endpoint_id

    async def answer_bare(self, offer: str) -> float:
        """Hand the offer to the camera; seconds until there is nothing more to wait for."""
        told: asyncio.Queue[WebRTCMessage] = asyncio.Queue()
        camera = get_camera_from_entity_id(self.hass, ENTITY_ID)
        began = time.monotonic()
        async with asyncio.timeout(_PATIENCE):
            await camera.async_handle_async_webrtc_offer(offer, "bare", told.put_nowait)
            while not _leads_out(await told.get()):
                pass
        await asyncio.sleep(_QUIET)
        seconds = time.monotonic() - began
        camera.close_webrtc_session("bare")
        return seconds


def _leads_out(message: WebRTCMessage) -> bool:
    return isinstance(message, WebRTCCandidate) and "typ srflx" in message.candidate.candidate


class Viewer:
    """An Echo Show, and the skill by which it asks."""

    def __init__(self, webhook_url: str, shared_secret: str, endpoint_id: str) -> None:
        amazon = SimulatedAmazon()
        self._skill = Skill(amazon, webhook_url, shared_secret)
        self._account = amazon.add_account("Ada")
        self._endpoint_id = endpoint_id

    async def offer(self) -> str:
        """An offer that nobody answers."""
        async with EchoShow() as echo:
            return await echo.offer()

    async def look(self) -> tuple[float, float]:
        """Seconds until the answer, and until the first picture."""
        view = LiveView(self._skill, self._account, self._endpoint_id)
        async with EchoShow() as echo, asyncio.timeout(_PATIENCE):
            offer = await echo.offer()
            began = time.monotonic()
            answer = await view.open(offer)
            answered = time.monotonic() - began
            await echo.take(answer)
            await echo.see(1)
            seen = time.monotonic() - began
            await view.disconnected()
        return answered, seen


def measure(stage: Stage) -> Shown:
    """In turn; camera, home and Echo each have a process of their own."""
    with stage.beside("door", CameraAtTheDoor) as door:
        folder, port = stage.folder / "seen", free_port()
        make = partial(SeenHome, folder, port, door.call("start"))
        make().prepare(networked=False)
        with stage.beside("seen", make) as home:
            home.call("start")
            home.call("add_entry")
            alexa_knows = (*home.call("skill"), home.call("doorbell"))
            with stage.beside("viewer", partial(Viewer, *alexa_knows)) as viewer:
                return _measure(stage.times(_TIMES), door, home, viewer)


def _measure(times: int, door: Remote, home: Remote, viewer: Remote) -> Shown:
    viewer.call("look")
    answered, seen, bare = [], [], []
    for _ in range(times):
        looked = viewer.call("look")
        answered.append(looked[0])
        seen.append(looked[1])
        bare.append(home.call("answer_bare", viewer.call("offer")))
        door.call("hang_up")
    return Shown(Figures(answered), Figures(seen), Figures(bare))
