"""Presses of Home Assistant's own groups: of events, and of binary sensors."""

from typing import Any

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.press.press import Press

from .conftest import Later, Watch
from .entities import Bell, Contact, add_entities


async def group(hass: HomeAssistant, domain: str, *members: str) -> str:
    """Group entities as a user does; the group's entity."""
    options: dict[str, Any] = {
        "group_type": domain,
        "name": "Doors",
        "entities": members,
        "hide_members": False,
    }
    if domain != "event":
        options["all"] = False
    entry = MockConfigEntry(domain="group", title="Doors", options=options)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(f"{domain}.doors")
    return f"{domain}.doors"


async def test_a_group_of_events_rings_for_each_of_them(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    front, back = Bell("front"), Bell("back")
    await add_entities(hass, front, back)
    doors = await group(hass, "event", front.entity_id, back.entity_id)
    for bell in (front, back):  # Home Assistant's group leaves out each member's first event.
        bell.fire("ring")
        await hass.async_block_till_done()
    await watch(doors, event_types=["ring"])
    for bell in (front, back, front):
        await later(60)
        bell.fire("motion", "ring")
        await hass.async_block_till_done()
    assert len(presses) == 3


async def test_a_member_that_is_made_anew_rings_nothing_in_its_group(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    front, back = Bell("front"), Bell("back")
    platform = await add_entities(hass, front)
    await add_entities(hass, back)
    doors = await group(hass, "event", front.entity_id, back.entity_id)
    await watch(doors, event_types=["ring"])
    await later(60)
    front.fire("ring", "ring")
    await hass.async_block_till_done()
    heard = len(presses)
    await platform.async_reset()
    await later(60)
    await add_entities(hass, Bell("front"))
    await later(60)
    assert (heard, len(presses)) == (1, 1)


async def test_a_group_of_binary_sensors_rings_when_the_first_goes_on(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    front, back = Contact("front"), Contact("back")
    await add_entities(hass, front, back)
    await watch(await group(hass, "binary_sensor", front.entity_id, back.entity_id))
    for _ in range(2):
        await later(60)
        front.be(True)
        back.be(True)
        front.be(False)
        await later(1)
        back.be(False)
        await hass.async_block_till_done()
    assert len(presses) == 2


async def test_a_member_that_goes_and_returns_rings_nothing_in_its_group(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    front, back = Contact("front"), Contact("back")
    await add_entities(hass, front, back)
    await watch(await group(hass, "binary_sensor", front.entity_id, back.entity_id))
    await later(60)
    for available in (False, True) * 2:
        back.be(False, available=available)
        await later(60)
    assert not presses
