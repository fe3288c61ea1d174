"""A real browser, a real Home Assistant without the integration, and the simulated Amazon."""

import asyncio
from collections.abc import AsyncIterator
import os
from pathlib import Path
import subprocess

from playwright.async_api import Browser, Page, async_playwright, expect
import pytest

from demo.amazon.simulation import SimulatedAmazon
from demo.home_assistant.configuration import CHECKOUT
from demo.home_assistant.process import HomeAssistant
from demo.pages.pages import Pages

from ..skill.closed_story import amazon_itself, story  # noqa: F401 - Fixtures.
from ..skill.conftest import aws, internet, shell, world  # noqa: F401 - Fixtures.
from .alexa import AlexaApp, Echos
from .frontend import Frontend
from .pictures import Pictures

# In milliseconds. The longest that a busy machine needs for a click, not what one may take.
PATIENCE = 60_000


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; without one the tests are skipped, but never where CI judges them."""
    found = subprocess.run(
        [CHECKOUT / "scripts" / "browser"], capture_output=True, text=True, check=False
    )
    if found.returncode == 0:
        return found.stdout.strip()
    if os.environ.get("CI") == "true":
        pytest.fail(found.stderr)
    pytest.skip(found.stderr)


@pytest.fixture
async def browser(
    chromium: str, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with monkeypatch.context() as started:
        # Playwright's Node.js needs libatomic: where the machine has none, it is beside Chromium.
        for library in (CHECKOUT / ".cache" / "chromium").glob("usr/lib/*/libatomic.so.1"):
            started.setenv("LD_LIBRARY_PATH", str(library.parent))
        playwright = await async_playwright().start()
    try:
        # Without the last one, letters are moved to whole pixels and stand unevenly.
        browser = await playwright.chromium.launch(
            executable_path=chromium, timeout=PATIENCE, args=["--font-render-hinting=none"]
        )
        yield browser
        await browser.close()
    finally:
        await playwright.stop()


@pytest.fixture
async def home(tmp_path: Path, socket_enabled: None) -> AsyncIterator[HomeAssistant]:
    """A real Home Assistant, in which the integration waits to be set up."""
    home = HomeAssistant(tmp_path / "configuration", logbook=True)
    try:
        await home.start()
        yield home
    finally:
        await home.stop()


@pytest.fixture
async def pages(amazon: SimulatedAmazon) -> AsyncIterator[Pages]:
    """The pages of the Alexa app and of the Echos."""
    pages = Pages(amazon)
    await pages.start()
    yield pages
    await pages.stop()


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    """Where the story's pictures go: scripts/screenshots says where they are kept."""
    return Pictures(Path(os.environ.get("SCREENSHOTS", tmp_path / "pictures")))


@pytest.fixture
async def frontend(
    browser: Browser, home: HomeAssistant, tmp_path: Path
) -> AsyncIterator[Frontend]:
    """Home Assistant in a window of its own."""
    page = await new_window(browser, width=1280, height=960)
    yield Frontend(page, home.url)
    await page.screenshot(path=tmp_path / "frontend_at_the_end.png")


@pytest.fixture
async def alexa_app(browser: Browser, pages: Pages) -> AlexaApp:
    """The Alexa app, on a phone."""
    return AlexaApp(await new_window(browser, width=480, height=900), pages.app_url)


@pytest.fixture
async def echos(browser: Browser, pages: Pages) -> Echos:
    """The Echos in the house."""
    return Echos(await new_window(browser, width=800, height=600), pages.echo_url)


@pytest.fixture
async def proxy(socket_enabled: None) -> AsyncIterator[str]:
    """The only way from the phone to other hosts, and it leads nowhere."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def new_window(browser: Browser, *, width: int, height: int) -> Page:
    """A window that knows nothing of the others, as on another device."""
    window = await browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2,
        color_scheme="light",
        reduced_motion="reduce",
        locale="en-US",
        timezone_id="Europe/Amsterdam",
    )
    window.set_default_timeout(PATIENCE)
    return await window.new_page()
