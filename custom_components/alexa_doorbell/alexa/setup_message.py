"""The line that makes a skill, and the wait for the messaging credentials that it brings."""

import asyncio
from http import HTTPStatus
import logging
import shlex

from aiohttp import web
from homeassistant.core import HomeAssistant
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


async def async_wait_for_setup(
    hass: HomeAssistant, webhook_id: str, shared_secret: str, replay_memory: ReplayMemory
) -> Setup:
    """Listen on the webhook until the signed setup message came."""
    arrived: asyncio.Future[Setup] = hass.loop.create_future()
    refusals = Refusals(hass)

    async def answer(message: Directive | Setup, request: web.Request, secret: str) -> web.Response:
        if isinstance(message, AcceptGrant):
            return web.json_response(accept_grant_failed(NOT_YET))
        if not isinstance(message, Setup):
            return web.json_response(error_response("INTERNAL_ERROR", NOT_YET))
        if arrived.done():
            return refusals.refuse(Refusal.NOT_WAITING, "the set-up has its skill already")
        arrived.set_result(message)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    signed_webhook = SignedWebhook(hass, replay_memory, refusals, lambda: [shared_secret], answer)
    unregister = signed_webhook.register(webhook_id, "Alexa Doorbell")
    try:
        return await arrived
    finally:
        unregister()
