"""The way in: a signed directive from the skill's Lambda, and its answer (contract section 4)."""

from http import HTTPStatus
import logging
import time
from typing import Any

from aiohttp import web
from aiohttp.hdrs import METH_POST
from homeassistant.components import webhook
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError
from homeassistant.util.hass_dict import HassKey

from .client.directives import Setup, parse
from .client.exceptions import MalformedError, SignatureError
from .client.messages import error_response
from .client.signature import ReplayMemory, verify
from .const import CONF_SHARED_SECRET, DOMAIN
from .data import AlexaDoorbellConfigEntry
from .directives import async_answer

_LOGGER = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024
# For all entries, and over their reloads: a reload must not let a replay in.
_REPLAY_MEMORY: HassKey[ReplayMemory] = HassKey(f"{DOMAIN}.replay_memory")


@callback
def async_register_webhook(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
    """Listen to the skill for as long as the entry is loaded."""
    webhook_id = entry.data[CONF_WEBHOOK_ID]

    async def handle(hass: HomeAssistant, _webhook_id: str, request: web.Request) -> web.Response:
        return await _async_handle(hass, entry, request)

    webhook.async_register(
        hass, DOMAIN, entry.title, webhook_id, handle, allowed_methods=[METH_POST]
    )
    entry.async_on_unload(lambda: webhook.async_unregister(hass, webhook_id))


async def async_webhook_url(hass: HomeAssistant, webhook_id: str) -> str | None:
    """Return the URL for the Lambda, None when Amazon cannot reach this Home Assistant.

    A Nabu Casa cloudhook where the user has one, else below the external URL.
    """
    if "cloud" in hass.config.components:
        from homeassistant.components import cloud  # noqa: PLC0415 - only loaded where it is used.

        if cloud.async_active_subscription(hass):
            try:
                return await cloud.async_get_or_create_cloudhook(hass, webhook_id)
            except cloud.CloudNotAvailable:
                _LOGGER.info("No cloudhook could be made; the external URL is used instead")
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


async def _async_handle(
    hass: HomeAssistant, entry: AlexaDoorbellConfigEntry, request: web.Request
) -> web.Response:
    """Answer anything that comes: an exception here would be an empty 200 to the Lambda."""
    body = await _read(request)
    if body is None:
        return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        _verify(hass, entry, request, body)
    except SignatureError as error:
        _LOGGER.warning("Refused a message to the skill's webhook: %s", error)
        return web.Response(status=HTTPStatus.UNAUTHORIZED)
    try:
        message = parse(body)
    except MalformedError as error:
        _LOGGER.warning("The skill sent something that is no directive: %s", error)
        return web.Response(status=HTTPStatus.BAD_REQUEST)
    if isinstance(message, Setup):
        return web.Response(status=HTTPStatus.CONFLICT)
    answer: dict[str, Any]
    try:
        answer = await async_answer(hass, entry, message, request.headers.get("x-aws-region"))
    except Exception:
        _LOGGER.exception("The directive %s could not be answered", message.name)
        answer = error_response(
            "INTERNAL_ERROR",
            "Home Assistant could not handle this. Its log says why.",
            endpoint_id=message.endpoint_id,
            correlation_token=message.correlation_token,
        )
    return web.json_response(answer)


async def _read(request: web.Request) -> bytes | None:
    """Return the body, None when it is too large; no more than that is kept in memory."""
    content = request.content
    body = bytearray()
    while chunk := await content.read(LARGEST_BODY + 1 - len(body)):
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _verify(
    hass: HomeAssistant, entry: AlexaDoorbellConfigEntry, request: web.Request, body: bytes
) -> None:
    now = time.time()
    signed = verify([entry.data[CONF_SHARED_SECRET]], request.headers, body, now=now)
    memory = hass.data.setdefault(_REPLAY_MEMORY, ReplayMemory())
    memory.remember(signed.message_id, timestamp=signed.timestamp, now=now)
