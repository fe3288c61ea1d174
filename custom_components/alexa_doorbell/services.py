"""The actions of automations (contract section 7)."""

import asyncio
from dataclasses import asdict

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType
import voluptuous as vol

from .const import DOMAIN
from .data import AlexaDoorbellConfigEntry
from .doorbell import DoorbellWatch

SERVICE_RING = "ring"
RING_SCHEMA = vol.Schema(
    {vol.Required(ATTR_DEVICE_ID): vol.All(cv.ensure_list, vol.Length(min=1), [cv.string])}
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions; they answer clearly even while no entry is loaded."""
    hass.services.async_register(
        DOMAIN, SERVICE_RING, _async_ring, RING_SCHEMA, SupportsResponse.OPTIONAL
    )


async def _async_ring(call: ServiceCall) -> ServiceResponse:
    watches = {device_id: _watch(call.hass, device_id) for device_id in call.data[ATTR_DEVICE_ID]}
    now = dt_util.utcnow()
    outcomes = await asyncio.gather(
        *(asyncio.shield(watch.ring(now)) for watch in watches.values())
    )
    doorbells: list[JsonValueType] = [
        {
            "device_id": device_id,
            "endpoint_id": watch.doorbell.endpoint_id,
            "accounts": [asdict(outcome) for outcome in accounts],
        }
        for (device_id, watch), accounts in zip(watches.items(), outcomes, strict=True)
    ]
    return {"doorbells": doorbells}


def _watch(hass: HomeAssistant, device_id: str) -> DoorbellWatch:
    """Return the doorbell of a device; raise ServiceValidationError if it is none that works."""
    device = dr.async_get(hass).async_get(device_id)
    if device is not None and any(identifier[0] == DOMAIN for identifier in device.identifiers):
        entry: AlexaDoorbellConfigEntry
        entry = async_get_config_entry(hass, DOMAIN, device.config_entry_id)
        # A doorbell's device is in its subentry, the skill's own in none.
        if watch := entry.runtime_data.watches.get(device.config_subentry_id or ""):
            return watch
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_a_doorbell")
