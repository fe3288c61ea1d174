"""A camera at the front door that Home Assistant's own go2rtc integration shows."""

from collections.abc import AsyncIterator, Callable, Iterator
import re

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from demo.amazon.live_view import LiveView
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill
from demo.live_view.go2rtc import Go2rtc
from demo.live_view.stun import StunServer

from ..conftest import OURS
from ..home import doorbells, link, set_up

CAMERA_ID = "camera.front_door"
# What tells where somebody is, or lets others look at the door.
PRIVATE = re.compile(r"127\.0\.0\.[17]\b(?!:\d+/)|ice-pwd|candidate:\w|fingerprint:|m=video")

type NewView = Callable[[], LiveView]


@pytest.fixture(autouse=True)
def _nothing_of_an_offer_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test does, neither an SDP nor an address in it is in the integration's log."""
    yield
    told = [
        caplog.handler.format(record)
        for record in caplog.get_records("call")
        if record.name.startswith(OURS)
    ]
    assert not [text for text in told if PRIVATE.search(text)]


@pytest.fixture(autouse=True)
async def _as_quick_as_at_home(hass: HomeAssistant) -> None:
    """Media are many small tasks, and the harness has asyncio note where each was begun."""
    hass.loop.set_debug(False)


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


@pytest.fixture
def talk() -> bool:
    """Whether the doorbell lets an Echo's voice out; tests that want it ask for it."""
    return False


@pytest.fixture
async def new_view(
    hass: HomeAssistant,
    camera: str,  # Before the web server of `skill`, which takes no more pages once it runs.
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    talk: bool,
) -> NewView:
    """What makes one more view of the front door, on the Echo Show of an account."""
    (doorbell,) = doorbells(entry).values()
    settings = {**doorbell.data, "camera": camera, "talk": talk}
    hass.config_entries.async_update_subentry(entry, doorbell, data=settings)
    await set_up(hass, entry)
    account = await link(amazon, skill)
    return lambda: LiveView(skill, account, doorbell.subentry_id)
