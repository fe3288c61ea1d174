"""Waits for the script that makes a skill to bring the skill's messaging credentials."""

import asyncio
from http import HTTPStatus
import logging

from aiohttp import web
from homeassistant.core import HomeAssistant

from ..client.exceptions import Refusal
from ..client.incoming import AcceptGrant, Directive, Setup
from ..client.messages import accept_grant_failed, error_response
from ..client.signature import ReplayMemory
from .address import remote_access_url
from .refusals import Refusals
from .webhook import SignedWebhook

_LOGGER = logging.getLogger(__name__)

SCRIPT = "alexa-doorbell/skill/create_skill.py"
DOWNLOAD = "git clone https://github.com/alexa-doorbell/alexa-doorbell"
# Where Amazon accounts are at home; those of all other countries are in "eu".
HOME_REGIONS = {
    "US": "na",
    "CA": "na",
    "MX": "na",
    "BR": "na",
    "JP": "fe",
    "AU": "fe",
    "NZ": "fe",
}
CLOUDHOOK_HOST = "hooks.nabu.casa"
NOT_YET = "The integration is still being set up in Home Assistant."


def create_skill_command(hass: HomeAssistant, webhook_url: str) -> str:
    """Return the line that runs the downloaded script; it asks for the shared secret itself."""
    region = HOME_REGIONS.get(hass.config.country or "", "eu")
    command = f"uv run {SCRIPT} create --region {region} --webhook-url {webhook_url}"
    if CLOUDHOOK_HOST in webhook_url:
        # Nobody logs in where a cloudhook is, so the script has to be told where instead.
        if url := remote_access_url(hass):
            command += f" --home-assistant-url {url}"
        else:
            _LOGGER.warning("Switch remote access on in Home Assistant Cloud to link the skill")
    return command


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
