"""Somebody rings, and an Echo Show in a browser shows the door: a picture that moves."""

from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, Locator, expect
import pytest

from demo.amazon.simulation import SimulatedAmazon
from demo.home_assistant.process import PRESS_SCRIPT, HomeAssistant
from demo.pages.pages import Pages
from demo.story import doorbell_that_alexa_knows
from demo.webhook import home_with_a_camera

from .alexa import Echos
from .conftest import new_window
from .pictures import Pictures

# What the video shows now, small enough to be compared.
_LOOK = """video => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [32, 18];
  const drawn = canvas.getContext("2d");
  drawn.drawImage(video, 0, 0, 32, 18);
  return [...drawn.getImageData(0, 0, 32, 18).data];
}"""
_NEXT_PICTURE = """video => new Promise(seen => video.requestVideoFrameCallback(seen))"""


@pytest.fixture
async def home(
    amazon: SimulatedAmazon, pages: Pages, tmp_path: Path
) -> AsyncIterator[HomeAssistant]:
    """A Home Assistant with a camera at the door, whose doorbell Ada's Echos know."""
    home = HomeAssistant(tmp_path / "configuration")
    story = doorbell_that_alexa_knows(home_with_a_camera, amazon, home, pages, lambda _: None)
    async with story:
        yield home


@pytest.fixture
async def echos(browser: Browser, pages: Pages) -> Echos:
    """An Echo Show."""
    return Echos(await new_window(browser, width=800, height=690), pages.echo_url)


async def moves(video: Locator) -> bool:
    """Whether the picture changes within two seconds."""
    first = await video.evaluate(_LOOK)
    for _ in range(30):
        await video.evaluate(_NEXT_PICTURE)
        now = await video.evaluate(_LOOK)
        if max(abs(one - other) for one, other in zip(first, now, strict=True)) > 40:
            return True
    return False


@pytest.mark.timeout(300)
async def test_an_echo_show_shows_a_moving_picture_of_who_rings(
    home: HomeAssistant, echos: Echos, pictures: Pictures
) -> None:
    await echos.listen()
    video = echos.page.locator("video")
    await expect(video).to_be_hidden()

    await home.client.act("script", "turn_on", {"entity_id": PRESS_SCRIPT})

    await expect(echos.page.get_by_text("Live after")).to_be_visible()
    assert await video.evaluate("video => [video.videoWidth, video.videoHeight]") == [640, 360]
    assert await moves(video)
    await pictures.page("live_view", echos.page, height=672)

    await echos.page.get_by_role("button", name="Close").click()
    await expect(video).to_be_hidden()
