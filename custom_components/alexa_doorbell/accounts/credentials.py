"""Says what is wrong with what a user enters about a skill, as the key of an error text."""

from collections.abc import Mapping
from http import HTTPStatus
import logging
from typing import Any

from homeassistant.core import HomeAssistant

from ..client.exceptions import ReauthenticateError, TryAgainError
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
