"""Where Amazon is for one config entry: Login with Amazon and the event gateways."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.hdrs import USER_AGENT
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_REGION,
    EVENT_HOMEASSISTANT_CLOSE,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import SERVER_SOFTWARE, async_get_clientsession
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.ssl import SSL_ALPN_HTTP11, client_context

from ..client.gateway import GATEWAY_URLS, EventGateway
from ..client.lwa import LWA_URL, LoginWithAmazon
from ..const import CONF_GATEWAY_URL, CONF_LWA_URL, DOMAIN, REGION_CUSTOM
from .account import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The two services; the gateways by region, or one that is custom."""

    login: LoginWithAmazon
    gateways: dict[str, EventGateway]

    def region_of(self, account: Account) -> str:
        """Return the region whose gateway serves an account."""
        return account.region if account.region in self.gateways else next(iter(self.gateways))


_SESSION: HassKey[aiohttp.ClientSession] = HassKey(f"{DOMAIN}.session")
MAXIMUM_CONNECTIONS_PER_HOST = 100
# Home Assistant's shared session closes what was idle for 15 s; Amazon's servers allow more. Yet
# after some minutes a router on the way may have forgotten a connection that both ends think open.
KEEP_ALIVE = 300


@callback
def _gateway_session(hass: HomeAssistant) -> aiohttp.ClientSession:
    """Return the session of the event gateways, whose connections stay open between presses."""
    if (session := hass.data.get(_SESSION)) is not None:
        return session
    connector = aiohttp.TCPConnector(
        ssl=client_context(alpn_protocols=SSL_ALPN_HTTP11),
        keepalive_timeout=KEEP_ALIVE,
        # As Home Assistant's: a gateway that keeps everybody waiting takes no room from another.
        limit=0,
        limit_per_host=MAXIMUM_CONNECTIONS_PER_HOST,
    )
    session = hass.data[_SESSION] = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={USER_AGENT: SERVER_SOFTWARE},
    )

    async def close(_event: Event) -> None:
        await session.close()

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, close)
    return session


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
    session = _gateway_session(hass)
    data = entry.data
    if data[CONF_REGION] == REGION_CUSTOM:
        urls = {REGION_CUSTOM: data[CONF_GATEWAY_URL]}
    else:
        urls = GATEWAY_URLS
    return Connection(
        login=async_login(hass, data),
        gateways={region: EventGateway(session, url) for region, url in urls.items()},
    )
