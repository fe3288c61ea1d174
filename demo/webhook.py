"""A home that Alexa asks at its webhook, by a skill that is there already."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .amazon.simulation import SimulatedAmazon
from .amazon.skill import Skill
from .home_assistant.configuration import DOORBELL
from .home_assistant.first_steps import FRIENDLY_NAME, add_doorbell, add_skill
from .home_assistant.process import HomeAssistant
from .story import Link, Say

# Beside the addresses: what there is to see, how somebody links an account of their own.
INVITATION = """\
The Echo shows who is there, by real WebRTC. Home Assistant shows cameras by go2rtc, which the
  demo cannot bring: something that answers like it takes its place, and the visitor is drawn.
  Link more accounts in the Alexa app."""


@asynccontextmanager
async def home_with_a_webhook(
    amazon: SimulatedAmazon,
    home_assistant: HomeAssistant,
    say: Say,
    camera: str | None = None,
) -> AsyncIterator[tuple[Skill, Link]]:
    """From a fresh Home Assistant to one with a doorbell, whose skill is ready to be enabled."""
    async with home_assistant:
        say(f"Home Assistant runs at {home_assistant.url}")
        settings, doorbell_flow = await add_skill(home_assistant.client, amazon)
        say(
            "Integration added: client id and secret accepted, "
            "webhook address and shared secret shown"
        )
        await add_doorbell(home_assistant.client, doorbell_flow, camera)
        seen = f", seen by {camera}" if camera else ""
        say(f"Doorbell added: {DOORBELL} as {FRIENDLY_NAME}{seen}")
        skill = Skill(amazon, settings.webhook_url, settings.shared_secret)
        yield skill, skill.link


@asynccontextmanager
async def home_with_a_camera(
    amazon: SimulatedAmazon, home_assistant: HomeAssistant, say: Say
) -> AsyncIterator[tuple[Skill, Link]]:
    """The same, and its doorbell can be seen."""
    # Only here: what makes pictures takes a second to import.
    from .live_view.camera import ENTITY_ID, CameraAtTheDoor  # noqa: PLC0415

    async with CameraAtTheDoor() as configuration:
        say("No go2rtc here: a stand-in shows Home Assistant a door that is drawn")
        home_assistant.configuration = configuration
        async with home_with_a_webhook(amazon, home_assistant, say, ENTITY_ID) as found:
            yield found
