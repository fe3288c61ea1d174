"""The way in: a signed directive from the skill's Lambda, and its answer.

The protocol is in docs/design.md, "The webhook".
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
import logging
import math
import time
from typing import Any

from aiohttp import web
from aiohttp.hdrs import ALLOW, METH_POST
from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.loader import async_get_loaded_integration

from ..client.exceptions import MalformedError, Refusal, SignatureError
from ..client.incoming import Directive, Message, Ping, Setup, parse
from ..client.messages import error_response
from ..client.signature import ReplayMemory, verify
from ..const import (
    CONF_PREVIOUS_SHARED_SECRET,
    CONF_PREVIOUS_SHARED_SECRET_ENDS,
    CONF_SHARED_SECRET,
    DOMAIN,
)
from .answers import Answers
from .refusals import Refusals

_LOGGER = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024
# A shared secret is good for so many seconds after a new one was made.
OLD_SECRET_LIFETIME = 24 * 3600


@callback
def async_register_webhook(
    hass: HomeAssistant,
    entry: ConfigEntry,
    replay_memory: ReplayMemory,
    refusals: Refusals,
    answers: Answers,
) -> None:
    """Listen to the skill for as long as the entry is loaded."""

    def secrets() -> list[str]:
        previous = entry.data.get(CONF_PREVIOUS_SHARED_SECRET)
        ends = entry.data.get(CONF_PREVIOUS_SHARED_SECRET_ENDS, math.inf)
        if previous is None or time.time() >= ends:
            return [entry.data[CONF_SHARED_SECRET]]
        return [entry.data[CONF_SHARED_SECRET], previous]

    async def answer(message: Directive | Setup, request: web.Request, secret: str) -> web.Response:
        if isinstance(message, Setup):
            return refusals.refuse(Refusal.NOT_WAITING, "no set-up waits for a skill")
        if secret == entry.data[CONF_SHARED_SECRET] and CONF_PREVIOUS_SHARED_SECRET in entry.data:
            # The Lambda knows the new one, so the old one has had its time.
            previous = {CONF_PREVIOUS_SHARED_SECRET, CONF_PREVIOUS_SHARED_SECRET_ENDS}
            data = {k: v for k, v in entry.data.items() if k not in previous}
            hass.config_entries.async_update_entry(entry, data=data)
        aws_region = request.headers.get("x-aws-region")
        return web.json_response(await answers.async_answer(message, aws_region))

    signed_webhook = SignedWebhook(hass, replay_memory, refusals, secrets, answer)
    entry.async_on_unload(signed_webhook.register(entry.data[CONF_WEBHOOK_ID], entry.title))


class SignedWebhook:
    """A webhook that hears only those who know one of its shared secrets.

    answer() gets the message, its request, and the secret that it was signed with. A ping is
    answered here: whoever sends it only asks who is listening.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        replay_memory: ReplayMemory,
        refusals: Refusals,
        secrets: Callable[[], Sequence[str]],
        answer: Callable[[Directive | Setup, web.Request, str], Awaitable[web.Response]],
    ) -> None:
        self._hass = hass
        self._replay_memory = replay_memory
        self._refusals = refusals
        self._secrets = secrets
        self._answer = answer

    @callback
    def register(self, webhook_id: str, name: str) -> CALLBACK_TYPE:
        """Begin to listen; the callback that is returned ends it."""
        # Every method, since Home Assistant would log the webhook id beside one that it refuses.
        webhook.async_register(
            self._hass,
            DOMAIN,
            name,
            webhook_id,
            self._async_handle,
            allowed_methods=webhook.SUPPORTED_METHODS,
        )
        return partial(webhook.async_unregister, self._hass, webhook_id)

    async def _async_handle(
        self, _hass: HomeAssistant, _webhook_id: str, request: web.Request
    ) -> web.Response:
        """Answer anything that comes: an exception here would be an empty 200 to the Lambda."""
        if request.method != METH_POST:
            refusal = self._refusals.refuse(Refusal.METHOD, f"{request.method} in place of POST")
            refusal.headers[ALLOW] = METH_POST
            return refusal
        message: Message | None = None
        try:
            body = await _read(request)
            if len(body) > LARGEST_BODY:
                return self._refusals.refuse(Refusal.TOO_LARGE, "too large")
            secret = self._verify(request, body)
            message = parse(body)
            return await self._async_respond(message, request, secret)
        except SignatureError as error:
            return self._refusals.refuse(error.reason, str(error))
        except MalformedError as error:
            return self._refusals.refuse(Refusal.MALFORMED, str(error))
        except Exception:
            _LOGGER.exception("A message to the skill's webhook could not be answered")
            return web.json_response(_internal_error(message))

    async def _async_respond(
        self, message: Message, request: web.Request, secret: str
    ) -> web.Response:
        if isinstance(message, Ping):
            return web.json_response(self._pong(message))
        return await self._answer(message, request, secret)

    def _verify(self, request: web.Request, body: bytes) -> str:
        """Return the secret it was signed with; SignatureError unless it is good, and new."""
        now = time.time()
        signed = verify(self._secrets(), request.headers, body, now=now)
        self._replay_memory.remember(signed.message_id, timestamp=signed.timestamp, now=now)
        return signed.secret

    def _pong(self, ping: Ping) -> dict[str, Any]:
        """Return what only this integration can say."""
        version = async_get_loaded_integration(self._hass, DOMAIN).version
        return {"pong": {"nonce": ping.nonce, "version": str(version), "time": int(time.time())}}


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
