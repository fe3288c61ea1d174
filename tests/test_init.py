"""The life of an entry: setup, reload, removal, and the end of Home Assistant."""

import asyncio
from collections.abc import Iterable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import cloud
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.accounts.account import Account
from custom_components.alexa_doorbell.accounts.storage import AccountStorage
from custom_components.alexa_doorbell.client.exceptions import ReauthenticateError
from custom_components.alexa_doorbell.client.lwa import LoginWithAmazon, Tokens
from custom_components.alexa_doorbell.press.press import Result
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .conftest import WEBHOOK_ID
from .home import doorbells, link, press, set_up

pytestmark = pytest.mark.usefixtures("without_reports")


def watch_of(entry: MockConfigEntry) -> Any:
    """The only doorbell's watch."""
    (watch,) = entry.runtime_data.watches.values()
    return watch


async def posted(amazon: SimulatedAmazon) -> None:
    """Wait until a press has reached the event gateway."""
    while not any(each.kind == "events" for each in amazon.requests):  # noqa: ASYNC110 - a record.
        await asyncio.sleep(0.001)


async def test_setup_does_not_wait_for_amazon(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon
) -> None:
    await amazon.stop()
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert not amazon.requests


async def test_a_press_on_its_way_survives_a_reload(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    amazon.gateway_faults.append(Fault.stall(0.2))
    press(hass)
    await posted(amazon)
    await hass.config_entries.async_reload(entry.entry_id)
    announcement = await amazon.wait_for_announcement()
    assert announcement.text == "Someone is at the Front door"


async def test_a_token_refreshed_during_a_reload_is_the_one_that_is_used_after_it(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    amazon.expire_access_tokens()
    ringing = watch_of(entry).ring(dt_util.utcnow())
    await hass.config_entries.async_reload(entry.entry_id)
    assert [each.result for each in await ringing] == [Result.ACCEPTED]
    freezer.tick(60)
    (outcome,) = await watch_of(entry).ring(dt_util.utcnow())
    assert (outcome.result, outcome.attempts) == (Result.ACCEPTED, 1)


async def test_stopping_home_assistant_waits_for_a_press_on_its_way(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    amazon.gateway_faults.append(Fault.stall(0.2))
    press(hass)
    await posted(amazon)
    await hass.async_stop()
    assert len(amazon.announcements) == 1


async def test_stopping_home_assistant_waits_until_new_tokens_are_written(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    [account] = entry.runtime_data.accounts.all
    refresh, write = LoginWithAmazon.refresh, AccountStorage.async_write
    written: list[str] = []

    async def refresh_slowly(self: LoginWithAmazon, refresh_token: str) -> Tokens:
        await asyncio.sleep(0.1)
        return await refresh(self, refresh_token)

    async def write_slowly(self: AccountStorage, accounts: Iterable[Account]) -> bool:
        accounts = list(accounts)
        await asyncio.sleep(0.1)
        written.extend(each.access_token for each in accounts)
        return await write(self, accounts)

    monkeypatch.setattr(AccountStorage, "async_write", write_slowly)
    monkeypatch.setattr(LoginWithAmazon, "refresh", refresh_slowly)
    refreshing = asyncio.create_task(account.async_token(refused=account.stored.access_token))
    await asyncio.sleep(0)
    await hass.async_stop()
    assert written == [await refreshing]


async def test_stopping_home_assistant_does_not_wait_longer_than_its_grace(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.alexa_doorbell.lasting_tasks.GRACE", 0.05)
    await set_up(hass, entry)
    await link(amazon, skill)
    amazon.gateway_faults.append(Fault.stall())
    ringing = watch_of(entry).ring(dt_util.utcnow())
    await posted(amazon)
    await hass.async_stop()
    assert ringing.cancelled()


async def test_an_unloaded_entry_hears_and_sends_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    account = await link(amazon, skill)
    assert await hass.config_entries.async_unload(entry.entry_id)
    amazon.requests.clear()
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not amazon.requests
    assert await skill.discover(account) == []


async def test_a_removed_entry_leaves_nothing_behind(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    hass_storage: dict[str, Any],
) -> None:
    await set_up(hass, entry)
    account = await link(amazon, skill)
    key = f"alexa_doorbell.{entry.entry_id}"
    assert key in hass_storage
    await hass.config_entries.async_remove(entry.entry_id)
    assert key not in hass_storage
    assert await skill.discover(account) == []
    assert not [each for each in ir.async_get(hass).issues if each[0] == "alexa_doorbell"]


async def test_an_entry_that_never_was_loaded_leaves_nothing_behind_either(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    hass_storage[f"alexa_doorbell.{entry.entry_id}"] = {"version": 99, "data": {}}
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.config_entries.async_remove(entry.entry_id)
    assert f"alexa_doorbell.{entry.entry_id}" not in hass_storage


async def test_the_cloudhook_of_a_removed_entry_is_deleted(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted: list[str] = []

    async def delete(_hass: HomeAssistant, webhook_id: str) -> None:
        deleted.append(webhook_id)

    monkeypatch.setattr(cloud, "async_delete_cloudhook", delete)
    monkeypatch.setattr(cloud, "async_active_subscription", lambda _hass: True)
    hass.config.components.add("cloud")
    await set_up(hass, entry)
    await hass.config_entries.async_remove(entry.entry_id)
    hass.config.components.remove("cloud")
    assert deleted == [WEBHOOK_ID]


async def test_two_skills_keep_to_their_own_accounts(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    other = MockConfigEntry(
        domain="alexa_doorbell",
        unique_id="other",
        data={**entry.data, "webhook_id": "other", "client_id": "other"},
    )
    other.add_to_hass(hass)
    await set_up(hass, entry)
    await link(amazon, skill)
    assert other.state is ConfigEntryState.LOADED
    assert other.runtime_data.accounts.all == []
    press(hass)
    await amazon.wait_for_announcement()
    assert len(amazon.announcements) == 1


@pytest.mark.parametrize(
    ("title", "said"),
    [("Garden gate ", "Garden gate"), ("Who's there?", "Front door"), ("", "Front door")],
)
async def test_alexa_calls_a_doorbell_as_it_was_renamed_on_its_page_if_she_can(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    title: str,
    said: str,
) -> None:
    hass.states.async_set("binary_sensor.front_door", "off")
    await set_up(hass, entry)
    account = await link(amazon, skill)
    [subentry] = doorbells(entry).values()

    hass.config_entries.async_update_subentry(entry, subentry, title=title)
    await hass.async_block_till_done(wait_background_tasks=True)

    [subentry] = doorbells(entry).values()
    assert (subentry.title, subentry.data["friendly_name"]) == (said, said)
    [endpoint] = await skill.discover(account)
    assert endpoint["friendlyName"] == said


async def test_a_doorbell_that_is_added_rings_without_a_reload(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    account = await link(amazon, skill)
    accounts = entry.runtime_data.accounts
    step = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "doorbell"), context={"source": "user"}
    )
    hass.states.async_set("binary_sensor.gate", "off")
    await hass.config_entries.subentries.async_configure(
        step["flow_id"], {"entity_id": "binary_sensor.gate", "friendly_name": "Gate"}
    )
    await hass.async_block_till_done()
    await skill.discover(account)
    hass.states.async_set("binary_sensor.gate", "on")
    announcement = await amazon.wait_for_announcement()
    assert announcement.text == "Someone is at the Gate"
    assert entry.runtime_data.accounts is accounts


async def test_a_disabled_entry_that_is_removed_after_a_restart_leaves_no_tokens(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    key = f"alexa_doorbell.{entry.entry_id}"
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": {"accounts": []}}
    # As it is read at the start, when nothing of the integration is set up for it.
    object.__setattr__(entry, "disabled_by", ConfigEntryDisabler.USER)

    await hass.config_entries.async_remove(entry.entry_id)

    assert key not in hass_storage
    assert "Error calling entry remove callback" not in caplog.text


async def test_a_cloud_that_fails_during_the_removal_leaves_no_issue(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(hass: HomeAssistant, webhook_id: str) -> None:
        raise TimeoutError

    await set_up(hass, entry)
    monkeypatch.setattr(cloud, "async_delete_cloudhook", fail)
    monkeypatch.setattr(hass.config, "components", {*hass.config.components, "cloud"})

    await hass.config_entries.async_remove(entry.entry_id)

    assert not [each for each in ir.async_get(hass).issues if each[0] == "alexa_doorbell"]


async def test_a_grant_that_comes_after_the_removal_is_refused_and_leaves_no_tokens(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await set_up(hass, entry)
    exchange = LoginWithAmazon.exchange

    async def exchange_during_the_removal(login: LoginWithAmazon, code: str) -> Tokens:
        tokens = await exchange(login, code)
        await hass.config_entries.async_remove(entry.entry_id)
        return tokens

    monkeypatch.setattr(LoginWithAmazon, "exchange", exchange_during_the_removal)

    assert not await skill.link(amazon.add_account("Ada"))
    assert f"alexa_doorbell.{entry.entry_id}" not in hass_storage


async def test_nobody_is_asked_for_the_credentials_of_a_skill_that_was_removed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    (account,) = entry.runtime_data.accounts.all

    async def refuse_after_the_removal(login: LoginWithAmazon, refresh_token: str) -> Tokens:
        await hass.config_entries.async_remove(entry.entry_id)
        raise ReauthenticateError("invalid_client")

    monkeypatch.setattr(LoginWithAmazon, "refresh", refuse_after_the_removal)
    with pytest.raises(ReauthenticateError):
        await account.async_token(refused=account.stored.access_token)

    assert hass.config_entries.flow.async_progress() == []
