"""Diagnostics and system health: the story, without a secret."""

import json
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import system_health
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_system_health_info
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .conftest import SHARED_SECRET, WEBHOOK_ID
from .flows import TEXTS
from .home import doorbells, link, press, set_up

pytestmark = pytest.mark.usefixtures("without_reports")


@pytest.fixture(autouse=True)
async def _diagnostics(hass: HomeAssistant) -> None:
    """Set diagnostics up before the web server starts."""
    assert await async_setup_component(hass, "diagnostics", {})


async def test_diagnostics_tell_what_amazon_answered(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    hass_client: ClientSessionGenerator,
) -> None:
    hass.states.async_set("binary_sensor.front_door", "off")
    await set_up(hass, entry)
    account = await link(amazon, skill)
    amazon.gateway_faults.extend([Fault.reset(), Fault.gateway(400, "INVALID_REQUEST_EXCEPTION")])
    for _ in range(2):
        freezer.tick(60)
        press(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
    await skill.send({"nothing": "of ours"})
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert diagnostics == {
        "region": "custom",
        "accounts": [
            {
                "identified_by": "amazon",
                "region": "custom",
                "health": "linked",
                "login": None,
                "token_ends_in_seconds": 3480,
                "answers": {
                    "202": 1,
                    "400 INVALID_REQUEST_EXCEPTION": 1,
                    "connection closed": 1,
                },
                "last_answer": "202",
                "trouble": None,
            }
        ],
        "doorbells": [
            {
                "source": "binary_sensor",
                "source_state": "on",
                "cooldown": 5,
                "max_age": 30,
                "event_types": [],
                "states": 0,
                "attribute": None,
                "attribute_values": 0,
                "rings_when": "on",
                "rings_on_return": False,
                "warm_up": 0,
                "announcements": True,
            }
        ],
        "refused": {"malformed": 1},
    }
    text = json.dumps(diagnostics)
    (stored,) = (each.stored for each in entry.runtime_data.accounts.all)
    for secret in (
        amazon.client_id,
        amazon.client_secret,
        SHARED_SECRET,
        WEBHOOK_ID,
        stored.access_token,
        stored.refresh_token,
        account.user_id,
        account.name,
    ):
        assert secret not in text


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("ringing", "a chosen one"),
        ("+49 30 123456", "another one"),
        ("unavailable", "unavailable"),
        ("unknown", "unknown"),
    ],
)
async def test_diagnostics_do_not_tell_who_called(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    state: str,
    told: str,
) -> None:
    [subentry] = doorbells(entry).values()
    who = {"attribute": "from", "attribute_values": ["+49 30 123456"]}
    what = {"entity_id": "sensor.call_monitor", "states": ["ringing", "sip:101"]}
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, **what, **who}
    )
    hass.states.async_set("sensor.call_monitor", state)
    await set_up(hass, entry)

    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, entry)

    [doorbell] = diagnostics["doorbells"]
    assert doorbell["source_state"] == told
    assert not [each for each in ("123456", "sip:") if each in str(doorbell)]


async def resolved(hass: HomeAssistant) -> dict[str, Any]:
    """The system health, with what it had to wait for."""
    info = await get_system_health_info(hass, DOMAIN)
    return {
        key: await value if hasattr(value, "__await__") else value for key, value in info.items()
    }


async def test_system_health_tells_whether_amazon_can_be_reached(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    assert await async_setup_component(hass, "system_health", {})
    await set_up(hass, entry)
    await link(amazon, skill)
    expected = {
        "linked_accounts": 1,
        "login_with_amazon_custom": "ok",
        "event_gateway_custom": "ok",
    }
    assert await resolved(hass) == expected
    await amazon.stop()
    unreachable = {"type": "failed", "error": "unreachable"}
    assert await resolved(hass) == expected | {
        "login_with_amazon_custom": unreachable,
        "event_gateway_custom": unreachable,
    }


async def asked(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The addresses that the system health asks, by the name of their line."""

    async def answer(_hass: HomeAssistant, url: str) -> str:
        return url

    monkeypatch.setattr(system_health, "async_check_can_reach_url", answer)
    assert await async_setup_component(hass, "system_health", {})
    told = await resolved(hass)
    names = TEXTS["system_health"]["info"]
    assert set(told) <= set(names)
    return {name: url for name, url in told.items() if name != "linked_accounts"}


LOGIN = {"login_with_amazon": "https://api.amazon.com"}
NORTH_AMERICA = {"event_gateway_na": "https://api.amazonalexa.com"}
EUROPE = {"event_gateway_eu": "https://api.eu.amazonalexa.com"}
FAR_EAST = {"event_gateway_fe": "https://api.fe.amazonalexa.com"}


@pytest.mark.parametrize(
    ("region", "country", "gateways"),
    [
        pytest.param("fe", "DE", FAR_EAST, id="the chosen region"),
        pytest.param("auto", "PE", NORTH_AMERICA, id="where the home is"),
    ],
)
async def test_before_anybody_is_linked_the_likely_region_is_asked(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    region: str,
    country: str,
    gateways: dict[str, str],
) -> None:
    await hass.config.async_update(country=country)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "region": region})
    await set_up(hass, entry)

    assert await asked(hass, monkeypatch) == LOGIN | gateways


async def test_the_regions_of_all_linked_accounts_are_asked(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    accounts = [stored_account("1", "eu"), stored_account("2", "fe")]
    key = f"alexa_doorbell.{entry.entry_id}"
    hass_storage[key] = {"version": 1, "key": key, "data": {"accounts": accounts}}
    hass.config_entries.async_update_entry(entry, data={**entry.data, "region": "auto"})
    await set_up(hass, entry)

    assert await asked(hass, monkeypatch) == LOGIN | EUROPE | FAR_EAST


async def test_without_a_skill_the_region_of_the_home_is_asked(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hass.config.async_update(country="IT")
    assert await async_setup_component(hass, DOMAIN, {})

    assert await asked(hass, monkeypatch) == LOGIN | EUROPE


def stored_account(number: str, region: str) -> dict[str, Any]:
    """An account as the first version stored it."""
    return {
        "account_id": f"amazon.{number}",
        "name": "Ada",
        "region": region,
        "refresh_token": "r",
        "access_token": "a",
        "expires_at": time.time() + 3600,
        "linked_at": time.time(),
        "health": "linked",
        "told_endpoints": {},
        "told_unreachable": [],
    }


async def test_an_entry_that_failed_to_load_says_at_least_that(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_storage: dict[str, Any],
) -> None:
    hass_storage[f"alexa_doorbell.{entry.entry_id}"] = {"version": 99, "data": {}}
    assert not await hass.config_entries.async_setup(entry.entry_id)
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told == {"region": "custom", "state": "setup_retry"}
