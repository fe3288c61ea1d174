"""The fields that the config flow asks for."""

from ipaddress import ip_address
from typing import Final

from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET, CONF_REGION
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol
from yarl import URL

from ..const import CONF_GATEWAY_URL, CONF_LWA_URL, REGION_AUTO, REGIONS

CONF_ENROLMENT: Final = "enrolment"
CONF_NEW_SHARED_SECRET: Final = "new_shared_secret"  # noqa: S105 - a name.

PASSWORD = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
REGION = SelectSelector(SelectSelectorConfig(options=list(REGIONS), translation_key="region"))
URL_FIELD = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))

# By source: the step that asks for the credentials, and its fields.
CREDENTIALS: dict[str | None, tuple[str, vol.Schema]] = {
    SOURCE_USER: (
        "credentials",
        vol.Schema(
            {
                vol.Required(CONF_CLIENT_ID): TextSelector(),
                vol.Required(CONF_CLIENT_SECRET): PASSWORD,
                vol.Required(CONF_REGION, default=REGION_AUTO): REGION,
            }
        ),
    ),
    SOURCE_REAUTH: (
        "reauth_confirm",
        vol.Schema(
            {
                vol.Required(CONF_CLIENT_ID): TextSelector(),
                vol.Required(CONF_CLIENT_SECRET): PASSWORD,
            }
        ),
    ),
    SOURCE_RECONFIGURE: (
        "reconfigure",
        vol.Schema(
            {
                vol.Required(CONF_CLIENT_ID): TextSelector(),
                vol.Optional(CONF_CLIENT_SECRET): PASSWORD,
                vol.Required(CONF_REGION): REGION,
                vol.Optional(CONF_NEW_SHARED_SECRET, default=False): BooleanSelector(),
            }
        ),
    ),
}
# As above, for a closed home: it has no webhook.
CLOSED_RECONFIGURE = (
    "reconfigure_closed",
    vol.Schema(
        {
            vol.Required(CONF_CLIENT_ID): TextSelector(),
            vol.Optional(CONF_CLIENT_SECRET): PASSWORD,
            vol.Required(CONF_REGION): REGION,
            vol.Optional(CONF_ENROLMENT): TextSelector(),
        }
    ),
)
ENROLMENT_SCHEMA = vol.Schema({vol.Required(CONF_ENROLMENT): TextSelector()})
ENDPOINTS_SCHEMA = vol.Schema(
    {vol.Required(CONF_LWA_URL): URL_FIELD, vol.Required(CONF_GATEWAY_URL): URL_FIELD}
)


def base_url_error(text: str) -> str | None:
    """Return what keeps tokens from being sent to this address; None: nothing does."""
    try:
        url = URL(text)
    except ValueError:
        return "invalid_url"
    if url.host is None or url.user or url.password or str(url.relative()):
        return "invalid_url"
    if url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host)):
        return None
    return "insecure_url"


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
