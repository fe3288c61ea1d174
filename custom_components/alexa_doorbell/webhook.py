"""The way in: a signed directive from the skill's Lambda, and its answer (contract section 4)."""

from http import HTTPStatus
import logging
import time
from typing import Any

from aiohttp import web
from aiohttp.hdrs import ALLOW, METH_POST
from homeassistant.components import webhook
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError
from homeassistant.util.hass_dict import HassKey

from .client.directives import Directive, Message, Setup, parse
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

    # Every method, since Home Assistant would log the webhook id beside one that it refuses.
    webhook.async_register(
        hass, DOMAIN, entry.title, webhook_id, handle, allowed_methods=webhook.SUPPORTED_METHODS
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


async def _async_handle(  # noqa: PLR0911 - a row of the table each.
    hass: HomeAssistant, entry: AlexaDoorbellConfigEntry, request: web.Request
) -> web.Response:
    """Answer anything that comes: an exception here would be an empty 200 to the Lambda."""
    if request.method != METH_POST:
        return web.Response(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={ALLOW: METH_POST})
    message: Message | None = None
    try:
        body = await _read(request)
        if len(body) > LARGEST_BODY:
            return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        _verify(hass, entry, request, body)
        message = parse(body)
        if isinstance(message, Setup):
            return web.Response(status=HTTPStatus.CONFLICT)
        aws_region = request.headers.get("x-aws-region")
        return web.json_response(await async_answer(hass, entry, message, aws_region))
    except SignatureError as error:
        _LOGGER.warning("Refused a message to the skill's webhook: %s", error)
        return web.Response(status=HTTPStatus.UNAUTHORIZED)
    except MalformedError as error:
        _LOGGER.warning("The skill's webhook got something that is no directive: %s", error)
        return web.Response(status=HTTPStatus.BAD_REQUEST)
    except Exception:
        _LOGGER.exception("A message to the skill's webhook could not be answered")
        return web.json_response(_internal_error(message))


async def _read(request: web.Request) -> bytes:
    """Return the body, or just enough of one that is too large."""
    content = request.content  # Asked for once: that of a cloudhook begins anew each time.
    body = bytearray()
    try:
        while chunk := await content.read(LARGEST_BODY + 1 - len(body)):
            body += chunk
    except web.RequestPayloadError as error:
        raise MalformedError("an unreadable body") from error
    return bytes(body)


def _verify(
    hass: HomeAssistant, entry: AlexaDoorbellConfigEntry, request: web.Request, body: bytes
) -> None:
    """Raise SignatureError unless the message is the Lambda's, and new."""
    now = time.time()
    signed = verify([entry.data[CONF_SHARED_SECRET]], request.headers, body, now=now)
    memory = hass.data.setdefault(_REPLAY_MEMORY, ReplayMemory())
    memory.remember(signed.message_id, timestamp=signed.timestamp, now=now)


def _internal_error(message: Message | None) -> dict[str, Any]:
    text = "Home Assistant could not handle this. Its log says why."
    if not isinstance(message, Directive):
        return error_response("INTERNAL_ERROR", text)
    return error_response(
        "INTERNAL_ERROR",
        text,
        endpoint_id=message.endpoint_id,
        correlation_token=message.correlation_token,
    )
