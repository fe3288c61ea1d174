"""Tests of the devices of the skill and of its doorbells."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.const import DOMAIN

from .home import add_doorbell, set_up


def devices_of(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str | None, dr.DeviceEntry]:
    """The entry's devices by their subentry; the skill's own is in none."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert len({device.config_subentry_id for device in devices}) == len(devices)
    return {device.config_subentry_id: device for device in devices}


async def test_every_doorbell_is_a_device_below_that_of_the_skill(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    virtual = add_doorbell(hass, entry, None)
    await set_up(hass, entry)

    devices = devices_of(hass, entry)

    skill = devices.pop(None)
    assert skill.identifiers == {(DOMAIN, entry.entry_id)}
    assert skill.entry_type is dr.DeviceEntryType.SERVICE
    assert (skill.name, skill.manufacturer, skill.model) == (
        "Alexa Doorbell",
        "Amazon",
        "Alexa skill",
    )
    assert devices.keys() == entry.subentries.keys()
    for endpoint_id, device in devices.items():
        assert device.identifiers == {(DOMAIN, endpoint_id)}
        assert device.via_device_id == skill.id
        assert device.entry_type is None
    assert {(device.name, device.model) for device in devices.values()} == {
        ("Front door", "Doorbell"),
        ("Back door", "Virtual doorbell"),
    }
    assert devices[virtual.subentry_id].name == "Back door"


async def test_a_doorbell_that_is_added_is_there_without_a_reload(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    running = entry.runtime_data

    added = add_doorbell(hass, entry, "event.back_door")
    await hass.async_block_till_done()

    assert devices_of(hass, entry)[added.subentry_id].name == "Back door"
    assert hass.states.get("button.back_door_ring") is not None
    assert entry.runtime_data is running


async def test_a_doorbell_that_is_removed_takes_its_device_and_entities_along(
    hass: HomeAssistant, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    added = add_doorbell(hass, entry, None)
    await set_up(hass, entry)
    running = entry.runtime_data
    assert hass.states.get("button.back_door_ring") is not None

    hass.config_entries.async_remove_subentry(entry, added.subentry_id)
    await hass.async_block_till_done()

    assert added.subentry_id not in devices_of(hass, entry)
    assert hass.states.get("button.back_door_ring") is None
    assert "button.back_door_ring" not in entity_registry.entities
    assert hass.states.get("button.front_door_ring") is not None
    assert entry.runtime_data is running


@pytest.mark.parametrize(
    ("changes", "name", "model"),
    [
        pytest.param({"friendly_name": "Gate"}, "Gate", "Virtual doorbell", id="another name"),
        pytest.param({"entity_id": "event.gate"}, "Back door", "Doorbell", id="an entity"),
    ],
)
async def test_a_changed_doorbell_changes_its_device(
    hass: HomeAssistant, entry: MockConfigEntry, changes: dict[str, str], name: str, model: str
) -> None:
    doorbell = add_doorbell(hass, entry, None)
    await set_up(hass, entry)
    before = devices_of(hass, entry)[doorbell.subentry_id]

    hass.config_entries.async_update_subentry(entry, doorbell, data={**doorbell.data, **changes})
    await hass.async_block_till_done()

    after = devices_of(hass, entry)[doorbell.subentry_id]
    assert (after.id, after.name, after.model) == (before.id, name, model)
    state = hass.states.get("button.back_door_ring")
    assert state is not None
    assert state.name == f"{name} Ring"


async def test_a_name_that_the_user_gave_the_device_stays(
    hass: HomeAssistant, entry: MockConfigEntry, device_registry: dr.DeviceRegistry
) -> None:
    doorbell = add_doorbell(hass, entry, None)
    await set_up(hass, entry)
    device = devices_of(hass, entry)[doorbell.subentry_id]
    device_registry.async_update_device(device.id, name_by_user="Mine")

    hass.config_entries.async_update_subentry(
        entry, doorbell, data={**doorbell.data, "friendly_name": "Gate"}
    )
    await hass.async_block_till_done()

    device = devices_of(hass, entry)[doorbell.subentry_id]
    assert (device.name, device.name_by_user) == ("Gate", "Mine")


async def test_nothing_of_a_removed_entry_stays(
    hass: HomeAssistant, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    await set_up(hass, entry)

    await hass.config_entries.async_remove(entry.entry_id)

    assert devices_of(hass, entry) == {}
    assert er.async_entries_for_config_entry(entity_registry, entry.entry_id) == []


async def test_a_renamed_skill_renames_its_device(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)

    hass.config_entries.async_update_entry(entry, title="Grandmother's skill")
    await hass.async_block_till_done()

    assert devices_of(hass, entry)[None].name == "Grandmother's skill"
