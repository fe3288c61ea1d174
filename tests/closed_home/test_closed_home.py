"""What a closed home tells the skill's function, and takes over from it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
import json
from pathlib import Path
from typing import Any

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.alexa_doorbell.alexa import closed_home as closed_home_module
from custom_components.alexa_doorbell.alexa.closed_home import ClosedHome
from custom_components.alexa_doorbell.client.exceptions import FunctionError, Trouble
from custom_components.alexa_doorbell.client.function_url import FunctionUrl, Waiting
from demo.amazon.simulation import SimulatedAmazon

from ..accounts.disk import Disk
from ..home import add_doorbell, doorbells, press, quiet, restart, set_up
from ..skill.closed_home.parts import ClosedSkill, Home, error_type
from .app import App, lose_table

BELL = "binary_sensor.front_door"
type Closed = Callable[[], ClosedHome]


@pytest.fixture
def ada(amazon: SimulatedAmazon, function: ClosedSkill) -> App:
    """The Alexa app of Ada's account."""
    return App(amazon, function, amazon.add_account("Ada"))


async def set_up_quietly(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set the entry up, and let it say what it has to."""
    hass.states.async_set(BELL, "off")
    await set_up(hass, entry)
    await quiet(hass, 3)


def hold_grants(monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Hold the function's answers about grants back: one has come, and it may come in."""
    answered, may_come = asyncio.Event(), asyncio.Event()
    grants = FunctionUrl.grants

    async def slow(function: FunctionUrl) -> Waiting:
        answer = await grants(function)
        answered.set()
        await may_come.wait()
        return answer

    monkeypatch.setattr(FunctionUrl, "grants", slow)
    return answered, may_come


async def link(hass: HomeAssistant, closed: Closed, app: App) -> None:
    """Link an account while somebody waits for it."""
    await app.enable(await closed().async_pair())
    await closed().async_take_over()
    await quiet(hass)


def identities(entry: MockConfigEntry) -> list[str]:
    """The accounts that are linked."""
    return [each.account_id for each in entry.runtime_data.accounts.all]


def listed(function: ClosedSkill, home: Home) -> list[str]:
    """The names that Alexa would be told."""
    row = function.row(f"home#{home.home_id}")
    assert row is not None
    return [each["friendlyName"] for each in json.loads(row["list"])]


def waiting(function: ClosedSkill, home: Home) -> list[str]:
    """The grants that wait for the home."""
    row = function.row(f"grant#{home.home_id}") or {}
    return [key for key in row if key.startswith("grant_")]


# What is told.


async def test_the_doorbells_are_told_before_anybody_is_linked(
    hass: HomeAssistant, entry: MockConfigEntry, function: ClosedSkill, enrolled: Home
) -> None:
    await set_up_quietly(hass, entry)

    assert listed(function, enrolled) == ["Front door"]


async def test_no_webhook_is_open(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await set_up_quietly(hass, entry)

    assert not hass.data.get(webhook.DOMAIN)


async def test_a_doorbell_that_came_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, function: ClosedSkill, enrolled: Home
) -> None:
    await set_up_quietly(hass, entry)
    add_doorbell(hass, entry, None, "Back door")
    await quiet(hass, 3)

    assert listed(function, enrolled) == ["Front door", "Back door"]


async def test_a_doorbell_that_went_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, function: ClosedSkill, enrolled: Home
) -> None:
    await set_up_quietly(hass, entry)
    (doorbell,) = doorbells(entry)
    hass.config_entries.async_remove_subentry(entry, doorbell)
    await quiet(hass, 3)

    assert listed(function, enrolled) == []


async def test_what_is_known_is_not_told_again(
    hass: HomeAssistant, entry: MockConfigEntry, closed_home: Closed
) -> None:
    await set_up_quietly(hass, entry)
    entry.runtime_data.reports.update()
    await quiet(hass, 3)

    assert closed_home().function.sent == {"push": 1, "grants": 1}


async def test_a_doorbell_is_away_for_alexa_while_its_entity_is(
    hass: HomeAssistant, entry: MockConfigEntry, closed_home: Closed, ada: App
) -> None:
    await set_up_quietly(hass, entry)
    await link(hass, closed_home, ada)
    (endpoint_id,) = await ada.discovered()
    found = [await ada.connectivity(endpoint_id)]
    for state in ("unavailable", "off"):
        hass.states.async_set(BELL, state)
        await quiet(hass)
        await quiet(hass, 31)
        await quiet(hass, 3)
        found.append(await ada.connectivity(endpoint_id))

    assert found == ["OK", "UNREACHABLE", "OK"]


