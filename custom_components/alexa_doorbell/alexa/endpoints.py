"""What Alexa is told of a doorbell."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..client.messages import Endpoint
from ..doorbells.doorbell import Doorbell
from ..press.watch import is_away

MANUFACTURER = "Home Assistant"


@callback
def endpoint_of(hass: HomeAssistant, doorbell: Doorbell) -> Endpoint:
    """Return what Alexa is told of a doorbell: its name, and the device behind its entity."""
    return Endpoint(
        endpoint_id=doorbell.endpoint_id,
        friendly_name=doorbell.friendly_name,
        description="Doorbell connected through Home Assistant",
        manufacturer_name=MANUFACTURER,
        attributes=_attributes(hass, doorbell),
        has_camera=doorbell.camera is not None,
        can_talk=doorbell.talk,
    )


@callback
def is_reachable(hass: HomeAssistant, doorbell: Doorbell) -> bool:
    """Whether a press could be noticed: a virtual doorbell always is there."""
    return doorbell.entity_id is None or not is_away(hass.states.get(doorbell.entity_id))


def _attributes(hass: HomeAssistant, doorbell: Doorbell) -> dict[str, str]:
    """Return what is known of the device behind the doorbell's entity."""
    registered = er.async_get(hass).async_get(doorbell.entity_id or "")
    if registered is None or registered.device_id is None:
        return {}
    device = dr.async_get(hass).async_get(registered.device_id)
    if not isinstance(device, dr.DeviceEntry):
        return {}
    attributes = {
        "manufacturer": device.manufacturer,
        "model": device.model,
        "softwareVersion": device.sw_version,
        "serialNumber": device.serial_number,
    }
    return {key: value for key, value in attributes.items() if value}
