"""What is a press, and what is none (docs/design.md, "The rules of a press")."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import CONF_REGION
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.press import rules
from custom_components.alexa_doorbell.press.delivery import Delivery
from custom_components.alexa_doorbell.press.press import Press

from ..home import doorbell_subentry, set_up

UNREGISTERED = {
    "client_id": "amzn1.application-oa2-client.made-up",
    "client_secret": "made-up",
    "webhook_id": "webhook-of-the-skill",
    "shared_secret": "whsec_bWFkZS11cA==",
}

type Watch = Callable[..., Any]


@pytest.fixture
def presses(monkeypatch: pytest.MonkeyPatch) -> list[Press]:
    """Every press on its way to the accounts, of which there are none here."""
    seen: list[Press] = []
    announce = Delivery.announce

    def record(self: Delivery, press: Press) -> Any:
        seen.append(press)
        return announce(self, press)

    monkeypatch.setattr(Delivery, "announce", record)
    return seen


@pytest.fixture
def watch(hass: HomeAssistant, presses: list[Press], freezer: FrozenDateTimeFactory) -> Watch:
    """Make an entity a doorbell; time stands still but for the test's own ticks."""
    freezer.move_to(dt_util.utcnow().replace(microsecond=0))  # States hold milliseconds.

    async def watch(entity_id: str, **settings: Any) -> MockConfigEntry:
        entry = MockConfigEntry(
            domain="alexa_doorbell",
            data=UNREGISTERED | {CONF_REGION: "eu"},
            subentries_data=[doorbell_subentry(entity_id, **{"cooldown": 0} | settings)],
        )
        entry.add_to_hass(hass)
        await set_up(hass, entry)
        return entry

    return watch


class History:
    """Writes the states of one entity, and the seconds between them."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, entity: str) -> None:
        self._hass = hass
        self._freezer = freezer
        self._entity_id = entity

    async def write(self, *steps: str | float | None) -> None:
        """Take strings for states, None for the entity's removal, numbers for seconds."""
        for step in steps:
            if isinstance(step, int | float):
                self._freezer.tick(step)
            elif step is None:
                self._hass.states.async_remove(self._entity_id)
            else:
                self._hass.states.async_set(self._entity_id, step)
            await self._hass.async_block_till_done()


GAP = "unavailable"


@pytest.mark.parametrize("domain", ["binary_sensor", "input_boolean", "switch"])
@pytest.mark.parametrize(
    ("before", "history", "presses_seen"),
    [
        pytest.param("off", ["on"], 1, id="off to on rings"),
        pytest.param("off", ["on", "off", "on"], 2, id="every change to on rings"),
        pytest.param("on", ["off", "on"], 1, id="on when watching began, then pressed"),
        pytest.param("on", [GAP, "off", "on"], 1, id="a press after a gap and an off rings"),
        pytest.param("unknown", [10, "on"], 1, id="first press of an MQTT bell"),
        pytest.param("off", ["unknown", 10, "on"], 1, id="off, unknown for long, on"),
        pytest.param("off", [GAP, "unknown", 10, "on"], 1, id="unknown for long after a gap"),
        pytest.param(None, ["on"], 0, id="a new entity that is on"),
        pytest.param(None, ["unknown", 10, "on"], 1, id="a new entity, unknown for long"),
        pytest.param("on", [GAP, "on"], 0, id="on after a gap that followed on"),
        pytest.param("on", ["unknown", 20, "on"], 0, id="on after a long unknown that followed on"),
        pytest.param("on", ["unknown", 20, GAP, "unknown", 20, "on"], 0, id="two gaps after on"),
        pytest.param("on", [None, "unknown", 20, "on"], 0, id="removed while on, and back"),
        pytest.param("off", [GAP, "on"], 0, id="off, a gap, on"),
        pytest.param(GAP, [20, "on"], 0, id="unavailable to on"),
        pytest.param("unknown", [9.9, "on"], 0, id="unknown to on at once is a restored state"),
        pytest.param(
            "unknown", [6, GAP, "unknown", 6, "on"], 0, id="unknown for long, not at once"
        ),
        pytest.param("off", [None, "on"], 0, id="removed, and back on"),
        pytest.param("off", ["strange", "on"], 0, id="from a state of its own"),
    ],
)
async def test_a_toggle_rings_when_it_goes_on(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    watch: Watch,
    presses: list[Press],
    domain: str,
    before: str | None,
    history: list[str | float | None],
    presses_seen: int,
) -> None:
    entity_id = f"{domain}.front_door"
    states = History(hass, freezer, entity_id)
    if before is not None:
        await states.write(before)
    await watch(entity_id)
    await states.write(*history)
    assert len(presses) == presses_seen


