"""A person who links an account in the demo's Alexa app, with a code of Home Assistant's."""

import aiohttp

from ..skill.closed_home.parts import hidden_fields


async def open_linking_page(session: aiohttp.ClientSession, app: str, account: str) -> str:
    """Tap on Link; where the page is that opens then."""
    async with session.post(f"{app}/api/link", json={"account": account}) as answer:
        return app + str((await answer.json())["page"])


async def type_code(session: aiohttp.ClientSession, page: str, code: str) -> tuple[str, str]:
    """Fill the page's form in; where that leads, and what is to be seen there."""
    async with session.get(page) as answer:
        form = hidden_fields(await answer.text())
    async with session.post(page.partition("?")[0], data=form | {"code": code}) as answer:
        return answer.url.path, await answer.text()
