"""Tests of what Alexa is told of the device behind a doorbell's entity."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.alexa.endpoints import endpoint_of
from custom_components.alexa_doorbell.doorbells.doorbell import Doorbell


@pytest.mark.skipif(
    not hasattr(dr.DeviceRegistry, "async_get_or_create_child"),
    reason="devices have no parts on this Home Assistant",
)
async def test_a_part_of_a_device_is_not_asked_for_what_only_a_whole_one_has(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    intercoms = MockConfigEntry(domain="intercoms")
    intercoms.add_to_hass(hass)
    intercom = device_registry.async_get_or_create(
        config_entry_id=intercoms.entry_id, identifiers={("intercoms", "1")}, manufacturer="2N"
    )
    button = device_registry.async_get_or_create_child(
        config_entry_id=intercoms.entry_id,
        identifiers={("intercoms", "1-2")},
        parent_device_id=intercom.id,
    )
    bell = entity_registry.async_get_or_create(
        "event", "intercoms", "1-2", config_entry=intercoms, device_id=button.id
    )
    doorbell = Doorbell(endpoint_id="1", friendly_name="Gate", entity_id=bell.entity_id)

    assert endpoint_of(hass, doorbell).attributes == {}
    assert "manufacturer" not in caplog.text, "Home Assistant warns of those who ask"
