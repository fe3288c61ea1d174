"""Work that outlives a reload of the entry, and is given a moment when Home Assistant stops."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

_TASKS: HassKey[set[asyncio.Task[Any]]] = HassKey(f"{DOMAIN}.lasting_tasks")
# Contract section 6: stopping waits this long for a press on its way, in seconds.
GRACE = 5


@callback
def async_setup_lasting_tasks(hass: HomeAssistant) -> None:
    """Make stopping Home Assistant wait; once, before any task is created."""
    tasks = hass.data[_TASKS] = set()

    async def wait_for_tasks() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                while tasks:  # One may leave another behind: tokens are written once they came.
                    await asyncio.wait(tasks)

    # Only shutdown jobs run before Home Assistant cancels background tasks.
    hass.async_add_shutdown_job(HassJob(wait_for_tasks, name=f"{DOMAIN} presses on their way"))


@callback
def async_create_lasting_task[T](
    hass: HomeAssistant, work: Coroutine[Any, Any, T], name: str
) -> asyncio.Task[T]:
    """Start work at once that neither an unload nor a caller that gives up ends."""
    task = hass.async_create_background_task(work, f"{DOMAIN} {name}", eager_start=True)
    if not task.done():
        tasks = hass.data[_TASKS]
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    return task
