"""A Home Assistant with one skill, and the simulated Amazon that it talks to."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
import time
from typing import Any
from unittest.mock import patch

from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET, CONF_REGION, CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

# Without this, Home Assistant's loader looks for the integration in the harness's own folder.
import custom_components.alexa_doorbell  # noqa: F401
from custom_components.alexa_doorbell.const import (
    CONF_GATEWAY_URL,
    CONF_LWA_URL,
    CONF_SHARED_SECRET,
    DOMAIN,
    REGION_CUSTOM,
)
from demo.amazon import SimulatedAmazon
from demo.skill import Skill

from .doorbells import doorbell_subentry

SHARED_SECRET = "whsec_" + "c2VjcmV0" * 4
WEBHOOK_ID = "webhook-of-the-skill"


# The harness keeps storage in memory; these are from before it does.
STORE = {
    name: getattr(Store, name) for name in ("_async_load", "_async_write_data", "async_remove")
}


@pytest.fixture
def storage_folder(
    hass: HomeAssistant, hass_storage: dict[str, Any], tmp_path: Path
) -> Iterator[Path]:
    """The folder of a storage that is on disk for real."""
    hass.config.config_dir = str(tmp_path)
    folder = tmp_path / ".storage"
    folder.mkdir()
    with patch.multiple(Store, **STORE):
        yield folder


@pytest.fixture(autouse=True)
def _custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load what lies in custom_components."""


@pytest.fixture
async def amazon(socket_enabled: None) -> AsyncIterator[SimulatedAmazon]:
    """The simulated Amazon, with the clock that the test may move."""
    async with SimulatedAmazon(lambda: time.time()) as amazon:  # noqa: PLW0108 - freezer patches it.
        yield amazon


@pytest.fixture
def entry(hass: HomeAssistant, amazon: SimulatedAmazon) -> MockConfigEntry:
    """A skill with one doorbell, the binary sensor of the front door; not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Alexa Doorbell",
        unique_id=amazon.client_id,
        data={
            CONF_CLIENT_ID: amazon.client_id,
            CONF_CLIENT_SECRET: amazon.client_secret,
            CONF_REGION: REGION_CUSTOM,
            CONF_LWA_URL: amazon.lwa_url,
            CONF_GATEWAY_URL: amazon.gateway_url(),
            CONF_WEBHOOK_ID: WEBHOOK_ID,
            CONF_SHARED_SECRET: SHARED_SECRET,
        },
        subentries_data=[doorbell_subentry("binary_sensor.front_door")],
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def skill(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator, amazon: SimulatedAmazon
) -> Skill:
    """The skill's Lambda, which posts to the webhook of `entry`."""
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    return Skill(amazon, str(client.make_url(f"/api/webhook/{WEBHOOK_ID}")), SHARED_SECRET)
