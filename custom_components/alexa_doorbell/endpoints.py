"""Doorbells as Alexa sees them."""

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback

from .client.messages import Endpoint
from .models import Doorbell

MANUFACTURER = "Home Assistant"


def endpoint_of(doorbell: Doorbell) -> Endpoint:
    """Return what Alexa is told of a doorbell."""
    return Endpoint(
        endpoint_id=doorbell.endpoint_id,
        friendly_name=doorbell.friendly_name,
        description="Doorbell connected through Home Assistant",
        manufacturer_name=MANUFACTURER,
    )


@callback
def is_reachable(hass: HomeAssistant, doorbell: Doorbell) -> bool:
    """Whether a press could be noticed: a virtual doorbell always is there."""
    if doorbell.entity_id is None:
        return True
    state = hass.states.get(doorbell.entity_id)
    return state is not None and state.state != STATE_UNAVAILABLE
