"""Who is on the page of the skill, and who is linked."""

import json
from pathlib import Path

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from custom_components.alexa_doorbell.const import DOMAIN


def people(entry: ConfigEntry) -> list[ConfigSubentry]:
    """The accounts on the page."""
    return [each for each in entry.subentries.values() if each.subentry_type == "account"]


def shown(entry: ConfigEntry) -> list[str]:
    """The titles of the accounts on the page."""
    return sorted(each.title for each in people(entry))


def linked(entry: ConfigEntry) -> list[str]:
    """The names of the accounts that presses go to."""
    return sorted(each.name for each in entry.runtime_data.accounts.all)


def stored(storage_folder: Path, entry: ConfigEntry) -> list[str]:
    """The names of the accounts whose tokens are on the disk."""
    file = storage_folder / f"{DOMAIN}.{entry.entry_id}"
    if not file.exists():
        return []
    return sorted(each["name"] for each in json.loads(file.read_text())["data"]["accounts"])


def delete(hass: HomeAssistant, entry: ConfigEntry, title: str) -> None:
    """Delete an account, as the page does."""
    (subentry,) = [each for each in people(entry) if each.title == title]
    hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)


def rename(hass: HomeAssistant, entry: ConfigEntry, title: str, new: str) -> None:
    """Rename an account, as the page does."""
    (subentry,) = [each for each in people(entry) if each.title == title]
    hass.config_entries.async_update_subentry(entry, subentry, title=new)
