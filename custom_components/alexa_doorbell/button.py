"""The button that rings: a real press, to Alexa and back."""

import asyncio
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .data import AlexaDoorbellConfigEntry
from .doorbell import DoorbellWatch
from .entity import DoorbellEntity, new_doorbell_signal

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AlexaDoorbellConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the button of every doorbell, and of each that is added later."""

    @callback
    def add(watch: DoorbellWatch) -> None:
        async_add_entities([RingButton(watch)], config_subentry_id=watch.doorbell.endpoint_id)

    for watch in entry.runtime_data.watches.values():
        add(watch)
    entry.async_on_unload(async_dispatcher_connect(hass, new_doorbell_signal(entry), add))


class RingButton(DoorbellEntity, ButtonEntity):
    """Rings the doorbell."""

    def __init__(self, watch: DoorbellWatch) -> None:
        super().__init__(watch, "ring")

    @override
    async def async_press(self) -> None:
        await asyncio.shield(self._watch.ring(dt_util.utcnow()))
