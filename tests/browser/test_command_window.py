"""The window that shows the line: it is copied in one go, whole and unbroken, on any screen."""

from dataclasses import dataclass
import re

from playwright.async_api import Browser, Locator, Page, expect
import pytest

from demo.home_assistant.configuration import PASSWORD, USERNAME
from demo.home_assistant.process import HomeAssistant

LINE = re.compile(
    r"d=\$\(mktemp -d\) && .* sh \"\$d/skill/run\" create --region eu"
    r" --webhook-url https://home\.example\.com/api/webhook/[0-9a-f]{64}"
)
CLOSED_LINE = re.compile(
    r"d=\$\(mktemp -d\) && .* sh \"\$d/skill/run\" create --closed --region eu"
)
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")
CLOUDSHELL = "https://console.aws.amazon.com/cloudshell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What somebody looks at."""

    width: int
    color_scheme: str


SCREENS = [
    Screen(width=width, color_scheme=scheme)
    for width in (1280, 390)
    for scheme in ("light", "dark")
]


async def open_window(
    browser: Browser, home: HomeAssistant, screen: Screen, way: str, words: str
) -> Page:
    """Log in, and go on to where the line of one of the two ways is shown."""
    context = await browser.new_context(
        viewport={"width": screen.width, "height": 960},
        color_scheme="dark" if screen.color_scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-US",
        permissions=["clipboard-read"],
    )
    context.set_default_timeout(60_000)
    page = await context.new_page()
    await page.goto(home.url)
    # By their names: the labels are not the same in all versions.
    await page.locator("input[name=username]").fill(USERNAME)
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_text("At the door")).to_be_visible()
    await page.goto(f"{home.url}/config/integrations/dashboard/add?domain=alexa_doorbell")
    await page.get_by_role("button", name="OK").click()
    await page.get_by_text("No, make one for me", exact=True).click()
    await page.get_by_text(way).click()
    await expect(page.get_by_text(words)).to_be_visible()
    return page


async def copied(page: Page, code: Locator) -> str:
    """Click three times, copy, and return what is in the clipboard then."""
    await code.scroll_into_view_if_needed()
    await code.click(click_count=3)
    await page.keyboard.press("Control+c")
    text: str = await page.evaluate("navigator.clipboard.readText()")
    return text


async def height_in_lines(code: Locator) -> float:
    """How many lines of text the code is high."""
    box = await code.bounding_box()
    size = await code.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    assert box is not None
    return float(box["height"]) / float(size)


@pytest.mark.timeout(300)
async def test_three_clicks_copy_the_whole_line_and_nothing_else_on_any_screen(
    browser: Browser, home: HomeAssistant
) -> None:
    await home.client.command("config/core/update", external_url="https://home.example.com")
    for screen in SCREENS:
        page = await open_window(
            browser,
            home,
            screen,
            "Let Home Assistant answer",
            "it goes on by itself as soon as the skill is",
        )
        line, secret = await page.locator("dialog-data-entry-flow ha-markdown code").all()

        assert LINE.fullmatch((await copied(page, line)).removesuffix("\n")), screen
        assert SECRET.fullmatch((await copied(page, secret)).removesuffix("\n")), screen
        assert await height_in_lines(line) < 2, screen
        link = page.get_by_role("link", name="AWS CloudShell")
        await expect(link).to_have_attribute("href", CLOUDSHELL)
        await page.context.close()


@pytest.mark.timeout(300)
async def test_the_line_of_a_closed_home_is_copied_whole_and_its_answer_pasted_below(
    browser: Browser, home: HomeAssistant
) -> None:
    for screen in SCREENS:
        page = await open_window(
            browser, home, screen, "Let a function answer", "At its end it prints one more line"
        )
        (line,) = await page.locator("dialog-data-entry-flow ha-markdown code").all()

        assert CLOSED_LINE.fullmatch((await copied(page, line)).removesuffix("\n")), screen
        assert await height_in_lines(line) < 2, screen
        field = page.get_by_role("textbox", name="The line that the command printed at its end")
        await field.fill("https://example.com/#nothing")
        await page.get_by_role("button", name="Submit").click()
        await expect(
            page.get_by_text("This is not the line that the command prints")
        ).to_be_visible()
        await page.context.close()
