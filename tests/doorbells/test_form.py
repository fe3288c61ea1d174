"""Adding a doorbell, changing it and taking it away."""

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import InvalidData
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..flows import open_doorbell, shown, submit_doorbell as submit
from ..home import press
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

DEFAULTS = {"cooldown": 5, "max_age": 30, "rings_when": "on", "rings_on_return": False}
SHOWN = DEFAULTS | {"by_attribute": False, "talk": False}


# Adding a doorbell.


@pytest.mark.parametrize(
    "domain", ["binary_sensor", "input_boolean", "switch", "button", "input_button"]
)
async def test_an_entity_that_rings_in_one_way_is_a_doorbell_after_one_form(
    hass: HomeAssistant, entry: MockConfigEntry, domain: str
) -> None:
    hass.states.async_set(f"{domain}.knob", "unknown", {"friendly_name": "Front-door 🔔"})
    form = await open_doorbell(hass, entry)
    assert_asks(form, "user")
    assert shown(form) == SHOWN
    assert_added(await submit(hass, form, entity_id=f"{domain}.knob"))
    doorbell = doorbell_of(entry)
    assert doorbell.title == "Front door"
    assert doorbell.unique_id == f"{domain}.knob"
    assert doorbell.data == {
        "entity_id": f"{domain}.knob",
        "friendly_name": "Front door",
        **DEFAULTS,
    }


async def test_an_event_of_several_types_asks_which_of_them_ring(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["motion", "ding", "ring"]})
    form = await add(hass, entry, entity_id="event.bell", friendly_name="Gate")
    assert_asks(form, "event_types")
    assert shown(form) == {"event_types": ["ding", "ring"]}
    assert_added(await submit(hass, form, event_types=["ring"]))
    assert doorbell_of(entry).data["event_types"] == ["ring"]


async def test_an_event_of_one_type_asks_for_none_and_keeps_that_one(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["activated"]})
    assert_added(await add(hass, entry, entity_id="event.bell"))
    assert doorbell_of(entry).data["event_types"] == ["activated"]


