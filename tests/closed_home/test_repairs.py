"""What a closed home asks its user to mend, for exactly as long as there is a cause."""

import asyncio
from collections.abc import Callable
import time
from types import SimpleNamespace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell import repairs
from custom_components.alexa_doorbell.alexa.closed_home import LONGEST_PAUSE
from custom_components.alexa_doorbell.client import function_url
from custom_components.alexa_doorbell.client.exceptions import FunctionError, Trouble
from custom_components.alexa_doorbell.client.function_url import FunctionUrl
from custom_components.alexa_doorbell.client.transport import Reply
from custom_components.alexa_doorbell.const import DOMAIN
from custom_components.alexa_doorbell.diagnostics import async_get_config_entry_diagnostics
from demo.amazon.simulation import SimulatedAmazon

from ..flows import TEXTS
from ..home import quiet, set_up
from ..skill.closed_home.parts import ClosedSkill, Home
from .app import App, lose_table

# Longer than the first pause may be; in seconds.
TRY = 75


@pytest.fixture(autouse=True)
async def _repairs(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "repairs", {})
    hass.states.async_set("binary_sensor.front_door", "off")


def issues(hass: HomeAssistant) -> dict[str | None, ir.IssueEntry]:
    """What the user is asked to mend, beside that nobody is linked."""
    found = {
        issue.translation_key: issue
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN and issue.translation_key != "not_linked_closed"
    }
    for key, issue in found.items():
        text = str(TEXTS["issues"][key])
        assert issue.translation_placeholders is not None
        for name in ("{command}", "{minutes}", "{skill}"):
            assert name not in text or name[1:-1] in issue.translation_placeholders
    return found


