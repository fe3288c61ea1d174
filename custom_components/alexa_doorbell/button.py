"""The button that rings: a real press, to Alexa and back."""

import asyncio
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .data import AlexaDoorbellConfigEntry
from .entity import DoorbellEntity, async_add_to_each_doorbell
from .press.watch import DoorbellWatch

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AlexaDoorbellConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the button of every doorbell."""
    async_add_to_each_doorbell(hass, entry, async_add_entities, RingButton)


class RingButton(DoorbellEntity, ButtonEntity):
    """Rings the doorbell."""

    def __init__(self, watch: DoorbellWatch) -> None:
        super().__init__(watch, "ring")

    @override
    async def async_press(self) -> None:
        await asyncio.shield(self._watch.ring(dt_util.utcnow()))