async def test_everything_is_told_and_asked_once_a_day(
    hass: HomeAssistant, entry: MockConfigEntry, closed_home: Closed
) -> None:
    await set_up_quietly(hass, entry)
    before = dict(closed_home().function.sent)
    for day in range(1, 8):
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(days=day, seconds=day))
        await quiet(hass)

    sent = closed_home().function.sent
    assert {key: sent[key] - before[key] for key in sent} == {"push": 7, "grants": 7}


async def test_what_could_not_be_told_is_told_when_the_function_is_back(
    hass: HomeAssistant, entry: MockConfigEntry, function: ClosedSkill, enrolled: Home
) -> None:
    await set_up_quietly(hass, entry)
    lose_table(function)
    add_doorbell(hass, entry, None, "Back door")
    await quiet(hass, 3)
    assert listed(function, enrolled) == ["Front door"]

    function.table.begin()
    await quiet(hass, 75)

    assert listed(function, enrolled) == ["Front door", "Back door"]


async def test_between_two_days_nothing_is_on_a_timer(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    closed_home: Closed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []

    def later(hass: HomeAssistant, seconds: float, work: Any) -> Any:
        pauses.append(seconds)
        return async_call_later(hass, seconds, work)

    monkeypatch.setattr(closed_home_module, "async_call_later", later)
    await set_up_quietly(hass, entry)

    hour = 3600
    assert pauses
    assert all(21 * hour < pause <= 24 * hour for pause in pauses)


async def test_an_entry_that_is_unloaded_calls_nobody(
    hass: HomeAssistant, entry: MockConfigEntry, closed_home: Closed
) -> None:
    await set_up_quietly(hass, entry)
    sent = closed_home().function.sent
    before = dict(sent)
    await hass.config_entries.async_unload(entry.entry_id)
    await quiet(hass, 25 * 3600)

    assert sent == before


# Linking.


async def test_an_account_links_with_the_code_that_is_shown(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    closed_home: Closed,
    ada: App,
    function: ClosedSkill,
    enrolled: Home,
) -> None:
    await set_up_quietly(hass, entry)
    await ada.enable(await closed_home().async_pair())
    assert len(waiting(function, enrolled)) == 1

    await closed_home().async_take_over()

    (account,) = entry.runtime_data.accounts.all
    assert ada.amazon.login.access_token(account.stored.access_token)
    assert waiting(function, enrolled) == []


async def test_a_press_is_announced_to_an_account_that_linked_so(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    closed_home: Closed,
    amazon: SimulatedAmazon,
    ada: App,
) -> None:
    await set_up_quietly(hass, entry)
    await link(hass, closed_home, ada)
    await ada.discovered()
    press(hass)

    assert (await amazon.wait_for_announcement()).text == "Someone is at the Front door"


async def test_an_account_is_taken_over_within_seconds_while_somebody_waits(
    hass: HomeAssistant, entry: MockConfigEntry, closed_home: Closed, ada: App
) -> None:
    await set_up_quietly(hass, entry)
    linked = entry.runtime_data.shown.async_next_linked()
    waits = hass.async_create_task(closed_home().async_poll_for(linked))
    await ada.enable(await closed_home().async_pair())
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=6))

    account = await asyncio.wait_for(waits, 5)

    assert account is not None
    assert [account.account_id] == identities(entry)


async def test_nobody_is_asked_any_more_once_nobody_waits(
    hass: HomeAssistant, entry: MockConfigEntry, closed_home: Closed
) -> None:
    await set_up_quietly(hass, entry)
    never: asyncio.Future[None] = hass.loop.create_future()

    async def wait() -> None:
        await never

    waits = hass.async_create_task(closed_home().async_poll_for(wait()))
    await asyncio.sleep(0)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=6))
    waits.cancel()
    await quiet(hass)
    asked = closed_home().function.sent["grants"]
    for seconds in range(6, 60, 6):
        await quiet(hass, seconds)

    assert closed_home().function.sent["grants"] == asked > 1


