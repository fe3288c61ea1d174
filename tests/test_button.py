"""Tests of the button that rings."""

import asyncio

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .home import add_doorbell, link, press, set_up

BUTTON = "button.front_door_ring"


async def press_button(hass: HomeAssistant, entity_id: str = BUTTON) -> None:
    """Press the button, and wait until it is through."""
    await hass.services.async_call("button", "press", {"entity_id": entity_id}, blocking=True)


async def test_the_button_rings(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    state = hass.states.get(BUTTON)
    assert state is not None
    assert (state.name, state.state) == ("Front door Ring", STATE_UNKNOWN)

    await press_button(hass)

    assert [spoken.text for spoken in amazon.announcements] == ["Someone is at the Front door"]


async def test_a_press_inside_the_cooldown_is_swallowed(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)

    await press_button(hass)

    assert len(amazon.announcements) == 1


async def test_a_caller_that_gives_up_does_not_take_the_press_along(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    amazon.gateway_faults.append(Fault.reset())  # So that there is something left to do.
    calling = asyncio.create_task(press_button(hass))
    while not any(request.kind == "events" for request in amazon.requests):
        await asyncio.wait([calling], timeout=0)

    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling

    assert (await amazon.wait_for_announcement()).text == "Someone is at the Front door"


async def test_the_button_of_a_new_doorbell_rings_without_a_reload(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    add_doorbell(hass, entry, None)
    await hass.async_block_till_done()
    await link(amazon, skill)

    await press_button(hass, "button.back_door_ring")

    assert [spoken.text for spoken in amazon.announcements] == ["Someone is at the Back door"]


async def test_every_doorbell_has_one_button_after_a_reload_too(
    hass: HomeAssistant, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    add_doorbell(hass, entry, None)
    await set_up(hass, entry)
    assert await hass.config_entries.async_reload(entry.entry_id)
    add_doorbell(hass, entry, "event.garden", "Garden gate")
    await hass.async_block_till_done()

    buttons = {
        registered.unique_id: registered.config_subentry_id
        for registered in er.async_entries_for_config_entry(entity_registry, entry.entry_id)
        if registered.domain == "button"
    }

    assert buttons == {f"{endpoint_id}_ring": endpoint_id for endpoint_id in entry.subentries}