async def test_a_home_that_is_understood_has_nothing_to_mend(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    await quiet(hass, 3)

    assert issues(hass) == {}


async def test_nobody_linked_is_told_in_the_words_of_a_closed_home(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)

    registry = ir.async_get(hass)
    issue = registry.async_get_issue(DOMAIN, f"not_linked_{entry.entry_id}")
    assert issue is not None
    assert issue.translation_key == "not_linked_closed"


@pytest.mark.parametrize("status", [403, 404])
async def test_a_function_that_is_gone_is_told_until_it_is_back(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    async def gone(*_: object, **__: object) -> Any:
        return Reply(status=status, headers={}, body=b'{"Message":"Forbidden"}')

    with monkeypatch.context() as away:
        away.setattr(function_url, "request", gone)
        await set_up(hass, entry)
        await quiet(hass, TRY)
        (issue,) = issues(hass).values()
    assert issue.translation_key == "function_gone"
    assert issue.translation_placeholders is not None
    assert "create --closed" in issue.translation_placeholders["command"]

    await quiet(hass, 3700)

    assert issues(hass) == {}


async def test_what_a_function_answers_after_the_unload_is_told_by_nobody(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    unloaded, asked = asyncio.Event(), asyncio.Event()

    async def gone(*_: object, **__: object) -> Any:
        asked.set()
        await unloaded.wait()
        return Reply(status=404, headers={}, body=b"")

    monkeypatch.setattr(function_url, "request", gone)
    await set_up(hass, entry)
    await asked.wait()

    assert await hass.config_entries.async_unload(entry.entry_id)
    unloaded.set()
    await hass.async_block_till_done(wait_background_tasks=True)

    assert issues(hass) == {}
    assert "never retrieved" not in caplog.text


async def test_a_function_whose_table_is_gone_is_told_when_that_lasts(
    hass: HomeAssistant, entry: MockConfigEntry, function: ClosedSkill
) -> None:
    function.rows.delete()
    await set_up(hass, entry)
    await quiet(hass, TRY)
    assert issues(hass) == {}

    await quiet(hass, 3700)

    assert issues(hass).keys() == {"function_gone"}


async def test_a_function_that_forgot_the_home_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, function: ClosedSkill, enrolled: Home
) -> None:
    function.rows.delete_item(Key={"key": f"home#{enrolled.home_id}"})
    await set_up(hass, entry)
    await quiet(hass, TRY)

    assert issues(hass).keys() == {"function_refuses"}


async def test_a_home_that_signs_with_another_secret_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, function: ClosedSkill
) -> None:
    other = Home(function).secret
    hass.config_entries.async_update_entry(entry, data={**entry.data, "home_secret": other})
    await set_up(hass, entry)
    await quiet(hass, TRY)

    assert issues(hass).keys() == {"function_refuses"}


@pytest.mark.parametrize(("ahead", "minutes"), [(660, "11"), (-720, "12")], ids=["ahead", "behind"])
async def test_a_clock_that_is_off_is_told_until_it_is_right(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    ahead: int,
    minutes: str,
) -> None:
    now = time.time
    with monkeypatch.context() as wrong:
        # The server's clock is of this process too.
        clock = SimpleNamespace(time=lambda: now() + ahead)
        wrong.setattr(function_url, "time", clock)
        await set_up(hass, entry)
        await quiet(hass, TRY)
        (issue,) = issues(hass).values()
    assert issue.translation_key == "clock_off"
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["minutes"] == minutes

    await quiet(hass, 3700)

    assert issues(hass) == {}


async def test_a_home_that_has_no_line_blames_nobody(
    hass: HomeAssistant, entry: MockConfigEntry, unused_tcp_port: int
) -> None:
    nowhere = f"http://127.0.0.1:{unused_tcp_port}"
    hass.config_entries.async_update_entry(entry, data={**entry.data, "function_url": nowhere})
    await set_up(hass, entry)
    await quiet(hass, TRY)
    await quiet(hass, 3700)

    assert issues(hass) == {}


async def test_what_was_known_of_the_function_stays_so_while_the_line_is_down(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles = [Trouble.REFUSED, Trouble.AWAY]

    async def grants(_self: FunctionUrl) -> Any:
        raise FunctionError(troubles.pop(0) if troubles else Trouble.AWAY, "as planned")

    monkeypatch.setattr(FunctionUrl, "grants", grants)
    await set_up(hass, entry)
    await quiet(hass, 3)
    await quiet(hass, TRY)

    assert not troubles
    assert issues(hass).keys() == {"function_refuses"}


async def test_the_same_trouble_is_one_line_in_the_log(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    function: ClosedSkill,
    enrolled: Home,
    caplog: pytest.LogCaptureFixture,
) -> None:
    row = function.row(f"home#{enrolled.home_id}")
    function.rows.delete_item(Key={"key": f"home#{enrolled.home_id}"})
    await set_up(hass, entry)
    for tries in (75, 200, 500):
        await quiet(hass, tries)
    function.rows.put_item(Item=row)
    # More than the longest pause: how many tries there were is chance.
    await quiet(hass, 2 * LONGEST_PAUSE)

    assert caplog.text.count("could not be told or asked") == 1
    assert caplog.text.count("understand each other again") == 1


# Linking again.


@pytest.fixture
async def app(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, function: ClosedSkill
) -> App:
    """An account whose skill was disabled in the app."""
    await set_up(hass, entry)
    app = App(amazon, function, amazon.add_account("Ada"))
    closed_home = entry.runtime_data.closed_home
    await app.enable(await closed_home.async_pair())
    await closed_home.async_take_over()
    amazon.revoke(app.account)
    (account,) = entry.runtime_data.accounts.all
    assert not await account.async_has_grant()
    await hass.async_block_till_done(wait_background_tasks=True)
    return app


type Step = Callable[..., Any]


async def open_repair(hass: HomeAssistant, entry: MockConfigEntry) -> repairs.AccountRepairFlow:
    """The repair of the one account."""
    (account,) = entry.runtime_data.accounts.all
    flow = await repairs.async_create_fix_flow(
        hass, "", {"entry_id": entry.entry_id, "account_id": account.account_id}
    )
    assert isinstance(flow, repairs.AccountRepairFlow)
    flow.hass = hass
    return flow


async def test_an_account_links_again_with_the_code_of_its_repair(
    hass: HomeAssistant, entry: MockConfigEntry, app: App
) -> None:
    flow = await open_repair(hass, entry)
    form: Any = await flow.async_step_link_again()
    assert form["step_id"] == "link_with_code"
    await app.enable(form["description_placeholders"]["code"])

    result = await flow.async_step_link_with_code({})
    await hass.async_block_till_done(wait_background_tasks=True)

    assert result["type"] == "create_entry"
    (account,) = entry.runtime_data.accounts.all
    assert account.health == "linked"
    assert issues(hass) == {}


async def test_a_repair_that_is_submitted_too_early_shows_the_same_code(
    hass: HomeAssistant, entry: MockConfigEntry, app: App
) -> None:
    flow = await open_repair(hass, entry)
    first: Any = await flow.async_step_link_again()
    second: Any = await flow.async_step_link_with_code({})

    assert second["errors"] == {"base": "not_yet"}
    assert second["description_placeholders"] == first["description_placeholders"]


async def test_a_repair_shows_another_code_once_the_first_has_ended(
    hass: HomeAssistant, entry: MockConfigEntry, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repairs, "PAIRING_LIFETIME", -1)
    flow = await open_repair(hass, entry)
    first: Any = await flow.async_step_link_again()
    second: Any = await flow.async_step_link_with_code({})

    assert second["description_placeholders"] != first["description_placeholders"]


async def test_a_repair_has_no_code_while_the_function_is_away(
    hass: HomeAssistant, entry: MockConfigEntry, app: App, function: ClosedSkill
) -> None:
    lose_table(function)
    flow = await open_repair(hass, entry)
    result: Any = await flow.async_step_link_again()

    assert (result["type"], result["reason"]) == ("abort", "function_away")


async def test_a_repair_of_a_skill_that_was_unloaded_meanwhile_ends(
    hass: HomeAssistant, entry: MockConfigEntry, app: App
) -> None:
    flow = await open_repair(hass, entry)
    await flow.async_step_link_again()
    await hass.config_entries.async_unload(entry.entry_id)

    assert (await flow.async_step_link_with_code({}))["type"] == "create_entry"


# What a bug report says.


async def test_diagnostics_tell_what_was_said_and_what_is_wrong_and_no_secret(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    await quiet(hass, 3)
    told = await async_get_config_entry_diagnostics(hass, entry)

    assert told["function"] == {"trouble": None, "sent": {"grants": 1, "push": 1}}
    for secret in ("function_url", "home_id", "home_secret", "client_secret"):
        assert entry.data[secret] not in str(told)
