"""A camera at the front door that Home Assistant's own go2rtc integration shows."""

from collections.abc import AsyncIterator

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from demo.live_view.go2rtc import Go2rtc
from demo.live_view.stun import StunServer

CAMERA_ID = "camera.front_door"


@pytest.fixture
async def stun_server(socket_enabled: None) -> AsyncIterator[StunServer]:
    async with StunServer() as server:
        yield server


@pytest.fixture
async def go2rtc(socket_enabled: None) -> AsyncIterator[Go2rtc]:
    async with Go2rtc() as go2rtc:
        yield go2rtc


@pytest.fixture
async def camera(hass: HomeAssistant, go2rtc: Go2rtc, stun_server: StunServer) -> str:
    """The camera's entity id."""
    servers = [{"url": stun_server.url}]
    assert await async_setup_component(hass, "web_rtc", {"web_rtc": {"ice_servers": servers}})
    platform = {"platform": "ffmpeg", "name": "Front door", "input": "rtsp://127.0.0.1:9/door"}
    assert await async_setup_component(hass, "camera", {"camera": [platform]})
    assert await async_setup_component(hass, "go2rtc", {"go2rtc": {"url": go2rtc.url}})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.states.get(CAMERA_ID) is not None
    return CAMERA_ID
