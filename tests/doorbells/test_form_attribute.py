"""One entity that is several doorbells: by its events, its states, or one of its attributes."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from ..flows import open_doorbell, shown, submit_doorbell as submit
from .forms import (
    add,
    assert_aborts,
    assert_added,
    assert_asks,
    doorbell_of,
    entry as entry,  # noqa: PLC0414 - a fixture.
    open_change,
    register,
    rename,
)

REMOTE: dict[str, Any] = {
    "event_types": ["press", "hold"],
    "button": "left",
    "friendly_name": "Remote",
}


async def add_button(hass: HomeAssistant, entry: MockConfigEntry, *values: str, **more: Any) -> Any:
    """Add the remote control as a doorbell that only some values of its attribute ring."""
    form = await add(hass, entry, entity_id="event.remote", by_attribute=True, **more)
    form = await submit(hass, form, event_types=["press"])
    assert_asks(form, "attribute")
    return await submit(hass, form, attribute="button", attribute_values=list(values))


async def test_after_its_events_an_entity_is_asked_for_the_attribute_that_counts(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.remote", "unknown", REMOTE)
    form = await add(hass, entry, entity_id="event.remote", by_attribute=True)
    form = await submit(hass, form, event_types=["press"])
    assert_asks(form, "attribute")
    assert form["data_schema"].schema["attribute"].config["options"] == ["button"]
    result = await submit(hass, form, attribute=" button ", attribute_values=[" left", "up", "up"])
    assert_added(result)
    data = doorbell_of(entry).data
    assert (data["attribute"], data["attribute_values"]) == ("button", ["left", "up"])
    assert "by_attribute" not in data


async def test_an_attribute_that_is_not_there_at_the_moment_can_be_typed_in(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("switch.bell", "off")
    form = await add(hass, entry, entity_id="switch.bell", by_attribute=True)
    assert_asks(form, "attribute")
    assert_added(await submit(hass, form, attribute="caller", attribute_values=["unknown"]))
    assert doorbell_of(entry).data["attribute_values"] == ["unknown"]


@pytest.mark.parametrize(
    ("attribute", "values", "errors"),
    [
        (" ", ["left"], {"attribute": "no_attribute"}),
        ("button", [" "], {"attribute_values": "nothing_chosen"}),
        ("", [], {"attribute": "no_attribute", "attribute_values": "nothing_chosen"}),
    ],
    ids=["no attribute", "no values", "neither"],
)
async def test_an_attribute_needs_a_name_and_values(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    attribute: str,
    values: list[str],
    errors: dict[str, str],
) -> None:
    hass.states.async_set("switch.bell", "off")
    form = await add(hass, entry, entity_id="switch.bell", by_attribute=True)
    form = await submit(hass, form, attribute=attribute, attribute_values=values)
    assert_asks(form, "attribute", errors)
    assert_added(await submit(hass, form, attribute="button", attribute_values=["left"]))


async def test_a_changed_doorbell_shows_its_attribute_and_may_lose_it(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.remote", "unknown", REMOTE)
    assert_added(await add_button(hass, entry, "left"))
    form = await open_change(hass, entry)
    assert shown(form)["by_attribute"] is True
    form = await submit(hass, form, **shown(form))
    form = await submit(hass, form, **shown(form))
    assert shown(form) == {"attribute": "button", "attribute_values": ["left"]}
    assert_aborts(await submit(hass, form, **shown(form)), "reconfigure_successful")
    assert doorbell_of(entry).data["attribute_values"] == ["left"]

    form = await open_change(hass, entry)
    form = await submit(hass, form, **shown(form) | {"by_attribute": False})
    assert_aborts(await submit(hass, form, **shown(form)), "reconfigure_successful")
    assert not {"attribute", "attribute_values"} & doorbell_of(entry).data.keys()


async def test_an_attribute_of_another_entity_is_not_proposed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.remote", "unknown", REMOTE)
    hass.states.async_set("switch.bell", "off")
    assert_added(await add_button(hass, entry, "left"))
    form = await open_change(hass, entry)
    form = await submit(hass, form, **shown(form) | {"entity_id": "switch.bell"})
    assert_asks(form, "attribute")
    assert shown(form) == {}


async def test_a_virtual_doorbell_has_no_attribute(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert_added(await add(hass, entry, friendly_name="Gate", by_attribute=True))


async def test_an_attribute_form_that_the_browser_loads_again_is_shown_as_it_was(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("switch.bell", "off")
    form = await add(hass, entry, entity_id="switch.bell", by_attribute=True)
    assert_asks(await hass.config_entries.subentries.async_configure(form["flow_id"]), "attribute")


# Several doorbells of one entity.


async def test_two_values_of_an_attribute_are_two_doorbells_but_the_same_are_one(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.remote", "unknown", REMOTE)
    assert_added(await add_button(hass, entry, "left", "up", friendly_name="Front door"))
    assert_added(await add_button(hass, entry, "right", friendly_name="Back door"))
    assert_aborts(await add_button(hass, entry, "up", "left"), "already_configured")


async def test_two_types_of_an_event_are_two_doorbells_also_if_they_overlap(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.remote", "unknown", REMOTE)
    for types in (["press"], ["hold"], ["press", "hold"]):
        form = await add(hass, entry, entity_id="event.remote")
        assert_added(await submit(hass, form, event_types=types))
    form = await add(hass, entry, entity_id="event.remote")
    assert_aborts(await submit(hass, form, event_types=["hold", "press"]), "already_configured")


async def test_two_states_of_a_sensor_are_two_doorbells(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("sensor.flat", "0")
    for flat in ("1", "2"):
        form = await add(hass, entry, entity_id="sensor.flat", friendly_name=f"Flat {flat}")
        assert_added(await submit(hass, form, states=[flat]))
    form = await add(hass, entry, entity_id="sensor.flat")
    assert_aborts(await submit(hass, form, states=["2"]), "already_configured")


async def test_what_was_stored_before_types_were_chosen_is_what_sounds_like_a_ring(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring"]})
    assert_added(await add(hass, entry, entity_id="event.bell"))
    doorbell = doorbell_of(entry)
    data = {key: value for key, value in doorbell.data.items() if key != "event_types"}
    hass.config_entries.async_update_subentry(entry, doorbell, data=data)
    assert_aborts(await add(hass, entry, entity_id="event.bell"), "already_configured")


async def test_a_change_must_not_make_a_doorbell_the_same_as_another(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.remote", "unknown", REMOTE)
    form = await add(hass, entry, entity_id="event.remote")
    assert_added(await submit(hass, form, event_types=["press"]))
    form = await open_change(hass, entry)
    other = await add(hass, entry, entity_id="event.remote")
    assert_added(await submit(hass, other, event_types=["hold"]))
    form = await submit(hass, form, **shown(form))
    assert_aborts(await submit(hass, form, event_types=["hold"]), "already_configured")


async def test_every_doorbell_of_an_entity_follows_a_rename_that_nobody_watched(
    hass: HomeAssistant, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    register(hass, "event.remote", **REMOTE)
    for types in (["press"], ["hold"]):
        form = await add(hass, entry, entity_id="event.remote")
        assert_added(await submit(hass, form, event_types=types))
    await hass.config_entries.async_unload(entry.entry_id)
    rename(hass, "event.remote", "event.gate")
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    watched = {watch.doorbell.entity_id for watch in entry.runtime_data.watches.values()}
    assert watched == {"event.gate"}
    assert len({each.unique_id for each in entry.subentries.values()}) == 2


async def test_an_entity_that_is_a_doorbell_can_be_chosen_again_but_is_not_proposed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring"]})
    assert_added(await add(hass, entry, entity_id="event.bell"))
    assert "entity_id" not in shown(await open_doorbell(hass, entry))
