"""The actions of automations."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.service import async_get_config_entry, async_register_admin_service
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType
import voluptuous as vol

from .const import (
    CONF_ATTRIBUTE,
    CONF_ATTRIBUTE_VALUES,
    CONF_CAMERA,
    CONF_COOLDOWN,
    CONF_EVENT_TYPES,
    CONF_FRIENDLY_NAME,
    CONF_MAX_AGE,
    CONF_RINGS_ON_RETURN,
    CONF_RINGS_WHEN,
    CONF_STATES,
    CONF_TALK,
    CONF_WARM_UP,
    DOMAIN,
)
from .data import AlexaDoorbellConfigEntry
from .doorbells.doorbell import Doorbell
from .doorbells.marking import async_mark, async_unmark
from .entity import async_register_doorbell_device, async_register_skill_device
from .press.press import Outcome
from .press.unheard import raise_if_unheard
from .press.watch import DoorbellWatch

SERVICE_MARK_DOORBELL = "mark_doorbell"
SERVICE_RING = "ring"
SERVICE_UNMARK_DOORBELL = "unmark_doorbell"
ATTR_CONFIG_ENTRY_ID = "config_entry_id"
RING_SCHEMA = vol.Schema(
    {vol.Required(ATTR_DEVICE_ID): vol.All(cv.ensure_list, vol.Length(min=1), [cv.string])}
)


def _entity_id(value: Any) -> str:
    """Take an entity id as Home Assistant writes it, also one alone in a list."""
    if isinstance(value, list) and len(value) == 1:
        [value] = value
    return str(value).strip().lower()


MARK_FIELDS = (
    CONF_FRIENDLY_NAME,
    CONF_COOLDOWN,
    CONF_MAX_AGE,
    CONF_WARM_UP,
    CONF_EVENT_TYPES,
    CONF_STATES,
    CONF_RINGS_WHEN,
    CONF_RINGS_ON_RETURN,
    CONF_ATTRIBUTE,
    CONF_ATTRIBUTE_VALUES,
    CONF_CAMERA,
    CONF_TALK,
)
# What may be wrong with a value is said by marking.py, in the user's language.
MARK_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_ENTITY_ID): _entity_id,
        **{vol.Optional(field): cv.match_all for field in MARK_FIELDS},
        vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
    }
)
UNMARK_SCHEMA = vol.Schema({vol.Required(ATTR_ENTITY_ID): _entity_id})


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions; they answer clearly even while no entry is loaded."""
    hass.services.async_register(
        DOMAIN, SERVICE_RING, _async_ring, RING_SCHEMA, SupportsResponse.OPTIONAL
    )
    async_register_admin_service(
        hass, DOMAIN, SERVICE_MARK_DOORBELL, _async_mark, MARK_SCHEMA, SupportsResponse.OPTIONAL
    )
    async_register_admin_service(
        hass, DOMAIN, SERVICE_UNMARK_DOORBELL, _async_unmark, UNMARK_SCHEMA
    )


async def _async_ring(call: ServiceCall) -> ServiceResponse:
    rung = {device_id: _watch(call.hass, device_id) for device_id in call.data[ATTR_DEVICE_ID]}
    watches = {device_id: watch for device_id, (_, watch) in rung.items()}
    now = dt_util.utcnow()
    outcomes = await asyncio.gather(
        *(asyncio.shield(watch.ring(now)) for watch in watches.values())
    )
    _raise_if_unheard(rung.values(), outcomes)
    doorbells: list[JsonValueType] = [
        {
            "device_id": device_id,
            "endpoint_id": watch.doorbell.endpoint_id,
            "accounts": [asdict(outcome) for outcome in accounts],
        }
        for (device_id, watch), accounts in zip(watches.items(), outcomes, strict=True)
    ]
    return {"doorbells": doorbells}


async def _async_mark(call: ServiceCall) -> ServiceResponse:
    hass, settings = call.hass, dict(call.data)
    entity_id = settings.pop(ATTR_ENTITY_ID)
    entry_id = settings.pop(ATTR_CONFIG_ENTRY_ID, None)
    entry, subentry, created = async_mark(hass, entity_id, settings, entry_id)
    # So that the answer names them also while the entry is not loaded.
    async_register_skill_device(hass, entry)
    device = async_register_doorbell_device(hass, entry, Doorbell.from_subentry(subentry))
    return {"endpoint_id": subentry.subentry_id, "device_id": device.id, "created": created}


async def _async_unmark(call: ServiceCall) -> None:
    async_unmark(call.hass, call.data[ATTR_ENTITY_ID])


def _raise_if_unheard(
    rung: Iterable[tuple[str, DoorbellWatch]], outcomes: Iterable[list[Outcome]]
) -> None:
    """Raise HomeAssistantError if nobody heard any of the doorbells, and none is muted."""
    rung = list(rung)
    if not any(watch.muted for _, watch in rung):
        names = [watch.doorbell.friendly_name for _, watch in rung]
        raise_if_unheard(rung[0][0], dict(zip(names, outcomes, strict=True)))


def _watch(hass: HomeAssistant, device_id: str) -> tuple[str, DoorbellWatch]:
    """Return the skill's title and the doorbell of a device.

    Raises ServiceValidationError if it is none that works.
    """
    device = dr.async_get(hass).async_get(device_id)
    if device is not None and any(identifier[0] == DOMAIN for identifier in device.identifiers):
        entry: AlexaDoorbellConfigEntry
        entry = async_get_config_entry(hass, DOMAIN, device.config_entry_id)
        # A doorbell's device is in its subentry, the skill's own in none.
        if watch := entry.runtime_data.watches.get(device.config_subentry_id or ""):
            return entry.title, watch
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_a_doorbell")
