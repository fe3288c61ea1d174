"""A skill whose function is deployed, and an entry of a home that has enrolled there."""

from collections.abc import AsyncIterator, Callable, Iterator
import logging
import re

from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET, CONF_REGION
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.alexa.closed_home import ClosedHome
from custom_components.alexa_doorbell.client import function_url
from custom_components.alexa_doorbell.const import (
    CONF_FUNCTION_URL,
    CONF_GATEWAY_URL,
    CONF_HOME_ID,
    CONF_HOME_SECRET,
    CONF_LWA_URL,
    DOMAIN,
    REGION_CUSTOM,
)
from demo.amazon.simulation import SimulatedAmazon
from demo.developer.aws import SimulatedAws

from ..home import doorbell_subentry
from ..skill.closed_home.parts import ClosedSkill, Home, deployed


@pytest.fixture
def aws(socket_enabled: None) -> Iterator[SimulatedAws]:
    """An empty AWS account."""
    for library in ("botocore", "urllib3", "boto3"):
        logging.getLogger(library).setLevel(logging.INFO)
    with SimulatedAws() as aws:
        aws.reset()
        yield aws


@pytest.fixture
def on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function's address may be one of this machine."""

    def is_loopback(url: str) -> bool:
        return re.fullmatch(r"http://127\.0\.0\.1:\d+", url) is not None

    monkeypatch.setattr(function_url, "is_function_url", is_loopback)


@pytest.fixture
async def function(
    hass: HomeAssistant, aws: SimulatedAws, amazon: SimulatedAmazon, on_loopback: None
) -> AsyncIterator[ClosedSkill]:
    """The skill as the command leaves it."""
    async with deployed(aws, amazon) as function:
        yield function


@pytest.fixture
async def enrolled(function: ClosedSkill) -> Home:
    """The home as the function knows it, able to say what the integration would not."""
    return await function.enrolled()


@pytest.fixture
def entry(
    hass: HomeAssistant, amazon: SimulatedAmazon, function: ClosedSkill, enrolled: Home
) -> MockConfigEntry:
    """A closed home with one doorbell, the binary sensor of the front door; not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Alexa Doorbell",
        unique_id=amazon.client_id,
        minor_version=2,
        data={
            CONF_CLIENT_ID: amazon.client_id,
            CONF_CLIENT_SECRET: amazon.client_secret,
            CONF_REGION: REGION_CUSTOM,
            CONF_LWA_URL: amazon.lwa_url,
            CONF_GATEWAY_URL: amazon.gateway_url(),
            CONF_FUNCTION_URL: function.url,
            CONF_HOME_ID: enrolled.home_id,
            CONF_HOME_SECRET: enrolled.secret,
        },
        subentries_data=[doorbell_subentry("binary_sensor.front_door")],
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
def closed_home(entry: MockConfigEntry) -> Callable[[], ClosedHome]:
    """What calls out, once the entry is set up."""

    def closed_home() -> ClosedHome:
        found: ClosedHome = entry.runtime_data.closed_home
        return found

    return closed_home
