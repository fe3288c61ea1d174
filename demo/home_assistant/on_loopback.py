"""Home Assistant as ever, but Amazon and AWS are where the environment says: on loopback.

A closed home's function has an address of AWS's, which nobody but AWS can give.
"""

import json
import os
from pathlib import Path
import re
import sys

from . import connections

# Where to write down who calls Home Assistant, and whom it calls; without it, nowhere.
CONNECTIONS = "DEMO_CONNECTIONS"
LWA_URL = "DEMO_LWA_URL"
GATEWAY_URLS = "DEMO_GATEWAY_URLS"


def _is_on_loopback(url: str) -> bool:
    return re.fullmatch(r"http://127\.0\.0\.1:\d+", url) is not None


def run() -> int:
    """Run Home Assistant, with Amazon and AWS where the environment says."""
    if file := os.environ.get(CONNECTIONS):
        connections.record(Path(file))

    from homeassistant.__main__ import main  # noqa: PLC0415

    from custom_components.alexa_doorbell.accounts import connection  # noqa: PLC0415
    from custom_components.alexa_doorbell.client import function_url  # noqa: PLC0415

    gateways = json.loads(os.environ[GATEWAY_URLS])
    vars(connection).update(LWA_URL=os.environ[LWA_URL], GATEWAY_URLS=gateways)
    function_url.is_function_url = _is_on_loopback
    return main()


if __name__ == "__main__":
    sys.exit(run())
