"""Makes this Home Assistant a home of a skill, by the line of the command, or a home no more."""

import asyncio
from collections.abc import Mapping
import logging
from typing import Any

from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..accounts.connection import is_closed
from ..client.exceptions import FunctionError, Trouble
from ..client.function_url import FunctionUrl, Home, new_home_id, read_enrolment
from ..client.signature import new_secret
from ..const import CONF_FUNCTION_URL, CONF_HOME_ID, CONF_HOME_SECRET, DOMAIN

_LOGGER = logging.getLogger(__name__)

FAREWELL = 5
# What may go wrong after the function has let the home in.
MAY_BE_ENROLLED = {Trouble.AWAY, Trouble.FAILING, Trouble.UNREADABLE}
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


class Enrolment:
    """Makes this Home Assistant a home of a skill, in one flow.

    An enrolment whose answer was lost is good for the same home again, and for no other.
    """

    def __init__(self) -> None:
        self._home = {CONF_HOME_ID: new_home_id(), CONF_HOME_SECRET: new_secret()}
        self.data: dict[str, Any] = {}
        """What an entry's data says of the skill from now on; empty before."""
        # As what home the function may know us, also if its answer was lost.
        self._known_as: dict[str, Any] = {}

    async def async_enrol(self, hass: HomeAssistant, line: str) -> str | None:
        """Become a home of the skill; return what kept us from it, as the key of an error."""
        return await self._async_enrol(hass, line, self._home)

    async def async_enrol_again(
        self, hass: HomeAssistant, line: str, data: Mapping[str, Any]
    ) -> str | None:
        """Stay the entry's home if the function lets us, since accounts are linked with that."""
        error = await self._async_enrol(hass, line, {key: data[key] for key in self._home})
        return await self.async_enrol(hass, line) if error == ERRORS[Trouble.CODE] else error

    async def _async_enrol(
        self, hass: HomeAssistant, line: str, home: Mapping[str, str]
    ) -> str | None:
        enrolment = read_enrolment(line)
        if enrolment is None:
            return ERRORS[Trouble.CODE]
        data = {**home, CONF_FUNCTION_URL: enrolment.url}
        try:
            enrolled = await async_function(hass, data).enrol(enrolment.code)
        except FunctionError as error:
            if error.trouble in MAY_BE_ENROLLED:
                self._known_as = data
            _LOGGER.warning("This home could not be enrolled with the skill's function: %s", error)
            return ERRORS.get(error.trouble, "cannot_connect")
        pair = {CONF_CLIENT_ID: enrolled.client_id, CONF_CLIENT_SECRET: enrolled.client_secret}
        self.data, self._known_as = data | pair, data
        return None

    @callback
    def async_leave(self, hass: HomeAssistant) -> None:
        """Have the home forgotten, unless an entry has become it."""
        entries = hass.config_entries.async_entries(DOMAIN)
        homes = [async_function(hass, each.data).home for each in entries if is_closed(each.data)]
        if self._known_as and (function := async_function(hass, self._known_as)).home not in homes:
            hass.async_create_task(async_forget_home(function))


async def async_forget_home(function: FunctionUrl) -> None:
    """Have the home forgotten by the function, as far as that can be reached."""
    try:
        async with asyncio.timeout(FAREWELL):
            await function.remove()
    except (FunctionError, TimeoutError) as error:
        _LOGGER.warning("The skill's function could not be told to forget this home: %s", error)
