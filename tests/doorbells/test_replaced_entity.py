"""A doorbell follows the entity that took the place of its own while nobody watched."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import link, press, restart, set_up

pytestmark = pytest.mark.usefixtures("without_reports")

FRONT_DOOR, GATE = "binary_sensor.front_door", "binary_sensor.gate"


def register(hass: HomeAssistant, serial_number: str) -> er.RegistryEntry:
    """Let the bell with a serial number be the entity at the front door."""
    bell = er.async_get(hass).async_get_or_create(
        "binary_sensor", "test", serial_number, suggested_object_id="front_door"
    )
    assert bell.entity_id == FRONT_DOOR
    hass.states.async_set(FRONT_DOOR, "off")
    return bell


@pytest.fixture(autouse=True)
async def _replaced(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    entity_registry: er.EntityRegistry,
) -> None:
    """A bell that was replaced by another one of its name while the skill was not loaded."""
    (subentry,) = entry.subentries.values()
    old = register(hass, "old")
    hass.config_entries.async_update_subentry(entry, subentry, unique_id=old.id)
    await set_up(hass, entry)
    await link(amazon, skill)
    await hass.config_entries.async_unload(entry.entry_id)
    entity_registry.async_remove(FRONT_DOOR)
    hass.states.async_remove(FRONT_DOOR)
    register(hass, "new")
    await restart(hass, entry)


async def announced(hass: HomeAssistant, amazon: SimulatedAmazon, entity_id: str) -> int:
    """Press, and return how often that was announced."""
    press(hass, entity_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    return len(amazon.announcements)


async def test_it_rings(hass: HomeAssistant, amazon: SimulatedAmazon) -> None:
    assert await announced(hass, amazon, FRONT_DOOR) == 1


async def test_it_rings_under_the_name_that_it_is_given_while_somebody_watches(
    hass: HomeAssistant, amazon: SimulatedAmazon, entity_registry: er.EntityRegistry
) -> None:
    entity_registry.async_update_entity(FRONT_DOOR, new_entity_id=GATE)
    await hass.async_block_till_done()
    assert await announced(hass, amazon, GATE) == 1


async def test_it_rings_under_the_name_that_it_was_given_while_nobody_watched(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    entity_registry: er.EntityRegistry,
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    entity_registry.async_update_entity(FRONT_DOOR, new_entity_id=GATE)
    await restart(hass, entry)
    assert await announced(hass, amazon, GATE) == 1
