"""Doorbells for tests."""

from datetime import timedelta
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.account import Account
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill


def doorbell_subentry(
    entity_id: str | None, friendly_name: str = "Front door", **settings: Any
) -> ConfigSubentryData:
    """A doorbell subentry as the flow makes it."""
    data = {"friendly_name": friendly_name, "cooldown": 5, "max_age": 30} | settings
    if entity_id is not None:
        data["entity_id"] = entity_id
    return ConfigSubentryData(
        data=data, subentry_type="doorbell", title=friendly_name, unique_id=entity_id
    )


def add_doorbell(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    entity_id: str | None,
    friendly_name: str = "Back door",
    **settings: Any,
) -> ConfigSubentry:
    """Add another doorbell to the entry, as the flow does, loaded or not."""
    data = doorbell_subentry(entity_id, friendly_name, **settings)
    subentry = ConfigSubentry(**data | {"data": MappingProxyType(data["data"])})
    hass.config_entries.async_add_subentry(entry, subentry)
    return subentry


def doorbells(entry: ConfigEntry) -> dict[str, ConfigSubentry]:
    """The entry's doorbells by their ids, in the order of their age."""
    return {
        subentry_id: subentry
        for subentry_id, subentry in entry.subentries.items()
        if subentry.subentry_type == "doorbell"
    }


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set the entry up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def restart(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Load the entry as a fresh Home Assistant does, from storage."""
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data[DOMAIN].skills.clear()
    await set_up(hass, entry)


async def link(amazon: SimulatedAmazon, skill: Skill, name: str = "Ada", **account: Any) -> Account:
    """Link an account of the simulated Amazon, and let it discover the doorbells."""
    linked = amazon.add_account(name, **account)
    assert await skill.link(linked), linked.notice
    assert await skill.discover(linked), linked.notice
    return linked


def press(hass: HomeAssistant, entity_id: str = "binary_sensor.front_door") -> None:
    """Let a binary sensor go on, after it was off."""
    hass.states.async_set(entity_id, "off")
    hass.states.async_set(entity_id, "on")


async def quiet(hass: HomeAssistant, seconds: float = 0) -> None:
    """Let some time pass, and all that it brings come to its end."""
    if seconds:
        # First, since no request that is on its way must run out of this time.
        await hass.async_block_till_done(wait_background_tasks=True)
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done(wait_background_tasks=True)
