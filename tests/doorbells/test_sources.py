"""What is known of an entity before it becomes a doorbell."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.alexa_doorbell.client.messages import is_valid_friendly_name
from custom_components.alexa_doorbell.doorbells.sources import ring_like, source_choice, source_name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Front door", "Front door"),
        ("  Front   door ", "Front door"),
        ("Front-door (left)", "Front door left"),
        ("Ada's door", "Adas door"),
        ("Ada\u2019s door", "Adas door"),
        ("front_door/bell", "front door bell"),
        ("🔔️ Haustür 🔔", "Haustür"),
        ("🔔️Haustür", "Haustür"),
        ("Cafe\u0301", "Cafe\u0301"),
        ("मुख्य दरवाज़ा", "मुख्य दरवाज़ा"),
        ("الباب الأمامي", "الباب الأمامي"),
        ("玄関", "玄関"),
        ("Gate 2", "Gate 2"),
        ("🔔️", "bell 2"),
        ("---", "bell 2"),
        ("", "bell 2"),
        (None, "bell 2"),
        ("a" * 200, "a" * 128),
        ("a" * 127 + " b", "a" * 127),
    ],
)
def test_a_name_is_what_alexa_can_say_of_the_entitys(
    hass: HomeAssistant, name: str | None, said: str
) -> None:
    hass.states.async_set("event.bell_2", "unknown", {"friendly_name": name})
    assert source_name(hass, "event.bell_2") == said
    assert is_valid_friendly_name(said)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"original_name": "Ding"}, "Ding"),
        ({"original_name": "Ding", "name": "My bell"}, "My bell"),
        ({"original_name": None}, "bell 2"),
    ],
)
def test_an_entity_without_a_state_has_the_name_of_its_registration(
    hass: HomeAssistant, entity_registry: er.EntityRegistry, names: dict[str, Any], said: str
) -> None:
    entity_registry.async_get_or_create("event", "test", "1", suggested_object_id="bell_2")
    entity_registry.async_update_entity("event.bell_2", **names)
    assert source_name(hass, "event.bell_2") == said


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        pytest.param(["ring"], ["ring"], id="Home Assistant"),
        pytest.param(["ding", "motion"], ["ding"], id="Ring"),
        pytest.param(["doorbell_chime", "camera_motion"], ["doorbell_chime"], id="Nest"),
        pytest.param(["visitor", "person", "pet"], ["visitor"], id="Reolink"),
        pytest.param(
            ["initial_press", "long_press", "short_release", "long_release"],
            ["initial_press"],
            id="Hue",
        ),
        pytest.param(["press", "double_press", "long_press"], ["press"], id="BTHome"),
        pytest.param(
            ["btn_down", "btn_up", "single_push", "double_push", "long_push"],
            ["single_push"],
            id="Shelly",
        ),
        pytest.param(["pressed", "released"], ["pressed"], id="a switch"),
        pytest.param(["Ring", "RING_END"], ["Ring"], id="capitals"),
        pytest.param(["ring", "press"], ["ring"], id="a ring before a press"),
        pytest.param(["idle", "ringing", "on_call"], ["ringing"], id="a door phone"),
        pytest.param(["not_ringing", "ringing", "missed_ring"], ["ringing"], id="its contrary"),
        pytest.param(["ring_stopped", "long_ring"], [], id="only what comes after"),
        pytest.param(["spring", "string", "bellow"], [], id="only parts of words"),
        pytest.param(["a", "b"], [], id="nothing"),
        pytest.param([], [], id="none"),
    ],
)
def test_what_sounds_like_a_ring_is_chosen_beforehand(names: list[str], chosen: list[str]) -> None:
    assert ring_like(names) == chosen


def test_event_types_come_from_the_state_or_else_from_the_registration(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    assert source_choice(hass, "event.bell") == ("event_types", [])
    entity_registry.async_get_or_create("event", "test", "1", suggested_object_id="bell")
    assert source_choice(hass, "event.bell") == ("event_types", [])
    entity_registry.async_update_entity("event.bell", capabilities={"event_types": ["ring", "tap"]})
    assert source_choice(hass, "event.bell") == ("event_types", ["ring", "tap"])
    hass.states.async_set("event.bell", "unavailable")
    assert source_choice(hass, "event.bell") == ("event_types", ["ring", "tap"])
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring", "motion"]})
    assert source_choice(hass, "event.bell") == ("event_types", ["ring", "motion"])


@pytest.mark.parametrize("entity_id", ["event.bell", "binary_sensor.bell", "light.bell", None])
def test_what_rings_in_one_way_leaves_no_choice(hass: HomeAssistant, entity_id: str | None) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring"]})

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
    assert source_choice(hass, "sensor.phone") == ("states", states)


def test_an_entity_that_is_not_there_has_no_states(hass: HomeAssistant) -> None:
    assert source_choice(hass, "sensor.phone") == ("states", [])
