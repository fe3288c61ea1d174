"""The line that makes a skill, and the wait for the messaging credentials that it brings."""

import asyncio
from http import HTTPStatus
import logging
import shlex

from aiohttp import web
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.loader import async_get_loaded_integration

from ..client.exceptions import Refusal
from ..client.incoming import AcceptGrant, Directive, Setup
from ..client.messages import accept_grant_failed, error_response
from ..client.signature import ReplayMemory
from ..const import DOMAIN
from .address import CLOUDHOOKS, remote_access_url
from .home_region import home_region
from .refusals import Refusals
from .webhook import SignedWebhook

_LOGGER = logging.getLogger(__name__)

ARCHIVE = "https://github.com/alexa-doorbell/alexa-doorbell/archive/refs/tags/v{version}.tar.gz"
# For the shells of AWS CloudShell, Linux, macOS and WSL: the command in the version that shows it.
LINE = (
    "d=$(mktemp -d) && {{ curl -fsSL {archive} || wget -qO- {archive}; }}"
    ' | tar -xzf - -C "$d" --strip-components=1 && sh "$d/skill/run" create {arguments}'
)
CLOUDSHELL = "https://console.aws.amazon.com/cloudshell"
NOT_YET = "The integration is still being set up in Home Assistant."


def create_skill_command(hass: HomeAssistant, webhook_url: str) -> str:
    """Return the line that fetches and runs the command, which asks for the secret itself."""
    arguments = ["--region", home_region(hass), "--webhook-url", webhook_url]
    if webhook_url.startswith(CLOUDHOOKS):
        # Nobody logs in where a cloudhook is, so the command has to be told where instead.
        if url := remote_access_url(hass):
            arguments += ["--home-assistant-url", url]
        else:
            _LOGGER.warning("Switch remote access on in Home Assistant Cloud to link the skill")
    return _line(hass, arguments)


def closed_skill_command(hass: HomeAssistant) -> str:
    """Return the line for a closed home, at whose end the command prints a line of its own."""
    return _line(hass, ["--closed", "--region", home_region(hass)])


def _line(hass: HomeAssistant, arguments: list[str]) -> str:
    archive = ARCHIVE.format(version=async_get_loaded_integration(hass, DOMAIN).version)
    return LINE.format(archive=archive, arguments=shlex.join(arguments))


class SetupWebhook:
    """The webhook of a skill that is being made, until its entry answers there.

    It hears the one signed setup message, and tells whoever else comes that nobody waits.
    """

    def __init__(
        self, hass: HomeAssistant, webhook_id: str, shared_secret: str, replay_memory: ReplayMemory
    ) -> None:
        self._arrived: asyncio.Future[Setup] = hass.loop.create_future()
        self._refusals = Refusals(hass)
        signed_webhook = SignedWebhook(
            hass, replay_memory, self._refusals, lambda: [shared_secret], self._async_answer
        )
        self._unregister: CALLBACK_TYPE | None = signed_webhook.register(
            webhook_id, "Alexa Doorbell"
        )

    async def async_message(self) -> Setup:
        """Return the message once it has come."""
        return await self._arrived

    @callback
    def stop(self) -> None:
        """Make room for the entry, whose webhook it is from then on."""
        if self._unregister is not None:
            self._unregister()
            self._unregister = None

    async def _async_answer(
        self, message: Directive | Setup, request: web.Request, secret: str
    ) -> web.Response:
        if isinstance(message, AcceptGrant):
            return web.json_response(accept_grant_failed(NOT_YET))
        if not isinstance(message, Setup):
            return web.json_response(error_response("INTERNAL_ERROR", NOT_YET))
        if self._arrived.done():
            return self._refusals.refuse(Refusal.NOT_WAITING, "the set-up has its skill already")
        self._arrived.set_result(message)
        return web.Response(status=HTTPStatus.NO_CONTENT)
