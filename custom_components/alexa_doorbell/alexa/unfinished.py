"""Webhooks of setups that are under way, so that one that a restart cuts off leaves none behind."""

from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from .address import async_delete_cloudhook

VERSION = 1


class UnfinishedSetups:
    """Remembers the webhook of each setup until it has ended, over a restart too."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._store = Store[dict[str, list[str]]](
            hass, VERSION, f"{DOMAIN}_setups", private=True, atomic_writes=True
        )
        self._webhook_ids: set[str] = set()
        self._loaded = False

    async def async_begin(self, webhook_id: str) -> None:
        """Note a setup; take back the cloudhooks of those that a restart has cut off."""
        left_over: list[str] = []
        if not self._loaded:
            self._loaded = True
            left_over = (await self._store.async_load() or {}).get("webhook_ids", [])
        self._webhook_ids.add(webhook_id)
        await self._async_save()
        entries = self._hass.config_entries.async_entries(DOMAIN)
        for each in set(left_over) - {entry.data.get(CONF_WEBHOOK_ID) for entry in entries}:
            await async_delete_cloudhook(self._hass, each)

    async def async_end(self, webhook_id: str) -> None:
        """Forget a setup that has ended, well or not."""
        if webhook_id in self._webhook_ids:
            self._webhook_ids.remove(webhook_id)
            await self._async_save()

    async def _async_save(self) -> None:
        await self._store.async_save({"webhook_ids": sorted(self._webhook_ids)})
