"""A home into which nothing leads: its skill is made by the command, and links by a code."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import json

from .amazon.account import Account, Region
from .amazon.simulation import SimulatedAmazon
from .developer.closed_skill import ClosedSkill, Developer, developer
from .home_assistant import on_loopback
from .home_assistant.client import HomeAssistantClient
from .home_assistant.configuration import DOORBELL
from .home_assistant.first_steps import (
    FRIENDLY_NAME,
    MissingError,
    add_closed_skill,
    add_doorbell,
    open_account_window,
    wait_for_account,
)
from .home_assistant.process import HomeAssistant

type Say = Callable[[str], None]


class Skill(ClosedSkill):
    """The skill, and the home that an account links with."""

    def __init__(
        self,
        amazon: SimulatedAmazon,
        developer: Developer,
        client: HomeAssistantClient,
        entry_id: str,
    ) -> None:
        super().__init__(amazon, developer)
        self._client = client
        self._entry_id = entry_id

    async def link_account(self, account: Account) -> None:
        """Link with the code that Home Assistant shows, until it has the account."""
        window, code = await open_account_window(self._client, self._entry_id)
        if not await self.link_with(account, code):
            raise MissingError(f"the link of {account.name}'s account. {account.notice}")
        await wait_for_account(self._client, window)


@asynccontextmanager
async def closed_home(
    amazon: SimulatedAmazon,
    home_assistant: HomeAssistant,
    say: Say,
    *,
    program: str = on_loopback.__name__,
) -> AsyncIterator[Skill]:
    """From nothing to a home with a doorbell, whose skill is ready to be enabled."""
    home_assistant.program = program
    home_assistant.environment |= {
        on_loopback.LWA_URL: amazon.lwa_url,
        on_loopback.GATEWAY_URLS: json.dumps({each: amazon.gateway_url(each) for each in Region}),
    }
    async with developer(amazon) as maker, home_assistant:
        say(f"Home Assistant runs at {home_assistant.url}")
        client = home_assistant.client
        line = await maker.create()
        say("The command has made the skill, its function and its table, and printed a line")
        entry_id, doorbell_flow = await add_closed_skill(client, line)
        say("Integration added with that line")
        await add_doorbell(client, doorbell_flow)
        say(f"Doorbell added: {DOORBELL} as {FRIENDLY_NAME}")
        if await client.command("webhook/list"):
            raise MissingError("a home without an open door: Home Assistant has a webhook.")
        say("Home Assistant has no webhook: nothing can call it")
        yield Skill(amazon, maker, client, entry_id)
