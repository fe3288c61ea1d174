"""Where Amazon finds this Home Assistant."""

import logging

from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import NoURLAvailableError

_LOGGER = logging.getLogger(__name__)


async def async_webhook_url(hass: HomeAssistant, webhook_id: str) -> str | None:
    """Return the URL for the Lambda, None when Amazon cannot reach this Home Assistant.

    A Nabu Casa cloudhook where the user has one, else below the external URL.
    """
    if "cloud" in hass.config.components:
        from homeassistant.components import cloud  # noqa: PLC0415 - only loaded where it is used.

        if cloud.async_active_subscription(hass):
            try:
                return await cloud.async_get_or_create_cloudhook(hass, webhook_id)
            except Exception:  # The cloud has many ways to fail, and there is another way in.
                _LOGGER.exception("No cloudhook could be made, so the external URL is used")
    try:
        return webhook.async_generate_url(hass, webhook_id, allow_internal=False)
    except NoURLAvailableError:
        return None


async def async_delete_cloudhook(hass: HomeAssistant, webhook_id: str) -> None:
    """Take the cloudhook away, if there is one."""
    if "cloud" in hass.config.components:
        from homeassistant.components import cloud  # noqa: PLC0415 - only loaded where it is used.

        try:
            await cloud.async_delete_cloudhook(hass, webhook_id)
        except cloud.CloudNotAvailable, ValueError:
            _LOGGER.info("There was no cloudhook to delete")
        except Exception:  # As above.
            _LOGGER.exception("The cloudhook could not be deleted")
