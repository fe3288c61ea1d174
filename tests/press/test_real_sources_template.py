"""Presses of templates, which are made anew by a reload, a rename and a start."""

from typing import Any
from unittest.mock import patch

from homeassistant import config as hass_config
from homeassistant.const import EVENT_HOMEASSISTANT_START, EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import mock_restore_cache_with_extra_data

from custom_components.alexa_doorbell.press.press import Press

from .conftest import Later, Watch

CALL = {"input_select": {"call": {"options": ["idle", "ring"]}}}
# Its event is made anew of each state of the call.
CHIME = {
    "event": {
        "name": "Chime",
        "unique_id": "chime",
        "event_type": "{{ states('input_select.call') }}",
        "event_types": "{{ ['ring', 'idle'] }}",
    }
}
# Its event is made of an event on Home Assistant's bus; its types are not known before.
GONG = {
    "triggers": {"trigger": "event", "event_type": "gong"},
    "event": {
        "name": "Gong",
        "unique_id": "gong",
        "event_type": "{{ trigger.event.data.type }}",
        "event_types": "{{ ['ring', 'motion'] }}",
    },
}


def without_unique_id(config: dict[str, Any]) -> dict[str, Any]:
    """A template that Home Assistant keeps no place for while it is gone."""
    event = {key: value for key, value in config["event"].items() if key != "unique_id"}
    return config | {"event": event}


async def set_up_templates(hass: HomeAssistant, *templates: dict[str, Any]) -> None:
    """Set templates up, as configuration.yaml does."""
    assert await async_setup_component(hass, "template", {"template": list(templates)})
    await hass.async_block_till_done()


async def reload_templates(hass: HomeAssistant, *templates: dict[str, Any]) -> None:
    """Reload them, as a user does after a change to any of them."""
    config = {"template": list(templates)}
    with patch.object(hass_config, "load_yaml_config_file", return_value=config):
        await hass.services.async_call("template", "reload", blocking=True)
    await hass.async_block_till_done()


async def say(hass: HomeAssistant, option: str) -> None:
    """Let the call be idle or ring."""
    await hass.services.async_call(
        "input_select",
        "select_option",
        {"entity_id": "input_select.call", "option": option},
        blocking=True,
    )
    await hass.async_block_till_done()


async def gong(hass: HomeAssistant, event_type: str) -> None:
    """Let the gong tell of an event."""
    hass.bus.async_fire("gong", {"type": event_type})
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    "template",
    [
        pytest.param(CHIME, id="with a place in the registry"),
        pytest.param(without_unique_id(CHIME), id="without one"),
    ],
)
@pytest.mark.parametrize("last", ["idle", "ring"])
async def test_a_template_that_renders_its_last_ring_again_does_not_ring(
    hass: HomeAssistant,
    watch: Watch,
    presses: list[Press],
    later: Later,
    template: dict[str, Any],
    last: str,
) -> None:
    assert await async_setup_component(hass, "input_select", CALL)
    await set_up_templates(hass, template)
    await watch("event.chime", event_types=["ring"])
    await later(60)
    await say(hass, "ring")
    await say(hass, last)
    await later(60)
    await reload_templates(hass, template)
    await later(60)
    assert len(presses) == 1


async def test_a_template_rings_again_after_a_reload(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    assert await async_setup_component(hass, "input_select", CALL)
    await set_up_templates(hass, CHIME)
    await watch("event.chime", event_types=["ring"])
    await reload_templates(hass, CHIME)
    for option in ("ring", "idle", "ring"):
        await later(60)
        await say(hass, option)
    assert len(presses) == 2


@pytest.mark.parametrize("first", ["the doorbell", "the template"])
async def test_a_template_that_renders_its_last_ring_at_a_start_does_not_ring(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later, first: str
) -> None:
    rung = State("event.chime", "2026-11-20T10:00:00.000+00:00", {"event_type": "ring"})
    extra = {"last_event_type": "ring", "last_event_attributes": {}}
    call = State("input_select.call", "ring")
    mock_restore_cache_with_extra_data(hass, [(rung, extra), (call, {})])
    hass.set_state(CoreState.not_running)
    if first == "the doorbell":
        await watch("event.chime", event_types=["ring"])
    assert await async_setup_component(hass, "input_select", CALL)
    await set_up_templates(hass, CHIME)
    if first == "the template":
        await watch("event.chime", event_types=["ring"])
    await later(20)
    hass.set_state(CoreState.starting)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_START)
    await hass.async_block_till_done()
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await later(20)
    state = hass.states.get("event.chime")
    assert state is not None
    assert state.attributes["event_type"] == "ring"
    assert not presses


