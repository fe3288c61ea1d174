"""The whole way of a home into which nothing leads, with the code typed into the page itself."""

from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from playwright.async_api import Browser, BrowserContext, Request
import pytest

from ..skill.closed_story import Alexa, Story
from .phone import phone


class AlexaOnAPhone(Alexa):
    """An Alexa app whose owner looks at the page, and types the code there."""

    def __init__(self, *parts: Any, context: BrowserContext) -> None:
        super().__init__(*parts)
        self._context = context

    async def sent_back(self, shown: str) -> tuple[str, dict[str, str]]:
        """Open the page as Alexa does, type the code, and tap the button."""
        page = await self._context.new_page()
        await page.goto(f"{self.skill.url}/authorize?{urlencode(self.asked(**self.client))}")
        await page.get_by_label("Code from Home Assistant").fill(shown)

        def is_to_alexa(request: Request) -> bool:
            return request.url.startswith(self.client["redirect_uri"])

        async with page.expect_request(is_to_alexa) as sent:
            await page.get_by_role("button", name="Link").tap()
        address, _, query = (await sent.value).url.partition("?")
        assert await self._context.cookies() == []
        return address, dict(parse_qsl(query, strict_parsing=True))


@pytest.mark.timeout(300)
async def test_a_person_links_by_the_page_itself_on_the_whole_way_there_and_back(
    browser: Browser, proxy: str, story: Story
) -> None:
    context = await phone(browser, proxy, "en-GB")
    await story.is_told(partial(AlexaOnAPhone, context=context))
    await context.close()
