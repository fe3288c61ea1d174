"""Who is linked, and tokens that are fresh before a press needs them ."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
import json
from pathlib import Path
import random
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.alexa_doorbell.accounts.account import Account as Stored
from custom_components.alexa_doorbell.accounts.linked_account import LinkedAccount
from custom_components.alexa_doorbell.accounts.registry import Accounts
from custom_components.alexa_doorbell.accounts.storage import AccountStorage
from custom_components.alexa_doorbell.client.exceptions import RelinkError
from custom_components.alexa_doorbell.client.lwa import LoginWithAmazon, Tokens
from demo.amazon.account import Account
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import link, restart, set_up

pytestmark = pytest.mark.usefixtures("without_reports")

type Advance = Callable[[float], Awaitable[None]]


@pytest.fixture(autouse=True)
def _no_jitter(freezer: FrozenDateTimeFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still; refreshes come ten minutes ahead, and pauses are even."""
    monkeypatch.setattr(random, "uniform", lambda _low, _high: 1)


@pytest.fixture
async def account(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> Account:
    """An account that linked; the requests of that are forgotten."""
    await set_up(hass, entry)
    account = await link(amazon, skill)
    amazon.requests.clear()
    return account


@pytest.fixture
def advance(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Advance:
    """Let time pass, and what is due then happen."""

    async def advance(seconds: float) -> None:
        freezer.tick(timedelta(seconds=seconds))
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)

    return advance


def accounts_of(entry: MockConfigEntry) -> Accounts:
    """The accounts of the loaded entry."""
    accounts: Accounts = entry.runtime_data.accounts
    return accounts


def linked(entry: MockConfigEntry) -> LinkedAccount:
    """The only account."""
    (account,) = accounts_of(entry).all
    return account


def only(entry: MockConfigEntry) -> Stored:
    """The only account, as it is stored."""
    return linked(entry).stored


def refreshes(amazon: SimulatedAmazon) -> int:
    """How often a token was refreshed, or at least asked for."""
    return sum(each.kind == "token" for each in amazon.requests)


async def test_a_token_is_refreshed_before_it_ends(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, advance: Advance
) -> None:
    before = only(entry).access_token
    await advance(2999)
    assert refreshes(amazon) == 0
    await advance(2)
    assert refreshes(amazon) == 1
    assert only(entry).access_token != before


async def test_a_token_is_refreshed_hour_after_hour(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, advance: Advance
) -> None:
    for _ in range(24 * 60):
        await advance(60)
    assert refreshes(amazon) == 28
    assert linked(entry).token_ends_in > 0


async def test_the_moment_of_a_refresh_is_not_the_same_in_every_home(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, _high: low)
    accounts_of(entry).start_refreshing()
    await advance(3299)
    assert refreshes(amazon) == 0
    await advance(2)
    assert refreshes(amazon) == 1


async def test_a_refresh_that_failed_is_tried_again_until_the_outage_is_over(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, advance: Advance
) -> None:
    amazon.login_faults.extend([Fault(status=503)] * 8)
    await advance(3000)
    for _ in range(3 * 60):
        await advance(60)
    assert not amazon.login_faults
    assert linked(entry).token_ends_in > 0


async def test_an_outage_is_not_asked_about_all_the_time(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, advance: Advance
) -> None:
    amazon.login_faults.extend([Fault(status=503)] * 999)
    await advance(3000)
    for _ in range(24 * 60):
        await advance(60)
    assert refreshes(amazon) < 110


async def test_the_pause_that_amazon_asks_for_is_kept(
    amazon: SimulatedAmazon, account: Account, advance: Advance
) -> None:
    amazon.login_faults.append(Fault(status=429, headers={"Retry-After": "120"}))
    await advance(3000)
    await advance(119)
    assert refreshes(amazon) == 1
    await advance(2)
    assert refreshes(amazon) == 2


async def test_after_a_restart_with_a_dead_token_it_is_refreshed_at_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
    hass_storage: dict[str, Any],
) -> None:
    await restart(hass, entry)
    stored = hass_storage[f"alexa_doorbell.{entry.entry_id}"]["data"]["accounts"][0]
    stored["expires_at"] -= 3600
    await restart(hass, entry)
    await advance(0)
    assert refreshes(amazon) == 1


async def test_an_end_that_a_wrong_clock_stored_is_not_believed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    hass_storage: dict[str, Any],
) -> None:
    stored = hass_storage[f"alexa_doorbell.{entry.entry_id}"]["data"]["accounts"][0]
    stored["expires_at"] += 10**9
    await restart(hass, entry)
    assert linked(entry).token_ends_in == 3600


