"""Simulated time: when nothing is left to do, the clock jumps to the next timer.

Sockets, threads and the event loop are the real ones. With `freezer`, the loop's time is the
frozen one; the loop turns as long as a socket or a thread has something for it, and only then,
instead of waiting for its next timer, moves the clock to it. So nothing that takes no sleep
takes any time, and two weeks take as long as their work.

A test has to be marked with freeze_time, so that all of it, its fixtures too, sees one clock.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import timedelta
import math
from selectors import BaseSelector, SelectorKey
from typing import Any, cast

from freezegun.api import FrozenDateTimeFactory

type Ready = list[tuple[SelectorKey, int]]


def simulate_time(freezer: FrozenDateTimeFactory) -> None:
    """Let the clock jump from now on, for as long as the running loop lives."""
    loop = cast(Any, asyncio.get_running_loop())
    selector: BaseSelector = loop._selector
    wait_for_sockets = selector.select
    start_in_thread = loop.run_in_executor
    threads: set[asyncio.Future[Any]] = set()

    def run_in_executor(
        executor: Executor | None, function: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = start_in_thread(executor, function, *args)
        threads.add(future)
        future.add_done_callback(threads.discard)
        return future

    def select(timeout: float | None = None) -> Ready:
        ready = wait_for_sockets(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if threads or timeout is None:
            return wait_for_sockets(None)
        freezer.tick(timedelta(microseconds=math.ceil(timeout * 1_000_000)))
        return []

    # The frozen clock counts microseconds: a timer of this very moment is due.
    loop._clock_resolution = 1e-6
    loop.set_debug(False)
    loop.run_in_executor = run_in_executor
    selector.select = select  # type: ignore[method-assign]


def pending_timers() -> list[asyncio.TimerHandle]:
    """The timers of the running loop that will go off."""
    loop = cast(Any, asyncio.get_running_loop())
    return [handle for handle in loop._scheduled if not handle.cancelled()]


def open_sockets() -> int:
    """How many sockets the running loop watches, its own included."""
    loop = cast(Any, asyncio.get_running_loop())
    return len(loop._selector.get_map())
