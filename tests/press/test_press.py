"""A press, from a state change in Home Assistant to the Echo."""

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import link, press, set_up


async def test_a_press_is_announced_on_the_echo(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    press(hass)
    announcement = await amazon.wait_for_announcement()
    assert announcement.text == "Someone is at the Front door"
