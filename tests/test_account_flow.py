"""The window that waits for an Amazon account to link."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.alexa_doorbell.accounts.shown import PATIENCE
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .accounts.people import delete, linked, people, shown
from .flows import next_of_account, open_account
from .home import link, set_up

pytestmark = pytest.mark.usefixtures("without_reports")


@pytest.fixture(autouse=True)
async def _set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A skill that nobody linked yet."""
    await set_up(hass, entry)


@pytest.fixture
async def window(hass: HomeAssistant, entry: MockConfigEntry, _set_up: None) -> Any:
    """A window that waits."""
    return await open_account(hass, entry)


async def settle(hass: HomeAssistant) -> None:
    """Let everything come to its end, but for the windows that wait."""
    for _ in range(3):
        await hass.async_block_till_done()


async def test_it_says_how_to_link_and_waits(hass: HomeAssistant, window: Any) -> None:
    assert window["type"] is FlowResultType.SHOW_PROGRESS
    assert (await next_of_account(hass, window))["type"] is FlowResultType.SHOW_PROGRESS


async def test_it_becomes_the_account_that_links(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, window: Any
) -> None:
    ada = await link(amazon, skill)
    await settle(hass)
    result = await next_of_account(hass, window)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (account,) = people(entry)
    assert account.title == result["title"] == "Ada"
    assert account.unique_id == f"amazon.{ada.user_id}"
    assert dict(account.data) == {"name": "Ada"}


async def test_nobody_but_the_window_shows_the_account_meanwhile(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, window: Any
) -> None:
    await link(amazon, skill)
    await settle(hass)
    assert shown(entry) == []
    assert linked(entry) == ["Ada"]


async def test_the_account_that_it_became_is_like_any_other(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, window: Any
) -> None:
    await link(amazon, skill)
    await settle(hass)
    await next_of_account(hass, window)
    await settle(hass)
    delete(hass, entry, "Ada")
    await settle(hass)
    assert shown(entry) == linked(entry) == []


async def test_one_that_links_after_another_one_is_not_kept_waiting(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, window: Any
) -> None:
    await link(amazon, skill)
    await link(amazon, skill, "Bob")
    await settle(hass)
    assert shown(entry) == ["Bob"]
    assert (await next_of_account(hass, window))["title"] == "Ada"
    assert shown(entry) == ["Ada", "Bob"]


async def test_of_two_windows_the_newer_one_becomes_the_account_since_the_older_may_be_lost(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, window: Any
) -> None:
    another = await open_account(hass, entry)
    await link(amazon, skill)
    await settle(hass)
    assert (await next_of_account(hass, another))["title"] == "Ada"
    assert (await next_of_account(hass, window))["type"] is FlowResultType.SHOW_PROGRESS
    await link(amazon, skill, "Bob")
    await settle(hass)
    assert (await next_of_account(hass, window))["title"] == "Bob"
    assert shown(entry) == ["Ada", "Bob"]


async def test_one_that_was_linked_already_is_not_added_again(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    ada = await link(amazon, skill)
    before = people(entry)
    window = await open_account(hass, entry)
    assert await skill.link(ada)
    await settle(hass)
    result = await next_of_account(hass, window)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert people(entry) == before


async def test_a_link_that_fails_leaves_it_waiting(
    hass: HomeAssistant,
    amazon: SimulatedAmazon,
    skill: Skill,
    window: Any,
    hass_access_token: str,
) -> None:
    amazon.login_faults.append(Fault.login(400, "invalid_grant"))
    assert not await skill.link(amazon.add_account("Ada"), hass_access_token)
    await settle(hass)
    assert (await next_of_account(hass, window))["type"] is FlowResultType.SHOW_PROGRESS


async def test_a_window_that_was_closed_leaves_the_account_to_the_page(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, window: Any
) -> None:
    hass.config_entries.subentries.async_abort(window["flow_id"])
    await link(amazon, skill)
    await settle(hass)
    assert shown(entry) == ["Ada"]


async def test_a_window_that_is_closed_in_the_last_moment_does_so_too(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, window: Any
) -> None:
    await link(amazon, skill)
    await settle(hass)
    hass.config_entries.subentries.async_abort(window["flow_id"])
    await settle(hass)
    assert shown(entry) == ["Ada"]


async def test_a_window_that_nobody_looks_at_any_more_does_so_soon(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, window: Any
) -> None:
    await link(amazon, skill)
    await settle(hass)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=PATIENCE + 1))
    await settle(hass)
    assert shown(entry) == ["Ada"]


async def test_a_window_that_comes_later_than_that_adds_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, window: Any
) -> None:
    await link(amazon, skill)
    await settle(hass)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=PATIENCE + 1))
    await settle(hass)
    assert (await next_of_account(hass, window))["reason"] == "already_configured"
    assert shown(entry) == ["Ada"]


async def test_it_waits_across_a_reload(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, window: Any
) -> None:
    await hass.config_entries.async_reload(entry.entry_id)
    await link(amazon, skill)
    await settle(hass)
    assert (await next_of_account(hass, window))["title"] == "Ada"


async def test_it_ends_when_the_skill_is_removed(
    hass: HomeAssistant, entry: MockConfigEntry, window: Any
) -> None:
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert (await next_of_account(hass, window))["reason"] == "skill_removed"


async def test_it_ends_when_the_skill_is_removed_in_the_last_moment(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, window: Any
) -> None:
    await link(amazon, skill)
    await settle(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    assert (await next_of_account(hass, window))["reason"] == "skill_removed"


async def test_it_does_not_begin_while_the_skill_is_not_loaded(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    assert (await open_account(hass, entry))["reason"] == "not_loaded"