async def test_a_code_that_nobody_typed_ends_the_wait(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    closed_home: Closed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await set_up_quietly(hass, entry)
    monkeypatch.setattr(closed_home_module, "PAIRING_LIFETIME", 0)

    linked = entry.runtime_data.shown.async_next_linked()

    assert await closed_home().async_poll_for(linked) is None


async def test_a_window_that_was_closed_too_early_loses_no_account(
    hass: HomeAssistant, entry: MockConfigEntry, closed_home: Closed, ada: App
) -> None:
    await set_up_quietly(hass, entry)
    await ada.enable(await closed_home().async_pair())
    await quiet(hass, 15 * 60 + 61)

    assert len(identities(entry)) == 1


async def test_a_window_that_was_closed_before_a_reload_loses_none_either(
    hass: HomeAssistant, entry: MockConfigEntry, closed_home: Closed, ada: App
) -> None:
    await set_up_quietly(hass, entry)
    code = await closed_home().async_pair()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await quiet(hass)
    await ada.enable(code)
    await quiet(hass, 15 * 60 + 61)

    assert len(identities(entry)) == 1


async def test_what_linked_while_home_assistant_was_away_is_taken_over_at_its_start(
    hass: HomeAssistant, entry: MockConfigEntry, enrolled: Home, ada: App
) -> None:
    await ada.enable(await enrolled.new_pairing())

    await set_up_quietly(hass, entry)

    assert len(identities(entry)) == 1


async def test_tokens_that_waited_for_days_are_refreshed_before_they_are_used(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    enrolled: Home,
    ada: App,
    amazon: SimulatedAmazon,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await ada.enable(await enrolled.new_pairing())
    grants = FunctionUrl.grants

    async def old(self: FunctionUrl) -> Any:
        found = await grants(self)
        for each in found.grants:
            object.__setattr__(each, "received_at", each.received_at - 3 * 86400)
        amazon.expire_access_tokens()
        return found

    monkeypatch.setattr(FunctionUrl, "grants", old)
    await set_up_quietly(hass, entry)
    await ada.discovered()
    press(hass)
    await amazon.wait_for_announcement()

    refused = [each for each in amazon.requests if each.kind == "events" and each.status == 401]
    assert refused == []


async def test_each_account_of_a_household_is_one_of_its_own(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    closed_home: Closed,
    amazon: SimulatedAmazon,
    function: ClosedSkill,
    ada: App,
) -> None:
    await set_up_quietly(hass, entry)
    await link(hass, closed_home, ada)
    await link(hass, closed_home, App(amazon, function, amazon.add_account("Bob")))

    assert len(identities(entry)) == 2


async def test_an_account_that_links_again_takes_its_own_place(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    closed_home: Closed,
    amazon: SimulatedAmazon,
    function: ClosedSkill,
    ada: App,
) -> None:
    bob = App(amazon, function, amazon.add_account("Bob"))
    await set_up_quietly(hass, entry)
    for app in (ada, bob):
        await link(hass, closed_home, app)
    for app in (ada, bob):
        amazon.revoke(app.account)
    first, second = identities(entry)
    await ada.enable(await closed_home().async_pair(instead_of=second))
    await closed_home().async_take_over()

    accounts = entry.runtime_data.accounts
    assert identities(entry) == [first, second]
    assert [each.health for each in accounts.all] == ["relink_required", "linked"]


# Cuts: a grant is lost at none of them, nor doubled.


async def test_a_grant_that_could_not_be_acknowledged_is_one_account_after_a_restart(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    closed_home: Closed,
    ada: App,
    function: ClosedSkill,
    enrolled: Home,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def cut_off(*_: object) -> None:
        raise FunctionError(Trouble.AWAY, "the line is down")

    await set_up_quietly(hass, entry)
    with monkeypatch.context() as cut:
        cut.setattr(FunctionUrl, "acknowledge", cut_off)
        await link(hass, closed_home, ada)
    assert len(waiting(function, enrolled)) == 1

    await restart(hass, entry)
    await quiet(hass, 3)

    assert len(identities(entry)) == 1
    assert waiting(function, enrolled) == []


async def test_an_account_that_was_forgotten_does_not_come_back(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    closed_home: Closed,
    ada: App,
    function: ClosedSkill,
    enrolled: Home,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def cut_off(*_: object) -> None:
        raise FunctionError(Trouble.AWAY, "the line is down")

    await set_up_quietly(hass, entry)
    with monkeypatch.context() as cut:
        cut.setattr(FunctionUrl, "acknowledge", cut_off)
        await link(hass, closed_home, ada)
    await entry.runtime_data.accounts.async_forget(identities(entry)[0])
    await quiet(hass, 75)

    assert identities(entry) == []
    assert waiting(function, enrolled) == []


async def test_a_grant_waits_with_the_function_until_the_disk_takes_it(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    closed_home: Closed,
    ada: App,
    function: ClosedSkill,
    enrolled: Home,
    storage_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = Disk(f"alexa_doorbell.{entry.entry_id}")
    disk.install(monkeypatch)
    await set_up_quietly(hass, entry)
    disk.is_full = True
    await link(hass, closed_home, ada)
    assert identities(entry) == []
    assert len(waiting(function, enrolled)) == 1

    disk.is_full = False
    await quiet(hass, 75)

    assert len(identities(entry)) == 1
    assert waiting(function, enrolled) == []
    assert "Atzr" in (storage_folder / f"alexa_doorbell.{entry.entry_id}").read_text()


async def test_a_question_that_comes_while_another_is_answered_is_asked_too(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    closed_home: Closed,
    ada: App,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await set_up_quietly(hass, entry)
    answered, may_come = hold_grants(monkeypatch)
    first = hass.async_create_task(closed_home().async_take_over())
    await answered.wait()
    await ada.enable(await closed_home().async_pair())
    second = hass.async_create_task(closed_home().async_take_over())
    may_come.set()
    await first
    await second

    assert len(identities(entry)) == 1


async def test_another_home_is_told_what_was_on_its_way_to_the_one_before(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    function: ClosedSkill,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await set_up_quietly(hass, entry)
    other = await function.enrolled()
    telling, may_tell = asyncio.Event(), asyncio.Event()
    push = FunctionUrl.push

    async def slow(told: FunctionUrl, *content: Any) -> bool:
        telling.set()
        await may_tell.wait()
        return await push(told, *content)

    monkeypatch.setattr(FunctionUrl, "push", slow)
    hass.states.async_set("binary_sensor.garden", "off")
    add_doorbell(hass, entry, "binary_sensor.garden")
    await telling.wait()
    home = {"home_id": other.home_id, "home_secret": other.secret}
    hass.config_entries.async_update_entry(entry, data={**entry.data, **home})
    may_tell.set()
    await quiet(hass)

    assert len(listed(function, other)) == 2


# Removal.


async def test_a_home_that_is_removed_is_forgotten_by_the_function(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    closed_home: Closed,
    ada: App,
    function: ClosedSkill,
    enrolled: Home,
) -> None:
    await set_up_quietly(hass, entry)
    await link(hass, closed_home, ada)

    await hass.config_entries.async_remove(entry.entry_id)

    assert function.row(f"home#{enrolled.home_id}") is None
    assert error_type(await ada.alexa.discover()) == "INVALID_AUTHORIZATION_CREDENTIAL"


async def test_a_grant_that_comes_while_the_entry_is_removed_leaves_no_tokens(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    closed_home: Closed,
    ada: App,
    storage_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await set_up_quietly(hass, entry)
    await ada.enable(await closed_home().async_pair())
    answered, may_come = hold_grants(monkeypatch)
    asking = hass.async_create_task(closed_home().async_take_over())
    await answered.wait()
    await hass.config_entries.async_remove(entry.entry_id)
    may_come.set()
    await asking
    await quiet(hass)

    assert not (storage_folder / f"alexa_doorbell.{entry.entry_id}").exists()


async def test_whatever_still_waits_for_its_turn_asks_nothing_after_an_unload(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    closed_home: Closed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await set_up_quietly(hass, entry)
    sent = closed_home().function.sent
    answered, may_come = hold_grants(monkeypatch)
    turns = [hass.async_create_task(closed_home().async_take_over()) for _ in range(3)]
    await answered.wait()
    before = dict(sent)
    await hass.config_entries.async_unload(entry.entry_id)
    may_come.set()
    await asyncio.gather(*turns)

    assert sent == before


async def test_a_home_is_removed_also_when_the_function_is_away(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    function: ClosedSkill,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await set_up_quietly(hass, entry)
    lose_table(function)

    await hass.config_entries.async_remove(entry.entry_id)

    assert hass.config_entries.async_get_entry(entry.entry_id) is None
    assert "could not be told to forget this home" in caplog.text


async def test_a_home_is_forgotten_even_if_its_tokens_cannot_be_read(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    function: ClosedSkill,
    enrolled: Home,
    hass_storage: dict[str, Any],
) -> None:
    key = f"alexa_doorbell.{entry.entry_id}"
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": {"accounts": [1]}}
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY

    await hass.config_entries.async_remove(entry.entry_id)

    assert function.row(f"home#{enrolled.home_id}") is None
