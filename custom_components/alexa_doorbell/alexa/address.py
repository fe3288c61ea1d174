"""Where Amazon finds this Home Assistant: a Nabu Casa cloudhook, or the external URL."""

from collections.abc import Callable
from ipaddress import ip_address
import logging
from types import ModuleType

from homeassistant.components import webhook
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError, get_url
from yarl import URL

from ..accounts.forms import is_loopback

_LOGGER = logging.getLogger(__name__)

CLOUDHOOKS = "https://hooks.nabu.casa"
HTTPS_PORT = 443
# Names that only a home knows: RFC 6762 (with its appendix G), RFC 6761, RFC 8375, and what
# routers hand out.
HOME_DOMAINS = (
    "local",
    "localhost",
    "localdomain",
    "lan",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "private",
    "corp",
)


@callback
def _cloud(hass: HomeAssistant) -> ModuleType | None:
    """Return the cloud integration, only loaded where it is used."""
    if "cloud" not in hass.config.components:
        return None
    from homeassistant.components import cloud  # noqa: PLC0415

    return cloud


@callback
def external_address(hass: HomeAssistant) -> str | None:
    """Return where Amazon would look for this Home Assistant, None where nobody said it."""
    if (cloud := _cloud(hass)) is not None and cloud.async_active_subscription(hass):
        return CLOUDHOOKS
    try:
        return get_url(hass, allow_internal=False, allow_cloud=False)
    except NoURLAvailableError:
        return None


def address_error(url: str | None, *, loopback: bool) -> str | None:
    """Return the key of what keeps Amazon from using this address; None: nothing does."""
    if url is None:
        return "no_external_url"
    return None if is_usable(url, loopback=loopback) else "unreachable_url"


def is_usable(url: str, *, loopback: bool) -> bool:
    """Whether the Lambda could reach this address, if whoever gave it is right.

    It has no IPv6. `loopback`: also one of this very machine, for tests.
    """
    try:
        address = URL(url)
    except ValueError:
        return False
    host = (address.host or "").rstrip(".")
    if loopback and is_loopback(host):
        return True
    try:
        ip = ip_address(host)
    except ValueError:
        known = _is_public_name(host)
    else:
        known = ip.version == 4 and ip.is_global and not ip.is_multicast  # noqa: PLR2004
    return known and address.scheme == "https" and address.port == HTTPS_PORT


def _is_public_name(host: str) -> bool:
    labels = host.split(".")
    return (
        len(labels) > 1
        and all(labels)
        and not labels[-1].isdigit()
        and not host.endswith(tuple(f".{domain}" for domain in HOME_DOMAINS))
        and host not in HOME_DOMAINS
    )


def origin_of(url: str | None) -> str:
    """Return an address for people to look at: without its path, which may hold a webhook's id."""
    try:
        return str(URL(url or "").origin())
    except ValueError:
        return "-"


@callback
def async_listen(hass: HomeAssistant, changed: Callable[[object], None]) -> CALLBACK_TYPE:
    """Listen to what the cloud may change about the address."""
    if (cloud := _cloud(hass)) is None:
        return lambda: None
    unsubscribe: CALLBACK_TYPE = cloud.async_listen_connection_change(hass, changed)
    return unsubscribe


@callback
def remote_access_url(hass: HomeAssistant) -> str | None:
    """Return where the cloud's remote access is, None while it is off."""
    if (cloud := _cloud(hass)) is None:
        return None
    try:
        url: str = cloud.async_remote_ui_url(hass)
    except cloud.CloudNotAvailable:
        return None
    return url


async def async_webhook_url(hass: HomeAssistant, webhook_id: str) -> str | None:
    """Return the URL for the Lambda, None when Amazon cannot reach this Home Assistant."""
    if (cloud := _cloud(hass)) is not None and cloud.async_active_subscription(hass):
        try:
            url: str = await cloud.async_get_or_create_cloudhook(hass, webhook_id)
        except Exception:  # The cloud has many ways to fail, and there is another way in.
            _LOGGER.exception("No cloudhook could be made, so the external URL is used")
        else:
            return url
    try:
        return webhook.async_generate_url(hass, webhook_id, allow_internal=False)
    except NoURLAvailableError:
        return None


async def async_delete_cloudhook(hass: HomeAssistant, webhook_id: str) -> None:
    """Take the cloudhook away, if there is one."""
    if (cloud := _cloud(hass)) is None:
        return
    try:
        await cloud.async_delete_cloudhook(hass, webhook_id)
    except cloud.CloudNotAvailable, ValueError:
        _LOGGER.info("There was no cloudhook to delete")
    except Exception:  # As above.
        _LOGGER.exception("The cloudhook could not be deleted")
