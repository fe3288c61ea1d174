"""A home into which nothing leads: its skill is made by the command, and links by a code."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json

from .amazon.account import Account, Region
from .amazon.simulation import SimulatedAmazon
from .developer.closed_skill import ClosedSkill, developer
from .home_assistant import on_loopback
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
from .story import Link, Say

INVITATION = """\
To link another account, select Add account on the page of Alexa Doorbell in Home Assistant,
  and type the code that you see there into the page that the Alexa app opens."""


@asynccontextmanager
async def closed_home(
    amazon: SimulatedAmazon,
    home_assistant: HomeAssistant,
    say: Say,
    *,
    program: str = on_loopback.__name__,
) -> AsyncIterator[tuple[ClosedSkill, Link]]:
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
        skill = ClosedSkill(amazon, maker)
        await skill.wait_until_told_of(FRIENDLY_NAME)
        say("Home Assistant has told the function of it")
        if await client.command("webhook/list"):
            raise MissingError("a home without an open door: Home Assistant has a webhook.")
        say("Home Assistant has no webhook: nothing can call it")

        async def link(account: Account) -> bool:
            """With the code that Home Assistant shows, until it has the account."""
            window, code = await open_account_window(client, entry_id)
            if not await skill.link_with(account, code):
                return False
            await wait_for_account(client, window)
            return True

        yield skill, link
