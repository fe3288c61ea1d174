"""Tests of what the skill's device tells of the linked accounts."""

from typing import Any

from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.accounts.account import Health
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .home import link, set_up

pytestmark = pytest.mark.usefixtures("without_reports")

LINKED = "binary_sensor.alexa_doorbell_linked"
LINKED_ACCOUNTS = "sensor.alexa_doorbell_linked_accounts"


def told(hass: HomeAssistant) -> tuple[str, str, Any]:
    """The states of both entities, and the names."""
    linked, accounts = hass.states.get(LINKED), hass.states.get(LINKED_ACCOUNTS)
    assert linked is not None
    assert accounts is not None
    return linked.state, accounts.state, accounts.attributes["accounts"]


async def test_nobody_is_linked_at_first(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await set_up(hass, entry)

    assert told(hass) == ("off", "0", [])


async def test_every_account_that_links_is_told_of_by_its_name(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill, "Ben")
    await link(amazon, skill, "Ada")
    await hass.async_block_till_done(wait_background_tasks=True)

    assert told(hass) == ("on", "2", ["Ada", "Ben"])


@pytest.mark.parametrize("health", [each for each in Health if each is not Health.LINKED])
async def test_an_account_that_cannot_be_announced_to_does_not_count(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    health: Health,
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    [account] = entry.runtime_data.accounts.all

    account.update(health=health)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert told(hass) == ("off", "0", [])


async def test_both_are_diagnostic(
    hass: HomeAssistant, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    await set_up(hass, entry)

    for entity_id in (LINKED, LINKED_ACCOUNTS):
        registered = entity_registry.async_get(entity_id)
        assert registered is not None
        assert registered.entity_category is EntityCategory.DIAGNOSTIC
