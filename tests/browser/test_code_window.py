"""The window of a closed home that shows the code for the page, and goes on once it was typed."""

from collections.abc import AsyncIterator
from pathlib import Path
import re
from urllib.parse import urlencode

from homeassistant.const import MAJOR_VERSION, MINOR_VERSION
from playwright.async_api import Browser, expect
import pytest

from demo.amazon.simulation import SimulatedAmazon
from demo.closed import closed_home
from demo.developer.aws import SimulatedAws
from demo.developer.closed_skill import ClosedSkill
from demo.home_assistant.process import HomeAssistant

from .frontend import Frontend
from .phone import phone
from .pictures import Pictures

CODE = re.compile("[BCDFGHJKLMNPQRSTVWXZ]{5}-[BCDFGHJKLMNPQRSTVWXZ]{5}")


@pytest.fixture
def unstarted(tmp_path: Path) -> HomeAssistant:
    return HomeAssistant(tmp_path / "configuration", logbook=True)


@pytest.fixture
async def skill(
    aws: SimulatedAws, amazon: SimulatedAmazon, unstarted: HomeAssistant
) -> AsyncIterator[ClosedSkill]:
    """A skill with one doorbell, made in an empty account for a home into which nothing leads."""
    async with closed_home(amazon, unstarted, lambda _: None) as (skill, _):
        yield skill


@pytest.fixture
def home(skill: ClosedSkill, unstarted: HomeAssistant) -> HomeAssistant:
    return unstarted


def address(skill: ClosedSkill) -> str:
    """Where Alexa opens the page."""
    asked = {
        "response_type": "code",
        "client_id": skill._linking["clientId"],
        "redirect_uri": skill._redirect_uri,
        "state": "a-state",
    }
    return f"{skill._linking['authorizationUrl']}?{urlencode(asked)}"


@pytest.mark.skipif(
    (MAJOR_VERSION, MINOR_VERSION) < (2026, 10),
    reason="Older frontends have other buttons",
)
@pytest.mark.timeout(300)
async def test_the_window_shows_a_code_and_goes_on_by_itself_once_it_was_typed(
    browser: Browser,
    proxy: str,
    amazon: SimulatedAmazon,
    skill: ClosedSkill,
    frontend: Frontend,
    pictures: Pictures,
) -> None:
    # I open the window, and it shows a code.
    await frontend.log_in()
    await frontend.open_integrations()
    await frontend.open_integration("Alexa Doorbell")
    await frontend.open_account_window()
    await frontend.expect_words("type it only into the Alexa app that you opened yourself")
    await pictures.dialog("link_code", frontend.page, frontend.dialog)
    code = await frontend.copy(0)
    assert CODE.fullmatch(code)

    # The skill's page asks for it on my phone.
    context = await phone(browser, proxy, "en-US")
    page = await context.new_page()
    await page.goto(address(skill))
    await page.get_by_label("Code from Home Assistant").fill(code)
    await pictures.page("linking_page", page)
    await context.close()

    # I type it there, and the window goes on.
    account = amazon.add_account("Ada")
    assert await skill.link_with(account, code), account.notice
    await frontend.expect_title("Success")
    await frontend.finish()
    rows = frontend.page.locator("ha-config-sub-entry-row")
    await expect(rows.filter(has_text="Amazon account")).to_have_count(1)
    await pictures.page("accounts_closed", frontend.page)
