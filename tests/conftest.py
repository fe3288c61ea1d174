"""A Home Assistant with one skill, and the simulated Amazon that it talks to."""

from collections.abc import AsyncIterator, Iterator
import logging
from pathlib import Path
import re
import time
from typing import Any
from unittest.mock import patch

from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET, CONF_REGION, CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

# Without this, Home Assistant's loader looks for the integration in the harness's own folder.
import custom_components.alexa_doorbell  # noqa: F401
from custom_components.alexa_doorbell.alexa.reports import EndpointReports
from custom_components.alexa_doorbell.const import (
    CONF_GATEWAY_URL,
    CONF_LWA_URL,
    CONF_SHARED_SECRET,
    DOMAIN,
    REGION_CUSTOM,
)
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .home import doorbell_subentry

SHARED_SECRET = "whsec_" + "c2VjcmV0" * 4
WEBHOOK_ID = "webhook-of-the-skill"


# The harness keeps storage in memory; these are from before it does.
STORE = {
    name: getattr(Store, name) for name in ("_async_load", "_async_write_data", "async_remove")
}


@pytest.fixture
def storage_folder(
    hass: HomeAssistant, hass_storage: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The folder of a storage that is on disk for real."""
    config = tmp_path_factory.mktemp("config")
    hass.config.config_dir = str(config)
    folder = config / ".storage"
    folder.mkdir()
    with patch.multiple(Store, **STORE):
        yield folder


@pytest.fixture(autouse=True)
def _custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant, in the tests that have one, load what lies in custom_components."""
    if "recorder_mock" in request.fixturenames:
        request.getfixturevalue("recorder_mock")  # It has to be there before Home Assistant is.
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


# Tokens, client secrets, shared secrets, Home Assistant's own tokens, and the webhook's id.
SECRET = re.compile(rf"Atz[ar]\||amzn1\.oa2-cs\.|whsec_|eyJ[\w-]{{9,}}\.eyJ|{WEBHOOK_ID}")
OURS = "custom_components.alexa_doorbell"


@pytest.fixture(autouse=True)
def _secrets_stay_secret(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """Whatever a test does, no secret is in the log, a state or a repair issue afterwards."""
    caplog.set_level(logging.DEBUG, OURS)
    hass = request.getfixturevalue("hass") if "hass" in request.fixturenames else None
    yield
    told = [
        caplog.handler.format(record)
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if record.name.startswith(OURS) or _is_told_by_others(record)
    ]
    if hass is not None:
        told += [str(state.as_dict()) for state in hass.states.async_all()]
        told += [str(issue.to_json()) for issue in ir.async_get(hass).issues.values()]
    assert not [text for text in told if SECRET.search(text)]


def _is_told_by_others(record: logging.LogRecord) -> bool:
    """Those who serve a webhook log its id, and debug lines everything, whoever it belongs to."""
    servers = ("aiohttp.access", "homeassistant.components.webhook")
    return record.levelno > logging.DEBUG and record.name not in servers


@pytest.fixture
def without_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing goes to the event gateway but presses; for tests that count every request."""
    monkeypatch.setattr(EndpointReports, "update", lambda _self: None)


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
