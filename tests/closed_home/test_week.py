"""What a home asks of the skill's function in a week, on simulated time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
import json
import random
import time
from typing import Any

import aiohttp
from freezegun.api import FrozenDateTimeFactory, ignore_lists
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from demo.amazon.simulation import SimulatedAmazon
from demo.developer.aws import SimulatedAws
from demo.developer.function_url import FunctionUrl
from skill.closed_home import handler

from ..home import add_doorbell, press, restart, set_up
from ..simulated_time import simulate_time
from ..skill.closed_home.dynamodb import DynamoDB
from ..skill.closed_home.parts import ClosedSkill, Home, config_row, environment, new_table
from .app import App

pytestmark = pytest.mark.freeze_time("2026-11-20 12:00:00")

BELL = "binary_sensor.front_door"
DAY = 86400


@dataclass
class Instance:
    """The function in this very process, whose clock is the simulated one; counts what it hears."""

    heard: Counter[str] = field(default_factory=Counter)

    async def invoke(self, event: dict[str, Any]) -> Any:
        """Answer, in a thread as of a process of its own."""
        if "requestContext" in event:
            path = event["rawPath"]
            self.heard[next(iter(json.loads(event["body"]))) if path == "/home" else path] += 1
        return await asyncio.get_running_loop().run_in_executor(None, handler.answer, event, None)


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch) -> Instance:
    """What runs the function's code; the home's dice are seeded."""
    monkeypatch.setattr(random, "uniform", random.Random(3).uniform)
    # Threads have the true time otherwise, and the function works in threads. It ends with the ice.
    ignore_lists[-1] = tuple(each for each in ignore_lists[-1] if each != "threading")
    return Instance()


@pytest.fixture
async def function(
    aws: SimulatedAws,
    amazon: SimulatedAmazon,
    instance: Instance,
    on_loopback: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[ClosedSkill]:
    """The skill, in the place of the one that is deployed."""
    rows = new_table(aws)
    rows.put_item(Item=config_row(amazon))
    async with (
        DynamoDB(aws.url) as table,
        FunctionUrl([instance]) as address,
        aiohttp.ClientSession() as session,
    ):
        for name, value in environment(table.url, amazon.lwa_url).items():
            monkeypatch.setenv(name, value)
        yield ClosedSkill(table, rows, [instance], address.url, session)  # type: ignore[list-item]


async def live(hass: HomeAssistant, amazon: SimulatedAmazon, days: int) -> None:
    """Let days pass, with somebody at the door once in each, who is announced."""
    for _ in range(days):
        amazon.announcements.clear()
        await asyncio.sleep(DAY / 2)
        press(hass)
        await asyncio.sleep(DAY / 2)
        assert [each.text for each in amazon.announcements] == ["Someone is at the Front door"]


@pytest.fixture
async def _at_home(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    enrolled: Home,
    amazon: SimulatedAmazon,
    function: ClosedSkill,
    instance: Instance,
) -> None:
    """A home whose one account has linked and found the doorbell, just before it starts anew."""
    simulate_time(freezer)
    ada = App(amazon, function, amazon.add_account("Ada"))
    await ada.enable(await enrolled.new_pairing())
    hass.states.async_set(BELL, "off")
    await set_up(hass, entry)
    await asyncio.sleep(60)
    await ada.discovered()
    instance.heard.clear()


@pytest.mark.usefixtures("_at_home")
async def test_a_quiet_week_takes_the_question_at_the_start_and_one_turn_a_day(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, instance: Instance
) -> None:
    began = time.time()
    await restart(hass, entry)
    await live(hass, amazon, 7)

    assert time.time() - began == pytest.approx(7 * DAY, abs=1)
    assert instance.heard == {"grants": 1 + 7, "push": 1 + 7}


@pytest.mark.usefixtures("_at_home")
async def test_a_doorbell_that_comes_takes_one_push_more(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, instance: Instance
) -> None:
    await restart(hass, entry)
    await live(hass, amazon, 3)
    before = instance.heard.copy()
    add_doorbell(hass, entry, None, "Back door")
    await asyncio.sleep(60)

    assert instance.heard - before == {"push": 1}
    await live(hass, amazon, 4)
    assert instance.heard == {"grants": 1 + 7, "push": 1 + 7 + 1}
