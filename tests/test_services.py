"""Tests of the actions of automations."""

import asyncio
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .home import add_doorbell, link, press, set_up


def device_id_of(hass: HomeAssistant, entry: MockConfigEntry, identifier: str) -> str:
    """The id of the device of the skill or of a doorbell."""
    return dr.async_get_device_id_by_identifier(
        hass, (DOMAIN, identifier), config_entry_id=entry.entry_id
    )


def front_door_of(entry: MockConfigEntry) -> str:
    """The endpoint id of the entry's first doorbell."""
    endpoint_id: str = next(iter(entry.subentries))
    return endpoint_id


async def ring(hass: HomeAssistant, *device_ids: str) -> list[dict[str, Any]]:
    """Call the action, and return what it says of each doorbell."""
    response = await hass.services.async_call(
        DOMAIN, "ring", {"device_id": list(device_ids)}, blocking=True, return_response=True
    )
    assert response is not None
    assert response.keys() == {"doorbells"}
    doorbells: Any = response["doorbells"]
    assert isinstance(doorbells, list)
    return doorbells


async def test_ringing_tells_what_every_account_answered(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill, "Ada")
    ben = await link(amazon, skill, "Ben")
    amazon.gateway_faults.append(Fault.gateway(400, "INVALID_REQUEST_EXCEPTION", account=ben))
    front_door = front_door_of(entry)
    device_id = device_id_of(hass, entry, front_door)

    [doorbell] = await ring(hass, device_id)

    latencies = [account.pop("latency_ms") for account in doorbell["accounts"]]
    assert all(isinstance(latency, int) and latency >= 0 for latency in latencies)
    assert doorbell == {
        "device_id": device_id,
        "endpoint_id": front_door,
        "accounts": [
            {"name": "Ada", "result": "accepted", "attempts": 1, "status": 202, "code": None},
            {
                "name": "Ben",
                "result": "failed",
                "attempts": 1,
                "status": 400,
                "code": "INVALID_REQUEST_EXCEPTION",
            },
        ],
    }
    assert [spoken.text for spoken in amazon.announcements] == ["Someone is at the Front door"]


async def test_ringing_while_nobody_is_linked_says_so(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    device_id = device_id_of(hass, entry, front_door_of(entry))

    with pytest.raises(HomeAssistantError, match="No Amazon account is linked with Alexa Doorbell"):
        await ring(hass, device_id)


async def test_ringing_that_no_account_takes_says_whose_word_it_was(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    amazon.revoke(await link(amazon, skill))
    device_id = device_id_of(hass, entry, front_door_of(entry))

    with pytest.raises(HomeAssistantError, match="Front door was not announced: Ada: 401"):
        await ring(hass, device_id)


async def test_ringing_a_muted_doorbell_is_no_error(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    await entry.runtime_data.muted.async_set(front_door_of(entry), muted=True)

    [doorbell] = await ring(hass, device_id_of(hass, entry, front_door_of(entry)))

    assert doorbell["accounts"] == []


async def test_several_doorbells_ring_at_once_and_each_of_them_once(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    virtual = add_doorbell(hass, entry, None)
    await set_up(hass, entry)
    await link(amazon, skill)
    front = device_id_of(hass, entry, front_door_of(entry))
    back = device_id_of(hass, entry, virtual.subentry_id)

    doorbells = await ring(hass, back, front, back)

    assert [doorbell["device_id"] for doorbell in doorbells] == [back, front]
    assert sorted(spoken.text for spoken in amazon.announcements) == [
        "Someone is at the Back door",
        "Someone is at the Front door",
    ]


async def test_ringing_needs_no_response(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    device_id = device_id_of(hass, entry, front_door_of(entry))

    await hass.services.async_call(DOMAIN, "ring", {"device_id": device_id}, blocking=True)

    assert len(amazon.announcements) == 1


async def test_a_press_inside_the_cooldown_brings_the_outcome_of_the_earlier_one(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    device_id = device_id_of(hass, entry, front_door_of(entry))

    first = await ring(hass, device_id)
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert await ring(hass, device_id) == first
    assert len(amazon.announcements) == 1


async def test_without_a_cooldown_every_ring_is_one(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    virtual = add_doorbell(hass, entry, None, cooldown=0)
    await set_up(hass, entry)
    await link(amazon, skill)
    device_id = device_id_of(hass, entry, virtual.subentry_id)

    await ring(hass, device_id)
    await ring(hass, device_id)

    assert len(amazon.announcements) == 2


async def test_a_caller_that_gives_up_does_not_take_the_press_along(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    amazon.gateway_faults.append(Fault.reset())  # So that there is something left to do.
    calling = asyncio.create_task(ring(hass, device_id_of(hass, entry, front_door_of(entry))))
    while not any(request.kind == "events" for request in amazon.requests):
        await asyncio.wait([calling], timeout=0)

    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling

    assert (await amazon.wait_for_announcement()).text == "Someone is at the Front door"


async def test_only_a_doorbell_can_be_rung(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    lamp = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("other", "lamp")}
    )
    front_door = device_id_of(hass, entry, front_door_of(entry))

    for wrong in (device_id_of(hass, entry, entry.entry_id), lamp.id, "unknown"):
        with pytest.raises(ServiceValidationError) as caught:
            await ring(hass, front_door, wrong)

        assert caught.value.translation_domain == DOMAIN
        assert caught.value.translation_key == "not_a_doorbell"
        assert "Choose one of its doorbells" in str(caught.value)
    assert amazon.announcements == [], "all or nothing"


async def test_a_doorbell_of_an_entry_that_is_not_loaded_cannot_be_rung(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    device_id = device_id_of(hass, entry, front_door_of(entry))
    await hass.config_entries.async_unload(entry.entry_id)

    with pytest.raises(ServiceValidationError) as caught:
        await ring(hass, device_id)

    assert caught.value.translation_key == "service_config_entry_not_loaded"


@pytest.mark.parametrize("data", [{}, {"device_id": []}, {"device_id": {}}, {"device": "x"}])
async def test_a_ring_without_a_device_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, data: dict[str, Any]
) -> None:
    await set_up(hass, entry)

    with pytest.raises(vol.Invalid):
        await hass.services.async_call(DOMAIN, "ring", data, blocking=True)
