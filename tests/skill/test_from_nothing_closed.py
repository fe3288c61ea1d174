"""From nothing to the first announcement, with a home into which nothing leads, and back.

The line is run as it is shown; what it deploys runs behind its own address and table.
"""

from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.simulation import SimulatedAmazon

from ..closed_home.test_account_window import accounts, open_window
from ..closed_home.test_flow import open_form
from ..home import press, quiet
from .closed_story import LINE, Alexa, Story, add_skill, waiting
from .world import World


async def test_a_home_into_which_nothing_leads_announces_a_press_and_leaves_nothing_behind(
    story: Story,
) -> None:
    await story.is_told(Alexa)


@pytest.mark.usefixtures("amazon_itself")
async def test_an_account_that_links_while_home_assistant_is_away_is_there_after_its_start(
    hass: HomeAssistant, amazon: SimulatedAmazon, world: World, storage_folder: Path
) -> None:
    form = await open_form(hass)
    made = await world.create_closed()
    (enrolment,) = LINE.findall(made.out)
    entry = await add_skill(hass, form, enrolment)
    window: Any = await open_window(hass, entry)
    # A stopped Home Assistant has neither windows nor anything in its memory.
    hass.config_entries.subentries.async_abort(window["flow_id"])
    assert await hass.config_entries.async_unload(entry.entry_id)
    hass.data[DOMAIN].skills.clear()

    alexa = Alexa(world, amazon, amazon.add_account("Ada"))
    await alexa.enable(window["description_placeholders"]["code"])
    assert await alexa.find_doorbells() == ["Front door"]
    assert len(waiting(world)) == 1

    await hass.config_entries.async_setup(entry.entry_id)
    await quiet(hass, 3)
    assert [each.title for each in accounts(entry)] == ["Amazon account"]
    assert waiting(world) == []
    press(hass)
    assert (await amazon.wait_for_announcement()).text == "Someone is at the Front door"
