"""What Home Assistant knows of the camera at a doorbell.

Home Assistant's camera component is imported only where it runs already: a home without a camera
shall not carry its weight.
"""

from enum import StrEnum

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .proposals import is_aside, nearest

CAMERA = "camera"


class Hindrance(StrEnum):
    """What keeps a door from an Echo's screen, from the camera's side."""

    MISSING = "missing"
    """The camera is not there, or unavailable."""
    OFF = "off"
    NO_WEBRTC = "no_webrtc"
    """Nothing in Home Assistant offers its picture by WebRTC."""
    NO_H264 = "no_h264"
    """It sends no picture that an Echo can show."""
    FAILED = "failed"
    """It gave no answer that could be used."""
    LATE = "late"
    HOME_NETWORK = "home_network"
    """It answered, but only with addresses that end at the home's own router."""


# Those that are seen without any offer.
STANDING = {Hindrance.MISSING, Hindrance.OFF, Hindrance.NO_WEBRTC}


@callback
def hindrance(hass: HomeAssistant, entity_id: str) -> Hindrance | None:
    """Return what keeps a camera from answering an offer now; None: nothing that shows."""
    state = hass.states.get(entity_id)
    if CAMERA not in hass.config.components or state is None or state.state == STATE_UNAVAILABLE:
        return Hindrance.MISSING
    from homeassistant.components.camera import (  # noqa: PLC0415
        StreamType,
        get_camera_from_entity_id,
    )

    try:
        camera = get_camera_from_entity_id(hass, entity_id)
    except HomeAssistantError:
        return Hindrance.OFF
    types = camera.camera_capabilities.frontend_stream_types
    return None if StreamType.WEB_RTC in types else Hindrance.NO_WEBRTC


@callback
def camera_error(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return the translation key of why an entity cannot be a doorbell's camera."""
    if entity_id.partition(".")[0] != CAMERA:
        return "unsupported_camera"
    there = er.async_get(hass).async_get(entity_id) or hass.states.get(entity_id)
    return None if there else "entity_not_found"


@callback
def likely_camera(hass: HomeAssistant, entity_id: str | None) -> str | None:
    """Return the camera of an entity's device, or else of its area, that an Echo can show."""
    if entity_id is None:
        return None
    showing = [
        state.entity_id
        for state in hass.states.async_all(CAMERA)
        if not is_aside(hass, state.entity_id)
        and hindrance(hass, state.entity_id) in {None, Hindrance.OFF}
    ]
    return next(iter(nearest(hass, entity_id, showing)), None)
