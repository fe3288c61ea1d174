"""An account comes to the page by the window that waits for it, and is deleted there again."""

from homeassistant.const import MAJOR_VERSION, MINOR_VERSION
from playwright.async_api import Locator, expect
import pytest

from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill
from demo.home_assistant.first_steps import add_doorbell, add_skill
from demo.home_assistant.process import HomeAssistant

from .frontend import Frontend
from .pictures import Pictures


@pytest.fixture
async def skill(home: HomeAssistant, amazon: SimulatedAmazon) -> Skill:
    """A skill with one doorbell, that nobody linked yet."""
    settings, flow_id = await add_skill(home.client, amazon)
    await add_doorbell(home.client, flow_id)
    return Skill(amazon, settings.webhook_url, settings.shared_secret)


@pytest.mark.skipif(
    (MAJOR_VERSION, MINOR_VERSION) < (2026, 10),
    reason="Older frontends have other buttons",
)
@pytest.mark.timeout(300)
async def test_an_account_is_added_by_the_window_that_waits_and_deleted_on_the_page(
    amazon: SimulatedAmazon, skill: Skill, frontend: Frontend, pictures: Pictures
) -> None:
    # I open the window that says how to link.
    await frontend.log_in()
    await frontend.open_integrations()
    await frontend.open_integration("Alexa Doorbell")
    await frontend.open_account_window()
    await frontend.expect_words("This window goes on by itself as soon as the account is linked")
    await pictures.dialog("add_account", frontend.page, frontend.dialog)

    # I do what it says, and it goes on by itself.
    assert await skill.link(amazon.add_account("Ada"))
    await frontend.expect_title("Success")
    await frontend.finish()
    await expect(row(frontend, "Ada")).to_contain_text("Amazon account")
    await pictures.page("accounts", frontend.page)

    # Somebody else links while no window is open, and is on the page by itself.
    assert await skill.link(amazon.add_account("Bob"))
    await expect(row(frontend, "Bob")).to_contain_text("Amazon account")

    # I delete the first one again, and doorbells are announced to the other one only.
    await row(frontend, "Ada").locator("ha-dropdown").locator("ha-icon-button").click()
    await frontend.page.get_by_role("menuitem", name="Delete").click()
    await frontend.page.locator("dialog-box").get_by_role("button", name="Delete").click()
    await expect(row(frontend, "Ada")).to_have_count(0)
    await expect(row(frontend, "Bob")).to_have_count(1)


def row(frontend: Frontend, title: str) -> Locator:
    """An account on the integration's page."""
    rows = frontend.page.locator("ha-config-sub-entry-row")
    return rows.filter(has=frontend.page.get_by_text(title, exact=True))
