"""A doorbell that Amazon refuses to hear of keeps no other news from the Alexa app."""

import asyncio
import logging

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from demo.amazon.account import Account
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import add_doorbell, set_up
from ..simulated_time import simulate_time

pytestmark = pytest.mark.freeze_time("2026-03-20 12:00:00")

BELL = "binary_sensor.front_door"
# Not a name that Alexa could say; the form lets no such name in.
REFUSED = "Bell #2"
SOON, A_DAY = 10, 24 * 3600


@pytest.fixture(autouse=True)
async def gone(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> ConfigSubentry:
    """A doorbell that will be removed, beside the one at the front door."""
    simulate_time(freezer)
    hass.states.async_set(BELL, "off")
    gone = add_doorbell(hass, entry, None, "Old door")
    await set_up(hass, entry)
    return gone


@pytest.fixture
async def ada(
    amazon: SimulatedAmazon, skill: Skill, gone: ConfigSubentry, caplog: pytest.LogCaptureFixture
) -> Account:
    """An account that was told of both, and forgot neither."""
    ada = amazon.add_account("Ada")
    assert await skill.link(ada)
    await asyncio.sleep(SOON)
    amazon.requests.clear()
    amazon.events.clear()
    caplog.clear()
    return ada


@pytest.fixture
def refused(hass: HomeAssistant, entry: MockConfigEntry, ada: Account) -> ConfigSubentry:
    """A doorbell that was just added, and that Amazon refuses."""
    return add_doorbell(hass, entry, None, REFUSED)


def names(account: Account) -> set[str]:
    """The doorbells in the Alexa app."""
    return {endpoint["friendlyName"] for endpoint in account.endpoints.values()}


def refusals(amazon: SimulatedAmazon) -> int:
    """How many reports Amazon refused."""
    return sum(each.status == 400 for each in amazon.requests)


@pytest.mark.usefixtures("refused")
async def test_a_doorbell_that_is_added_with_a_refused_one_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, ada: Account
) -> None:
    add_doorbell(hass, entry, None, "New door")
    await asyncio.sleep(SOON)
    assert names(ada) == {"Front door", "Old door", "New door"}


@pytest.mark.usefixtures("refused")
async def test_a_doorbell_that_is_removed_beside_a_refused_one_goes_from_the_alexa_app(
    hass: HomeAssistant, entry: MockConfigEntry, ada: Account, gone: ConfigSubentry
) -> None:
    hass.config_entries.async_remove_subentry(entry, gone.subentry_id)
    await asyncio.sleep(SOON)
    assert names(ada) == {"Front door"}


@pytest.mark.usefixtures("refused")
async def test_a_doorbell_that_goes_away_beside_a_refused_one_is_told(
    hass: HomeAssistant, amazon: SimulatedAmazon, ada: Account
) -> None:
    hass.states.async_set(BELL, "unavailable")
    await asyncio.sleep(60)
    assert [event.name for event in amazon.events] == ["ChangeReport"]


async def test_a_refused_doorbell_is_logged_once_with_its_name_and_amazons_code(
    refused: ConfigSubentry, caplog: pytest.LogCaptureFixture
) -> None:
    await asyncio.sleep(A_DAY)
    (line,) = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    assert REFUSED in line
    assert "400 INVALID_REQUEST_EXCEPTION" in line


async def test_a_refused_doorbell_rests(refused: ConfigSubentry, amazon: SimulatedAmazon) -> None:
    await asyncio.sleep(A_DAY)
    assert refusals(amazon) == 1


async def test_a_refused_doorbell_rests_while_others_change(
    hass: HomeAssistant, entry: MockConfigEntry, refused: ConfigSubentry, amazon: SimulatedAmazon
) -> None:
    await asyncio.sleep(SOON)
    amazon.requests.clear()
    add_doorbell(hass, entry, None, "New door")
    await asyncio.sleep(SOON)
    assert refusals(amazon) == 0


async def test_a_refused_doorbell_is_told_once_it_has_another_name(
    hass: HomeAssistant, entry: MockConfigEntry, refused: ConfigSubentry, ada: Account
) -> None:
    await asyncio.sleep(SOON)
    data = {**refused.data, "friendly_name": "Second bell"}
    hass.config_entries.async_update_subentry(entry, refused, data=data)
    await asyncio.sleep(SOON)
    assert names(ada) == {"Front door", "Old door", "Second bell"}
