"""A closed home has no live view, whatever is stored of a camera."""

import json

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from ..home import doorbells, quiet
from ..skill.closed_home.parts import ClosedSkill, Home
from .test_closed_home import set_up_quietly


async def test_a_camera_that_is_stored_is_told_to_nobody(
    hass: HomeAssistant, entry: MockConfigEntry, function: ClosedSkill, enrolled: Home
) -> None:
    [subentry] = doorbells(entry).values()
    data = {**subentry.data, "camera": "camera.door", "talk": True}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)

    await set_up_quietly(hass, entry)
    await quiet(hass, 31)

    row = function.row(f"home#{enrolled.home_id}")
    assert row is not None
    [endpoint] = json.loads(row["list"])
    assert endpoint["displayCategories"] == ["DOORBELL"]
    assert "Alexa.RTCSessionController" not in row["list"]
    issues = ir.async_get(hass).issues.values()
    assert not [each for each in issues if each.issue_id.startswith("no_live_view")]
