"""Whether Amazon can be reached, for Home Assistant's system information."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback

from .client.gateway import GATEWAY_URLS
from .client.lwa import LWA_URL
from .const import CONF_GATEWAY_URL, CONF_LWA_URL, DOMAIN


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Register what is shown."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    entries = hass.config_entries.async_loaded_entries(DOMAIN)
    data = entries[0].data if entries else {}
    gateway_url = data.get(CONF_GATEWAY_URL, GATEWAY_URLS["na"])
    return {
        "linked_accounts": sum(len(entry.runtime_data.accounts.all) for entry in entries),
        "login_with_amazon": system_health.async_check_can_reach_url(
            hass, data.get(CONF_LWA_URL, LWA_URL)
        ),
        "event_gateway": system_health.async_check_can_reach_url(hass, gateway_url),
    }
