"""A home with this integration."""

import asyncio
import gc
import time
import tracemalloc
from types import MappingProxyType
from typing import override

import aiohttp
from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from homeassistant.util.ssl import get_default_context

from .amazon import Arrival
from .home import Home

DOMAIN = "alexa_doorbell"
MOTION = "binary_sensor.motion"
WEBHOOK_ID = "webhook-of-the-skill"
_GATEWAY = "https://api.eu.amazonalexa.com/v3/events"


class Ours(Home):
    """Its accounts are linked over its webhook, by the simulated skill."""

    _entry: ConfigEntry

    @override
    async def start(self) -> None:
        await super().start()
        if entries := self.hass.config_entries.async_entries(DOMAIN):
            [self._entry] = entries
        self.hass.states.async_set(MOTION, "off", {"device_class": "motion"})

    def _new_entry(self) -> ConfigEntry:
        client_id, client_secret = self.credentials
        return ConfigEntry(
            data={
                "client_id": client_id,
                "client_secret": client_secret,
                "region": "eu",
                "webhook_id": WEBHOOK_ID,
                "shared_secret": f"whsec_{'c2VjcmV0' * 4}",
            },
            discovery_keys=MappingProxyType({}),
            domain=DOMAIN,
            minor_version=1,
            options={},
            source="user",
            subentries_data=[self._subentry(entity_id) for entity_id in self.doorbells],
            title="Alexa Doorbell",
            unique_id=client_id,
            version=1,
        )

    def _subentry(self, entity_id: str) -> ConfigSubentryData:
        name = entity_id.partition(".")[2].replace("_", " ")
        data = {
            "entity_id": entity_id,
            "friendly_name": name,
            "cooldown": 0,
            "max_age": 30,
            "warm_up": [MOTION],
        }
        return ConfigSubentryData(
            data=data, subentry_type="doorbell", title=name, unique_id=entity_id
        )

    async def add_entry(self) -> None:
        """Add the integration with its doorbells."""
        self._entry = self._new_entry()
        await self.hass.config_entries.async_add(self._entry)
        await self.hass.async_block_till_done()

    def skill(self) -> tuple[str, str]:
        """What the skill's Lambda function is told: webhook and shared secret."""
        url = f"{self.url}/api/webhook/{WEBHOOK_ID}"
        return url, self._entry.data["shared_secret"]

    async def unload(self) -> None:
        """Unload the integration."""
        await self.hass.config_entries.async_unload(self._entry.entry_id)
        await self.hass.async_block_till_done()

    async def load(self) -> None:
        """Load it again."""
        await self.hass.config_entries.async_setup(self._entry.entry_id)
        await self.hass.async_block_till_done()

    def foretell(self) -> None:
        """Let someone come to the door."""
        self.hass.states.async_set(MOTION, "off", {"device_class": "motion"})
        self.hass.states.async_set(MOTION, "on", {"device_class": "motion"})

    def stop_refreshing(self) -> None:
        """Let access tokens end; as it happens when Amazon cannot be reached for some time."""
        self._entry.runtime_data.accounts.stop_refreshing()

    def start_refreshing(self) -> None:
        """Refresh them ahead of their end again."""
        self._entry.runtime_data.accounts.start_refreshing()

    async def setup_times(self, restarts: int) -> tuple[float, list[float]]:
        """Processor time in seconds: of the first setup, and of others, from storage."""
        gc.collect()
        began = time.process_time()
        await self.add_entry()
        first = time.process_time() - began
        return first, [await self._setup_time() for _ in range(restarts)]

    async def _setup_time(self) -> float:
        await self._forget()
        gc.collect()
        began = time.process_time()
        await self.load()
        return time.process_time() - began

    async def restart(self) -> None:
        """Begin anew from storage, as at a start of Home Assistant."""
        await self._forget()
        await self.load()

    async def _forget(self) -> None:
        await self.unload()
        self.hass.data[DOMAIN].skills.clear()  # What outlives a reload of the entry.

    async def memory(self) -> int:
        """Bytes that the integration and its doorbells take."""
        gc.collect()
        tracemalloc.start()
        await self.add_entry()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    async def post_all(self, presses: list[Arrival]) -> float:
        """Send the same presses on one session of aiohttp's; the time of the first."""
        requests = [
            (press.message, f"Bearer {press.message['event']['endpoint']['scope']['token']}")
            for press in presses
        ]
        connector = aiohttp.TCPConnector(ssl=get_default_context())
        async with aiohttp.ClientSession(connector=connector) as session:
            began = time.monotonic()

            async def post(message: object, authorization: str) -> None:
                headers = {"Authorization": authorization}
                async with session.post(_GATEWAY, json=message, headers=headers) as response:
                    await response.read()

            await asyncio.gather(*(post(*request) for request in requests))
        return began
