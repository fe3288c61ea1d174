"""The ids of messages that were heard, kept over a restart: it must not let a replay in."""

import asyncio
import time
from typing import override

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from ..client.signature import ReplayMemory
from ..const import DOMAIN
from ..lasting_tasks import LastingTasks

VERSION = 1


class StoredReplayMemory(ReplayMemory):
    """A replay memory that is written after each message; there are few."""

    def __init__(self, hass: HomeAssistant, tasks: LastingTasks) -> None:
        super().__init__()
        self._tasks = tasks
        self._store = Store[dict[str, int]](
            hass, VERSION, f"{DOMAIN}.replay_memory", private=True, atomic_writes=True
        )
        self._loaded = False
        self._writing: asyncio.Task[None] | None = None

    async def async_load(self) -> None:
        """Read what an earlier Home Assistant heard, once."""
        if not self._loaded:
            self._loaded = True
            self.update(await self._store.async_load() or {}, now=time.time())

    @override
    def remember(self, message_id: str, *, timestamp: int, now: float) -> None:
        super().remember(message_id, timestamp=timestamp, now=now)
        if self._writing is None or self._writing.done():
            self._writing = self._tasks.create(self._async_write(), "replay memory", at_once=False)

    async def _async_write(self) -> None:
        written = None
        while written != (fresh := self.fresh(now=time.time())):
            await self._store.async_save(fresh)
            written = fresh