async def test_an_event_whose_types_are_not_known_yet_asks_for_them_in_words(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.bell", "unknown")
    form = await add(hass, entry, entity_id="event.bell")
    assert_asks(form, "event_types")
    assert shown(form) == {"event_types": ["ring"]}
    assert_added(await submit(hass, form, event_types=[" gong ", "gong", ""]))
    assert doorbell_of(entry).data["event_types"] == ["gong"]


@pytest.mark.parametrize("state", ["unknown", "2026-11-26T10:00:00+00:00"])
async def test_a_sensor_of_times_asks_for_no_states(
    hass: HomeAssistant, entry: MockConfigEntry, state: str
) -> None:
    hass.states.async_set("sensor.last_ring", state, {"device_class": "timestamp"})
    assert_added(await add(hass, entry, entity_id="sensor.last_ring"))
    assert "states" not in doorbell_of(entry).data


@pytest.mark.parametrize("domain", ["sensor", "select", "input_select"])
async def test_an_entity_with_many_states_asks_which_of_them_ring(
    hass: HomeAssistant, entry: MockConfigEntry, domain: str
) -> None:
    hass.states.async_set(f"{domain}.phone", "idle", {"options": ["idle", "ringing", "talking"]})
    form = await add(hass, entry, entity_id=f"{domain}.phone")
    assert_asks(form, "states")
    assert shown(form) == {"states": ["ringing"]}
    assert form["data_schema"].schema["states"].config["options"] == ["idle", "ringing", "talking"]
    assert_added(await submit(hass, form, states=["ringing", "talking"]))
    assert doorbell_of(entry).data["states"] == ["ringing", "talking"]


async def test_a_state_that_nobody_has_seen_yet_can_be_typed_in(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("sensor.phone", "idle")
    form = await add(hass, entry, entity_id="sensor.phone")
    assert shown(form) == {"states": []}
    options = form["data_schema"].schema["states"].config["options"]
    assert options == ["idle", "ringing", "ring", "pressed", "single"]
    assert_added(await submit(hass, form, states=["klingelt"]))
    assert doorbell_of(entry).data["states"] == ["klingelt"]


@pytest.mark.parametrize("chosen", [[], ["unknown"], ["unavailable", "unknown"]])
async def test_states_that_never_ring_are_no_choice(
    hass: HomeAssistant, entry: MockConfigEntry, chosen: list[str]
) -> None:
    hass.states.async_set("sensor.phone", "idle", {"options": ["idle", "ringing", "unknown"]})
    form = await add(hass, entry, entity_id="sensor.phone")
    form = await submit(hass, form, states=chosen)
    assert_asks(form, "states", {"states": "nothing_chosen"})
    assert_added(await submit(hass, form, states=["ringing", "unknown"]))
    assert doorbell_of(entry).data["states"] == ["ringing"]


async def test_at_least_one_type_is_to_be_chosen(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["a", "b"]})
    form = await add(hass, entry, entity_id="event.bell")
    assert shown(form) == {"event_types": []}
    form = await submit(hass, form, event_types=[])
    assert_asks(form, "event_types", {"event_types": "nothing_chosen"})
    with pytest.raises(InvalidData):
        await submit(hass, form, event_types=["c"])
    assert_added(await submit(hass, form, event_types=["b"]))


async def test_a_doorbell_without_an_entity_is_virtual_and_there_may_be_several(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert_added(await add(hass, entry, friendly_name="Gate"))
    assert_added(await add(hass, entry, friendly_name="Gate"))
    assert [doorbell.data for doorbell in entry.subentries.values()] == [
        {"friendly_name": "Gate", **DEFAULTS}
    ] * 2
    assert {doorbell.unique_id for doorbell in entry.subentries.values()} == {None}


@pytest.mark.parametrize(
    "name", ["", "   ", "Front-door", "Ada's door", "🔔", "---", "a" * 129, "Door\u200b"]
)
async def test_a_name_that_alexa_cannot_say_is_refused_and_the_rest_is_kept(
    hass: HomeAssistant, entry: MockConfigEntry, name: str
) -> None:
    form = await add(hass, entry, friendly_name=name, cooldown=9, warm_up=["binary_sensor.motion"])
    assert_asks(form, "user", {"friendly_name": "invalid_name"})
    assert shown(form) == {
        **SHOWN,
        "friendly_name": name.strip(),
        "cooldown": 9,
        "warm_up": ["binary_sensor.motion"],
    }
    assert_added(await submit(hass, form, **shown(form) | {"friendly_name": "Gate"}))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        (" Haustür  links\t", "Haustür links"),
        ("Front\u00a0door", "Front door"),
        ("मुख्य दरवाज़ा", "मुख्य दरवाज़ा"),
        ("玄関", "玄関"),
        ("a" * 128, "a" * 128),
    ],
)
async def test_a_name_of_any_script_is_kept_without_superfluous_blanks(
    hass: HomeAssistant, entry: MockConfigEntry, name: str, kept: str
) -> None:
    assert_added(await add(hass, entry, friendly_name=name))
    doorbell = doorbell_of(entry)
    assert (doorbell.title, doorbell.data["friendly_name"]) == (kept, kept)


