"""Tokens that are refreshed in the background trouble neither Amazon nor the log."""

import asyncio
import logging

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.accounts.linked_account import FIRST_PAUSE
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..conftest import OURS
from ..home import link, set_up
from ..simulated_time import simulate_time

pytestmark = [
    pytest.mark.freeze_time("2026-03-20 12:00:00"),
    pytest.mark.usefixtures("without_reports"),
]

AN_HOUR = 3600


@pytest.fixture(autouse=True)
async def _set_up(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A skill that nobody linked yet."""
    simulate_time(freezer)
    await set_up(hass, entry)


@pytest.fixture
async def ada(amazon: SimulatedAmazon, skill: Skill) -> None:
    """An account with a token for an hour; the requests of linking are forgotten."""
    await link(amazon, skill)
    amazon.requests.clear()


def refreshes(amazon: SimulatedAmazon) -> int:
    """How often a token was refreshed, or at least asked for."""
    return sum(each.detail == "refresh_token" for each in amazon.requests)


def told(caplog: pytest.LogCaptureFixture, words: str) -> list[int]:
    """The levels of our lines in the log that hold these words."""
    return [
        each.levelno
        for each in caplog.records
        if each.name.startswith(OURS) and words in each.getMessage()
    ]


@pytest.mark.parametrize("lifetime", [2, 0.01], ids=str)
async def test_a_lifetime_of_moments_does_not_wear_out_amazon(
    amazon: SimulatedAmazon, skill: Skill, lifetime: float
) -> None:
    amazon.login.expires_in = lifetime  # type: ignore[assignment]
    assert await skill.link(amazon.add_account("Ada"))
    await asyncio.sleep(AN_HOUR)
    assert refreshes(amazon) <= 1 + AN_HOUR / FIRST_PAUSE


@pytest.mark.usefixtures("ada")
async def test_a_token_that_cannot_be_refreshed_is_told_once(
    amazon: SimulatedAmazon, caplog: pytest.LogCaptureFixture
) -> None:
    amazon.login_faults += [Fault(status=503)] * 99
    await asyncio.sleep(4 * AN_HOUR)
    assert refreshes(amazon) > 10
    assert told(caplog, "could not be refreshed") == [logging.WARNING]


@pytest.mark.usefixtures("ada")
async def test_a_token_that_can_be_refreshed_again_is_told_once(
    amazon: SimulatedAmazon, caplog: pytest.LogCaptureFixture
) -> None:
    amazon.login_faults += [Fault(status=503)] * 3
    await asyncio.sleep(4 * AN_HOUR)
    assert told(caplog, "could be refreshed again") == [logging.INFO]


@pytest.mark.usefixtures("ada")
async def test_a_second_outage_is_told_as_the_first_one_was(
    amazon: SimulatedAmazon, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        amazon.login_faults += [Fault(status=503)] * 3
        await asyncio.sleep(4 * AN_HOUR)
    assert told(caplog, "could not be refreshed") == [logging.WARNING] * 2


@pytest.mark.usefixtures("ada")
async def test_a_pause_that_amazon_asks_for_does_not_let_the_token_end_for_a_day(
    entry: MockConfigEntry, amazon: SimulatedAmazon
) -> None:
    amazon.login_faults.append(Fault(status=503, headers={"Retry-After": "86400"}))
    await asyncio.sleep(2 * AN_HOUR)
    (account,) = entry.runtime_data.accounts.all
    assert account.token_ends_in > 0


@pytest.mark.usefixtures("ada")
async def test_a_pause_that_amazon_asks_for_is_kept_while_the_entry_is_renamed(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon
) -> None:
    amazon.login_faults.append(Fault(status=503, headers={"Retry-After": "800"}))
    (account,) = entry.runtime_data.accounts.all
    await asyncio.sleep(account.token_ends_in - 290)  # By then it was tried, at most 310 s ago.
    hass.config_entries.async_update_entry(entry, title="Our doorbells")
    await asyncio.sleep(400)
    assert refreshes(amazon) == 1
