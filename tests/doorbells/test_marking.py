"""Tests of the actions that make entities doorbells."""

from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import add_doorbell, doorbell_subentry, link, press, set_up
from ..test_services import device_id_of

BELL = "binary_sensor.back_door_bell"


async def mark(hass: HomeAssistant, entity_id: str = BELL, **settings: Any) -> dict[str, Any]:
    """Mark an entity, and return what the action says."""
    response = await hass.services.async_call(
        DOMAIN,
        "mark_doorbell",
        {"entity_id": entity_id, **settings},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    return dict(response)


async def unmark(hass: HomeAssistant, entity_id: str = BELL) -> None:
    """Unmark an entity."""
    await hass.services.async_call(
        DOMAIN, "unmark_doorbell", {"entity_id": entity_id}, blocking=True
    )


def settings_of(entry: MockConfigEntry, answer: dict[str, Any]) -> dict[str, Any]:
    """What is stored of the doorbell that an answer tells of."""
    return dict(entry.subentries[answer["endpoint_id"]].data)


@pytest.fixture
async def loaded(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """The skill, set up, and a bell at the back door that is none of its doorbells yet."""
    hass.states.async_set(BELL, "off", {"friendly_name": "Back door"})
    await set_up(hass, entry)
    return entry


async def test_a_marked_entity_rings(
    hass: HomeAssistant, loaded: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    answer = await mark(hass)
    await link(amazon, skill)

    press(hass, BELL)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert answer == {
        "endpoint_id": answer["endpoint_id"],
        "device_id": device_id_of(hass, loaded, answer["endpoint_id"]),
        "created": True,
    }
    assert settings_of(loaded, answer) == {"entity_id": BELL, "friendly_name": "Back door"}
    assert [spoken.text for spoken in amazon.announcements] == ["Someone is at the Back door"]


async def test_marking_twice_changes_only_what_is_said(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    first = await mark(hass, friendly_name="Garden gate", cooldown=10)

    second = await mark(hass, max_age=20)

    assert second == {**first, "created": False}
    assert settings_of(loaded, second) == {
        "entity_id": BELL,
        "friendly_name": "Garden gate",
        "cooldown": 10,
        "max_age": 20,
    }
    assert len(loaded.subentries) == 2


async def test_a_doorbell_gets_a_new_name_when_it_is_marked_with_one(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    await mark(hass)

    answer = await mark(hass, friendly_name="  Garden   gate ", cooldown=300, max_age=5)

    assert settings_of(loaded, answer)["friendly_name"] == "Garden gate"
    assert loaded.subentries[answer["endpoint_id"]].title == "Garden gate"


async def test_chosen_states_stay_when_others_are_not_asked_for(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    hass.states.async_set("sensor.phone", "idle", {"options": ["idle", "ringing", "talking"]})
    await mark(hass, "sensor.phone", states=["talking"])

    answer = await mark(hass, "sensor.phone", cooldown=1)

    assert settings_of(loaded, answer)["states"] == ["talking"]


async def test_marking_a_doorbell_of_the_user_keeps_its_switch_off(
    hass: HomeAssistant, loaded: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    hass.states.async_set("binary_sensor.front_door", "off")
    await link(amazon, skill)
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.front_door_announcements"}, blocking=True
    )

    answer = await mark(hass, "binary_sensor.front_door", cooldown=1)
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert not answer["created"]
    assert amazon.announcements == []


async def test_a_press_at_the_moment_of_marking_another_is_not_lost(
    hass: HomeAssistant, loaded: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    hass.states.async_set("binary_sensor.side_door", "off")
    await mark(hass)
    await link(amazon, skill)

    press(hass)
    await mark(hass, "binary_sensor.side_door")
    press(hass, BELL)
    await mark(hass, friendly_name="Garden gate")
    await unmark(hass, "binary_sensor.side_door")
    await hass.async_block_till_done(wait_background_tasks=True)

    assert [spoken.text for spoken in amazon.announcements] == [
        "Someone is at the Front door",
        "Someone is at the Back door",
    ]


async def test_a_marked_entity_is_found_again_under_its_new_name(
    hass: HomeAssistant, loaded: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    entity_registry.async_get_or_create("event", "test", "bell", suggested_object_id="bell")
    first = await mark(hass, "event.bell")
    entity_registry.async_update_entity("event.bell", new_entity_id="event.gate")
    await hass.async_block_till_done()

    second = await mark(hass, "event.gate")

    assert second == {**first, "created": False}


async def test_an_unmarked_entity_rings_no_more(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    entity_registry: er.EntityRegistry,
) -> None:
    await link(amazon, skill)
    answer = await mark(hass)

    await unmark(hass)
    await unmark(hass)
    press(hass, BELL)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert answer["endpoint_id"] not in loaded.subentries
    assert amazon.announcements == []
    assert entity_registry.async_get("switch.back_door_announcements") is None


async def test_the_events_that_sound_like_a_ring_are_chosen(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    types = ["motion", "ding", "ring"]
    hass.states.async_set("event.bell", "unknown", {"event_types": types})

    chosen = settings_of(loaded, await mark(hass, "event.bell"))["event_types"]
    narrowed = settings_of(loaded, await mark(hass, "event.bell", event_types=["ring"]))
    kept = settings_of(loaded, await mark(hass, "event.bell", cooldown=1))

    assert chosen == ["ding", "ring"]
    assert narrowed["event_types"] == kept["event_types"] == ["ring"]


async def test_the_states_that_sound_like_ringing_are_chosen(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    states = ["idle", "ringing", "talking"]
    hass.states.async_set("sensor.phone", "idle", {"options": states})

    chosen = settings_of(loaded, await mark(hass, "sensor.phone"))["states"]
    changed = settings_of(
        loaded, await mark(hass, "sensor.phone", states=["talking", STATE_UNAVAILABLE])
    )["states"]

    assert chosen == ["ringing"]
    assert changed == ["talking"], "a gap never rings"


async def test_choices_that_an_entity_does_not_have_are_left_out(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    answer = await mark(hass, event_types=["ring"], states=["on"])

    assert settings_of(loaded, answer) == {"entity_id": BELL, "friendly_name": "Back door"}


@pytest.mark.parametrize(
    ("entity_id", "settings", "key"),
    [
        pytest.param("binary_sensor.gone", {}, "entity_not_found", id="no such entity"),
        pytest.param("light.lamp", {}, "unsupported_entity", id="lamp"),
        pytest.param("bell", {}, "unsupported_entity", id="no entity id"),
        pytest.param(BELL, {"friendly_name": "Gate!"}, "invalid_name", id="unsayable"),
        pytest.param(BELL, {"cooldown": 301}, "out_of_range", id="cooldown too long"),
        pytest.param(BELL, {"cooldown": -1}, "out_of_range", id="cooldown negative"),
        pytest.param(BELL, {"max_age": 4}, "out_of_range", id="too short a time"),
        pytest.param(BELL, {"max_age": "soon"}, "out_of_range", id="no number"),
        pytest.param(BELL, {"max_age": "nan"}, "out_of_range", id="not a number"),
        pytest.param(BELL, {"max_age": [5]}, "out_of_range", id="list"),
        pytest.param(BELL, {"cooldown": 10**400}, "out_of_range", id="far too long"),
        pytest.param([BELL, BELL], {}, "unsupported_entity", id="two entities"),
        pytest.param("event.knob", {}, "event_types_needed", id="no ring-like event"),
        pytest.param("event.knob", {"event_types": ["ring"]}, "unknown_event_types", id="typo"),
        pytest.param("sensor.mood", {}, "states_needed", id="no ring-like state"),
        pytest.param("sensor.mood", {"states": ["unknown"]}, "states_needed", id="gap alone"),
        pytest.param(BELL, {"config_entry_id": "other"}, "no_entry", id="no such skill"),
    ],
)
async def test_what_cannot_be_marked_is_said_in_words(
    hass: HomeAssistant, loaded: MockConfigEntry, entity_id: Any, settings: Any, key: str
) -> None:
    hass.states.async_set("light.lamp", "off")
    hass.states.async_set("event.knob", "unknown", {"event_types": ["turned_left", "turned_right"]})
    hass.states.async_set("sensor.mood", "happy", {"options": ["happy", "sad"]})

    with pytest.raises(ServiceValidationError) as raised:
        await mark(hass, entity_id, **settings)

    assert raised.value.translation_key == key
    assert "{" not in str(raised.value)
    assert len(loaded.subentries) == 1


@pytest.mark.parametrize("spelt", ["Binary_Sensor.Back_Door_Bell", f" {BELL}\n", [BELL]], ids=str)
async def test_however_an_entity_is_spelt_it_is_one_doorbell(
    hass: HomeAssistant, loaded: MockConfigEntry, spelt: Any
) -> None:
    first = await mark(hass)

    assert await mark(hass, spelt, friendly_name=None) == {**first, "created": False}
    await unmark(hass, spelt)
    assert len(loaded.subentries) == 1


async def test_a_doorbell_follows_its_entity_and_not_the_next_of_its_name(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    amazon: SimulatedAmazon,
    skill: Skill,
) -> None:
    first = await mark(hass)
    hass.states.async_remove(BELL)
    entity_registry.async_get_or_create(
        "binary_sensor", "test", "bell", suggested_object_id="back_door_bell"
    )
    entity_registry.async_update_entity(BELL, new_entity_id="binary_sensor.gate")
    await hass.async_block_till_done()
    entity_registry.async_get_or_create(
        "binary_sensor", "test", "another", suggested_object_id="back_door_bell"
    )
    second = await mark(hass, friendly_name="Garden")
    await mark(hass, "binary_sensor.gate", cooldown=1)
    await link(amazon, skill)

    press(hass, "binary_sensor.gate")
    await hass.async_block_till_done(wait_background_tasks=True)

    assert first["endpoint_id"] != second["endpoint_id"]
    assert [spoken.text for spoken in amazon.announcements] == ["Someone is at the Back door"]


async def test_an_event_whose_types_changed_rings_again_once_it_is_marked(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    hass.states.async_set("event.bell", "unknown", {"event_types": ["ding", "motion"]})
    await mark(hass, "event.bell")

    hass.states.async_set("event.bell", "unknown", {"event_types": ["ring", "motion"]})
    changed = settings_of(loaded, await mark(hass, "event.bell"))
    hass.states.async_set("event.bell", "unknown", {"event_types": ["push"]})
    single = settings_of(loaded, await mark(hass, "event.bell"))

    assert changed["event_types"] == ["ring"]
    assert single["event_types"] == ["push"]


async def test_event_types_are_kept_while_the_entity_does_not_tell_its_own(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    hass.states.async_set("event.bell", STATE_UNAVAILABLE)

    asked = settings_of(loaded, await mark(hass, "event.bell", event_types=["ring"]))
    kept = settings_of(loaded, await mark(hass, "event.bell", cooldown=1))

    assert asked["event_types"] == kept["event_types"] == ["ring"]


async def test_unmarking_reaches_a_skill_that_is_disabled(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    await mark(hass)
    await hass.config_entries.async_set_disabled_by(loaded.entry_id, ConfigEntryDisabler.USER)

    await unmark(hass)

    assert len(loaded.subentries) == 1


async def test_one_of_our_own_entities_is_no_doorbell(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError):
        await mark(hass, "button.front_door_ring")


async def test_without_a_skill_nothing_can_be_marked(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    await hass.config_entries.async_remove(loaded.entry_id)

    with pytest.raises(ServiceValidationError) as raised:
        await mark(hass)

    assert raised.value.translation_key == "no_entry"
    await unmark(hass)


async def test_with_two_skills_only_a_new_doorbell_needs_to_say_which(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    other = MockConfigEntry(
        domain=DOMAIN,
        unique_id="other",
        data={**loaded.data, "webhook_id": "other"},
        subentries_data=[doorbell_subentry("binary_sensor.side_door", "Side door")],
    )
    other.add_to_hass(hass)
    hass.states.async_set("binary_sensor.side_door", "off")

    with pytest.raises(ServiceValidationError) as raised:
        await mark(hass)
    there = await mark(hass, config_entry_id=other.entry_id)
    again = await mark(hass, cooldown=3)
    side_door = await mark(hass, "binary_sensor.side_door", cooldown=3)

    assert raised.value.translation_key == "choose_entry"
    assert there["endpoint_id"] in other.subentries
    assert again == {**there, "created": False}
    assert not side_door["created"]


async def test_a_doorbell_can_be_marked_while_the_skill_is_not_loaded(
    hass: HomeAssistant, loaded: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await hass.config_entries.async_unload(loaded.entry_id)
    answer = await mark(hass)
    assert loaded.state is ConfigEntryState.NOT_LOADED
    assert answer["device_id"] == device_id_of(hass, loaded, answer["endpoint_id"])

    await set_up(hass, loaded)
    await link(amazon, skill)
    press(hass, BELL)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert [spoken.text for spoken in amazon.announcements] == ["Someone is at the Back door"]


@pytest.mark.parametrize("action", ["mark_doorbell", "unmark_doorbell"])
async def test_only_an_administrator_may_mark(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_read_only_user: MockUser, action: str
) -> None:
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            action,
            {"entity_id": BELL},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )


async def test_marking_keeps_the_title_that_the_user_gave_the_doorbell(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    answer = await mark(hass)
    marked = loaded.subentries[answer["endpoint_id"]]
    hass.config_entries.async_update_subentry(loaded, marked, title="The old bell")
    await mark(hass, cooldown=7)
    assert loaded.subentries[answer["endpoint_id"]].title == "The old bell"


async def test_what_can_be_no_doorbell_cannot_be_unmarked_either(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError) as error:
        await unmark(hass, "not an entity")
    assert error.value.translation_key == "unsupported_entity"


# What tells several doorbells of one entity apart, and the further settings.


REMOTE = "event.remote"
LEFT = {"attribute": "button", "attribute_values": ["left"]}
RIGHT = {"attribute": "button", "attribute_values": ["right"]}


async def test_an_entity_is_marked_once_for_each_value_of_an_attribute(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    hass.states.async_set(REMOTE, "unknown", {"event_types": ["press", "hold"]})

    left = await mark(hass, REMOTE, **LEFT, friendly_name="Front")
    right = await mark(hass, REMOTE, **RIGHT, friendly_name="Back")
    again = await mark(hass, REMOTE, attribute="button", attribute_values="left", cooldown=9)

    assert left["created"]
    assert right["created"]
    assert again == {**left, "created": False}
    assert settings_of(loaded, again) == {
        "entity_id": REMOTE,
        "friendly_name": "Front",
        "cooldown": 9,
        "event_types": ["press"],
        **LEFT,
    }
    assert settings_of(loaded, right)["attribute_values"] == ["right"]


async def test_unmarking_takes_every_doorbell_of_an_entity(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    hass.states.async_set(REMOTE, "unknown", {"event_types": ["press"]})
    for settings in ({}, LEFT, RIGHT):
        await mark(hass, REMOTE, **settings)
    assert len(loaded.subentries) == 4

    await unmark(hass, REMOTE)

    assert [each.title for each in loaded.subentries.values()] == ["Front door"]


async def test_of_several_doorbells_of_an_entity_the_one_that_rings_so_is_changed(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    hass.states.async_set(REMOTE, "unknown", {"event_types": ["hold", "press"]})
    hold = add_doorbell(hass, loaded, REMOTE, "Hold", event_types=["hold"])
    press_it = add_doorbell(hass, loaded, None, "Press", event_types=["press"])
    data = {**press_it.data, "entity_id": REMOTE}
    hass.config_entries.async_update_subentry(loaded, press_it, data=data)

    answers = [
        await mark(hass, REMOTE, event_types=["press"], cooldown=1),
        await mark(hass, REMOTE, event_types=["hold"], cooldown=2),
        await mark(hass, REMOTE, event_types=["press"], cooldown=3),
    ]

    assert [each["endpoint_id"] for each in answers] == [
        press_it.subentry_id,
        hold.subentry_id,
        press_it.subentry_id,
    ]


@pytest.mark.parametrize(
    ("rings_when", "stored"),
    [("on", "on"), ("off", "off"), ("change", "change"), (True, "on"), (False, "off")],
    ids=str,
)
async def test_yaml_may_write_on_and_off_without_quotes(
    hass: HomeAssistant, loaded: MockConfigEntry, rings_when: Any, stored: str
) -> None:
    answer = await mark(hass, rings_when=rings_when)

    assert settings_of(loaded, answer)["rings_when"] == stored


async def test_types_and_states_that_yaml_takes_for_yes_and_no_are_on_and_off(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    hass.states.async_set(REMOTE, "unknown", {"event_types": ["on", "off"]})
    hass.states.async_set("sensor.bell", "off")

    types = settings_of(loaded, await mark(hass, REMOTE, event_types=[True]))["event_types"]
    states = settings_of(loaded, await mark(hass, "sensor.bell", states=True))["states"]

    assert types == states == ["on"]


async def test_values_of_an_attribute_may_be_numbers_and_truths(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    answer = await mark(hass, attribute="button", attribute_values=[1, True, "unknown"])

    assert settings_of(loaded, answer)["attribute_values"] == ["1", "True", "unknown"]


@pytest.mark.parametrize("value", [True, "on", "Yes"], ids=str)
async def test_a_bell_may_ring_when_it_comes_back(
    hass: HomeAssistant, loaded: MockConfigEntry, value: Any
) -> None:
    answer = await mark(hass, rings_on_return=value)

    assert settings_of(loaded, answer)["rings_on_return"] is True


async def test_what_foretells_a_press_is_replaced_as_a_whole(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    first = await mark(hass, warm_up=["binary_sensor.motion", "event.person"])
    assert settings_of(loaded, first)["warm_up"] == ["binary_sensor.motion", "event.person"]

    second = await mark(hass, warm_up=" Binary_Sensor.Motion ")
    kept = await mark(hass, cooldown=1)
    third = await mark(hass, warm_up="binary_sensor.motion, event.person")
    assert settings_of(loaded, third)["warm_up"] == ["binary_sensor.motion", "event.person"]
    none = await mark(hass, warm_up=[])

    assert {each["endpoint_id"] for each in (second, kept, none)} == {first["endpoint_id"]}
    assert settings_of(loaded, none)["warm_up"] == []


async def test_an_event_whose_types_nobody_knows_yet_rings_by_the_standard_one(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    hass.states.async_set("event.gong", "unknown")

    answer = await mark(hass, "event.gong")

    assert settings_of(loaded, answer)["event_types"] == ["ring"]


async def test_a_sensor_of_times_is_marked_without_states(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    hass.states.async_set("sensor.last_ring", "unknown", {"device_class": "timestamp"})

    answer = await mark(hass, "sensor.last_ring", states=["x"])

    assert "states" not in settings_of(loaded, answer)


async def test_marking_keeps_what_it_does_not_speak_of(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    answer = await mark(hass, rings_when="off", rings_on_return=True)
    marked = loaded.subentries[answer["endpoint_id"]]
    data = {**marked.data, "of_a_later_version": 1}
    hass.config_entries.async_update_subentry(loaded, marked, data=data)

    await mark(hass, cooldown=1, rings_when=None)

    assert settings_of(loaded, answer) == {**data, "cooldown": 1}


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        pytest.param({"rings_when": "up"}, "not_one_of", id="no such change"),
        pytest.param({"rings_when": ["on", "off"]}, "not_one_of", id="two changes"),
        pytest.param({"rings_when": []}, "not_one_of", id="no change"),
        pytest.param({"rings_when": {"on": 1}}, "not_texts", id="a dictionary"),
        pytest.param({"rings_on_return": "perhaps"}, "not_one_of", id="neither yes nor no"),
        pytest.param({"rings_on_return": [True]}, "not_one_of", id="yes in a list"),
        pytest.param({"attribute": "button"}, "attribute_needs_values", id="no values"),
        pytest.param({"attribute_values": [1]}, "attribute_needs_values", id="no attribute"),
        pytest.param(
            {"attribute": ["a", "b"], "attribute_values": [1]},
            "attribute_needs_values",
            id="two attributes",
        ),
        pytest.param(
            {"attribute": "a", "attribute_values": [" "]}, "attribute_needs_values", id="blank"
        ),
        pytest.param(
            {"attribute": "a", "attribute_values": [["b"]]}, "not_texts", id="a list in a list"
        ),
        pytest.param({"event_types": [{"ring": 1}]}, "not_texts", id="a type that is none"),
        pytest.param({"states": [None]}, "not_texts", id="nothing in a list"),
        pytest.param({"warm_up": ["light.lamp"]}, "foretells_nothing", id="a lamp foretells"),
        pytest.param({"warm_up": "motion"}, "foretells_nothing", id="no entity foretells"),
        pytest.param({"warm_up": "binary_sensor."}, "foretells_nothing", id="half an entity"),
        pytest.param({"warm_up": "event.a b"}, "foretells_nothing", id="no entity's id"),
        pytest.param(
            {"warm_up": ["event.front_door_announcement"]},
            "foretells_nothing",
            id="its own announcement foretells",
        ),
    ],
)
async def test_settings_that_cannot_be_are_refused_in_words(
    hass: HomeAssistant, loaded: MockConfigEntry, settings: Any, key: str
) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        await mark(hass, **settings)

    assert raised.value.translation_key == key
    assert "{" not in str(raised.value)
    assert len(loaded.subentries) == 1
