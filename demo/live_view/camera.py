"""A camera at the front door for a Home Assistant, and what it needs: all but go2rtc is real."""

from contextlib import AsyncExitStack

from .go2rtc import Go2rtc
from .stun import StunServer

NAME = "Front door camera"
ENTITY_ID = "camera.front_door_camera"


class CameraAtTheDoor:
    """Is there from its start to its stop."""

    def __init__(self) -> None:
        self._go2rtc = Go2rtc()
        self._stun_server = StunServer()
        self._stack = AsyncExitStack()

    async def start(self) -> str:
        """What belongs into Home Assistant's configuration.yaml."""
        await self._stack.enter_async_context(self._stun_server)
        await self._stack.enter_async_context(self._go2rtc)
        return f"""\
camera:
  - platform: ffmpeg
    name: {NAME}
    input: rtsp://127.0.0.1/front_door
go2rtc:
  url: {self._go2rtc.url}
web_rtc:
  ice_servers:
    - url: {self._stun_server.url}

"""

    async def stop(self) -> None:
        """End every view."""
        await self._stack.aclose()

    async def __aenter__(self) -> str:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def hang_up(self) -> None:
        """End every view, and stay there."""
        await self._go2rtc.hang_up()
