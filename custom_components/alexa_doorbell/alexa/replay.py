"""The ids of messages that were heard, kept over a restart: it must not let a replay in."""

import asyncio
import logging
import time
from typing import override

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store

from ..client.signature import ReplayMemory
from ..const import DOMAIN
from ..lasting_tasks import LastingTasks

_LOGGER = logging.getLogger(__name__)

VERSION = 1


class StoredReplayMemory(ReplayMemory):
    """A replay memory that is written after each message; there are few."""

    def __init__(self, hass: HomeAssistant, tasks: LastingTasks) -> None:
        super().__init__()
        self._tasks = tasks
        self._store = Store[dict[str, int]](hass, VERSION, DOMAIN, private=True, atomic_writes=True)
        self._loaded = False
        self._writing: asyncio.Task[None] | None = None

    async def async_load(self) -> None:
        """Read what an earlier Home Assistant heard, once.

        A file that is none of ours is passed over: it holds no more than five minutes.
        """
        if self._loaded:
            return
        self._loaded = True
        try:
            self.update(await self._store.async_load() or {}, now=time.time())
        except (HomeAssistantError, TypeError, ValueError, AttributeError) as error:
            _LOGGER.warning("The messages that were heard before are not known: %s", error)

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
