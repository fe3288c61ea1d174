"""Tests of the event that makes a doorbell of any bell to Home Assistant itself."""

from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .home import link, press, restart, set_up

DOORBELL = "event.front_door_doorbell"
BELL = "binary_sensor.front_door"


async def enable(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Enable the entity, as a user does."""
    await set_up(hass, entry)
    er.async_get(hass).async_update_entity(DOORBELL, disabled_by=None)
    await restart(hass, entry)


def rung_at(hass: HomeAssistant) -> str:
    """When it rang last."""
    state = hass.states.get(DOORBELL)
    assert state is not None
    return state.state


async def test_it_is_disabled_until_the_user_enables_it(
    hass: HomeAssistant, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    await set_up(hass, entry)

    registered = entity_registry.async_get(DOORBELL)
    assert registered is not None
    assert registered.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert hass.states.get(DOORBELL) is None


async def test_it_is_a_doorbell_that_rings(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await enable(hass, entry)

    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)

    state = hass.states.get(DOORBELL)
    assert state is not None
    assert state.attributes["device_class"] == "doorbell"
    assert state.attributes["event_type"] == "ring"


async def test_a_muted_press_rings_too(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await enable(hass, entry)
    await entry.runtime_data.muted.async_set(next(iter(entry.subentries)), muted=True)

    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert rung_at(hass) != "unknown"


async def test_a_press_that_was_swallowed_does_not_ring(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await enable(hass, entry)
    await link(amazon, skill)
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    first = rung_at(hass)

    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert rung_at(hass) == first != "unknown"


@pytest.fixture
async def rang(hass: HomeAssistant) -> list[Event]:
    """Notes what an automation with Home Assistant's own trigger does."""
    assert await async_setup_component(hass, "doorbell", {})
    automation = {
        "trigger": {"trigger": "doorbell.rang", "target": {"entity_id": DOORBELL}},
        "action": {"event": "somebody_rang"},
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    events: list[Event] = async_capture_events(hass, "somebody_rang")
    return events


async def test_home_assistants_own_trigger_hears_a_wired_bell(
    hass: HomeAssistant, entry: MockConfigEntry, rang: list[Event]
) -> None:
    await enable(hass, entry)
    # The first event of an entity is none to a trigger that compares it with what was before.
    for _ in range(2):
        hass.states.async_set(BELL, "off")
        entry.runtime_data.watches[next(iter(entry.subentries))]._quiet.end()
        hass.states.async_set(BELL, "on")
        await hass.async_block_till_done(wait_background_tasks=True)

    assert rang
