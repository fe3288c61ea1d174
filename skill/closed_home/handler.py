"""What AWS invokes: directives of Alexa's, requests to the Function URL, and the command's ping."""

import logging
import os
import time
from typing import Any

from . import directives, web
from .background import TroubleError
from .documents import dict_of
from .home import VERSION
from .rows import CONFIG, Config
from .table import Table

_LOGGER = logging.getLogger("alexa_doorbell")

# Alexa waits 8 s for everything, the start of this function included.
PATIENCE = 7.0
# What is left for telling when AWS itself is about to end this function.
RESERVE = 0.4


def answer(event: Any, context: Any) -> dict[str, Any]:
    """Answer whatever it is: always, and always in time."""
    deadline = time.monotonic() + _patience(context)
    event = dict_of(event)
    if "requestContext" in event:
        return web.answer(event, deadline)
    if "ping" in event:
        return _pong(event["ping"], deadline)
    return directives.answer(event, deadline, os.environ.get("AWS_REGION", ""))


def _pong(ping: Any, deadline: float) -> dict[str, Any]:
    """The same forms as in the way by the webhook."""
    try:
        Config.of(Table.until(deadline).get(CONFIG)[0])
    except TroubleError as error:
        _LOGGER.error("The table did not answer: %s", error)  # noqa: TRY400 - Said all.
        return {"problem": {"cause": "table", "message": str(error)}}
    pong = {"nonce": dict_of(ping).get("nonce"), "version": VERSION, "time": int(time.time())}
    return {"answer": {"status": 200, "document": {"pong": pong}}}


def _patience(context: Any) -> float:
    try:
        return min(PATIENCE, float(context.get_remaining_time_in_millis()) / 1000 - RESERVE)
    except AttributeError:
        return PATIENCE
