"""A deployed skill, and a home that is linked with it."""

from collections.abc import AsyncIterator
import re

import pytest

from demo.amazon.simulation import SimulatedAmazon
from demo.developer.aws import SimulatedAws

from .parts import CLIENT, PUSH, AlexaApp, ClosedSkill, Home, deployed


@pytest.fixture
async def amazon(socket_enabled: None) -> AsyncIterator[SimulatedAmazon]:
    """Login with Amazon, and the event gateways."""
    async with SimulatedAmazon() as amazon:
        yield amazon


@pytest.fixture
async def skill(aws: SimulatedAws, amazon: SimulatedAmazon) -> AsyncIterator[ClosedSkill]:
    """A skill as the command leaves it; nothing secret is ever in its function's log."""
    async with deployed(aws, amazon) as skill:
        yield skill
        secrets = re.compile(
            rf"Atz[ar]\||amzn1\.oa2-cs|whsec_|access\.|refresh\.|{re.escape(CLIENT[1])}"
        )
        assert not secrets.search(skill.log), skill.log


@pytest.fixture
async def home(skill: ClosedSkill) -> Home:
    """A home that has enrolled and told of its front door."""
    home = await skill.enrolled()
    assert (await home.say(PUSH)).json == {"pushed": {"taken": True}}
    return home


@pytest.fixture
async def alexa(skill: ClosedSkill, home: Home) -> AlexaApp:
    """An Amazon account that is linked with this home."""
    alexa = AlexaApp(skill)
    await alexa.link(await home.new_pairing(identity="ada"))
    return alexa
