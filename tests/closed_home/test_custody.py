"""What the function has of a home, what it costs to keep it there, and that no press needs it."""

from collections.abc import Callable
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.alexa import closed_home as closed_home_module
from custom_components.alexa_doorbell.alexa.closed_home import ClosedHome
from custom_components.alexa_doorbell.client import function_url
from custom_components.alexa_doorbell.client.transport import Reply
from demo.amazon.simulation import SimulatedAmazon

from ..home import press, quiet, set_up
from ..skill.closed_home.parts import ClosedSkill
from .app import App

type Closed = Callable[[], ClosedHome]
SENTENCE = "Someone is at the Front door"


@pytest.fixture
async def ada(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    closed_home: Closed,
    amazon: SimulatedAmazon,
    function: ClosedSkill,
) -> App:
    """The Alexa app of an account that is linked, and knows the doorbell."""
    hass.states.async_set("binary_sensor.front_door", "off")
    await set_up(hass, entry)
    await quiet(hass, 3)
    app = App(amazon, function, amazon.add_account("Ada"))
    await app.enable(await closed_home().async_pair())
    await closed_home().async_take_over()
    await app.discovered()
    # What follows a link ends, and so does its code.
    await quiet(hass, 3600)
    return app


@pytest.mark.usefixtures("ada")
async def test_a_press_tells_the_function_nothing(
    hass: HomeAssistant, amazon: SimulatedAmazon, function: ClosedSkill
) -> None:
    before = function.every_row()
    function.table.begin()

    press(hass)
    assert (await amazon.wait_for_announcement()).text == SENTENCE
    await quiet(hass)

    assert function.table.calls == []
    assert function.every_row() == before


@pytest.mark.usefixtures("ada")
async def test_a_press_is_announced_after_the_function_was_deleted(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def gone(*_: object, **__: object) -> Any:
        return Reply(status=404, headers={}, body=b"")

    monkeypatch.setattr(function_url, "request", gone)
    await quiet(hass, 24 * 3600)
    assert entry.runtime_data.closed_home.trouble

    press(hass)

    assert (await amazon.wait_for_announcement()).text == SENTENCE


@pytest.mark.usefixtures("ada")
async def test_the_table_has_neither_name_nor_tokens_of_who_is_linked(
    function: ClosedSkill,
) -> None:
    kept = str(function.every_row())

    assert "link#" in kept
    for word in ("Ada", "Atza|", "Atzr|"):
        assert word not in kept


@pytest.mark.usefixtures("ada")
async def test_asking_for_accounts_does_not_put_off_what_is_told_once_a_day(
    closed_home: Closed, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(
        closed_home_module, "async_call_later", lambda _hass, pause, _work: pauses.append(pause)
    )

    await closed_home().async_take_over()

    assert closed_home().function.sent["push"] == 1, "there was nothing new to tell"
    assert pauses == []


@pytest.mark.usefixtures("ada")
async def test_a_quiet_day_asks_the_table_for_seven_things(
    hass: HomeAssistant, function: ClosedSkill
) -> None:
    function.table.begin()

    await quiet(hass, 24 * 3600)

    to_take_over = ["GetItem home", "PutItem seen", "GetItem grant", "GetItem pair"]
    to_tell = ["GetItem home", "PutItem seen", "UpdateItem home"]
    assert sorted(function.table.calls) == sorted(to_take_over + to_tell)


@pytest.mark.usefixtures("ada")
async def test_each_question_of_a_window_asks_the_table_for_four_things(
    closed_home: Closed, function: ClosedSkill
) -> None:
    function.table.begin()

    await closed_home().async_take_over()

    assert len(function.table.calls) == 4


async def test_each_question_of_alexas_asks_the_table_for_three_things(
    ada: App, function: ClosedSkill
) -> None:
    function.table.begin()

    await ada.discovered()

    assert sorted(function.table.calls) == ["GetItem config", "GetItem home", "GetItem link"]
