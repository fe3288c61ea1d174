"""Where Amazon finds this Home Assistant: a Nabu Casa cloudhook, or the external URL."""

from collections.abc import Callable
import logging
from types import ModuleType

from homeassistant.components import webhook
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError, get_url

_LOGGER = logging.getLogger(__name__)


@callback
def _cloud(hass: HomeAssistant) -> ModuleType | None:
    """Return the cloud integration, only loaded where it is used."""
    if "cloud" not in hass.config.components:
        return None
    from homeassistant.components import cloud  # noqa: PLC0415

    return cloud


@callback
def has_address(hass: HomeAssistant) -> bool:
    """Whether Amazon can have an address of this Home Assistant."""
    if (cloud := _cloud(hass)) is not None and cloud.async_active_subscription(hass):
        return True
    try:
        get_url(hass, allow_internal=False, allow_cloud=False)
    except NoURLAvailableError:
        return False
    return True


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
