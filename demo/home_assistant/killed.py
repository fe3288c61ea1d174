"""Home Assistant on loopback that kills itself, at the step of a link that a file names.

The steps are those from the home's question for grants to the account on its page.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
import os
from pathlib import Path
import signal
import sys
from typing import Any
from unittest.mock import patch

from . import on_loopback

STEP_FILE = "DEMO_KILLED_AT"


class Step(StrEnum):
    """Where it is killed, in the order in which a link comes there."""

    QUESTION = "before it asks for grants"
    ANSWER = "when it has the grant"
    WRITE = "before it writes the tokens"
    TEMPORARY_FILE = "when the tokens are in a temporary file"
    RENAMED = "when the file of the tokens is in its place"
    ACKNOWLEDGEMENT = "before it acknowledges the grant"
    ACKNOWLEDGED = "when it has acknowledged the grant"
    SUBENTRY = "before the subentry is written"
    SHOWN = "when the subentry is written"


class Killer:
    """Looks whether a step that has been reached is the one to die at."""

    def __init__(self, file: Path) -> None:
        self._file = file
        # Whether a grant has come: only then a write is one of its tokens.
        self._has_grant = False

    def reached(self, step: Step) -> None:
        """Die as in a power cut, if it is here."""
        if (step is Step.QUESTION or self._has_grant) and self._wanted() == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def _wanted(self) -> str:
        try:
            return self._file.read_text()
        except FileNotFoundError:
            return ""

    def got(self, grants: Sequence[object]) -> None:
        """Note that the function has answered with grants."""
        if grants:
            self._has_grant = True
            self.reached(Step.ANSWER)

    def moving[**P](self, move: Callable[P, None]) -> Callable[P, None]:
        """A function that moves a temporary file into its place, and dies before or after."""

        def moved(*arguments: P.args, **named: P.kwargs) -> None:
            steps = _steps_of(*(Path(str(each)) for each in arguments[:2]))
            for step in steps[:1]:
                self.reached(step)
            move(*arguments, **named)
            for step in steps[1:]:
                self.reached(step)

        return moved


def _steps_of(source: Path, target: Path) -> Sequence[Step]:
    """The step before and the step after, where the new file has one more account."""
    if target.parent.name != ".storage":
        return ()
    if target.name == "core.config_entries" and _adds(source, target, '"subentry_type":"account"'):
        return Step.SUBENTRY, Step.SHOWN
    if target.name.startswith("alexa_doorbell.") and _adds(source, target, '"account_id"'):
        return Step.TEMPORARY_FILE, Step.RENAMED
    return ()


def _adds(source: Path, target: Path, mark: str) -> bool:
    before = target.read_text() if target.exists() else ""
    return source.read_text().count(mark) > before.count(mark)


def run() -> int:
    """Run Home Assistant until the file names a step that it reaches."""
    from custom_components.alexa_doorbell.accounts.storage import AccountStorage  # noqa: PLC0415
    from custom_components.alexa_doorbell.client.function_url import FunctionUrl  # noqa: PLC0415

    killer = Killer(Path(os.environ[STEP_FILE]))
    ask, acknowledge = FunctionUrl.grants, FunctionUrl.acknowledge
    write = AccountStorage.async_write

    async def grants(self: FunctionUrl) -> Any:
        killer.reached(Step.QUESTION)
        waiting = await ask(self)
        killer.got(waiting.grants)
        return waiting

    async def async_write(self: AccountStorage, accounts: Iterable[Any]) -> bool:
        killer.reached(Step.WRITE)
        return await write(self, accounts)

    async def acknowledged(self: FunctionUrl, grant_ids: Sequence[str]) -> None:
        killer.reached(Step.ACKNOWLEDGEMENT)
        await acknowledge(self, grant_ids)
        killer.reached(Step.ACKNOWLEDGED)

    with (
        patch.multiple(FunctionUrl, grants=grants, acknowledge=acknowledged),
        patch.object(AccountStorage, "async_write", async_write),
        patch.multiple(os, rename=killer.moving(os.rename), replace=killer.moving(os.replace)),
    ):
        return on_loopback.run()


if __name__ == "__main__":
    sys.exit(run())
