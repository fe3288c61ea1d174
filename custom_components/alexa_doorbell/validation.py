"""Says what is wrong with what a user enters about a skill, as the key of an error text."""

from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import ip_address
import logging
from typing import Any

from homeassistant.core import HomeAssistant
from yarl import URL

from .client.exceptions import ReauthenticateError, TryAgainError
from .connection import async_login

_LOGGER = logging.getLogger(__name__)


async def async_credentials_error(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
    """Try an entry's credentials at Login with Amazon; None: it takes them."""
    try:
        await async_login(hass, data).check()
    except ReauthenticateError:
        return "invalid_auth"
    except TryAgainError as error:
        if error.status == HTTPStatus.BAD_REQUEST:
            # Amazon read the request, and all that can be wrong in it is what was entered.
            return "invalid_auth"
        _LOGGER.warning("The skill's credentials could not be tried: %s", error.reason)
        return "cannot_connect"
    except Exception:
        _LOGGER.exception("The skill's credentials could not be tried")
        return "unknown"
    return None


def base_url_error(text: str) -> str | None:
    """Return what keeps tokens from being sent to this address; None: nothing does."""
    try:
        url = URL(text)
    except ValueError:
        return "invalid_url"
    if url.host is None or url.user or url.password or str(url.relative()):
        return "invalid_url"
    if url.scheme == "https" or (url.scheme == "http" and _is_loopback(url.host)):
        return None
    return "insecure_url"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
