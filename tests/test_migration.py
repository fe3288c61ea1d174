"""An entry that version 1.1 stored is loaded, and nothing of it is lost."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.account import Account
from demo.amazon.login_with_amazon import TokenKind
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .accounts.people import people
from .conftest import SHARED_SECRET, WEBHOOK_ID
from .home import press

pytestmark = [
    pytest.mark.freeze_time("2026-03-20 12:00:00"),
    pytest.mark.usefixtures("without_reports"),
]

ENTRY_ID = "01JZ0000000000000000000000"
FRONT, GARDEN, LOBBY = (f"01JZ000000000000000000000{letter}" for letter in "FGL")
EARLIER, NEWER_SECRET = "2026-01-05T08:00:00+00:00", "whsec_" + "bmV3ZXI=" * 4
DOORBELLS = {
    FRONT: {
        "friendly_name": "Front door",
        "entity_id": "binary_sensor.front_door",
        "cooldown": 7,
        "max_age": 20,
        "warm_up": ["binary_sensor.porch"],
        "announcements": True,
    },
    GARDEN: {
        "friendly_name": "Garden gate",
        "entity_id": "binary_sensor.garden_gate",
        "cooldown": 5,
        "max_age": 30,
        "announcements": False,
    },
    # Of an event with one type, none was stored.
    LOBBY: {
        "friendly_name": "Lobby",
        "entity_id": "event.lobby",
        "cooldown": 5,
        "max_age": 30,
    },
}
RINGS = {"event_type": "ring", "event_types": ["ring"]}


def stored_entry(amazon: SimulatedAmazon) -> dict[str, Any]:
    """The entry in Home Assistant's own file: its secret was just replaced."""
    return {
        "created_at": EARLIER,
        "data": {
            "client_id": amazon.client_id,
            "client_secret": amazon.client_secret,
            "region": "custom",
            "lwa_url": amazon.lwa_url,
            "gateway_url": amazon.gateway_url(),
            "webhook_id": WEBHOOK_ID,
            "shared_secret": NEWER_SECRET,
            "previous_shared_secret": SHARED_SECRET,
        },
        "disabled_by": None,
        "discovery_keys": {},
        "domain": DOMAIN,
        "entry_id": ENTRY_ID,
        "minor_version": 1,
        "modified_at": EARLIER,
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "user",
        "subentries": [
            {
                "data": data,
                "subentry_id": subentry_id,
                "subentry_type": "doorbell",
                "title": data["friendly_name"],
                "unique_id": data["entity_id"],
            }
            for subentry_id, data in DOORBELLS.items()
        ],
        "title": "Our doorbells",
        "unique_id": amazon.client_id,
        "version": 1,
    }


def stored_account(amazon: SimulatedAmazon, account: Account) -> dict[str, Any]:
    """A linked account in the skill's own file."""
    token = amazon.login.new_access_token(TokenKind.EVENTS, account)
    return {
        "account_id": f"amazon.{account.user_id}",
        "name": account.name,
        "region": "custom",
        "refresh_token": "Atzr|of-the-first-version",
        "access_token": token,
        "expires_at": amazon.clock() + 3600,
        "linked_at": amazon.clock() - 3600,
        "health": "linked",
        "told_endpoints": dict.fromkeys(DOORBELLS, "a-digest"),
        "told_unreachable": [GARDEN],
    }


@pytest.fixture
async def migrated(
    hass: HomeAssistant, amazon: SimulatedAmazon, skill: Skill, hass_storage: dict[str, Any]
) -> ConfigEntry:
    """The entry, as Home Assistant read and loaded it."""
    ada = amazon.add_account("Ada")
    amazon.enable(ada)
    accounts = {"accounts": [stored_account(amazon, ada)]}
    stored = {
        "core.config_entries": (5, {"entries": [stored_entry(amazon)]}),
        f"{DOMAIN}.{ENTRY_ID}": (1, accounts),
    }
    for key, (minor, data) in stored.items():
        hass_storage[key] = {"version": 1, "minor_version": minor, "key": key, "data": data}
    for entity_id in ("binary_sensor.front_door", "binary_sensor.garden_gate"):
        hass.states.async_set(entity_id, "off")
    hass.states.async_set("event.lobby", "2026-03-19T08:00:00.000+00:00", RINGS)
    await hass.config_entries.async_initialize()
    assert await hass.config_entries.async_setup(ENTRY_ID)
    await hass.async_block_till_done()
    return hass.config_entries.async_get_known_entry(ENTRY_ID)


