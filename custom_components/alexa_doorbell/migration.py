"""Brings what earlier versions stored into today's form; nothing of it is lost."""

import time

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from .alexa.webhook import OLD_SECRET_LIFETIME
from .const import (
    CONF_ANNOUNCEMENTS,
    CONF_PREVIOUS_SHARED_SECRET,
    CONF_PREVIOUS_SHARED_SECRET_ENDS,
    SUBENTRY_DOORBELL,
)
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
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
