"""The switch of a doorbell's announcements touches nothing but that doorbell's presses."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .home import add_doorbell, doorbells, link, set_up
from .simulated_time import pending_timers, simulate_time

pytestmark = pytest.mark.freeze_time("2026-03-20 12:00:00")


@pytest.fixture(autouse=True)
async def _settled(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A linked skill with two doorbells, one of them muted, that has nothing left to do."""
    simulate_time(freezer)
    hass.states.async_set("binary_sensor.front_door", "off")
    add_doorbell(hass, entry, None)
    await set_up(hass, entry)
    await link(amazon, skill)
    await turn(hass, "off", "back_door")
    await hass.async_block_till_done(wait_background_tasks=True)


async def turn(hass: HomeAssistant, to: str, doorbell: str = "front_door") -> None:
    """Turn a doorbell's announcements on or off."""
    about = {"entity_id": f"switch.{doorbell}_announcements"}
    await hass.services.async_call("switch", f"turn_{to}", about, blocking=True)


@pytest.fixture(params=["off", "on"])
def use(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The switch of a doorbell, used so that it changes."""
    return {"off": ("off", "front_door"), "on": ("on", "back_door")}[request.param]


async def test_it_writes_no_config_entry(
    hass: HomeAssistant, entry: MockConfigEntry, use: tuple[str, str]
) -> None:
    changes: list[Any] = []

    @callback
    def note(*change: Any) -> None:
        changes.append(change)

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, note)
    before = entry.modified_at
    await turn(hass, *use)
    await hass.async_block_till_done()
    assert not changes
    assert entry.modified_at == before


async def test_it_begins_no_timer_anew(hass: HomeAssistant, use: tuple[str, str]) -> None:
    before = pending_timers()
    await turn(hass, *use)
    await hass.async_block_till_done()
    assert not [timer for timer in before if timer.cancelled()]


async def test_it_asks_amazon_nothing(
    hass: HomeAssistant, amazon: SimulatedAmazon, use: tuple[str, str]
) -> None:
    amazon.requests.clear()
    await turn(hass, *use)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not amazon.requests


async def test_it_is_on_disk_once_the_action_has_ended(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
    use: tuple[str, str],
) -> None:
    front, back = doorbells(entry)
    await turn(hass, *use)
    muted = hass_storage[f"{DOMAIN}.{entry.entry_id}.muted"]["data"]["endpoint_ids"]
    assert set(muted) == {"off": {front, back}, "on": set()}[use[0]]
