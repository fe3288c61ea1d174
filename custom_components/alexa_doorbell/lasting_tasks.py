"""Work that outlives a reload of its entry, and is given a moment when Home Assistant stops."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from homeassistant.core import HassJob, HomeAssistant, callback

from .const import DOMAIN

# Stopping waits this long for a press on its way, in seconds.
GRACE = 5


class LastingTasks:
    """Tasks that neither an unload nor a caller that gives up ends; make one for all entries."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._tasks: set[asyncio.Task[Any]] = set()
        # Only shutdown jobs run before Home Assistant cancels background tasks.
        job = HassJob(self._async_wait, name=f"{DOMAIN} presses on their way")
        hass.async_add_shutdown_job(job)

    @callback
    def create[T](
        self, work: Coroutine[Any, Any, T], name: str, *, at_once: bool = True
    ) -> asyncio.Task[T]:
        """Start work, if not at once then in the loop's next turn."""
        task = self._hass.async_create_background_task(
            work, f"{DOMAIN} {name}", eager_start=at_once
        )
        if not task.done():
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return task

    async def _async_wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                while self._tasks:  # One may leave another behind: tokens are written last.
                    await asyncio.wait(self._tasks)