async def test_an_entity_that_is_not_there_is_refused_and_the_rest_is_kept(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    form = await add(hass, entry, entity_id="event.bell", friendly_name="Gate", max_age=60)
    assert_asks(form, "user", {"entity_id": "entity_not_found"})
    assert shown(form) == {
        **SHOWN,
        "entity_id": "event.bell",
        "friendly_name": "Gate",
        "max_age": 60,
    }
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring"]})
    assert_added(await submit(hass, form, **shown(form)))


async def test_an_entity_that_has_no_state_at_the_moment_can_be_chosen(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    register(hass, "switch.bell")
    hass.states.async_remove("switch.bell")
    assert_added(await add(hass, entry, entity_id="switch.bell"))


@pytest.mark.parametrize("entity_id", ["light.bell", "0123456789abcdef0123456789abcdef"])
async def test_an_entity_that_cannot_ring_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, entity_id: str
) -> None:
    form = await add(hass, entry, entity_id=entity_id)
    assert_asks(form, "user", {"entity_id": "unsupported_entity"})


async def test_a_doorbell_cannot_be_rung_by_what_announces_it(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    register(hass, "event.announcement", platform=DOMAIN)
    with pytest.raises(InvalidData):
        await add(hass, entry, entity_id="event.announcement")


@pytest.mark.parametrize(
    "times",
    [{"cooldown": -1}, {"cooldown": 301}, {"max_age": 4}, {"max_age": 121}],
    ids=str,
)
async def test_times_have_bounds(
    hass: HomeAssistant, entry: MockConfigEntry, times: dict[str, int]
) -> None:
    form = await open_doorbell(hass, entry)
    with pytest.raises(InvalidData) as error:
        await submit(hass, form, friendly_name="Gate", **times)
    (field,) = times
    assert error.value.path == ["more", field]


@pytest.mark.parametrize(
    "times", [{"cooldown": 0, "max_age": 5}, {"cooldown": 300, "max_age": 120}], ids=str
)
async def test_times_may_be_at_their_bounds(
    hass: HomeAssistant, entry: MockConfigEntry, times: dict[str, int]
) -> None:
    assert_added(await add(hass, entry, friendly_name="Gate", **times))
    assert doorbell_of(entry).data == DEFAULTS | {"friendly_name": "Gate", **times}


async def test_what_foretells_a_press_is_kept(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    sensors = ["binary_sensor.motion", "event.person"]
    assert_added(await add(hass, entry, friendly_name="Gate", warm_up=sensors))
    assert doorbell_of(entry).data["warm_up"] == sensors


# One doorbell an entity.


async def test_an_entity_is_a_doorbell_only_once(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("switch.bell", "off")
    assert_added(await add(hass, entry, entity_id="switch.bell"))
    assert_aborts(await add(hass, entry, entity_id="switch.bell"), "already_configured")


async def test_an_entity_is_a_doorbell_only_once_also_under_another_name(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    registered = register(hass, "binary_sensor.bell")
    assert_added(await add(hass, entry, entity_id="binary_sensor.bell"))
    assert doorbell_of(entry).unique_id == registered.id
    rename(hass, "binary_sensor.bell", "binary_sensor.gate")
    await hass.async_block_till_done()
    result = await add(hass, entry, entity_id="binary_sensor.gate")
    assert_aborts(result, "already_configured")


async def test_an_entity_that_took_over_a_name_is_a_doorbell_of_its_own(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    register(hass, "binary_sensor.bell")
    assert_added(await add(hass, entry, entity_id="binary_sensor.bell"))
    await hass.config_entries.async_unload(entry.entry_id)
    rename(hass, "binary_sensor.bell", "binary_sensor.old_bell")
    hass.states.async_set("binary_sensor.bell", "off")
    assert_added(await add(hass, entry, entity_id="binary_sensor.bell"))


async def test_an_entity_that_was_registered_since_is_still_the_same(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("binary_sensor.bell", "off")
    assert_added(await add(hass, entry, entity_id="binary_sensor.bell"))
    register(hass, "binary_sensor.bell")
    result = await add(hass, entry, entity_id="binary_sensor.bell")
    assert_aborts(result, "already_configured")


async def test_of_two_forms_for_the_same_entity_only_the_first_adds_it(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring", "motion"]})
    forms = [await add(hass, entry, entity_id="event.bell") for _ in range(2)]
    assert_added(await submit(hass, forms[0], event_types=["ring"]))
    assert_aborts(await submit(hass, forms[1], event_types=["ring"]), "already_configured")


# Changing a doorbell.


async def test_a_changed_doorbell_stays_the_same_for_alexa(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("binary_sensor.bell", "off")
    registered = register(hass, "switch.gate")
    await add(hass, entry, entity_id="binary_sensor.bell", warm_up=["binary_sensor.motion"])
    before = doorbell_of(entry)
    form = await open_change(hass, entry)
    assert_asks(form, "reconfigure")
    assert shown(form) == before.data | {"by_attribute": False, "talk": False}
    result = await submit(
        hass, form, entity_id="switch.gate", friendly_name="Gate", cooldown=0, max_age=60
    )
    assert_aborts(result, "reconfigure_successful")
    after = doorbell_of(entry)
    assert after.subentry_id == before.subentry_id
    assert (after.title, after.unique_id) == ("Gate", registered.id)
    assert after.data == {
        **DEFAULTS,
        "entity_id": "switch.gate",
        "friendly_name": "Gate",
        "cooldown": 0,
        "max_age": 60,
    }


async def test_a_doorbell_may_lose_its_entity_and_get_one(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring", "motion"]})
    form = await add(hass, entry, entity_id="event.bell")
    await submit(hass, form, event_types=["ring"])
    await submit(hass, await open_change(hass, entry), friendly_name="Gate")
    assert doorbell_of(entry).data == {"friendly_name": "Gate", **DEFAULTS}
    assert doorbell_of(entry).unique_id is None
    form = await submit(hass, await open_change(hass, entry), entity_id="event.bell")
    await submit(hass, form, event_types=["motion"])
    assert doorbell_of(entry).unique_id == "event.bell"
    assert doorbell_of(entry).data["event_types"] == ["motion"]
    assert doorbell_of(entry).title == "bell"


async def test_a_changed_doorbell_offers_the_choice_of_last_time(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring", "motion", "ding"]})
    form = await add(hass, entry, entity_id="event.bell")
    await submit(hass, form, event_types=["motion", "ding"])
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring", "ding"]})
    form = await open_change(hass, entry)
    form = await submit(hass, form, **shown(form))
    assert shown(form) == {"event_types": ["motion", "ding"]}
    assert form["data_schema"].schema["event_types"].config["options"] == ["ring", "ding", "motion"]
    assert_aborts(await submit(hass, form, event_types=["ring"]), "reconfigure_successful")
    assert doorbell_of(entry).data["event_types"] == ["ring"]


async def test_a_choice_is_kept_while_the_entity_cannot_tell_its_types(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring", "motion"]})
    form = await add(hass, entry, entity_id="event.bell")
    await submit(hass, form, event_types=["ring"])
    hass.states.async_set("event.bell", "unavailable")
    form = await open_change(hass, entry)
    form = await submit(hass, form, **shown(form) | {"cooldown": 7})
    assert shown(form) == {"event_types": ["ring"]}
    await submit(hass, form, **shown(form))
    assert doorbell_of(entry).data["event_types"] == ["ring"]


@pytest.mark.parametrize(
    ("types", "proposed"),
    [(["doorbell"], ["doorbell"]), (["motion", "ding"], ["ding"]), (["motion", "person"], [])],
    ids=str,
)
async def test_when_none_of_the_chosen_types_is_left_others_are_proposed(
    hass: HomeAssistant, entry: MockConfigEntry, types: list[str], proposed: list[str]
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring", "motion"]})
    form = await add(hass, entry, entity_id="event.bell")
    await submit(hass, form, event_types=["ring"])
    hass.states.async_set("event.bell", "unknown", {"event_types": types})
    form = await open_change(hass, entry)
    form = await submit(hass, form, **shown(form))
    assert shown(form) == {"event_types": proposed}
    assert form["data_schema"].schema["event_types"].config["options"] == types


async def test_a_changed_doorbell_may_keep_its_entity_but_not_take_anothers(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("binary_sensor.bell", "off")
    hass.states.async_set("binary_sensor.gate", "off")
    await add(hass, entry, entity_id="binary_sensor.bell")
    form = await open_change(hass, entry)
    await add(hass, entry, entity_id="binary_sensor.gate")
    result = await submit(hass, form, entity_id="binary_sensor.gate")
    assert_aborts(result, "already_configured")


async def test_a_changed_doorbell_is_refused_a_wrong_name_and_entity_and_recovers(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await add(hass, entry, friendly_name="Gate")
    form = await submit(hass, await open_change(hass, entry), friendly_name="Ga-te")
    assert_asks(form, "reconfigure", {"friendly_name": "invalid_name"})
    form = await submit(hass, form, friendly_name="Door", entity_id="event.none")
    assert_asks(form, "reconfigure", {"entity_id": "entity_not_found"})
    assert_aborts(await submit(hass, form, friendly_name="Door"), "reconfigure_successful")
    assert doorbell_of(entry).title == "Door"


async def test_a_rename_that_nobody_watched_is_seen_when_the_doorbell_is_changed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    register(hass, "binary_sensor.bell")
    await add(hass, entry, entity_id="binary_sensor.bell")
    await hass.config_entries.async_unload(entry.entry_id)
    rename(hass, "binary_sensor.bell", "binary_sensor.gate")
    form = await open_change(hass, entry)
    assert shown(form)["entity_id"] == "binary_sensor.gate"
    assert_aborts(await submit(hass, form, **shown(form)), "reconfigure_successful")
    assert doorbell_of(entry).data["entity_id"] == "binary_sensor.gate"


@pytest.mark.parametrize("step_id", ["event_types", "states"])
async def test_a_form_that_the_browser_loads_again_is_shown_as_it_was(
    hass: HomeAssistant, entry: MockConfigEntry, step_id: str
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring", "motion"]})
    hass.states.async_set("select.phone", "idle", {"options": ["idle", "ringing"]})
    entity_id = {"event_types": "event.bell", "states": "select.phone"}[step_id]
    form = await add(hass, entry, entity_id=entity_id)
    again = await hass.config_entries.subentries.async_configure(form["flow_id"])
    assert_asks(again, step_id)
    assert shown(again) == shown(form)


# What runs follows what is set.


async def test_a_loaded_skill_watches_its_doorbells_as_they_come_change_and_go(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    running = entry.runtime_data
    assert running.watches == {}
    hass.states.async_set("binary_sensor.bell", "off")
    await add(hass, entry, entity_id="binary_sensor.bell")
    await hass.async_block_till_done()
    ((endpoint_id, watch),) = running.watches.items()
    assert endpoint_id == doorbell_of(entry).subentry_id
    assert watch.doorbell.entity_id == "binary_sensor.bell"
    await submit(hass, await open_change(hass, entry), friendly_name="Gate", cooldown=0)
    await hass.async_block_till_done()
    assert running.watches == {endpoint_id: watch}
    assert (watch.doorbell.friendly_name, watch.doorbell.cooldown) == ("Gate", 0)
    assert watch.doorbell.entity_id is None
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, endpoint_id), entry.entry_id
    )
    assert device is not None
    assert device.name == "Gate"
    hass.config_entries.async_remove_subentry(entry, endpoint_id)
    await hass.async_block_till_done()
    assert running.watches == {}
    assert entry.runtime_data is running


async def test_a_doorbell_rings_from_the_moment_that_it_is_added(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    account = amazon.add_account("Ada")
    assert await skill.link(account)
    hass.states.async_set("binary_sensor.front_door", "off")
    await add(hass, entry, entity_id="binary_sensor.front_door")
    assert await skill.discover(account)
    press(hass)
    announcement = await amazon.wait_for_announcement()
    assert announcement.text == "Someone is at the front door"


async def test_a_new_doorbell_is_asked_for_again_if_its_entity_is_renamed_meanwhile(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    register(hass, "event.bell", event_types=["ring", "motion"])
    form = await add(hass, entry, entity_id="event.bell", friendly_name="Bell")
    assert_asks(form, "event_types")
    rename(hass, "event.bell", "event.gate")
    form = await submit(hass, form, event_types=["ring"])
    assert_asks(form, "user", {"entity_id": "entity_not_found"})


async def test_a_changed_doorbell_is_asked_for_again_if_its_entity_is_renamed_meanwhile(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    register(hass, "event.bell", event_types=["ring", "motion"])
    form = await add(hass, entry, entity_id="event.bell", friendly_name="Bell")
    assert_added(await submit(hass, form, event_types=["ring"]))
    form = await submit(
        hass, await open_change(hass, entry), entity_id="event.bell", friendly_name="Gate"
    )
    assert_asks(form, "event_types")
    rename(hass, "event.bell", "event.gate")
    await hass.async_block_till_done()
    form = await submit(hass, form, event_types=["motion"])
    assert_asks(form, "reconfigure", {"entity_id": "entity_not_found"})
    assert doorbell_of(entry).data["entity_id"] == "event.gate"


# The further settings, and forms whose ground goes away.


async def test_the_further_settings_wait_in_a_closed_section(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    form = await open_doorbell(hass, entry)
    assert list(form["data_schema"].schema) == ["entity_id", "friendly_name", "camera", "more"]
    assert form["data_schema"].schema["more"].options == {"collapsed": True}


async def test_a_contact_may_ring_when_it_opens_and_when_it_comes_back(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("binary_sensor.bell", "on")
    settings = {"rings_when": "off", "rings_on_return": True}
    assert_added(await add(hass, entry, entity_id="binary_sensor.bell", **settings))
    assert doorbell_of(entry).data.items() >= settings.items()
    assert shown(await open_change(hass, entry)).items() >= settings.items()


async def test_a_section_that_is_not_sent_stays_as_it_was(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("binary_sensor.bell", "off")
    form = await open_doorbell(hass, entry)
    configure = hass.config_entries.subentries.async_configure
    assert_added(await configure(form["flow_id"], {"entity_id": "binary_sensor.bell"}))
    assert doorbell_of(entry).data.items() >= DEFAULTS.items()
    form = await open_change(hass, entry)
    await submit(hass, form, **shown(form) | {"cooldown": 9, "rings_when": "change"})
    form = await open_change(hass, entry)
    await configure(form["flow_id"], {"friendly_name": "Gate"})
    assert doorbell_of(entry).data == DEFAULTS | {
        "friendly_name": "Gate",
        "cooldown": 9,
        "rings_when": "change",
        "warm_up": [],
    }


async def test_the_wish_for_an_attribute_outlives_an_error(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("binary_sensor.bell", "off", {"button": "1"})
    form = await add(hass, entry, friendly_name="A-B", by_attribute=True)
    assert_asks(form, "user", {"friendly_name": "invalid_name"})
    assert shown(form)["by_attribute"] is True

    fields = shown(form) | {"friendly_name": "Gate", "entity_id": "binary_sensor.bell"}
    assert_asks(await submit(hass, form, **fields), "attribute")


async def test_what_rings_is_not_forgotten_on_a_detour(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    for entity_id in ("sensor.bell", "sensor.other"):
        hass.states.async_set(entity_id, "idle")
    form = await add(hass, entry, entity_id="sensor.bell", by_attribute=True)
    form = await submit(hass, form, states=["my own"])
    assert_added(await submit(hass, form, attribute="button", attribute_values=["1"]))

    form = await open_change(hass, entry)
    fields = shown(form)
    detour = fields | {"entity_id": "sensor.other", "friendly_name": "A-B"}
    form = await submit(hass, form, **detour)
    form = await submit(hass, form, **fields)

    assert shown(form) == {"states": ["my own"]}
    form = await submit(hass, form, **shown(form))
    assert shown(form) == {"attribute": "button", "attribute_values": ["1"]}


async def test_a_doorbell_can_be_changed_while_its_entity_is_away(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("binary_sensor.bell", "off")
    await add(hass, entry, entity_id="binary_sensor.bell")
    hass.states.async_remove("binary_sensor.bell")

    form = await open_change(hass, entry)
    result = await submit(hass, form, **shown(form) | {"cooldown": 9})

    assert_aborts(result, "reconfigure_successful")
    expected = {"entity_id": "binary_sensor.bell", "cooldown": 9}
    assert doorbell_of(entry).data.items() >= expected.items()


async def test_what_the_form_does_not_ask_for_is_kept(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("binary_sensor.bell", "off")
    await add(hass, entry, entity_id="binary_sensor.bell")
    doorbell = doorbell_of(entry)
    form = await open_change(hass, entry)
    data = {**doorbell.data, "announcements": False, "of_a_later_version": 1}
    hass.config_entries.async_update_subentry(entry, doorbell, data=data)
    await submit(hass, form, **shown(form) | {"friendly_name": "Gate"})
    kept = {"announcements": False, "of_a_later_version": 1, "friendly_name": "Gate"}
    assert doorbell_of(entry).data.items() >= kept.items()


@pytest.mark.parametrize("step_id", ["reconfigure", "event_types", "attribute"])
async def test_a_form_ends_when_its_doorbell_was_removed(
    hass: HomeAssistant, entry: MockConfigEntry, step_id: str
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring", "motion"]})
    form = await add(hass, entry, entity_id="event.bell")
    await submit(hass, form, event_types=["ring"])
    form = await open_change(hass, entry)
    if step_id != "reconfigure":
        form = await submit(hass, form, **shown(form) | {"by_attribute": True})
    if step_id == "attribute":
        form = await submit(hass, form, **shown(form))
    assert_asks(form, step_id)
    hass.config_entries.async_remove_subentry(entry, doorbell_of(entry).subentry_id)
    filled_in = shown(form) or {"attribute": "button", "attribute_values": ["1"]}
    assert_aborts(await submit(hass, form, **filled_in), "doorbell_removed")


async def test_a_doorbell_that_was_removed_cannot_be_opened(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await add(hass, entry, friendly_name="Gate")
    gone = doorbell_of(entry).subentry_id
    hass.config_entries.async_remove_subentry(entry, gone)
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "doorbell"), context={"source": "reconfigure", "subentry_id": gone}
    )
    assert_aborts(result, "doorbell_removed")


async def test_a_form_ends_when_its_skill_was_removed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring", "motion"]})
    first = await open_doorbell(hass, entry)
    second = await add(hass, entry, entity_id="event.bell")
    await hass.config_entries.async_remove(entry.entry_id)
    assert_aborts(await submit(hass, first, friendly_name="Gate"), "skill_removed")
    assert_aborts(await submit(hass, second, event_types=["ring"]), "skill_removed")


async def test_a_sensor_that_turns_into_one_of_times_needs_no_states_any_more(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("sensor.bell", "idle")
    form = await add(hass, entry, entity_id="sensor.bell")
    hass.states.async_set("sensor.bell", "unknown", {"device_class": "timestamp"})
    assert_added(await submit(hass, form, states=["idle"]))
    assert "states" not in doorbell_of(entry).data


async def test_an_event_that_tells_its_types_while_they_are_asked_for_takes_what_was_typed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("event.bell", "unknown")
    form = await add(hass, entry, entity_id="event.bell")
    hass.states.async_set("event.bell", "unknown", {"event_types": ["motion"]})
    assert_added(await submit(hass, form, event_types=["ring"]))
    assert doorbell_of(entry).data["event_types"] == ["ring"]
