"""What an entity leaves to choose before it becomes a doorbell."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.alexa_doorbell.doorbells.choice import source_choice


def offered(hass: HomeAssistant, entity_id: str) -> tuple[str, list[str]] | None:
    """The setting that says what rings, and what the entity has of it."""
    choice = source_choice(hass, entity_id)
    return (choice.setting, list(choice.known)) if choice else None


def test_event_types_come_from_the_state_or_else_from_the_registration(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    assert offered(hass, "event.bell") == ("event_types", [])
    entity_registry.async_get_or_create("event", "test", "1", suggested_object_id="bell")
    assert offered(hass, "event.bell") == ("event_types", [])
    entity_registry.async_update_entity("event.bell", capabilities={"event_types": ["ring", "tap"]})
    assert offered(hass, "event.bell") == ("event_types", ["ring", "tap"])
    hass.states.async_set("event.bell", "unavailable")
    assert offered(hass, "event.bell") == ("event_types", ["ring", "tap"])
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring", "motion"]})
    assert offered(hass, "event.bell") == ("event_types", ["ring", "motion"])


@pytest.mark.parametrize("entity_id", ["binary_sensor.bell", "button.bell", "light.bell", None])
def test_what_rings_in_one_way_leaves_no_choice(hass: HomeAssistant, entity_id: str | None) -> None:
    assert source_choice(hass, entity_id) is None


@pytest.mark.parametrize("known_to", ["state", "registration"])
def test_a_sensor_of_times_leaves_no_choice(
    hass: HomeAssistant, entity_registry: er.EntityRegistry, known_to: str
) -> None:
    entity_id = "sensor.last_ring"
    if known_to == "state":
        hass.states.async_set(entity_id, "unknown", {"device_class": "timestamp"})
    else:
        entity_registry.async_get_or_create(
            "sensor",
            "test",
            "1",
            suggested_object_id="last_ring",
            original_device_class="timestamp",
        )
    assert source_choice(hass, entity_id) is None


@pytest.mark.parametrize(
    ("state", "options", "states"),
    [
        ("idle", ["idle", "ringing"], ["idle", "ringing"]),
        ("unavailable", ["idle", "ringing"], ["idle", "ringing"]),
        ("idle", ["idle", "unknown", "ringing", "unavailable"], ["idle", "ringing"]),
        ("idle", None, ["idle"]),
        ("unknown", None, []),
        ("unavailable", [], []),
    ],
)
def test_states_are_the_options_or_else_the_present_one_but_never_a_gap(
    hass: HomeAssistant, state: str, options: list[str] | None, states: list[str]
) -> None:
    hass.states.async_set("sensor.phone", state, {"options": options})
    assert offered(hass, "sensor.phone") == ("states", states)


def test_a_sensor_without_options_may_have_what_others_say_of_a_ring(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.villa_call_state", "idle")
    choice = source_choice(hass, "sensor.villa_call_state")
    assert choice is not None
    assert {"ring", "ringing"} <= set(choice.likely)


def test_an_entity_that_is_not_there_has_no_states(hass: HomeAssistant) -> None:
    assert offered(hass, "sensor.phone") == ("states", [])


@pytest.mark.parametrize(
    ("told", "known"),
    [
        pytest.param([1, "ring", None, 1], ["1", "ring"], id="numbers and nothing"),
        pytest.param("ring", [], id="a text"),
        pytest.param({"ring": 1}, [], id="a dictionary"),
        pytest.param(7, [], id="a number"),
        pytest.param([["ring"]], ["['ring']"], id="lists"),
    ],
)
def test_types_that_are_no_list_of_texts_do_no_harm(
    hass: HomeAssistant, told: Any, known: list[str]
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": told})
    assert offered(hass, "event.bell") == ("event_types", known)
