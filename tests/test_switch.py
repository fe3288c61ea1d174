"""Tests of the switch that keeps presses from being announced."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .home import add_doorbell, link, press, restart, set_up

SWITCH = "switch.front_door_announcements"


async def turn(hass: HomeAssistant, service: str, entity_id: str = SWITCH) -> None:
    """Turn the switch, and wait until it is."""
    await hass.services.async_call("switch", service, {"entity_id": entity_id}, blocking=True)


def state_of(hass: HomeAssistant, entity_id: str) -> str:
    """The state of an entity that is there."""
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state


async def test_presses_are_not_sent_while_announcements_are_off(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    assert state_of(hass, SWITCH) == "on"

    await turn(hass, "turn_off")
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert state_of(hass, SWITCH) == "off"
    assert amazon.announcements == []
    event = hass.states.get("event.front_door_announcement")
    assert event is not None
    assert event.attributes["event_type"] == "muted"


async def test_presses_are_sent_again_once_announcements_are_on(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    await turn(hass, "turn_off")
    await turn(hass, "turn_on")

    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert [spoken.text for spoken in amazon.announcements] == ["Someone is at the Front door"]


async def test_the_switch_of_one_doorbell_leaves_the_others_alone(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    add_doorbell(hass, entry, "binary_sensor.back_door")
    await set_up(hass, entry)
    await link(amazon, skill)
    await turn(hass, "turn_off")

    press(hass)
    press(hass, "binary_sensor.back_door")
    await hass.async_block_till_done(wait_background_tasks=True)

    assert [spoken.text for spoken in amazon.announcements] == ["Someone is at the Back door"]


async def test_the_switch_survives_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await turn(hass, "turn_off")

    await restart(hass, entry)

    assert state_of(hass, SWITCH) == "off"


async def test_what_has_rung_is_remembered_when_the_switch_is_used(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    press(hass)
    await turn(hass, "turn_off")
    await turn(hass, "turn_on")
    hass.states.async_set("binary_sensor.front_door", "unavailable")
    hass.states.async_set("binary_sensor.front_door", "on")
    await hass.async_block_till_done(wait_background_tasks=True)

    assert len(amazon.announcements) == 1


async def test_a_press_that_was_muted_keeps_no_later_one_from_being_announced(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    await turn(hass, "turn_off")
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    await turn(hass, "turn_on")
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert len(amazon.announcements) == 1


@pytest.mark.parametrize("data", [{"muted": 1}, [1], {"endpoint_ids": 5}], ids=str)
async def test_a_file_of_mutes_that_is_none_of_ours_mutes_nothing_and_is_told(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    data: Any,
) -> None:
    key = f"{DOMAIN}.{entry.entry_id}.muted"
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": data}

    await set_up(hass, entry)

    assert state_of(hass, SWITCH) == "on"
    assert "every doorbell is announced again" in caplog.text
