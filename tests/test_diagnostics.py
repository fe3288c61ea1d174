"""Diagnostics and system health: the story, without a secret."""

import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
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
from .home import link, press, set_up

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
                "states": [],
                "attribute": None,
                "attribute_values": [],
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
    expected = {"linked_accounts": 1, "login_with_amazon": "ok", "event_gateway": "ok"}
    assert await resolved(hass) == expected
    await amazon.stop()
    unreachable = {"type": "failed", "error": "unreachable"}
    assert await resolved(hass) == expected | {
        "login_with_amazon": unreachable,
        "event_gateway": unreachable,
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
