"""What tests of the doorbell's forms do and see."""

from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from ..flows import DOORBELL_TEXTS, checked, open_doorbell, submit_doorbell as submit
from ..home import set_up


@pytest.fixture
async def entry(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """A skill that is set up and has no doorbell yet."""
    await set_up(hass, entry)
    (doorbell,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, doorbell)
    return entry


async def open_change(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Begin to change the only doorbell."""
    result = await entry.start_subentry_reconfigure_flow(hass, doorbell_of(entry).subentry_id)
    return checked(result, DOORBELL_TEXTS)


async def add(hass: HomeAssistant, entry: MockConfigEntry, **fields: Any) -> Any:
    """Fill in the first form of a doorbell."""
    return await submit(hass, await open_doorbell(hass, entry), **fields)


def doorbell_of(entry: MockConfigEntry) -> ConfigSubentry:
    """The only doorbell of the entry."""
    (doorbell,) = entry.subentries.values()
    assert isinstance(doorbell, ConfigSubentry)
    return doorbell


def register(
    hass: HomeAssistant, entity_id: str, platform: str = "test", **attributes: Any
) -> er.RegistryEntry:
    """An entity with a registration of its own."""
    domain, _, object_id = entity_id.partition(".")
    registered = er.async_get(hass).async_get_or_create(
        domain, platform, object_id, suggested_object_id=object_id
    )
    hass.states.async_set(entity_id, "unknown", attributes)
    return registered


def rename(hass: HomeAssistant, old: str, new: str) -> None:
    """Give an entity another entity id, with its state."""
    er.async_get(hass).async_update_entity(old, new_entity_id=new)
    hass.states.async_remove(old)
    hass.states.async_set(new, "off")


def assert_added(result: Any) -> None:
    """The doorbell is there."""
    assert result["type"] is FlowResultType.CREATE_ENTRY


def assert_aborts(result: Any, reason: str) -> None:
    """The flow is over, for this reason."""
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, reason)


def assert_asks(form: Any, step_id: str, errors: dict[str, str] | None = None) -> None:
    """The user sees this form, with these errors."""
    assert form["type"] is FlowResultType.FORM
    assert (form["step_id"], form["errors"] or {}) == (step_id, errors or {})
