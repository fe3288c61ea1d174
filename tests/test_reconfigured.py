"""What a user reconfigures holds at once, and a press on its way comes to no harm."""

import asyncio
from collections.abc import Iterator
import logging
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import CONF_REGION
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.accounts import connection
from custom_components.alexa_doorbell.client.gateway import GATEWAY_URLS
from custom_components.alexa_doorbell.const import CONF_GATEWAY_URL, CONF_SHARED_SECRET
from demo.amazon.account import Region
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill, directive

from .conftest import OURS, SHARED_SECRET
from .flows import submit
from .home import link, press, restart, set_up
from .simulated_time import simulate_time

pytestmark = [
    pytest.mark.freeze_time("2026-03-20 12:00:00"),
    pytest.mark.usefixtures("without_reports"),
]

DISCOVER = ("Alexa.Discovery", "Discover", {"scope": {"type": "BearerToken", "token": "t"}})
A_DAY = 24 * 3600


@pytest.fixture(autouse=True)
def _amazon_itself(amazon: SimulatedAmazon) -> Iterator[None]:
    """The simulated Amazon stands where Amazon itself is."""
    urls = {region: amazon.gateway_url(region) for region in Region}
    with patch.dict(GATEWAY_URLS, urls), patch.object(connection, "LWA_URL", amazon.lwa_url):
        yield