async def test_a_clock_that_jumps_while_running_does_not_end_a_token(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = hass.loop.time()
    monkeypatch.setattr(hass.loop, "time", lambda: now)
    freezer.tick(timedelta(days=1000))
    token = await linked(entry).async_token()
    assert (token, refreshes(amazon)) == (only(entry).access_token, 0)


async def test_all_who_wait_share_one_refresh(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account
) -> None:
    before = only(entry)
    tokens = await asyncio.gather(
        *(linked(entry).async_token(refused=before.access_token) for _ in range(50))
    )
    assert set(tokens) == {only(entry).access_token} != {before.access_token}
    assert refreshes(amazon) == 1


async def test_a_token_that_was_replaced_meanwhile_is_not_refreshed_again(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account
) -> None:
    before = only(entry)
    first = await linked(entry).async_token(refused=before.access_token)
    again = await linked(entry).async_token(refused=before.access_token)
    assert first == again
    assert refreshes(amazon) == 1


async def test_a_wait_that_is_given_up_leaves_the_refresh_to_the_others(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account
) -> None:
    before = only(entry)
    refused = before.access_token
    impatient = asyncio.ensure_future(linked(entry).async_token(refused=refused))
    patient = asyncio.ensure_future(linked(entry).async_token(refused=refused))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient != refused
    assert refreshes(amazon) == 1


async def test_a_rotated_refresh_token_is_on_disk_before_it_is_used(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    storage_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refresh, file = LoginWithAmazon.refresh, storage_folder / f"alexa_doorbell.{entry.entry_id}"
    written = []

    async def note_what_is_written(self: LoginWithAmazon, refresh_token: str) -> Tokens:
        written.append(file.exists() and refresh_token in file.read_text())
        return await refresh(self, refresh_token)

    write = AccountStorage.async_write

    async def write_slowly(self: AccountStorage, accounts: Any) -> bool:
        # In a thread: the loop's time stands still.
        await asyncio.to_thread(time.sleep, 0.05)
        return await write(self, accounts)

    monkeypatch.setattr(LoginWithAmazon, "refresh", note_what_is_written)
    monkeypatch.setattr(AccountStorage, "async_write", write_slowly)
    token = only(entry).access_token
    for _ in range(3):
        token = await linked(entry).async_token(refused=token)

    # The first one was stored by the link, elsewhere.
    assert written == [False, True, True]


@pytest.mark.parametrize("lifetime", [None, "soon", -5, 0, True, 1e400, [3600]], ids=str)
async def test_a_lifetime_that_makes_no_sense_is_amazons_usual_one(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, lifetime: Any
) -> None:
    answer = {"access_token": "Atza|made-up", "expires_in": lifetime}
    amazon.login_faults.append(Fault(status=200, body=json.dumps(answer).encode()))
    before = only(entry)
    await linked(entry).async_token(refused=before.access_token)
    assert linked(entry).token_ends_in == 3600


async def test_the_refresh_token_stays_when_amazon_sends_no_other(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account
) -> None:
    answer = {"access_token": "Atza|made-up", "expires_in": 3600}
    amazon.login_faults.append(Fault(status=200, body=json.dumps(answer).encode()))
    before = only(entry)
    await linked(entry).async_token(refused=before.access_token)
    assert only(entry).refresh_token == before.refresh_token


async def test_a_press_that_waits_for_a_token_does_not_wait_for_the_disk(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write, writing, disk = AccountStorage.async_write, asyncio.Event(), asyncio.Event()

    async def write_slowly(self: AccountStorage, accounts: Any) -> bool:
        accounts = list(accounts)
        writing.set()
        await disk.wait()
        return await write(self, accounts)

    monkeypatch.setattr(AccountStorage, "async_write", write_slowly)
    before = only(entry)
    linking = hass.async_create_task(skill.link(amazon.add_account("Ben")))
    await writing.wait()
    token = await linked(entry).async_token(refused=before.access_token)
    disk.set()
    assert await linking
    await hass.async_block_till_done(wait_background_tasks=True)
    await restart(hass, entry)

    stored = {each.account_id: each.stored.access_token for each in accounts_of(entry).all}
    assert stored[before.account_id] == token != before.access_token
    assert len(stored) == 2


async def test_a_disk_that_takes_nothing_is_told_and_announcements_go_on(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    storage_folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (storage_folder / f"alexa_doorbell.{entry.entry_id}").mkdir()
    before = only(entry)
    token = await linked(entry).async_token(refused=before.access_token)
    assert token == only(entry).access_token != before.access_token
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "Is the disk full?" in caplog.text


async def test_alexa_is_not_told_of_a_link_that_the_disk_did_not_take(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    storage_folder: Path,
) -> None:
    await set_up(hass, entry)
    (storage_folder / f"alexa_doorbell.{entry.entry_id}").mkdir()
    account = amazon.add_account("Ada")
    assert not await skill.link(account)
    assert "ACCEPT_GRANT_FAILED" in account.notice
    assert accounts_of(entry).all == []


async def test_tokens_are_on_a_private_file_when_alexa_is_told_of_the_link(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    storage_folder: Path,
) -> None:
    await set_up(hass, entry)
    assert await skill.link(amazon.add_account("Ada"))
    file = storage_folder / f"alexa_doorbell.{entry.entry_id}"
    (stored,) = json.loads(file.read_text())["data"]["accounts"]
    assert stored["refresh_token"] == only(entry).refresh_token
    assert file.stat().st_mode & 0o777 == 0o600
    await hass.config_entries.async_remove(entry.entry_id)
    assert not file.exists()


async def test_a_grant_that_is_gone_is_not_asked_about_on_a_timer(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, advance: Advance
) -> None:
    amazon.revoke(account)
    await advance(3000)
    assert only(entry).health == "relink_required"
    amazon.requests.clear()
    for _ in range(60):
        await advance(600)
    assert not amazon.requests


async def test_refused_credentials_are_not_tried_again_before_the_user_mends_them(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
) -> None:
    amazon.login_faults.append(Fault.login(401, "invalid_client"))
    await advance(3000)
    amazon.requests.clear()
    for _ in range(60):
        await advance(600)
    assert not amazon.requests
    (flow,) = hass.config_entries.flow.async_progress()
    await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"client_id": amazon.client_id, "client_secret": amazon.client_secret}
    )
    await advance(0)
    assert linked(entry).token_ends_in > 3000


async def test_a_relink_during_a_refresh_wins(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, skill: Skill
) -> None:
    accounts, before = accounts_of(entry), only(entry)
    amazon.login_faults.append(Fault.login(400, "invalid_grant"))
    refused = before.access_token
    waiting = asyncio.ensure_future(linked(entry).async_token(refused=refused))
    await accounts.async_link(
        type(before)(
            account_id=before.account_id,
            name="Ada",
            region="custom",
            refresh_token="Atzr|new",
            access_token="Atza|new",
            expires_at=before.expires_at,
            linked_at=before.linked_at + 1,
        )
    )
    assert await waiting == "Atza|new"
    assert only(entry).health == "linked"


async def test_an_account_that_is_forgotten_while_its_tokens_come_is_not_stored_again(
    hass: HomeAssistant, entry: MockConfigEntry, account: Account, storage_folder: Path
) -> None:
    accounts, before = accounts_of(entry), only(entry)
    refreshing = asyncio.create_task(linked(entry).async_token(refused=before.access_token))
    await asyncio.sleep(0)
    await accounts.async_forget(before.account_id)

    with suppress(RelinkError):  # Or else it was the sooner one.
        await refreshing
    await hass.async_block_till_done(wait_background_tasks=True)
    assert accounts.all == []
    assert not (storage_folder / f"alexa_doorbell.{entry.entry_id}").exists()


async def test_tokens_that_come_while_the_entry_is_removed_leave_no_file(
    hass: HomeAssistant, entry: MockConfigEntry, account: Account, storage_folder: Path
) -> None:
    accounts, before = accounts_of(entry), only(entry)
    async with accounts._writing:
        refreshing = asyncio.create_task(linked(entry).async_token(refused=before.access_token))
        await asyncio.sleep(0)
        removing = asyncio.create_task(accounts.async_remove())
        with pytest.raises(RelinkError):
            await refreshing
    await removing
    await hass.async_block_till_done(wait_background_tasks=True)

    assert not (storage_folder / f"alexa_doorbell.{entry.entry_id}").exists()


async def test_a_forgotten_account_is_gone_from_disk_and_from_presses(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
    hass_storage: dict[str, Any],
) -> None:
    await accounts_of(entry).async_forget(only(entry).account_id)
    assert f"alexa_doorbell.{entry.entry_id}" not in hass_storage
    await advance(7200)
    assert not amazon.requests


@pytest.mark.parametrize(
    "content",
    [
        '{"version": 1, "minor_version": 1, "key": "x", "data": {"accounts": [{"name": 1}]}}',
        '{"version": 1, "minor_version": 1, "key": "x", "data": {"accounts": 5}}',
        '{"version": 1, "minor_version": 1, "key": "x", "data": [1]}',
        '{"version": 99, "minor_version": 1, "key": "x", "data": {"accounts": []}}',
        '{"data": {}}',
        "[]",
    ],
    ids=["wrong account", "no list", "no object", "newer version", "no version", "a list"],
)
async def test_a_file_that_is_none_of_ours_stays_as_it_is_and_the_entry_says_why_it_waits(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    storage_folder: Path,
    caplog: pytest.LogCaptureFixture,
    content: str,
) -> None:
    file = storage_folder / f"alexa_doorbell.{entry.entry_id}"
    file.write_text(content)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "unreadable_tokens"
    assert not any(each.exc_info for each in caplog.records if each.levelname != "DEBUG")
    assert file.read_text() == content


async def test_a_file_that_is_no_json_is_put_aside_and_the_doorbell_waits_to_be_linked(
    hass: HomeAssistant, entry: MockConfigEntry, storage_folder: Path
) -> None:
    file = storage_folder / f"alexa_doorbell.{entry.entry_id}"
    file.write_text('{"version": 1, "data": {"acc')
    await set_up(hass, entry)
    assert accounts_of(entry).all == []
    (aside,) = file.parent.glob(f"{file.name}.corrupt.*")
    assert aside.read_text() == '{"version": 1, "data": {"acc'
