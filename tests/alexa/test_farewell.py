"""What is removed from Home Assistant does not stay in the Alexa app."""

import asyncio
import time

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.alexa.reports import FAREWELL
from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.account import Account
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import add_doorbell, restart, set_up
from ..simulated_time import simulate_time

pytestmark = pytest.mark.freeze_time("2026-03-20 12:00:00")


@pytest.fixture(autouse=True)
async def ada(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    freezer: FrozenDateTimeFactory,
) -> Account:
    """An account with two doorbells in its Alexa app."""
    simulate_time(freezer)
    hass.states.async_set("binary_sensor.front_door", "off")
    add_doorbell(hass, entry, None)
    await set_up(hass, entry)
    ada = amazon.add_account("Ada")
    assert await skill.link(ada)
    await asyncio.sleep(10)
    assert names(ada) == {"Front door", "Back door"}
    return ada


def names(account: Account) -> set[str]:
    """The doorbells in the Alexa app."""
    return {endpoint["friendlyName"] for endpoint in account.endpoints.values()}


async def test_a_skill_that_is_removed_takes_its_doorbells_along(
    hass: HomeAssistant, entry: MockConfigEntry, ada: Account
) -> None:
    await hass.config_entries.async_remove(entry.entry_id)
    assert names(ada) == set()


async def test_a_skill_that_is_removed_takes_its_doorbells_along_in_every_account(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, ada: Account
) -> None:
    bob = amazon.add_account("Bob")
    assert await skill.link(bob)
    await asyncio.sleep(10)
    await hass.config_entries.async_remove(entry.entry_id)
    assert names(ada) | names(bob) == set()


async def test_a_disabled_skill_that_is_removed_after_a_restart_takes_its_doorbells_along(
    hass: HomeAssistant, entry: MockConfigEntry, ada: Account
) -> None:
    await restart(hass, entry)
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    hass.data[DOMAIN].skills.clear()
    await hass.config_entries.async_remove(entry.entry_id)
    assert names(ada) == set()


async def test_a_removal_does_not_wait_for_an_amazon_that_does_not_answer(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon
) -> None:
    amazon.gateway_faults += [Fault.stall()] * 9
    began = time.time()
    await hass.config_entries.async_remove(entry.entry_id)
    assert time.time() - began == pytest.approx(FAREWELL, abs=0.1)


async def test_a_doorbell_that_is_removed_just_before_its_account_links_again_goes_too(
    hass: HomeAssistant, entry: MockConfigEntry, skill: Skill, ada: Account
) -> None:
    hass.config_entries.async_remove_subentry(entry, list(entry.subentries)[1])
    assert await skill.link(ada)
    await asyncio.sleep(10)
    assert names(ada) == {"Front door"}
