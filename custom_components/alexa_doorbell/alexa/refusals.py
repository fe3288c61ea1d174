"""Says no at the webhook: the caller learns why, and the log holds no more than one reads."""

from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
import logging

from aiohttp import web
from homeassistant.core import HomeAssistant, callback

from ..client.exceptions import Refusal

_LOGGER = logging.getLogger(__name__)

# After a refusal was logged, others for the same reason are only counted for so many seconds.
QUIET_AFTER_A_REFUSAL = 600
MARK = "x-alexa-doorbell"
# A cloudhook hands no header through but the content type, so that says the same.
MARKED_TYPE = "application/vnd.alexa-doorbell."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: HTTPStatus
    mark: str
    # What anybody's visit may cause is nothing to warn of.
    level: int = logging.WARNING


ANSWERS = {
    Refusal.CLOCK: _Answer(status=HTTPStatus.UNAUTHORIZED, mark="clock"),
    Refusal.SIGNATURE: _Answer(status=HTTPStatus.UNAUTHORIZED, mark="signature"),
    Refusal.REPLAY: _Answer(status=HTTPStatus.UNAUTHORIZED, mark="signature"),
    Refusal.TOO_MANY: _Answer(status=HTTPStatus.UNAUTHORIZED, mark="signature"),
    Refusal.MALFORMED: _Answer(status=HTTPStatus.BAD_REQUEST, mark="malformed"),
    Refusal.TOO_LARGE: _Answer(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, mark="too_large"),
    Refusal.METHOD: _Answer(
        status=HTTPStatus.METHOD_NOT_ALLOWED, mark="method", level=logging.DEBUG
    ),
    Refusal.NOT_WAITING: _Answer(
        status=HTTPStatus.CONFLICT, mark="not_waiting", level=logging.DEBUG
    ),
}


class Refusals:
    """What one webhook refused, by reason."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.counts: Counter[Refusal] = Counter()
        self._hass = hass
        self._quiet_until: dict[Refusal, float] = {}
        self._counted_quietly: Counter[Refusal] = Counter()

    @callback
    def refuse(self, reason: Refusal, what: str) -> web.Response:
        """Return the answer, and log each reason at its own pace: anybody can send anything."""
        self.counts[reason] += 1
        answer = ANSWERS[reason]
        now = self._hass.loop.time()
        if now < self._quiet_until.get(reason, now):
            self._counted_quietly[reason] += 1
        else:
            _LOGGER.log(
                answer.level,
                "Refused a message to the skill's webhook: %s (and %d more before it)",
                what,
                self._counted_quietly.pop(reason, 0),
            )
            self._quiet_until[reason] = now + QUIET_AFTER_A_REFUSAL
        return web.Response(
            status=answer.status,
            headers={MARK: answer.mark},
            content_type=MARKED_TYPE + answer.mark,
        )
