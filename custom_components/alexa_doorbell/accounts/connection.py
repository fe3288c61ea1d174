"""Where Amazon is for one config entry: Login with Amazon and the event gateways."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp.hdrs import USER_AGENT
from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET, CONF_REGION
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import SERVER_SOFTWARE, async_get_clientsession
from homeassistant.util.ssl import SSL_ALPN_HTTP11, client_context

from ..client.connections import Connections, open_socket
from ..client.gateway import GATEWAY_URLS, EventGateway
from ..client.lwa import LWA_URL, LoginWithAmazon
from ..const import CONF_FUNCTION_URL, CONF_GATEWAY_URL, CONF_LWA_URL, REGION_CUSTOM
from .account import Account

MAXIMUM_CONNECTIONS_PER_HOST = 100
# What of an entry's data says where Amazon is, and as whom it is asked.
SETTINGS = (CONF_CLIENT_ID, CONF_CLIENT_SECRET, CONF_REGION, CONF_LWA_URL, CONF_GATEWAY_URL)
# Home Assistant's shared session closes what was idle for 15 s; Amazon's servers allow more. Yet
# after some minutes a router on the way may have forgotten a connection that both ends think open.
KEEP_ALIVE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The two services; the gateways by region, or one that is custom.

    Two are equal when the same settings made them.
    """

    login: LoginWithAmazon = field(compare=False)
    gateways: Mapping[str, EventGateway] = field(compare=False)
    chosen_region: str
    settings: Mapping[str, Any] = field(repr=False)

    def region_of(self, account: Account) -> str:
        """Return the region whose gateway serves an account.

        That of the entry, until the gateways have said otherwise.
        """
        learnt = account.chosen_region == self.chosen_region
        if not learnt and self.chosen_region in self.gateways:
            return self.chosen_region
        return account.region if account.region in self.gateways else next(iter(self.gateways))


def new_gateway_session() -> aiohttp.ClientSession:
    """Return a session whose connections stay open between presses."""
    connector = aiohttp.TCPConnector(
        ssl=client_context(alpn_protocols=SSL_ALPN_HTTP11),
        keepalive_timeout=KEEP_ALIVE,
        # As Home Assistant's: a gateway that keeps everybody waiting takes no room from another.
        limit=0,
        limit_per_host=MAXIMUM_CONNECTIONS_PER_HOST,
        socket_factory=open_socket,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={USER_AGENT: SERVER_SOFTWARE},
    )


@callback
def is_closed(data: Mapping[str, Any]) -> bool:
    """Whether an entry's data is of a closed home: Home Assistant calls, and nobody calls it."""
    return CONF_FUNCTION_URL in data


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
def async_connection(
    hass: HomeAssistant, data: Mapping[str, Any], connections: Connections
) -> Connection:
    """Make the clients that an entry asks for, without a word to Amazon."""
    region = data[CONF_REGION]
    urls = {region: data[CONF_GATEWAY_URL]} if region == REGION_CUSTOM else GATEWAY_URLS
    return Connection(
        login=async_login(hass, data),
        gateways={each: EventGateway(connections, url) for each, url in urls.items()},
        chosen_region=region,
        settings={key: data.get(key) for key in SETTINGS},
    )
