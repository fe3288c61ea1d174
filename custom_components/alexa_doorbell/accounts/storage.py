"""The file with the accounts' tokens: private, atomic, and looked at after each write."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady, HomeAssistantError
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from .account import Account

VERSION = 1


class AccountStorage:
    """The accounts of one entry on disk; who writes waits for whoever writes already."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._hass = hass
        self._key = f"{DOMAIN}.{entry_id}"

    @property
    def path(self) -> str:
        """Where the file is."""
        return str(self._store().path)

    async def async_load(self) -> list[Account]:
        """Return what is stored; raise ConfigEntryNotReady, and keep the file, if it is unreadable.

        Home Assistant itself puts a file aside that is no JSON, and raises a repair issue.
        """
        try:
            stored = await self._store().async_load()
            return [Account.from_dict(data) for data in stored["accounts"]] if stored else []
        except (HomeAssistantError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN,
                translation_key="unreadable_tokens",
                translation_placeholders={"path": self.path},
            ) from error

    async def async_write(self, accounts: Iterable[Account]) -> bool:
        """Write, and return whether it is on disk: Home Assistant's storage only logs a failure."""
        data = {"accounts": [asdict(account) for account in accounts]}
        try:
            if not data["accounts"]:
                # A disk that is full has room for this, and nobody's tokens stay on it.
                await self.async_remove()
                return True
            await self._store().async_save(data)
            return await self._store().async_load() == data
        except OSError, HomeAssistantError:
            return False

    async def async_remove(self) -> None:
        """Delete the file; raise OSError if it cannot be."""
        await self._store().async_remove()

    def _store(self) -> Store[dict[str, Any]]:
        # A new one each time: one that has something to write reads back what it means to write.
        return Store(self._hass, VERSION, self._key, private=True, atomic_writes=True)
