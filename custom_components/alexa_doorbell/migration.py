"""Brings what earlier versions stored into today's form; nothing of it is lost."""

import time

from homeassistant.components.event import ATTR_EVENT_TYPES, DOMAIN as EVENT_DOMAIN
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from .alexa.webhook import OLD_SECRET_LIFETIME
from .const import (
    CONF_ANNOUNCEMENTS,
    CONF_EVENT_TYPES,
    CONF_PREVIOUS_SHARED_SECRET,
    CONF_PREVIOUS_SHARED_SECRET_ENDS,
    SUBENTRY_DOORBELL,
)
from .doorbells.choice import STANDARD_TYPE
from .doorbells.sources import source_entity_id, told_names
from .doorbells.wording import ring_like
from .press.muted import MutedDoorbells


async def async_migrate(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Bring an entry from 1.1 to 1.2: mutes have a file of their own, old secrets an end."""
    muted = MutedDoorbells(hass, entry.entry_id)
    await muted.async_load()
    for subentry in list(entry.subentries.values()):
        if subentry.subentry_type == SUBENTRY_DOORBELL:
            if subentry.data.get(CONF_ANNOUNCEMENTS) is False:
                await muted.async_set(subentry.subentry_id, muted=True)
            _migrate_doorbell(hass, entry, subentry)
    data = dict(entry.data)
    if CONF_PREVIOUS_SHARED_SECRET in data:
        data.setdefault(CONF_PREVIOUS_SHARED_SECRET_ENDS, time.time() + OLD_SECRET_LIFETIME)
    hass.config_entries.async_update_entry(entry, data=data, minor_version=2)


def _migrate_doorbell(hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry) -> None:
    data = {key: value for key, value in subentry.data.items() if key != CONF_ANNOUNCEMENTS}
    entity_id = str(source_entity_id(hass, subentry))
    if entity_id.partition(".")[0] == EVENT_DOMAIN and not data.get(CONF_EVENT_TYPES):
        # Nothing stored meant every type, and would go on to ring by types that come later.
        offered = told_names(hass, entity_id, ATTR_EVENT_TYPES)
        data[CONF_EVENT_TYPES] = ring_like(offered) or offered or [STANDARD_TYPE]
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
