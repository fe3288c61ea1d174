"""Measures this integration beside Home Assistant's own Alexa smart home: scripts/benchmark."""

import logging

# Home Assistant misses a library for cameras here, and says so at length when it is imported.
logging.getLogger("homeassistant.components.camera.img_util").setLevel(logging.CRITICAL)