@pytest.fixture(autouse=True)
def _front_door(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """A bell that nobody has pressed yet."""
    hass.states.async_set("binary_sensor.front_door", "off")


async def reconfigure(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, **fields: Any
) -> None:
    """Fill in the forms as a user does."""
    form = await entry.start_reconfigure_flow(hass)
    entered = {"client_id": amazon.client_id, "region": entry.data[CONF_REGION]} | fields
    form = await submit(hass, form, entered)
    if entered["region"] == "custom":
        urls = {"lwa_url": amazon.lwa_url, "gateway_url": amazon.gateway_url()}
        form = await submit(hass, form, urls)
    assert (await submit(hass, form))["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()


def asked(amazon: SimulatedAmazon) -> list[Region | None]:
    """The regions whose gateways were asked, in turn."""
    return [each.region for each in amazon.requests if each.kind == "events"]


async def ring(
    hass: HomeAssistant, amazon: SimulatedAmazon, freezer: FrozenDateTimeFactory
) -> list[Region | None]:
    """Press, and return the regions whose gateways were asked, in turn."""
    freezer.tick(60)
    amazon.requests.clear()
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    return asked(amazon)


class TestRegion:
    """An account of North America, linked while Home Assistant was to find out by itself."""

    @pytest.fixture(autouse=True)
    async def _ada(
        self, hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
    ) -> None:
        hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_REGION: "auto"})
        await set_up(hass, entry)
        await link(amazon, skill, region=Region.NA)

    @pytest.mark.parametrize("chosen", [Region.EU, Region.FE])
    async def test_the_region_that_the_user_chooses_is_asked_first(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        amazon: SimulatedAmazon,
        freezer: FrozenDateTimeFactory,
        chosen: Region,
    ) -> None:
        await reconfigure(hass, entry, amazon, region=str(chosen))
        assert (await ring(hass, amazon, freezer))[0] is chosen

    async def test_the_region_that_accepts_is_kept_all_the_same(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        amazon: SimulatedAmazon,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        await reconfigure(hass, entry, amazon, region="eu")
        await ring(hass, amazon, freezer)
        await restart(hass, entry)
        assert await ring(hass, amazon, freezer) == [Region.NA]

    async def test_another_choice_counts_again(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        amazon: SimulatedAmazon,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        await reconfigure(hass, entry, amazon, region="eu")
        await ring(hass, amazon, freezer)
        await reconfigure(hass, entry, amazon, region="fe")
        assert (await ring(hass, amazon, freezer))[0] is Region.FE


class TestPressOnItsWay:
    """A press that Amazon puts off while the user reconfigures."""

    @pytest.fixture(params=["custom", "auto"])
    async def before(
        self,
        request: pytest.FixtureRequest,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        amazon: SimulatedAmazon,
        skill: Skill,
        freezer: FrozenDateTimeFactory,
    ) -> str:
        """Where Amazon is said to be when the press sets out; it is put off by ten seconds."""
        simulate_time(freezer)
        data = {**entry.data, CONF_REGION: request.param}
        hass.config_entries.async_update_entry(entry, data=data)
        await set_up(hass, entry)
        await link(amazon, skill)
        amazon.requests.clear()
        amazon.gateway_faults.append(Fault(status=503, headers={"Retry-After": "10"}))
        press(hass)
        await asyncio.sleep(1)
        return str(request.param)

    async def test_it_is_announced_once(
        self, hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, before: str
    ) -> None:
        await reconfigure(hass, entry, amazon, region={"custom": "auto", "auto": "custom"}[before])
        await asyncio.sleep(60)
        assert [each.account for each in amazon.announcements] == ["Ada"]

    async def test_it_goes_on_where_it_began(
        self, hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, before: str
    ) -> None:
        elsewhere = {CONF_REGION: "custom", CONF_GATEWAY_URL: amazon.gateway_url(Region.FE)}
        hass.config_entries.async_update_entry(entry, data={**entry.data, **elsewhere})
        await asyncio.sleep(60)
        assert asked(amazon) == [Region.EU, Region.EU]

    async def test_nothing_about_it_is_an_error(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        amazon: SimulatedAmazon,
        before: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        await reconfigure(hass, entry, amazon, region={"custom": "auto", "auto": "custom"}[before])
        await asyncio.sleep(60)
        ours = [each for each in caplog.records if each.name.startswith(OURS)]
        assert not [each.getMessage() for each in ours if each.levelno >= logging.WARNING]

    async def test_nobody_is_asked_for_the_credentials_of_a_disabled_skill(
        self, hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, before: str
    ) -> None:
        amazon.expire_access_tokens()
        amazon.login.client_is_authorized = False
        await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
        await asyncio.sleep(60)
        assert [each.kind for each in amazon.requests][-1] == "token"
        assert not hass.config_entries.flow.async_progress()


class TestNewSharedSecret:
    """A user makes a new shared secret, since somebody else may know the old one."""

    @pytest.fixture(autouse=True)
    async def _ada(
        self, hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
    ) -> None:
        await set_up(hass, entry)
        await reconfigure(hass, entry, amazon, new_shared_secret=True)
        assert entry.data[CONF_SHARED_SECRET] != SHARED_SECRET

    async def test_the_old_one_is_good_for_a_day(
        self, skill: Skill, freezer: FrozenDateTimeFactory
    ) -> None:
        freezer.tick(A_DAY - 1)
        assert (await skill.send(directive(*DISCOVER))).status == 200

    async def test_the_old_one_is_good_for_no_more_than_a_day(
        self, skill: Skill, freezer: FrozenDateTimeFactory
    ) -> None:
        freezer.tick(A_DAY)
        assert (await skill.send(directive(*DISCOVER))).status == 401

    async def test_a_restart_does_not_give_the_old_one_another_day(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        skill: Skill,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        freezer.tick(A_DAY - 1)
        await restart(hass, entry)
        freezer.tick(1)
        assert (await skill.send(directive(*DISCOVER))).status == 401

    async def test_another_new_one_ends_the_old_one_at_once(
        self, hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
    ) -> None:
        await reconfigure(hass, entry, amazon, new_shared_secret=True)
        assert (await skill.send(directive(*DISCOVER))).status == 401

    async def test_changing_something_else_does_not_give_the_old_one_another_day(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        amazon: SimulatedAmazon,
        skill: Skill,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        freezer.tick(A_DAY - 1)
        await reconfigure(hass, entry, amazon, client_secret=amazon.client_secret)
        freezer.tick(1)
        assert (await skill.send(directive(*DISCOVER))).status == 401
