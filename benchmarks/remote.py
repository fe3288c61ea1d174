"""An object in a process of its own, if need be in a network namespace of its own."""

import asyncio
from collections.abc import Callable
import contextlib
from dataclasses import dataclass
import inspect
import multiprocessing
from multiprocessing.connection import Connection
import os
from pathlib import Path
import signal
import sys
import traceback
from typing import Any, Self

from . import network

_PATIENCE = 180
_LAST_LINES = 25


class RemoteError(Exception):
    """Something went wrong in the other process; the text says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a process runs: its output goes to `log`; no namespace is this machine's network."""

    log: Path
    namespace: str = ""
    hosts: Path | None = None


class Remote:
    """Calls the methods of an object that lives elsewhere; `make` is called there."""

    def __init__(self, make: Callable[[], object], place: Place) -> None:
        context = multiprocessing.get_context("spawn")
        self._log = place.log
        self._pipe, end = context.Pipe()
        self._process = context.Process(target=_live, args=(end, make, place), daemon=True)
        self._process.start()
        end.close()

    def call(self, method: str, *args: Any) -> Any:
        """Return what the method, or its coroutine, returns; RemoteError if it raises."""
        self.start_call(method, *args)
        return self.finish_call()

    def start_call(self, method: str, *args: Any) -> None:
        """Begin a call, and leave its end to finish_call()."""
        self._pipe.send((method, args))

    def finish_call(self) -> Any:
        """See start_call()."""
        try:
            if not self._pipe.poll(_PATIENCE):
                raise RemoteError(f"No answer after {_PATIENCE} s:\n{self._end_of_log()}")
            failed, value = self._pipe.recv()
        except EOFError, OSError:
            raise RemoteError(f"The process ended:\n{self._end_of_log()}") from None
        if failed:
            raise RemoteError(f"{value}\n{self._end_of_log()}")
        return value

    def close(self) -> None:
        """End the process, and see to it that it has ended."""
        self._pipe.close()
        self._process.join(10)
        self._process.kill()
        self._process.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end_of_log(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self._log.read_text(errors="replace").splitlines()[-_LAST_LINES:])
        return ""


def _live(pipe: Connection, make: Callable[[], object], place: Place) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it.
    with place.log.open("ab") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    if place.namespace and place.hosts:
        network.enter(place.namespace, place.hosts)
    try:
        asyncio.run(_answer(pipe, make()))
    finally:
        os._exit(0)  # Threads of Home Assistant's may still wait for something.


async def _answer(pipe: Connection, target: object) -> None:
    """Do one call after the other until the other end closes the pipe."""
    loop = asyncio.get_running_loop()
    while True:
        readable = asyncio.Event()
        loop.add_reader(pipe.fileno(), readable.set)
        await readable.wait()
        loop.remove_reader(pipe.fileno())
        try:
            method, args = pipe.recv()
        except EOFError:
            return
        try:
            value = getattr(target, method)(*args)
            pipe.send((False, await value if inspect.isawaitable(value) else value))
        except Exception:  # noqa: BLE001 - It is raised where it was asked for.
            pipe.send((True, traceback.format_exc()))
