"""Makes this Home Assistant a home of a skill, by the line of the command, or a home no more."""

import asyncio
from collections.abc import Mapping
import logging
from typing import Any

from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..client.exceptions import FunctionError, Trouble
from ..client.function_url import FunctionUrl, Home, new_home_id, read_enrolment
from ..client.signature import new_secret
from ..const import CONF_FUNCTION_URL, CONF_HOME_ID, CONF_HOME_SECRET

_LOGGER = logging.getLogger(__name__)

FAREWELL = 5
ERRORS = {Trouble.CODE: "invalid_enrolment", Trouble.CLOCK: "clock_off"}


@callback
def async_function(hass: HomeAssistant, data: Mapping[str, Any]) -> FunctionUrl:
    """Make the client for an entry's data, also for one that is still to be created."""
    home = Home(
        function_url=data[CONF_FUNCTION_URL],
        home_id=data[CONF_HOME_ID],
        secret=data[CONF_HOME_SECRET],
    )
    return FunctionUrl(async_get_clientsession(hass), home)


def new_home() -> dict[str, str]:
    """Return what an entry's data says of a home that nobody knows yet.

    It is made once for a set-up, since an enrolment whose answer was lost is only good for the
    same home again.
    """
    return {CONF_HOME_ID: new_home_id(), CONF_HOME_SECRET: new_secret()}


async def async_enrol(
    hass: HomeAssistant, line: str, home: Mapping[str, str]
) -> tuple[dict[str, Any], str | None]:
    """Return what an entry's data says of the skill then, or why not, as the key of an error."""
    enrolment = read_enrolment(line)
    if enrolment is None:
        return {}, "invalid_enrolment"
    data = {**home, CONF_FUNCTION_URL: enrolment.url}
    try:
        enrolled = await async_function(hass, data).enrol(enrolment.code)
    except FunctionError as error:
        _LOGGER.warning("This home could not be enrolled with the skill's function: %s", error)
        return {}, ERRORS.get(error.trouble, "cannot_connect")
    pair = {CONF_CLIENT_ID: enrolled.client_id, CONF_CLIENT_SECRET: enrolled.client_secret}
    return data | pair, None


async def async_forget_home(function: FunctionUrl) -> None:
    """Have the home forgotten by the function, as far as that can be reached."""
    try:
        async with asyncio.timeout(FAREWELL):
            await function.remove()
    except (FunctionError, TimeoutError) as error:
        _LOGGER.warning("The skill's function could not be told to forget this home: %s", error)
