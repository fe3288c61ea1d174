"""Requests to the Function URL, each to what answers it."""

from collections.abc import Callable
import http
import logging
import time
from typing import Any

from . import authorize, home, token_endpoint
from .background import TroubleError
from .exchange import Request, Response
from .table import Table

_LOGGER = logging.getLogger("alexa_doorbell")

# Alexa waits 4.5 s for tokens.
TOKEN_PATIENCE = 4.0


def answer(event: dict[str, Any], deadline: float) -> dict[str, Any]:
    """The response, whatever the request is."""
    name = "A request"
    try:
        request = Request.of(event)
        work, trouble = ROUTES.get((request.method, request.path), (_not_found, _unavailable))
        if work is not _not_found:
            name = f"{request.method} {request.path}"
        if work is token_endpoint.answer:
            deadline = min(deadline, time.monotonic() + TOKEN_PATIENCE)
    except ValueError:
        return Response(status=http.HTTPStatus.BAD_REQUEST).as_event()
    try:
        return work(request, Table.until(deadline)).as_event()
    except TroubleError as error:
        _LOGGER.error("%s: the table did not answer: %s", name, error)  # noqa: TRY400 - Said all.
    except Exception as error:  # noqa: BLE001 - Whoever asked needs an answer, whatever it was.
        # Its text may hold what must not be logged.
        _LOGGER.error("%s: unexpected %s", name, type(error).__name__)  # noqa: TRY400 - As above.
    return trouble(request).as_event()


def _not_found(request: Request, table: Table) -> Response:
    return Response(status=http.HTTPStatus.NOT_FOUND)


def _unavailable(request: Request) -> Response:
    return Response(status=http.HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "2"})


# What answers, and what is answered when the table does not.
ROUTES: dict[
    tuple[str, str], tuple[Callable[[Request, Table], Response], Callable[[Request], Response]]
] = {
    ("GET", "/authorize"): (authorize.page, authorize.unavailable),
    ("POST", "/authorize"): (authorize.submitted, authorize.unavailable),
    ("POST", "/token"): (token_endpoint.answer, token_endpoint.unavailable),
    ("POST", "/home"): (home.answer, home.unavailable),
}
