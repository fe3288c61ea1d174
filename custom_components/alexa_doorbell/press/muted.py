"""Which doorbells announce nothing: their presses are noted, but not sent to Amazon."""

import logging
from typing import TypedDict

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store

from ..const import DOMAIN

_LOGGER = logging.getLogger(__name__)

VERSION = 1


class _Stored(TypedDict):
    endpoint_ids: list[str]


class MutedDoorbells:
    """The muted doorbells of one entry, in a file of their own.

    Unlike a restored state it holds after a power cut too, and unlike the entry it can change
    without anything else being looked at again.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store = Store[_Stored](
            hass, VERSION, f"{DOMAIN}.{entry_id}.muted", private=True, atomic_writes=True
        )
        self._endpoint_ids: set[str] = set()

    async def async_load(self) -> None:
        """Read what is stored; a file that cannot be read mutes nothing."""
        try:
            stored = await self._store.async_load()
            self._endpoint_ids = set(stored["endpoint_ids"]) if stored else set()
        except HomeAssistantError, KeyError, TypeError:
            _LOGGER.exception(
                "%s cannot be read, so every doorbell is announced again", self._store.path
            )

    def __contains__(self, endpoint_id: object) -> bool:
        return endpoint_id in self._endpoint_ids

    async def async_set(self, endpoint_id: str, *, muted: bool) -> None:
        """Mute a doorbell or let it be heard; it holds at once, and once this returns, for good."""
        if muted:
            self._endpoint_ids.add(endpoint_id)
        else:
            self._endpoint_ids.discard(endpoint_id)
        await self._store.async_save({"endpoint_ids": sorted(self._endpoint_ids)})

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()
