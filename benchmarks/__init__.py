"""Measures this integration beside Home Assistant's own Alexa smart home: scripts/benchmark."""

import logging

# Before voluptuous: it puts its own engine in that one's place.
import homeassistant  # noqa: F401

# Home Assistant misses a library for cameras here, and says so at length when it is imported.
logging.getLogger("homeassistant.components.camera.img_util").setLevel(logging.CRITICAL)
