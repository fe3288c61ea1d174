"""A terminal with a user before it, who answers what a program asks."""

import asyncio
from collections.abc import Mapping, Sequence
import contextlib
from dataclasses import dataclass
import os
from pathlib import Path
import sys

TIMEOUT = 50
# Takes the terminal at its input for its own: passwords are asked there.
_AT_THE_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
user = int(sys.argv[1])
if user:
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
os.execvp(sys.argv[2], sys.argv[2:])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a program ended, and all that was on the screen."""

    status: int
    screen: str


async def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    answers: Sequence[tuple[str, str]] = (),
    *,
    folder: Path | None = None,
    user: int = 0,
) -> Ended:
    """Run it, and type each answer when its question is there; all of them must be asked."""
    keyboard, screen = os.openpty()
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _AT_THE_TERMINAL, str(user), *command),
            stdin=screen,
            stdout=screen,
            stderr=screen,
            env=dict(environment),
            cwd=folder,
        )
        os.close(screen)
        try:
            async with asyncio.timeout(TIMEOUT):
                seen = await _converse(keyboard, list(answers))
                status = await process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    finally:
        os.close(keyboard)
    return Ended(status=status, screen=seen)


async def _converse(keyboard: int, answers: list[tuple[str, str]]) -> str:
    loop = asyncio.get_running_loop()
    text, answered = "", 0
    while True:
        try:
            read = await loop.run_in_executor(None, os.read, keyboard, 65536)
        except OSError:
            break
        if not read:
            break
        text += read.decode(errors="replace").replace("\r\n", "\n")
        if answers and (found := text.find(answers[0][0], answered)) >= 0:
            answered = found + len(answers[0][0])
            os.write(keyboard, f"{answers.pop(0)[1]}\n".encode())
    assert not answers, f"Never asked: {answers[0][0]}\n{text}"
    return text
