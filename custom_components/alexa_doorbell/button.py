"""The button that rings: a real press, to Alexa and back."""

import asyncio
from functools import partial
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .data import AlexaDoorbellConfigEntry
from .entity import DoorbellEntity, async_add_to_each_doorbell
from .press.unheard import raise_if_unheard
from .press.watch import DoorbellWatch

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AlexaDoorbellConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the button of every doorbell."""
    make = partial(RingButton, skill=entry.title)
    async_add_to_each_doorbell(hass, entry, async_add_entities, make)


class RingButton(DoorbellEntity, ButtonEntity):
    """Rings the doorbell."""

    def __init__(self, watch: DoorbellWatch, skill: str) -> None:
        super().__init__(watch, "ring")
        self._skill = skill

    @override
    async def async_press(self) -> None:
        outcomes = await asyncio.shield(self._watch.ring(dt_util.utcnow()))
        if not self._watch.muted:
            raise_if_unheard(self._skill, {self._watch.doorbell.friendly_name: outcomes})
