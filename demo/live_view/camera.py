"""A camera at the front door for a Home Assistant, and what it needs: all but go2rtc is real."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .go2rtc import Go2rtc
from .stun import StunServer

NAME = "Front door camera"
ENTITY_ID = "camera.front_door_camera"


@asynccontextmanager
async def camera_at_the_door() -> AsyncIterator[str]:
    """What belongs into Home Assistant's configuration.yaml, for as long as it is of use."""
    async with StunServer() as stun_server, Go2rtc() as go2rtc:
        yield f"""\
camera:
  - platform: ffmpeg
    name: {NAME}
    input: rtsp://127.0.0.1/front_door
go2rtc:
  url: {go2rtc.url}
web_rtc:
  ice_servers:
    - url: {stun_server.url}

"""
