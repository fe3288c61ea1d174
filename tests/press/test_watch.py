"""How a doorbell follows its entity, and when it keeps quiet; what a press is: test_rules.py."""

import asyncio
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.press import watch as watch_module
from custom_components.alexa_doorbell.press.press import Press, Result
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import add_doorbell, link, press, set_up
from ..simulated_time import simulate_time
from .conftest import Watch

BELL = "binary_sensor.front_door"


class History:
    """Writes the states of one entity, and the seconds between them."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, entity: str) -> None:
        self._hass = hass
        self._freezer = freezer
        self._entity_id = entity

    async def write(self, *steps: str | float | None, force: bool = False) -> None:
        """Take strings for states, None for the entity's removal, numbers for seconds."""
        for step in steps:
            if isinstance(step, int | float):
                self._freezer.tick(step)
            elif step is None:
                self._hass.states.async_remove(self._entity_id)
            else:
                self._hass.states.async_set(self._entity_id, step, force_update=force)
            await self._hass.async_block_till_done()


def ago(seconds: float) -> str:
    """A state of an event or button: when it last happened."""
    return (dt_util.utcnow() - timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


async def test_a_doorbell_is_followed_when_its_entity_is_renamed(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    watch: Watch,
    presses: list[Press],
) -> None:
    entity_id = entity_registry.async_get_or_create("binary_sensor", "intercom", "bell").entity_id
    hass.states.async_set(entity_id, "off")
    entry = await watch(entity_id)
    entity_registry.async_update_entity(entity_id, new_entity_id="binary_sensor.gate")
    hass.states.async_remove(entity_id)
    hass.states.async_set("binary_sensor.gate", "off")
    hass.states.async_set("binary_sensor.gate", "on")
    await hass.async_block_till_done()
    assert len(presses) == 1
    (subentry,) = entry.subentries.values()
    assert subentry.data["entity_id"] == "binary_sensor.gate"


@pytest.mark.parametrize("age", [0, 4], ids=["a fresh time", "the same time"])
async def test_what_an_entity_says_first_under_its_new_name_does_not_ring(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entity_registry: er.EntityRegistry,
    watch: Watch,
    presses: list[Press],
    age: float,
) -> None:
    entity_id = entity_registry.async_get_or_create("button", "intercom", "bell").entity_id
    hass.states.async_set(entity_id, ago(60))
    await watch(entity_id)
    await History(hass, freezer, entity_id).write(ago(0))
    entity_registry.async_update_entity(entity_id, new_entity_id="button.gate")
    await History(hass, freezer, "button.gate").write(4, ago(age))
    assert len(presses) == 1


async def test_a_rename_while_the_entry_was_not_loaded_is_noticed(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    watch: Watch,
    presses: list[Press],
) -> None:
    registered = entity_registry.async_get_or_create("binary_sensor", "intercom", "bell")
    entry = await watch(registered.entity_id)
    (subentry,) = entry.subentries.values()
    hass.config_entries.async_update_subentry(entry, subentry, unique_id=registered.id)
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(entry.entry_id)
    entity_registry.async_update_entity(registered.entity_id, new_entity_id="binary_sensor.gate")
    hass.states.async_set("binary_sensor.gate", "off")
    await set_up(hass, entry)
    hass.states.async_set("binary_sensor.gate", "on")
    await hass.async_block_till_done()
    assert len(presses) == 1


async def test_a_reload_of_the_entry_rings_nothing_and_loses_nothing_after_it(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    states = History(hass, freezer, "button.bell")
    await states.write(ago(60))
    entry = await watch("button.bell")
    await states.write(ago(0))
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    rung = hass.states.get("button.bell")
    assert rung is not None
    await states.write("unavailable", rung.state, 6)
    await states.write(ago(0))
    assert len(presses) == 2


@pytest.mark.parametrize(
    ("entity_id", "before", "after"),
    [
        pytest.param("button.bell", ["ahead", "unavailable"], ["ahead"], id="a time that rang"),
        pytest.param(BELL, ["on", 60, "unknown"], [10, "on"], id="on before a gap"),
        pytest.param(BELL, ["on", "off"], [1, "on"], id="the cooldown"),
    ],
)
async def test_what_has_rung_is_remembered_over_a_reload_of_the_entry(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    watch: Watch,
    presses: list[Press],
    entity_id: str,
    before: list[str | float],
    after: list[str | float],
) -> None:
    ahead = ago(-4)
    states = History(hass, freezer, entity_id)
    await states.write(ago(60) if entity_id == "button.bell" else "off")
    entry = await watch(entity_id, cooldown=5)
    await states.write(*(ahead if step == "ahead" else step for step in before))
    freezer.tick(1)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await states.write(*(ahead if step == "ahead" else step for step in after))
    assert len(presses) == 1


async def test_an_unknown_is_not_remembered_over_a_time_in_which_nobody_watched(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    states = History(hass, freezer, BELL)
    await states.write("unknown", 60)
    entry = await watch(BELL)
    await states.write(60)
    await hass.config_entries.async_unload(entry.entry_id)
    await states.write("off", "unknown", 1)
    await set_up(hass, entry)
    await states.write("on")
    assert not presses


async def test_an_unknown_from_before_watching_began_counts_from_its_own_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    states = History(hass, freezer, BELL)
    await states.write("unknown", 60)
    await watch(BELL)
    await states.write("on")
    assert len(presses) == 1


async def test_an_unknown_counts_from_when_home_assistant_had_started(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    hass.set_state(CoreState.starting)
    states = History(hass, freezer, BELL)
    await states.write("unknown")
    await watch(BELL)
    await states.write(300)
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await states.write(59, "on")
    assert not presses


async def test_an_unknown_rings_a_minute_after_home_assistant_had_started(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    hass.set_state(CoreState.starting)
    states = History(hass, freezer, BELL)
    await states.write("unknown")
    await watch(BELL)
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await states.write(60, "on")
    assert len(presses) == 1


async def test_a_press_rings_while_home_assistant_starts(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    hass.set_state(CoreState.starting)
    states = History(hass, freezer, BELL)
    await states.write("off")
    await watch(BELL)
    await states.write("on")
    hass.set_state(CoreState.running)
    assert len(presses) == 1


async def test_a_clock_that_was_set_while_home_assistant_started_makes_nothing_old(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    watch: Watch,
    presses: list[Press],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = hass.loop.time()
    monkeypatch.setattr(watch_module, "_LOADED", started)
    hass.states.async_set(BELL, "unknown")
    freezer.tick(timedelta(days=20_000))
    monkeypatch.setattr(hass.loop, "time", lambda: started + 59)
    await watch(BELL)
    hass.states.async_set(BELL, "on")
    await hass.async_block_till_done()
    assert not presses


async def test_changed_settings_count_from_the_next_press_on(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    hass.states.async_set("event.bell", ago(60))
    entry = await watch("event.bell", event_types=["ring"])
    (subentry,) = entry.subentries.values()
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, "event_types": ["ring", "knock"]}
    )
    await hass.async_block_till_done()
    freezer.tick(1)
    hass.states.async_set("event.bell", ago(0), {"event_type": "knock"})
    await hass.async_block_till_done()
    assert len(presses) == 1


async def test_another_entity_is_watched_from_when_it_was_chosen(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    entry = await watch(BELL)
    hass.states.async_set("button.bell", ago(1))
    (subentry,) = entry.subentries.values()
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, "entity_id": "button.bell"}
    )
    await hass.async_block_till_done()
    await History(hass, freezer, BELL).write("off", "on")
    assert not presses
    hass.states.async_set("button.bell", ago(0))
    await hass.async_block_till_done()
    assert len(presses) == 1


async def test_a_doorbell_that_was_removed_no_longer_rings(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    entry = await watch(BELL)
    (subentry_id,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, subentry_id)
    await hass.async_block_till_done()
    await History(hass, freezer, BELL).write("off", "on")
    assert not presses


@pytest.mark.parametrize(
    ("entity_id", "state"),
    [
        pytest.param("event.bell", "2026-13-45T99:99:99", id="a thirteenth month"),
        pytest.param("event.bell", "0001-01-01T00:00:00+14:00", id="a year before the first"),
        pytest.param("light.bell", "on", id="an entity that cannot ring"),
    ],
)
async def test_strange_entities_do_not_keep_the_entry_from_loading(
    hass: HomeAssistant,
    watch: Watch,
    presses: list[Press],
    caplog: pytest.LogCaptureFixture,
    entity_id: str,
    state: str,
) -> None:
    hass.states.async_set(entity_id, state)
    await watch(entity_id)
    hass.states.async_set(entity_id, "off")
    hass.states.async_set(entity_id, state)
    await hass.async_block_till_done()
    assert not presses
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("entity_id", "before", "doorbells", "writes", "rung"),
    [
        pytest.param(
            "event.bell",
            ("2026-11-26T12:00:00+00:00", {}),
            [{"event_types": ["ring"]}, {"event_types": ["single", "double"]}],
            [("event_type", "ring"), ("event_type", "double"), ("event_type", "long")],
            ["first", "second"],
            id="event types",
        ),
        pytest.param(
            "sensor.call",
            ("idle", {}),
            [{"states": ["101"]}, {"states": ["102"]}],
            ["101", "102", "103"],
            ["first", "second"],
            id="states",
        ),
        pytest.param(
            "binary_sensor.contact",
            ("off", {}),
            [{"rings_when": "on"}, {"rings_when": "off"}],
            ["on", "off"],
            ["first", "second"],
            id="two states",
        ),
        pytest.param(
            "event.bell",
            ("2026-11-26T12:00:00+00:00", {}),
            [
                {"event_types": ["ring"], "attribute": "button", "attribute_values": [value]}
                for value in ("1", "2")
            ],
            [("button", "1"), ("button", "2"), ("button", "3")],
            ["first", "second"],
            id="attribute values",
        ),
    ],
)
async def test_one_entity_may_be_several_doorbells(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    watch: Watch,
    presses: list[Press],
    entity_id: str,
    before: tuple[str, dict[str, str]],
    doorbells: list[dict[str, object]],
    writes: list[str | tuple[str, str]],
    rung: list[str],
) -> None:
    hass.states.async_set(entity_id, *before)
    names = [{"friendly_name": name} for name in rung]
    await watch(entity_id, *(each | name for each, name in zip(doorbells, names, strict=True)))
    for write in writes:
        freezer.tick(60)
        if isinstance(write, str):
            hass.states.async_set(entity_id, write)
        else:
            attributes = {"event_type": "ring"} | dict([write])
            hass.states.async_set(entity_id, ago(0), attributes)
        await hass.async_block_till_done()
    assert [each.doorbell.friendly_name for each in presses] == rung


async def test_presses_inside_the_cooldown_are_swallowed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    states = History(hass, freezer, BELL)
    await states.write("off")
    await watch(BELL, cooldown=5)
    await states.write("on", "off", 4.9, "on", "off", 4.9, "on", "off", 5.1, "on")
    assert len(presses) == 2


async def test_a_bell_that_repeats_itself_is_heard_once_for_all_of_it(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    states = History(hass, freezer, BELL)
    await states.write("off")
    await watch(BELL, cooldown=5)
    await states.write("on")
    repeated: list[str | float] = [0.5, "on"]
    await states.write(*repeated * 16, force=True)
    await states.write(4, "on", force=True)
    assert len(presses) == 1


@pytest.mark.usefixtures("without_reports")
async def test_a_press_that_amazon_refused_keeps_nobody_quiet(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    amazon.gateway_faults.append(Fault.gateway(400, "INVALID_REQUEST_EXCEPTION"))
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(amazon.events) == 1


@pytest.mark.usefixtures("without_reports")
async def test_a_press_that_one_of_two_accounts_took_keeps_quiet(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    bob = await link(amazon, skill, "Bob")
    amazon.gateway_faults.append(Fault.gateway(400, "INVALID_REQUEST_EXCEPTION", account=bob))
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(amazon.events) == 1


@pytest.mark.usefixtures("without_reports")
@pytest.mark.freeze_time("2026-11-26 12:00:00")
async def test_a_press_that_expired_keeps_nobody_quiet(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
) -> None:
    simulate_time(freezer)
    await set_up(hass, entry)
    await link(amazon, skill)
    add_doorbell(hass, entry, "binary_sensor.gate", "Gate", cooldown=60, max_age=5)
    await hass.async_block_till_done()
    await amazon.stop()
    press(hass, "binary_sensor.gate")
    await hass.async_block_till_done(wait_background_tasks=True)
    await amazon.start()
    await asyncio.sleep(20)
    press(hass, "binary_sensor.gate")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(amazon.events) == 1


@pytest.mark.usefixtures("without_reports")
@pytest.mark.freeze_time("2026-11-26 12:00:00")
async def test_a_press_that_fails_after_a_later_one_was_heard_ends_no_quiet_time(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
) -> None:
    simulate_time(freezer)
    await set_up(hass, entry)
    await link(amazon, skill)
    amazon.gateway_faults.append(Fault.stall(7))
    press(hass)
    await asyncio.sleep(5.5)
    press(hass)
    await asyncio.sleep(0.1)
    amazon.gateway_faults.append(Fault.gateway(400, "INVALID_REQUEST_EXCEPTION"))
    await hass.async_block_till_done(wait_background_tasks=True)
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (len(amazon.events), amazon.gateway_faults) == (1, [])


@pytest.fixture
async def door(hass: HomeAssistant, watch: Watch, device_registry: dr.DeviceRegistry) -> str:
    """The id of the device of a doorbell with a long cooldown."""
    hass.states.async_set(BELL, "off")
    entry = await watch(BELL, cooldown=60)
    (endpoint_id,) = entry.subentries
    return dr.async_get_device_id_by_identifier(
        hass, ("alexa_doorbell", endpoint_id), config_entry_id=entry.entry_id
    )


async def turn(hass: HomeAssistant, service: str) -> None:
    """Turn the doorbell's announcements on or off."""
    await hass.services.async_call(
        "switch", service, {"entity_id": "switch.front_door_announcements"}, blocking=True
    )


def is_announced(presses: list[Press]) -> list[bool]:
    """Of each press, whether it goes out."""
    return [not each.muted for each in presses]


@pytest.mark.usefixtures("door")
async def test_a_muted_press_is_noted_once_for_all_its_bounces(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, presses: list[Press]
) -> None:
    await turn(hass, "turn_off")
    bounce: list[str | float] = ["on", 0.1, "off", 0.1]
    await History(hass, freezer, BELL).write(*bounce * 7)
    assert is_announced(presses) == [False]


@pytest.mark.usefixtures("door")
async def test_a_muted_press_swallows_no_later_one(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, presses: list[Press]
) -> None:
    await turn(hass, "turn_off")
    await History(hass, freezer, BELL).write("on", "off", 2, "on", "off")
    await turn(hass, "turn_on")
    press(hass)
    await hass.async_block_till_done()
    assert is_announced(presses) == [False, False, True]


async def test_a_disabled_device_announces_nothing(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry, door: str, presses: list[Press]
) -> None:
    device_registry.async_update_device(door, disabled_by=dr.DeviceEntryDisabler.USER)
    press(hass)
    await hass.async_block_till_done()
    assert is_announced(presses) == [False]


async def test_a_device_that_is_enabled_again_announces(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry, door: str, presses: list[Press]
) -> None:
    device_registry.async_update_device(door, disabled_by=dr.DeviceEntryDisabler.USER)
    press(hass)
    device_registry.async_update_device(door, disabled_by=None)
    press(hass)
    await hass.async_block_till_done()
    assert is_announced(presses) == [False, True]


@pytest.mark.usefixtures("without_reports")
async def test_a_disabled_device_announces_nothing_for_an_automation_either(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    (watch,) = entry.runtime_data.watches.values()
    device_id = dr.async_get_device_id_by_identifier(
        hass, ("alexa_doorbell", watch.doorbell.endpoint_id), config_entry_id=entry.entry_id
    )
    device_registry.async_update_device(device_id, disabled_by=dr.DeviceEntryDisabler.USER)
    outcomes = await watch.ring(dt_util.utcnow())
    assert [outcome.result for outcome in outcomes] == [Result.MUTED]
    assert not amazon.events
