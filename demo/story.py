"""What the demo shows, whichever way its home has: a doorbell that Alexa knows, and a press."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
import time

from .amazon.account import Account
from .amazon.simulation import SimulatedAmazon
from .amazon.skill import Skill
from .home_assistant.configuration import PRESS_SCRIPT
from .home_assistant.first_steps import FRIENDLY_NAME, MissingError
from .home_assistant.process import HomeAssistant
from .pages.pages import Pages

SENTENCE = f"Someone is at the {FRIENDLY_NAME}"

type Say = Callable[[str], None]
type Link = Callable[[Account], Awaitable[bool]]
# Starts Home Assistant and sets a doorbell up; gives the skill, and how an account links with it.
type Way = Callable[
    [SimulatedAmazon, HomeAssistant, Say], AbstractAsyncContextManager[tuple[Skill, Link]]
]


@asynccontextmanager
async def doorbell_that_alexa_knows(
    way: Way, amazon: SimulatedAmazon, home_assistant: HomeAssistant, pages: Pages, say: Say
) -> AsyncIterator[None]:
    """From nothing to a doorbell that Ada's Echos announce, for as long as the story goes on."""
    say("Home Assistant is starting ...")
    async with way(amazon, home_assistant, say) as (skill, link):
        pages.skill = skill
        account = amazon.add_account("Ada")
        if not await link(account):
            raise MissingError(f"the link of {account.name}'s account. {account.notice}")
        say(f"Alexa app of {account.name}: {account.notice}")
        found = [endpoint["friendlyName"] for endpoint in await skill.discover(account)]
        if FRIENDLY_NAME not in found:
            raise MissingError(f"{FRIENDLY_NAME} among Alexa's devices. {account.notice}")
        say(f"Alexa app of {account.name}: {account.notice}")
        yield


async def press(amazon: SimulatedAmazon, home_assistant: HomeAssistant, say: Say) -> None:
    """Press the bell, and hear what the Echo says."""
    say("Pressing the bell ...")
    pressed = time.monotonic()
    await home_assistant.client.act("script", "turn_on", {"entity_id": PRESS_SCRIPT})
    announcement = await amazon.wait_for_announcement(timeout=10)
    if announcement.text != SENTENCE:
        raise MissingError(f"the right words. The Echo said: {announcement.text}")
    say(f"{announcement.account}'s Echo speaks, {time.monotonic() - pressed:.2f} s after the press")
    print(announcement.text, flush=True)
