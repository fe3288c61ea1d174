"""Where Amazon is for one config entry: Login with Amazon and the event gateways."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET, CONF_REGION
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .client.gateway import GATEWAY_URLS, EventGateway
from .client.lwa import LWA_URL, LoginWithAmazon
from .const import CONF_GATEWAY_URL, CONF_LWA_URL, REGION_CUSTOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The two services; the gateways by region, or one that is custom."""

    login: LoginWithAmazon
    gateways: dict[str, EventGateway]


@callback
def async_login(hass: HomeAssistant, data: Mapping[str, Any]) -> LoginWithAmazon:
    """Make the client for an entry's data, also for one that is still to be created."""
    return LoginWithAmazon(
        async_get_clientsession(hass),
        data.get(CONF_LWA_URL, LWA_URL),
        data[CONF_CLIENT_ID],
        data[CONF_CLIENT_SECRET],
    )


@callback
def async_connect(hass: HomeAssistant, entry: ConfigEntry) -> Connection:
    """Make the clients that an entry asks for, without a word to Amazon."""
    session = async_get_clientsession(hass)
    data = entry.data
    if data[CONF_REGION] == REGION_CUSTOM:
        urls = {REGION_CUSTOM: data[CONF_GATEWAY_URL]}
    else:
        urls = GATEWAY_URLS
    return Connection(
        login=async_login(hass, data),
        gateways={region: EventGateway(session, url) for region, url in urls.items()},
    )
