"""Whether Amazon and the functions of skills can be reached, for the system information."""

import asyncio
from collections.abc import Iterable
from typing import Any

from homeassistant.components import system_health
from homeassistant.const import CONF_REGION
from homeassistant.core import HomeAssistant, callback

from .accounts.connection import is_closed
from .alexa.home_region import home_region
from .client.gateway import GATEWAY_URLS
from .client.lwa import LWA_URL
from .const import (
    CONF_FUNCTION_URL,
    CONF_GATEWAY_URL,
    CONF_LWA_URL,
    DOMAIN,
    REGION_AUTO,
    REGION_CUSTOM,
)
from .data import AlexaDoorbellConfigEntry


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Register what is shown."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    entries: list[AlexaDoorbellConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    accounts = sum(len(entry.runtime_data.accounts.all) for entry in entries)
    urls = {} if entries else _real(home_region(hass))
    for entry in entries:
        urls |= _urls(hass, entry)
    told = {"linked_accounts": accounts} | {
        name: system_health.async_check_can_reach_url(hass, url)
        for name, url in sorted(urls.items())
    }
    functions = {entry.data[CONF_FUNCTION_URL] for entry in entries if is_closed(entry.data)}
    return told | ({"function": _async_reach_all(hass, functions)} if functions else {})


async def _async_reach_all(hass: HomeAssistant, urls: Iterable[str]) -> str | dict[str, str]:
    """Say "ok" if all are reached, else what is in the way of one that is not."""
    answers = await asyncio.gather(
        *(system_health.async_check_can_reach_url(hass, url) for url in urls)
    )
    return next((answer for answer in answers if answer != "ok"), "ok")


def _urls(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> dict[str, str]:
    """Return what the entry's presses need to reach, by the name of its line."""
    chosen = entry.data[CONF_REGION]
    if chosen == REGION_CUSTOM:
        return {
            "login_with_amazon_custom": entry.data[CONF_LWA_URL],
            "event_gateway_custom": entry.data[CONF_GATEWAY_URL],
        }
    accounts = entry.runtime_data.accounts
    regions = {accounts.connection.region_of(each.stored) for each in accounts.all}
    return _real(*(regions or {home_region(hass) if chosen == REGION_AUTO else chosen}))


def _real(*regions: str) -> dict[str, str]:
    gateways = {f"event_gateway_{region}": GATEWAY_URLS[region] for region in regions}
    return {"login_with_amazon": LWA_URL} | gateways
