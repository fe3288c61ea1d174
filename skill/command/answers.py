"""Whether the functions of a closed home answer: each by itself, and one by its address."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from . import web
from .causes import failure
from .errors import CommandError
from .function import Function
from .home_assistant import Answered, Problem, ping, told_by_function
from .progress import Patience, Progress
from .reach import DENIED
from .rows import Client
from .wanted import Wanted

# Seconds for which AWS may not know everywhere what it was told: a policy, an address.
LIMIT = 60
CAUSES_BY_STATUS = {
    403: "address_forbidden",
    429: "address_busy",
    502: "address_died",
    503: "table_unanswered",
}


class Answers:
    """Asks, as long as it may be AWS that does not know yet."""

    def __init__(self, progress: Progress, patience: Patience) -> None:
        self._progress = progress
        self._patience = patience

    def of_function(self, function: Function, wanted: Wanted) -> None:
        """Raise unless it answers from its table."""

        def ask(document: Mapping[str, Any]) -> Answered | Problem:
            return told_by_function(function.ask(document, wanted))

        def asked() -> CommandError | None:
            problem = ping(ask)
            if problem is None:
                return None
            if problem.cause == "table":
                return failure("table_unanswered", said=f"{problem.message}.")
            return failure("function_unexpected", kind=problem.cause, message=problem.message)

        try:
            self._patiently(asked)
        except CommandError as error:
            if error.cause not in DENIED:
                raise
            self._progress.note("this login may not ask the function; it goes on without")
        else:
            self._progress.note(f"the {function.where} answers")

    def of_address(self, address: str, client: Client) -> None:
        """Raise unless the function behind it knows Alexa by this client."""
        self._patiently(lambda: _asked(address, client))
        self._progress.note("its address answers")

    def _patiently(self, ask: Callable[[], CommandError | None]) -> None:
        problem = ask()
        for _ in self._patience.pauses(LIMIT):
            if problem is None:
                return
            problem = ask()
        if problem is not None:
            raise problem


def _asked(address: str, client: Client) -> CommandError | None:
    """Ask for what it has to refuse, in the words that only it has for that."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": "none",
        "client_id": client.client_id,
        "client_secret": client.client_secret,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode(form).encode()
    try:
        answer = web.request("POST", f"{address}/token", headers=headers, body=body)
    except web.NoConnectionError as error:
        return failure("address_not_reached", said=str(error))
    if answer.document.get("error") == "invalid_grant":
        return None
    cause = CAUSES_BY_STATUS.get(answer.status, "address_unexpected")
    return failure(cause, said=f"answer {answer.status}")
