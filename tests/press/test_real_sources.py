"""Presses of real entities: what they write, and when, is Home Assistant's own doing."""

from collections.abc import Callable
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import mock_restore_cache_with_extra_data

from custom_components.alexa_doorbell.press.press import Press

from .conftest import Later, Watch
from .entities import Bell, Contact, Doorknob, add_entities

# Sets the clock, by seconds; what only advances goes on.
type SetClock = Callable[[float], None]


@pytest.fixture
def set_clock(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> SetClock:
    """Set the clock of Home Assistant under its feet."""
    offset = 0.0
    loop_time = hass.loop.time
    hass.loop.time = lambda: loop_time() - offset  # type: ignore[method-assign]

    def set_clock(seconds: float) -> None:
        nonlocal offset
        offset += seconds
        freezer.tick(seconds)

    return set_clock


@pytest.mark.parametrize("corrected_by", [0, -3, -10, -600, -86_400, 600])
async def test_every_ring_is_heard_after_the_clock_was_corrected(
    hass: HomeAssistant,
    watch: Watch,
    presses: list[Press],
    later: Later,
    set_clock: SetClock,
    corrected_by: float,
) -> None:
    bell = Bell()
    await add_entities(hass, bell)
    await watch(bell.entity_id, event_types=["ring"])
    await later(60)
    bell.fire("ring")
    set_clock(corrected_by)
    for _ in range(3):
        await later(0.05)
        bell.fire("ring")
        await hass.async_block_till_done()
    assert len(presses) == 4


async def test_the_time_of_a_ring_lies_never_ahead_of_the_clock(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later, set_clock: SetClock
) -> None:
    bell = Bell()
    await add_entities(hass, bell)
    await watch(bell.entity_id, event_types=["ring"])
    await later(60)
    bell.fire("ring")
    set_clock(-600)
    await later(1)
    bell.fire("ring")
    await hass.async_block_till_done()
    assert presses[-1].pressed_at == dt_util.utcnow()


@pytest.mark.parametrize("behind", [0, 1740, 30 * 86_400])
async def test_a_power_cut_that_loses_the_time_loses_no_ring(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later, behind: float
) -> None:
    last = dt_util.utcnow() + timedelta(seconds=behind - 60)
    rung = State("event.bell", last.isoformat(timespec="milliseconds"), {"event_type": "ring"})
    mock_restore_cache_with_extra_data(
        hass, [(rung, {"last_event_type": "ring", "last_event_attributes": {}})]
    )
    await watch("event.bell", event_types=["ring"])
    bell = Bell()
    await add_entities(hass, bell)
    assert not presses
    for _ in range(2):
        await later(1)
        bell.fire("ring")
        await hass.async_block_till_done()
    assert len(presses) == 2


@pytest.mark.parametrize("corrected_by", [-600, 0, 600])
async def test_a_button_is_heard_after_the_clock_was_corrected(
    hass: HomeAssistant,
    watch: Watch,
    presses: list[Press],
    later: Later,
    set_clock: SetClock,
    corrected_by: float,
) -> None:
    assert await async_setup_component(hass, "button", {})
    await add_entities(hass, Doorknob())
    await watch("button.doorknob")
    await later(60)
    for _ in range(2):
        await hass.services.async_call(
            "button", "press", {"entity_id": "button.doorknob"}, blocking=True
        )
        set_clock(corrected_by)
        await later(60)
    assert len(presses) == 2


async def test_two_types_in_one_millisecond_are_one_ring(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    bell = Bell(types=["initial_press", "ring"])
    await add_entities(hass, bell)
    await watch(bell.entity_id, event_types=["ring"])
    for _ in range(3):
        await later(60)
        bell.fire("initial_press", "ring", "initial_press")
        await hass.async_block_till_done()
    assert len(presses) == 3


async def test_several_events_of_one_press_within_a_second_are_heard_once(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    bell = Bell()
    await add_entities(hass, bell)
    await watch(bell.entity_id, event_types=["ring"], cooldown=5)
    for _ in range(3):
        await later(0.3 if presses else 60)
        bell.fire("ring")
        await hass.async_block_till_done()
    assert len(presses) == 1


async def test_a_type_that_was_added_later_does_not_ring(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    bell = Bell(types=["ring"])
    await add_entities(hass, bell)
    await watch(bell.entity_id, event_types=["ring"])
    await later(60)
    bell.offer("ring", "ring_end", "motion")
    bell.fire("motion", "ring_end")
    await hass.async_block_till_done()
    assert not presses


async def test_a_doorbell_without_a_choice_rings_by_what_sounds_like_a_ring(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    bell = Bell(types=["motion", "ring"])
    await add_entities(hass, bell)
    await watch(bell.entity_id)
    await later(60)
    bell.fire("motion", "ring", "motion")
    await hass.async_block_till_done()
    assert len(presses) == 1


@pytest.mark.parametrize(
    ("chosen", "offered", "fired", "rings"),
    [
        pytest.param("press_short", ["ring", "press_long"], "ring", 1, id="the new name"),
        pytest.param("press_short", ["ring", "press_long"], "press_long", 0, id="another one"),
        pytest.param("press_short", ["ring", "press_short"], "ring", 0, id="the old one is left"),
    ],
)
async def test_a_type_that_an_upgrade_renamed_goes_on_ringing(
    hass: HomeAssistant,
    watch: Watch,
    presses: list[Press],
    later: Later,
    chosen: str,
    offered: list[str],
    fired: str,
    rings: int,
) -> None:
    bell = Bell(types=offered)
    await add_entities(hass, bell)
    await watch(bell.entity_id, event_types=[chosen])
    await later(60)
    bell.fire(fired)
    await hass.async_block_till_done()
    assert len(presses) == rings


async def test_a_press_after_a_lost_connection_rings(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    bell = Bell()
    await add_entities(hass, bell)
    await watch(bell.entity_id, event_types=["ring"])
    await later(60)
    bell.fire("ring")
    for _ in range(3):
        await later(60)
        bell.be(available=False)
        await later(60)
        bell.be(available=True)
    await later(1)
    bell.fire("ring")
    await hass.async_block_till_done()
    assert len(presses) == 2


async def test_one_of_two_doors_of_an_intercom_is_told_by_an_attribute(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    bell = Bell()
    await add_entities(hass, bell)
    await watch(bell.entity_id, event_types=["ring"], attribute="flat", attribute_values=["9901"])
    for flat in (9901, 9902, "9901", None):
        await later(60)
        bell.fire("ring", flat=flat)
        await hass.async_block_till_done()
    assert len(presses) == 2


async def test_an_integration_that_is_reloaded_rings_nothing(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    contact = Contact()
    platform = await add_entities(hass, contact)
    await watch(contact.entity_id, rings_on_return=True)
    contact.be(True)
    await platform.async_reset()
    await later(60)
    state = hass.states.get(contact.entity_id)
    assert state is not None
    assert state.attributes["restored"]
    again = Contact()
    again._attr_is_on = True
    await add_entities(hass, again)
    assert len(presses) == 1


async def test_an_entity_that_is_renamed_while_it_is_on_rings_nothing(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    watch: Watch,
    presses: list[Press],
    later: Later,
) -> None:
    contact = Contact()
    await add_entities(hass, contact)
    await watch(contact.entity_id)
    contact.be(True)
    await later(60)
    entity_registry.async_update_entity(contact.entity_id, new_entity_id="binary_sensor.gate")
    await later(60)
    assert len(presses) == 1
    contact.be(False)
    contact.be(True)
    await hass.async_block_till_done()
    assert len(presses) == 2


async def test_a_telegram_that_only_ever_says_on_rings_each_time(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    contact = Contact(force=True)
    await add_entities(hass, contact)
    await watch(contact.entity_id)
    for counter in range(3):
        await later(600)
        contact.be(True, counter=counter)
        await hass.async_block_till_done()
    assert len(presses) == 3


async def test_ring_counter_reset_and_off_in_a_moment_are_one_press(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    contact = Contact(force=True)
    await add_entities(hass, contact)
    await watch(contact.entity_id)
    for _ in range(2):
        await later(60)
        contact.be(True, counter=1)
        await later(0.002)
        contact.be(True, counter=0)
        await later(0.002)
        contact.be(False, counter=0)
    await hass.async_block_till_done()
    assert len(presses) == 2


async def test_a_battery_bell_that_is_there_only_while_it_is_pressed_rings(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    contact = Contact()
    await add_entities(hass, contact)
    contact.be(False, available=False)
    await watch(contact.entity_id, rings_on_return=True)
    for _ in range(3):
        await later(3600)
        contact.be(True)
        await later(3)
        contact.be(False)
        await later(5)
        contact.be(False, available=False)
    assert len(presses) == 3


@pytest.mark.parametrize(
    ("rings_when", "rings"),
    [
        pytest.param("on", 2, id="a contact that closes"),
        pytest.param("off", 1, id="a contact that opens"),
        pytest.param("change", 3, id="an input that flips at each press"),
    ],
)
async def test_a_contact_rings_going_the_way_that_was_chosen(
    hass: HomeAssistant,
    watch: Watch,
    presses: list[Press],
    later: Later,
    rings_when: str,
    rings: int,
) -> None:
    contact = Contact()
    await add_entities(hass, contact)
    await watch(contact.entity_id, rings_when=rings_when)
    for is_on in (True, False, True):
        await later(60)
        contact.be(is_on)
    await hass.async_block_till_done()
    assert len(presses) == rings


async def test_a_bell_that_is_found_on_soon_after_a_start_was_not_pressed(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    watch: Watch,
    presses: list[Press],
    later: Later,
) -> None:
    hass.set_state(CoreState.starting)
    entity_id = entity_registry.async_get_or_create("binary_sensor", "test", "contact").entity_id
    hass.states.async_set(entity_id, "unavailable", {"restored": True})
    await watch(entity_id)
    contact = Contact()
    contact._attr_is_on = None
    await add_entities(hass, contact)
    await later(30)
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await later(30)
    contact.be(True)
    await hass.async_block_till_done()
    state = hass.states.get(entity_id)
    assert state is not None
    assert state.state == "on"
    assert not presses


async def test_an_input_select_rings_by_its_chosen_option(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    config = {"input_select": {"call": {"options": ["idle", "ringing", "talking"]}}}
    assert await async_setup_component(hass, "input_select", config)
    await watch("input_select.call", states=["ringing"])
    for option in ("ringing", "talking", "idle", "ringing"):
        await later(60)
        await hass.services.async_call(
            "input_select",
            "select_option",
            {"entity_id": "input_select.call", "option": option},
            blocking=True,
        )
    assert len(presses) == 2


async def test_an_input_button_rings_from_its_very_first_press(
    hass: HomeAssistant, watch: Watch, presses: list[Press], later: Later
) -> None:
    assert await async_setup_component(hass, "input_button", {"input_button": {"bell": {}}})
    await watch("input_button.bell")
    for _ in range(2):
        await later(1)
        await hass.services.async_call(
            "input_button", "press", {"entity_id": "input_button.bell"}, blocking=True
        )
    assert len(presses) == 2
