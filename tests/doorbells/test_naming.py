"""What Alexa calls a doorbell that nobody gave a name."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.client.messages import is_valid_friendly_name
from custom_components.alexa_doorbell.doorbells.naming import source_name

BELL = "binary_sensor.x"


def add_bell(hass: HomeAssistant, name: str, device_name: str, area_name: str | None) -> None:
    """Add an entity of that name to a device, which may be in an area."""
    entry = MockConfigEntry(domain="test")
    entry.add_to_hass(hass)
    devices = dr.async_get(hass)
    device = devices.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("test", "1")}, name=device_name
    )
    if area_name:
        area = ar.async_get(hass).async_create(area_name)
        devices.async_update_device(device.id, area_id=area.id)
    er.async_get(hass).async_get_or_create(
        "binary_sensor", "test", "1", suggested_object_id="x", device_id=device.id
    )
    hass.states.async_set(BELL, "off", {"friendly_name": name})


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
    ("name", "place"),
    [
        ("Front Door Ding", "Front Door"),
        ("Gate Button Pressed", "Gate"),
        ("Front Doorbell Ringing", "Front Doorbell"),
        ("Intercom Call state", "Intercom"),
        ("Haustür Besucher", "Haustür"),
        ("Ringing the changes", "Ringing the changes"),
        ("Ding", "Ding"),
    ],
)
def test_what_an_entity_is_does_not_belong_to_the_name_of_where_it_is(
    hass: HomeAssistant, name: str, place: str
) -> None:
    hass.states.async_set("binary_sensor.x", "off", {"friendly_name": name})
    assert source_name(hass, "binary_sensor.x") == place


@pytest.mark.parametrize(
    ("device_name", "area_name", "said"),
    [
        ("Porch", "Garden", "Porch"),
        ("Porch 🔔", None, "Porch"),
        ("Ring", "Garden", "Garden"),
        ("🔔", "Garden", "Garden"),
        ("Ring", None, "Visitor"),
    ],
    ids=str,
)
def test_an_entity_that_only_says_what_it_is_has_the_name_of_its_device_or_area(
    hass: HomeAssistant, device_name: str, area_name: str | None, said: str
) -> None:
    add_bell(hass, "Visitor", device_name, area_name)
    assert source_name(hass, BELL) == said


@pytest.mark.parametrize(
    ("device_name", "own_name", "said"),
    [
        ("Front Door", "Doorbell", "Front Door"),
        ("Front Door", "Chime", "Front Door"),
        ("Front Door", "Doorbell pressed", "Front Door"),
        ("Haustür", "Türklingel", "Haustür"),
        ("Porte", "Sonnette", "Porte"),
        ("Voordeur", "Deurbel", "Voordeur"),
        ("Puerta", "Timbre", "Puerta"),
        ("Ingresso", "Campanello", "Ingresso"),
        ("Gate Doorbell", "Doorbell", "Gate Doorbell"),
        ("Front Doorbell", "Ringing", "Front Doorbell"),
        ("Doorbell", "Ding", "Porch"),
        ("Camera", "Side Doorbell", "Camera Side Doorbell"),
    ],
    ids=str,
)
def test_the_name_of_a_place_needs_no_doorbell_behind_it(
    hass: HomeAssistant, device_name: str, own_name: str, said: str
) -> None:
    add_bell(hass, f"{device_name} {own_name}", device_name, "Porch")
    assert source_name(hass, BELL) == said


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