async def test_a_template_that_is_renamed_does_not_ring(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    watch: Watch,
    presses: list[Press],
    later: Later,
) -> None:
    await set_up_templates(hass, GONG)
    await watch("event.gong", event_types=["ring"])
    await later(60)
    await gong(hass, "ring")
    await later(60)
    entity_registry.async_update_entity("event.gong", new_entity_id="event.gate")
    await later(60)
    assert len(presses) == 1
    await gong(hass, "ring")
    assert len(presses) == 2


async def test_types_that_a_template_did_not_tell_before_its_first_event_do_not_ring(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    await set_up_templates(hass, GONG)
    await watch("event.gong")
    await later(60)
    await gong(hass, "motion")
    assert not presses
    await later(60)
    await gong(hass, "ring")
    assert len(presses) == 1


async def test_the_first_event_of_a_template_rings(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    await set_up_templates(hass, GONG)
    await watch("event.gong", event_types=["ring"])
    await reload_templates(hass, GONG)
    await later(10)
    await gong(hass, "ring")
    assert len(presses) == 1


async def test_a_template_over_a_source_that_is_found_on_after_a_start_does_not_ring(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    hass.states.async_set("binary_sensor.source", "unavailable")
    state = "{{ {'on': true, 'off': false}.get(states('binary_sensor.source')) }}"
    await set_up_templates(hass, {"binary_sensor": {"name": "Bell", "state": state}})
    await watch("binary_sensor.bell")
    await later(20)
    hass.states.async_set("binary_sensor.source", "on")
    await hass.async_block_till_done()
    bell = hass.states.get("binary_sensor.bell")
    assert bell is not None
    assert bell.state == "on"
    assert not presses


async def test_a_template_that_is_on_when_it_is_reloaded_does_not_ring(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    bell = {
        "name": "Bell",
        "unique_id": "bell",
        "state": "{{ is_state('input_select.call', 'ring') }}",
    }
    assert await async_setup_component(hass, "input_select", CALL)
    await set_up_templates(hass, {"binary_sensor": bell})
    await watch("binary_sensor.bell", rings_on_return=True)
    await say(hass, "ring")
    await later(60)
    await reload_templates(hass, {"binary_sensor": bell})
    await later(60)
    assert len(presses) == 1


async def test_a_template_that_only_ever_goes_on_and_off_by_itself_rings_each_time(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    bell = {"name": "Bell", "state": "{{ true }}", "auto_off": 3}
    await set_up_templates(
        hass,
        {"triggers": {"trigger": "event", "event_type": "gong"}, "binary_sensor": bell},
    )
    await watch("binary_sensor.bell")
    for _ in range(3):
        await later(60)
        await gong(hass, "ring")
        await gong(hass, "ring")
    await later(60)
    assert len(presses) == 3


async def test_a_template_that_writes_its_own_state_back_rings_once(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    bell = {
        "name": "Bell",
        "unique_id": "bell",
        "state": "{{ trigger.event.data.type == 'ring' or is_state('binary_sensor.bell', 'on') }}",
        "attributes": {"times": "{{ (state_attr('binary_sensor.bell', 'times') or 0) + 1 }}"},
    }
    await set_up_templates(
        hass,
        {"triggers": {"trigger": "event", "event_type": "gong"}, "binary_sensor": bell},
    )
    await watch("binary_sensor.bell")
    await gong(hass, "idle")
    await later(60)
    for event_type in ("ring", "idle", "idle"):
        await gong(hass, event_type)
    assert len(presses) == 1
