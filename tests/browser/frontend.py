"""Home Assistant's frontend, as somebody uses it who looks for words and buttons."""

from playwright.async_api import Locator, Page, expect

from demo.home_assistant.configuration import PASSWORD, USERNAME


class Frontend:
    """One window of Home Assistant."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    @property
    def flow(self) -> Locator:
        """The dialog that leads through a setup or a repair."""
        return self.page.locator("dialog-data-entry-flow")

    @property
    def dialog(self) -> Locator:
        """That dialog as one sees it: its frame, without what lies behind."""
        return self.flow.locator("dialog[open]").first

    async def log_in(self) -> None:
        """Open Home Assistant and log in."""
        await self.page.goto(self._url)
        await self.page.get_by_label("Username").fill(USERNAME)
        await self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        await self.page.get_by_role("button", name="Log in").click()
        await expect(self.page.get_by_text("At the door")).to_be_visible()

    async def open_dashboard(self) -> None:
        """Go back to where the login led."""
        await self._sidebar("Demo").first.click()
        await expect(self.page.get_by_text("At the door")).to_be_visible()

    async def press_the_bell(self) -> None:
        """Press the bell on the dashboard, as a visitor does at the door."""
        await self.page.get_by_text("Press the bell").click()

    async def open_settings(self) -> None:
        """Settings."""
        await self._sidebar("Settings").click()
        await expect(self.page.get_by_role("link", name="Devices & services")).to_be_visible()

    async def open_integrations(self) -> None:
        """Settings > Devices & services."""
        await self.open_settings()
        await self.page.get_by_role("link", name="Devices & services").click()

    async def find_integration(self, name: str) -> None:
        """Add integration, and search for it."""
        await self.page.get_by_role("button", name="Add integration").click()
        await self.page.get_by_placeholder("Search for a brand name").fill(name)
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def open_integration(self, name: str) -> None:
        """From Devices & services to the page of an integration."""
        await self.page.get_by_text(name, exact=True).click()
        await expect(self.page.get_by_text("Custom integration")).to_be_visible()

    async def open_device(self, kind: str) -> None:
        """From the integration's page to that of its one device of the kind."""
        await self.page.get_by_text(f"{kind} •").click()
        await expect(self.page.get_by_text("Device info")).to_be_visible()

    async def open_account_window(self) -> None:
        """From the integration's page to the window that links an account."""
        await self.page.get_by_role("button", name="Add account").click()
        await self.expect_title("Link an Amazon account")

    async def expect_title(self, title: str) -> None:
        """See at which step the dialog stands."""
        await expect(self.flow.get_by_text(title, exact=True)).to_be_visible()

    async def expect_words(self, words: str) -> None:
        """See what the dialog says."""
        await expect(self.flow.get_by_text(words)).to_be_visible()

    async def choose(self, option: str) -> None:
        """Choose from a menu or from radio buttons."""
        await self.flow.get_by_text(option, exact=True).click()

    async def fill(self, label: str, text: str) -> None:
        """Fill in a field."""
        await self.flow.get_by_role("textbox", name=label).fill(text)

    async def fill_number(self, label: str, number: int) -> None:
        """Fill in a field for a number."""
        await self.flow.get_by_role("spinbutton", name=label).fill(str(number))

    async def expand(self, section: str) -> None:
        """Open a part of the form that is closed."""
        await self.flow.get_by_text(section, exact=True).click()

    async def expect_entity(self, name: str) -> None:
        """See which entity the dialog's first field for one holds."""
        await expect(self.flow.locator("ha-entity-picker").first).to_contain_text(name)

    async def click(self, button: str) -> None:
        """Click on a button of the dialog."""
        await self.flow.get_by_role("button", name=button, exact=True).click()

    async def copy(self, number: int) -> str:
        """Copy one of the dialog's code blocks: three clicks select it. Its text."""
        code = self.flow.locator("ha-markdown code").nth(number)
        await code.click(click_count=3)
        await self.page.keyboard.press("Control+c")
        return (await code.inner_text()).strip()

    async def close(self) -> None:
        """Leave the dialog by its cross, half way or where it ends."""
        await self.flow.get_by_role("button", name="Close", exact=True).first.click()
        await expect(self.dialog).to_be_hidden()

    async def finish(self) -> None:
        """Close the dialog's last step."""
        await self.click("Finish")
        await expect(self.dialog).to_be_hidden()

    async def expect_repair(self, title: str) -> None:
        """Be told in the settings that something must be mended."""
        await expect(self._repairs.get_by_text(title)).to_be_visible()

    async def expect_no_repairs(self) -> None:
        """See none in the settings."""
        await expect(self.page.get_by_role("link", name="Devices & services")).to_be_visible()
        await expect(self._repairs).to_have_count(0)

    async def open_repair(self, title: str) -> None:
        """Open a repair from the settings."""
        await self._repairs.get_by_text(title).click()

    async def expect_row(self, name: str, value: str) -> None:
        """See an entity's value on the device's page."""
        rows = self.page.locator("hui-generic-entity-row")
        row = rows.filter(has=self.page.get_by_text(name, exact=True))
        await expect(row).to_contain_text(value)

    async def expect_activity(self, words: str) -> None:
        """See in the device's logbook what has happened."""
        await expect(self.page.locator("ha-logbook").get_by_text(words)).to_be_visible()

    async def ring(self) -> None:
        """Press the button of the entity Ring on the device's page."""
        await self.page.get_by_role("button", name="Press", exact=True).click()

    @property
    def _repairs(self) -> Locator:
        return self.page.locator("ha-config-repairs")

    def _sidebar(self, name: str) -> Locator:
        return self.page.locator("ha-sidebar").get_by_text(name, exact=True)