async def test_attributes_that_change_while_on_do_not_ring(
    hass: HomeAssistant, watch: Watch, presses: list[Press]
) -> None:
    hass.states.async_set("binary_sensor.front_door", "on", {"caller": 1})
    await watch("binary_sensor.front_door")
    hass.states.async_set("binary_sensor.front_door", "on", {"caller": 2})
    await hass.async_block_till_done()
    assert not presses


async def test_a_clock_that_is_set_forward_does_not_make_a_restored_state_a_press(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    watch: Watch,
    presses: list[Press],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stopped = hass.loop.time()
    monkeypatch.setattr(hass.loop, "time", lambda: stopped)
    hass.states.async_set("binary_sensor.front_door", "unknown")
    await watch("binary_sensor.front_door")
    freezer.tick(timedelta(days=20_000))
    hass.states.async_set("binary_sensor.front_door", "on")
    await hass.async_block_till_done()
    assert not presses


async def test_an_unknown_from_before_watching_began_counts_from_its_own_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    states = History(hass, freezer, "binary_sensor.front_door")
    await states.write("unknown", 60)
    await watch("binary_sensor.front_door")
    await states.write("on")
    assert len(presses) == 1


async def test_the_time_of_a_toggle_is_the_time_of_its_change(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    states = History(hass, freezer, "binary_sensor.front_door")
    await states.write("off")
    await watch("binary_sensor.front_door")
    await states.write(7, "on")
    assert presses[0].pressed_at == dt_util.utcnow()


def ago(seconds: float) -> str:
    """A state of an event or button: when it last happened."""
    return (dt_util.utcnow() - timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


@pytest.mark.parametrize("entity_id", ["event.ring", "button.ring", "input_button.ring"])
class TestTimestamps:
    """Entities whose state is the time of their last press."""

    async def test_a_new_timestamp_rings(
        self, hass: HomeAssistant, watch: Watch, presses: list[Press], entity_id: str
    ) -> None:
        await watch(entity_id)
        hass.states.async_set(entity_id, "unknown")
        hass.states.async_set(entity_id, ago(0))
        await hass.async_block_till_done()
        assert len(presses) == 1

    async def test_the_time_of_the_press_is_the_timestamp(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        watch: Watch,
        presses: list[Press],
        entity_id: str,
    ) -> None:
        await watch(entity_id)
        freezer.tick(10)
        hass.states.async_set(entity_id, ago(4))
        await hass.async_block_till_done()
        assert presses[0].pressed_at == datetime.fromisoformat(ago(4))

    @pytest.mark.parametrize("gap", ["unavailable", "unknown", None], ids=str)
    async def test_a_new_timestamp_right_after_a_gap_rings(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        watch: Watch,
        presses: list[Press],
        entity_id: str,
        gap: str | None,
    ) -> None:
        states = History(hass, freezer, entity_id)
        await states.write(ago(3600))
        await watch(entity_id)
        await states.write(gap, 5, ago(0))
        assert len(presses) == 1

    @pytest.mark.parametrize("gap", ["unavailable", "unknown", None], ids=str)
    async def test_the_same_timestamp_after_a_gap_does_not_ring_again(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        watch: Watch,
        presses: list[Press],
        entity_id: str,
        gap: str | None,
    ) -> None:
        await watch(entity_id)
        rung = ago(0)
        await History(hass, freezer, entity_id).write(rung, gap, 1, rung, gap, rung)
        assert len(presses) == 1

    async def test_an_older_timestamp_that_comes_back_does_not_ring_again(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        watch: Watch,
        presses: list[Press],
        entity_id: str,
    ) -> None:
        await watch(entity_id)
        states = History(hass, freezer, entity_id)
        first = ago(0)
        await states.write(first, 1)
        await states.write(ago(0), "unavailable", first)
        assert len(presses) == 2

    @pytest.mark.parametrize(
        ("watched_for", "age", "rings"),
        [
            pytest.param(100, 30, True, id="as old as max_age"),
            pytest.param(100, 30.1, False, id="older than max_age"),
            pytest.param(10, 10, True, id="as old as the watch"),
            pytest.param(10, 10.1, False, id="before watching began"),
            pytest.param(100, -5, True, id="five seconds ahead"),
            pytest.param(100, -5.1, False, id="further ahead of the clock"),
        ],
    )
    async def test_only_a_recent_timestamp_rings(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        watch: Watch,
        presses: list[Press],
        entity_id: str,
        watched_for: float,
        age: float,
        rings: bool,
    ) -> None:
        await watch(entity_id, max_age=30)
        freezer.tick(watched_for)
        hass.states.async_set(entity_id, ago(age))
        await hass.async_block_till_done()
        assert bool(presses) is rings

    async def test_presses_ring_after_the_clock_was_set_back(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        watch: Watch,
        presses: list[Press],
        entity_id: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        await watch(entity_id)
        later = hass.loop.time() + 60
        freezer.tick(timedelta(hours=-1))
        monkeypatch.setattr(hass.loop, "time", lambda: later)
        hass.states.async_set(entity_id, ago(0))
        await hass.async_block_till_done()
        assert len(presses) == 1

    @pytest.mark.parametrize("state", ["", "soon", "2026-13-45T99:99:99", "12"])
    async def test_a_state_that_is_no_time_does_not_ring(
        self, hass: HomeAssistant, watch: Watch, presses: list[Press], entity_id: str, state: str
    ) -> None:
        await watch(entity_id)
        hass.states.async_set(entity_id, state)
        await hass.async_block_till_done()
        assert not presses


async def test_only_chosen_event_types_ring(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    await watch("event.bell", event_types=["ring"])
    for event_type in ("ring", "long_press", "double_press", None, "ring"):
        freezer.tick(1)
        hass.states.async_set("event.bell", ago(0), {"event_type": event_type})
    await hass.async_block_till_done()
    assert len(presses) == 2


@pytest.mark.parametrize("domain", ["sensor", "select", "input_select"])
@pytest.mark.parametrize(
    ("before", "history", "presses_seen"),
    [
        pytest.param("idle", ["ringing"], 1, id="into a chosen state"),
        pytest.param("idle", ["ringing", "idle", "called"], 2, id="again after another state"),
        pytest.param("idle", ["ringing", "called"], 1, id="between two chosen states"),
        pytest.param("idle", [GAP, "ringing"], 0, id="from a gap"),
        pytest.param("idle", ["unknown", 60, "ringing"], 0, id="from a long unknown"),
        pytest.param(None, ["ringing"], 0, id="a new entity"),
        pytest.param("ringing", [GAP, "idle", "ringing"], 1, id="a gap, then a real state"),
        pytest.param("idle", ["talking"], 0, id="a state that is not chosen"),
        pytest.param("idle", ["unknown"], 0, id="a gap, even if it was chosen"),
    ],
)
async def test_a_chosen_state_rings_when_it_is_entered(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    watch: Watch,
    presses: list[Press],
    domain: str,
    before: str | None,
    history: list[str | float | None],
    presses_seen: int,
) -> None:
    entity_id = f"{domain}.call_state"
    states = History(hass, freezer, entity_id)
    if before is not None:
        await states.write(before)
    await watch(entity_id, states=["ringing", "called", "unknown"])
    await states.write(*history)
    assert len(presses) == presses_seen


async def test_presses_inside_the_cooldown_are_swallowed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    states = History(hass, freezer, "binary_sensor.front_door")
    await states.write("off")
    await watch("binary_sensor.front_door", cooldown=5)
    await states.write("on", "off", 4.9, "on", "off", 0.2, "on")
    assert len(presses) == 2


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


async def test_a_rename_keeps_the_memory_of_what_has_rung(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    watch: Watch,
    presses: list[Press],
) -> None:
    entity_id = entity_registry.async_get_or_create("event", "intercom", "bell").entity_id
    await watch(entity_id)
    rung = ago(0)
    hass.states.async_set(entity_id, rung)
    await hass.async_block_till_done()
    entity_registry.async_update_entity(entity_id, new_entity_id="event.gate")
    await hass.async_block_till_done()
    hass.states.async_set("event.gate", rung)
    await hass.async_block_till_done()
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
    entry = await watch("event.bell")
    states = History(hass, freezer, "event.bell")
    await states.write(ago(0))
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    rung = hass.states.get("event.bell")
    assert rung is not None
    await states.write("unavailable", rung.state, 6)
    await states.write(ago(0))
    assert len(presses) == 2


async def test_changed_settings_count_from_the_next_press_on(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
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
    entry = await watch("binary_sensor.front_door")
    hass.states.async_set("event.bell", ago(1))
    (subentry,) = entry.subentries.values()
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, "entity_id": "event.bell"}
    )
    await hass.async_block_till_done()
    await History(hass, freezer, "binary_sensor.front_door").write("off", "on")
    assert not presses
    hass.states.async_set("event.bell", ago(0))
    await hass.async_block_till_done()
    assert len(presses) == 1


async def test_a_doorbell_that_was_removed_no_longer_rings(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, watch: Watch, presses: list[Press]
) -> None:
    entry = await watch("binary_sensor.front_door")
    (subentry_id,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, subentry_id)
    await hass.async_block_till_done()
    await History(hass, freezer, "binary_sensor.front_door").write("off", "on")
    assert not presses


@pytest.mark.parametrize("state", ["2026-13-45T99:99:99", "0001-01-01T00:00:00+14:00"])
async def test_a_state_that_is_no_time_does_not_keep_the_entry_from_loading(
    hass: HomeAssistant,
    watch: Watch,
    presses: list[Press],
    caplog: pytest.LogCaptureFixture,
    state: str,
) -> None:
    hass.states.async_set("event.bell", state)
    await watch("event.bell")
    hass.states.async_set("event.bell", ago(0))
    hass.states.async_set("event.bell", state)
    await hass.async_block_till_done()
    assert len(presses) == 1
    assert "Traceback" not in caplog.text


async def test_the_types_of_events_mean_nothing_to_a_button(
    hass: HomeAssistant, watch: Watch, presses: list[Press]
) -> None:
    await watch("button.bell", event_types=["ring"])
    hass.states.async_set("button.bell", ago(0))
    await hass.async_block_till_done()
    assert len(presses) == 1


@pytest.mark.parametrize(
    ("entity_id", "before", "after"),
    [
        pytest.param("event.bell", ["-4", "unavailable"], ["-4"], id="a timestamp that rang"),
        pytest.param("binary_sensor.bell", ["on", "unknown"], [10, "on"], id="on before a gap"),
        pytest.param("binary_sensor.bell", ["off", "on", "off"], [1, "on"], id="the cooldown"),
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
    ring = ago(-4)
    entry = await watch(entity_id, cooldown=5)
    states = History(hass, freezer, entity_id)
    await states.write(*(ring if step == "-4" else step for step in before))
    rung = len(presses)
    freezer.tick(1)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await states.write(*(ring if step == "-4" else step for step in after))
    assert len(presses) == rung


async def test_a_clock_that_was_set_while_home_assistant_started_makes_nothing_old(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    watch: Watch,
    presses: list[Press],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "_LOADED", hass.loop.time())
    started = hass.loop.time()
    hass.states.async_set("binary_sensor.front_door", "unknown")
    freezer.tick(timedelta(days=20_000))
    monkeypatch.setattr(hass.loop, "time", lambda: started)
    await watch("binary_sensor.front_door")
    hass.states.async_set("binary_sensor.front_door", "on")
    await hass.async_block_till_done()
    assert not presses
