"""What belongs to Amazon in the story: the Alexa app on a phone, and the Echos in the house."""

from playwright.async_api import Page, expect


class AlexaApp:
    """The simulated Alexa app."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    async def open(self) -> None:
        """Go to its page."""
        await self.page.goto(self._url)

    async def paste(self, label: str) -> None:
        """Paste what was copied last into a field."""
        await self.page.get_by_label(label).click()
        await self.page.keyboard.press("Control+v")

    async def expect_field(self, label: str, text: str) -> None:
        """See what a field holds."""
        await expect(self.page.get_by_label(label)).to_have_value(text)

    async def add_account(self, name: str) -> None:
        """Bring in somebody's Amazon account."""
        await self.page.get_by_label("Name").fill(name)
        await self.page.get_by_role("button", name="Add").click()

    async def tap(self, button: str) -> None:
        """Tap a button of the account."""
        await self.page.get_by_role("button", name=button, exact=True).click()

    async def expect_notice(self, notice: str) -> None:
        """See what the app says about the account."""
        await expect(self.page.get_by_role("status")).to_contain_text(notice)


class Echos:
    """The simulated Echos."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    async def listen(self) -> None:
        """Stand beside them; they are listening too."""
        await self.page.goto(self._url)
        await expect(self.page.get_by_text("Listening for the doorbell.")).to_be_visible()

    async def expect_announcements(self, *sentences: str) -> None:
        """Hear all that was said so far, the latest first."""
        await expect(self.page.get_by_role("list").get_by_role("listitem")).to_contain_text(
            list(sentences)
        )
