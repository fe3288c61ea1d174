"""The way in: a signed directive from the skill's Lambda, and its answer.

The protocol is in docs/design.md, "The webhook".
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from http import HTTPStatus
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

from ..client.exceptions import MalformedError, SignatureError
from ..client.incoming import Directive, Message, Setup, parse
from ..client.messages import error_response
from ..client.signature import ReplayMemory, verify
from ..const import (
    CONF_PREVIOUS_SHARED_SECRET,
    CONF_PREVIOUS_SHARED_SECRET_ENDS,
    CONF_SHARED_SECRET,
    DOMAIN,
)
from .answers import Answers

_LOGGER = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024
# After a refusal was logged, others are only counted for so many seconds.
QUIET_AFTER_A_REFUSAL = 600
# A shared secret is good for so many seconds after a new one was made.
OLD_SECRET_LIFETIME = 24 * 3600


@callback
def async_register_webhook(
    hass: HomeAssistant, entry: ConfigEntry, replay_memory: ReplayMemory, answers: Answers
) -> None:
    """Listen to the skill for as long as the entry is loaded."""

    def secrets() -> list[str]:
        previous = entry.data.get(CONF_PREVIOUS_SHARED_SECRET)
        ends = entry.data.get(CONF_PREVIOUS_SHARED_SECRET_ENDS, math.inf)
        if previous is None or time.time() >= ends:
            return [entry.data[CONF_SHARED_SECRET]]
        return [entry.data[CONF_SHARED_SECRET], previous]

    async def answer(message: Message, request: web.Request, secret: str) -> web.Response:
        if isinstance(message, Setup):
            return web.Response(status=HTTPStatus.CONFLICT)
        if secret == entry.data[CONF_SHARED_SECRET] and CONF_PREVIOUS_SHARED_SECRET in entry.data:
            # The Lambda knows the new one, so the old one has had its time.
            previous = {CONF_PREVIOUS_SHARED_SECRET, CONF_PREVIOUS_SHARED_SECRET_ENDS}
            data = {k: v for k, v in entry.data.items() if k not in previous}
            hass.config_entries.async_update_entry(entry, data=data)
        aws_region = request.headers.get("x-aws-region")
        return web.json_response(await answers.async_answer(message, aws_region))

    webhook_id = entry.data[CONF_WEBHOOK_ID]
    signed_webhook = SignedWebhook(hass, webhook_id, replay_memory, secrets, answer)
    entry.async_on_unload(signed_webhook.register(entry.title))


class SignedWebhook:
    """A webhook that hears only those who know one of its shared secrets.

    answer() gets the message, its request, and the secret that it was signed with.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        webhook_id: str,
        replay_memory: ReplayMemory,
        secrets: Callable[[], Sequence[str]],
        answer: Callable[[Message, web.Request, str], Awaitable[web.Response]],
    ) -> None:
        self._hass = hass
        self._webhook_id = webhook_id
        self._replay_memory = replay_memory
        self._secrets = secrets
        self._answer = answer
        self._quiet_until = 0.0
        self._refused_quietly = 0

    @callback
    def register(self, name: str) -> CALLBACK_TYPE:
        """Begin to listen; the callback that is returned ends it."""
        # Every method, since Home Assistant would log the webhook id beside one that it refuses.
        webhook.async_register(
            self._hass,
            DOMAIN,
            name,
            self._webhook_id,
            self._async_handle,
            allowed_methods=webhook.SUPPORTED_METHODS,
        )
        return partial(webhook.async_unregister, self._hass, self._webhook_id)

    async def _async_handle(
        self, _hass: HomeAssistant, _webhook_id: str, request: web.Request
    ) -> web.Response:
        """Answer anything that comes: an exception here would be an empty 200 to the Lambda."""
        if request.method != METH_POST:
            return web.Response(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={ALLOW: METH_POST})
        message: Message | None = None
        try:
            body = await _read(request)
            if len(body) > LARGEST_BODY:
                return self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
            secret = self._verify(request, body)
            message = parse(body)
            return await self._answer(message, request, secret)
        except SignatureError as error:
            return self._refuse(HTTPStatus.UNAUTHORIZED, str(error))
        except MalformedError as error:
            return self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except Exception:
            _LOGGER.exception("A message to the skill's webhook could not be answered")
            return web.json_response(_internal_error(message))

    def _verify(self, request: web.Request, body: bytes) -> str:
        """Return the secret it was signed with; SignatureError unless it is good, and new."""
        now = time.time()
        signed = verify(self._secrets(), request.headers, body, now=now)
        self._replay_memory.remember(signed.message_id, timestamp=signed.timestamp, now=now)
        return signed.secret

    def _refuse(self, status: HTTPStatus, reason: str) -> web.Response:
        """Log a refusal, but no more of them than a person can read: anybody can send them."""
        now = self._hass.loop.time()
        if now < self._quiet_until:
            self._refused_quietly += 1
        else:
            _LOGGER.warning(
                "Refused a message to the skill's webhook: %s (and %d more before it)",
                reason,
                self._refused_quietly,
            )
            self._quiet_until = now + QUIET_AFTER_A_REFUSAL
            self._refused_quietly = 0
        return web.Response(status=status)


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
