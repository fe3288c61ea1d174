"""The window that waits for an account of a closed home: it shows a code, and asks meanwhile."""

import asyncio
from datetime import timedelta
import re
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.alexa_doorbell.alexa import closed_home
from demo.amazon.simulation import SimulatedAmazon

from ..flows import TEXTS, checked
from ..home import set_up
from ..skill.closed_home.parts import ClosedSkill
from ..test_config_flow import assert_aborts
from .app import App, lose_table

TEXTS_HERE = TEXTS["config_subentries"]["account"]
CODE = re.compile("[BCDFGHJKLMNPQRSTVWXZ]{5}-[BCDFGHJKLMNPQRSTVWXZ]{5}")


async def open_window(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Begin to add an account."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "account"), context={"source": SOURCE_USER}
    )
    return checked(result, TEXTS_HERE)


async def goes_on(hass: HomeAssistant, window: Any) -> Any:
    """Return what the window shows once its wait is over."""
    flow: Any = hass.config_entries.subentries._progress[window["flow_id"]]
    linking = flow._linking
    await asyncio.wait([linking], timeout=5)
    await hass.async_block_till_done()
    result = await hass.config_entries.subentries.async_configure(window["flow_id"])
    return checked(result, TEXTS_HERE)


def accounts(entry: MockConfigEntry) -> list[ConfigSubentry]:
    """The accounts that people see."""
    return [each for each in entry.subentries.values() if each.subentry_type == "account"]


@pytest.fixture
async def window(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """The window, opened a moment ago."""
    await set_up(hass, entry)
    return await open_window(hass, entry)


async def test_it_shows_a_code(hass: HomeAssistant, window: Any) -> None:
    assert window["type"] is FlowResultType.SHOW_PROGRESS
    assert CODE.fullmatch(window["description_placeholders"]["code"])
    hass.config_entries.subentries.async_abort(window["flow_id"])


async def test_it_becomes_the_account_that_links_with_its_code(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    function: ClosedSkill,
    window: Any,
) -> None:
    app = App(amazon, function, amazon.add_account("Ada"))
    await app.enable(window["description_placeholders"]["code"])
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=6))

    linked = await goes_on(hass, window)

    assert linked["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = accounts(entry)
    (account,) = entry.runtime_data.accounts.all
    assert subentry.unique_id == account.account_id


async def test_it_becomes_the_account_though_one_that_nobody_looks_at_waits_longer(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    function: ClosedSkill,
    window: Any,
) -> None:
    """A phone that shows the Alexa app may forget the window, and a person opens another."""
    another = await open_window(hass, entry)
    app = App(amazon, function, amazon.add_account("Ada"))
    await app.enable(another["description_placeholders"]["code"])
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=6))

    assert (await goes_on(hass, another))["type"] is FlowResultType.CREATE_ENTRY
    hass.config_entries.subentries.async_abort(window["flow_id"])


async def test_it_ends_with_its_code_since_nobody_may_look_at_it_any_more(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_up(hass, entry)
    with monkeypatch.context() as soon:
        soon.setattr(closed_home, "PAIRING_LIFETIME", 1)
        window = await open_window(hass, entry)

    assert_aborts(await goes_on(hass, window), "code_ended")


async def test_it_does_not_open_while_the_function_is_away(
    hass: HomeAssistant, entry: MockConfigEntry, function: ClosedSkill
) -> None:
    await set_up(hass, entry)
    lose_table(function)

    assert_aborts(await open_window(hass, entry), "function_away")


async def test_it_asks_no_more_once_it_is_closed(
    hass: HomeAssistant, entry: MockConfigEntry, window: Any
) -> None:
    hass.config_entries.subentries.async_abort(window["flow_id"])
    await hass.async_block_till_done(wait_background_tasks=True)
    sent = entry.runtime_data.closed_home.function.sent
    asked = sent["grants"]
    for seconds in range(6, 60, 6):
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
        await hass.async_block_till_done(wait_background_tasks=True)

    assert sent["grants"] == asked