async def test_it_is_loaded_as_what_it_is_today(migrated: ConfigEntry) -> None:
    assert migrated.state is ConfigEntryState.LOADED
    assert (migrated.version, migrated.minor_version) == (1, 2)


async def test_nothing_is_asked_of_the_user(hass: HomeAssistant, migrated: ConfigEntry) -> None:
    assert not [key for key in ir.async_get(hass).issues if key[0] == DOMAIN]


async def test_every_doorbell_keeps_its_id_and_settings(migrated: ConfigEntry) -> None:
    kept = {each.subentry_id: dict(each.data) for each in migrated.subentries.values()}
    for subentry_id, before in DOORBELLS.items():
        settings = {key: value for key, value in before.items() if key != "announcements"}
        assert kept[subentry_id].items() >= settings.items()


async def test_a_doorbell_is_announced_to_whom_it_was_before(
    hass: HomeAssistant, amazon: SimulatedAmazon, migrated: ConfigEntry
) -> None:
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    (event,) = amazon.events
    assert event.account == "Ada"
    assert event.message["event"]["endpoint"]["endpointId"] == FRONT


async def test_a_doorbell_of_an_event_with_one_type_still_rings(
    hass: HomeAssistant, amazon: SimulatedAmazon, migrated: ConfigEntry
) -> None:
    hass.states.async_set("event.lobby", "2026-03-20T12:00:00.000+00:00", RINGS)
    await hass.async_block_till_done(wait_background_tasks=True)
    (event,) = amazon.events
    assert event.message["event"]["endpoint"]["endpointId"] == LOBBY


async def test_a_muted_doorbell_is_still_muted(
    hass: HomeAssistant, amazon: SimulatedAmazon, migrated: ConfigEntry
) -> None:
    press(hass, "binary_sensor.garden_gate")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not amazon.events
    switch = hass.states.get("switch.garden_gate_announcements")
    assert switch is not None
    assert switch.state == "off"


async def test_a_muted_doorbell_can_be_heard_again(
    hass: HomeAssistant, amazon: SimulatedAmazon, migrated: ConfigEntry
) -> None:
    about = {"entity_id": "switch.garden_gate_announcements"}
    await hass.services.async_call("switch", "turn_on", about, blocking=True)
    press(hass, "binary_sensor.garden_gate")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(amazon.events) == 1


async def test_what_alexa_was_told_is_still_known(migrated: ConfigEntry) -> None:
    (account,) = migrated.runtime_data.accounts.all
    assert account.stored.told_endpoints.keys() == DOORBELLS.keys()
    assert account.stored.told_unreachable == [GARDEN]


async def test_whoever_was_linked_is_on_the_page(
    amazon: SimulatedAmazon, migrated: ConfigEntry
) -> None:
    (account,) = people(migrated)
    assert account.title == "Ada"
    assert account.unique_id == f"amazon.{amazon.accounts['Ada'].user_id}"


async def test_an_old_shared_secret_is_still_good_for_a_day(
    amazon: SimulatedAmazon,
    skill: Skill,
    migrated: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.tick(24 * 3600 - 1)
    assert await skill.discover(amazon.accounts["Ada"])


async def test_an_old_shared_secret_is_good_for_no_more_than_a_day(
    hass: HomeAssistant,
    amazon: SimulatedAmazon,
    skill: Skill,
    migrated: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.tick(24 * 3600)
    async_fire_time_changed(hass)
    assert not await skill.discover(amazon.accounts["Ada"])


async def test_a_restart_before_anything_was_written_changes_nothing(
    hass: HomeAssistant, migrated: ConfigEntry, hass_storage: dict[str, Any]
) -> None:
    before = dict(migrated.data), [dict(each.data) for each in migrated.subentries.values()]
    await hass.config_entries.async_unload(ENTRY_ID)
    hass.data[DOMAIN].skills.clear()
    hass.config_entries.async_update_entry(migrated, minor_version=1)
    assert await hass.config_entries.async_setup(ENTRY_ID)
    await hass.async_block_till_done()
    assert before == (
        dict(migrated.data),
        [dict(each.data) for each in migrated.subentries.values()],
    )
    assert GARDEN in migrated.runtime_data.muted
