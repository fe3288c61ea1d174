"""Tests of what happens while somebody walks up to the door, before the press."""

from collections.abc import AsyncIterator
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_aiohttp import AiohttpServer
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.const import CONF_GATEWAY_URL
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..client.loopback import Loopback, reply, serving
from ..home import press, set_up

pytestmark = pytest.mark.usefixtures("without_reports")

MOTION = "binary_sensor.porch_motion"


@pytest.fixture
async def gateway(aiohttp_server: AiohttpServer) -> AsyncIterator[Loopback]:
    """A gateway that takes everything, and notes the connection that it came on."""
    async with serving(aiohttp_server) as gateway:
        gateway.answer = reply(202)
        yield gateway


def front_door_of(entry: MockConfigEntry) -> ConfigSubentry:
    """The entry's doorbell."""
    doorbell: ConfigSubentry = next(iter(entry.subentries.values()))
    return doorbell


async def mute(entry: MockConfigEntry, *, muted: bool = True) -> None:
    """Let the front door announce nothing, as its switch does."""
    await entry.runtime_data.muted.async_set(front_door_of(entry).subentry_id, muted=muted)


def change(hass: HomeAssistant, entry: MockConfigEntry, **settings: Any) -> None:
    """Change settings of the front door."""
    doorbell = front_door_of(entry)
    hass.config_entries.async_update_subentry(entry, doorbell, data={**doorbell.data, **settings})


@pytest.fixture
async def linked(
    freezer: FrozenDateTimeFactory,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    gateway: Loopback,
) -> MockConfigEntry:
    """A skill with one account, whose front door is foretold by motion on the porch."""
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, CONF_GATEWAY_URL: gateway.url}
    )
    change(hass, entry, warm_up=[MOTION])
    hass.states.async_set(MOTION, "off")
    await set_up(hass, entry)
    assert await skill.link(amazon.add_account("Ada"))
    amazon.requests.clear()
    return entry


async def move(hass: HomeAssistant, entity_id: str = MOTION) -> None:
    """Somebody comes near."""
    hass.states.async_set(entity_id, "off")
    hass.states.async_set(entity_id, "on")
    await hass.async_block_till_done(wait_background_tasks=True)


def rename(hass: HomeAssistant, entity_registry: er.EntityRegistry) -> None:
    """Give the motion sensor another name."""
    hass.states.async_remove(MOTION)
    entity_registry.async_get_or_create(
        "binary_sensor", "test", "motion", suggested_object_id="porch_motion"
    )
    entity_registry.async_update_entity(MOTION, new_entity_id="binary_sensor.garden")


def asked(gateway: Loopback) -> list[str]:
    """What the gateway was asked, in order."""
    return [received.path for received in gateway.received]


async def test_the_press_takes_the_connection_that_motion_opened(
    hass: HomeAssistant, linked: MockConfigEntry, gateway: Loopback
) -> None:
    await move(hass)
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert asked(gateway) == ["/v1/alexaApiEndpoint", "/v3/events"]
    opened, posted = gateway.received
    assert opened.port == posted.port


async def test_a_street_full_of_motion_asks_once_a_minute(
    hass: HomeAssistant,
    linked: MockConfigEntry,
    gateway: Loopback,
    freezer: FrozenDateTimeFactory,
) -> None:
    for _ in range(12):
        await move(hass)
        freezer.tick(10)

    assert len(gateway.received) == 2


@pytest.mark.parametrize(
    ("old", "new"), [("unavailable", "on"), ("unknown", "on"), ("on", "off"), ("on", "unavailable")]
)
async def test_what_is_no_motion_asks_nothing(
    hass: HomeAssistant, linked: MockConfigEntry, gateway: Loopback, old: str, new: str
) -> None:
    hass.states.async_set(MOTION, old)
    await hass.async_block_till_done(wait_background_tasks=True)
    gateway.received.clear()
    linked.runtime_data.warm_up._warmed_at = None

    hass.states.async_set(MOTION, new)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert gateway.received == []


async def test_an_event_foretells_a_press_too(
    hass: HomeAssistant, linked: MockConfigEntry, gateway: Loopback
) -> None:
    hass.states.async_set("event.person", "2026-11-01T08:00:00.000+00:00")
    change(hass, linked, warm_up=["event.person"])

    hass.states.async_set("event.person", "2026-11-01T08:01:00.000+00:00")
    await hass.async_block_till_done(wait_background_tasks=True)
    await move(hass)

    assert asked(gateway) == ["/v1/alexaApiEndpoint"]


async def test_a_token_that_the_gateway_refuses_is_replaced_before_the_press(
    hass: HomeAssistant, linked: MockConfigEntry, gateway: Loopback, amazon: SimulatedAmazon
) -> None:
    gateway.answer = reply(401)

    await move(hass)

    assert [request.detail for request in amazon.requests] == ["refresh_token"]


async def test_a_token_that_has_run_out_is_replaced_before_the_press(
    hass: HomeAssistant,
    linked: MockConfigEntry,
    gateway: Loopback,
    amazon: SimulatedAmazon,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.tick(3600)

    await move(hass)

    assert [request.detail for request in amazon.requests] == ["refresh_token"]
    assert asked(gateway) == ["/v1/alexaApiEndpoint"]


async def test_a_warm_up_that_fails_is_no_trouble(
    hass: HomeAssistant,
    linked: MockConfigEntry,
    gateway: Loopback,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gateway.answer = reply(500, b"<html>")
    caplog.clear()

    await move(hass)

    told = [each for each in caplog.records if each.levelname in {"WARNING", "ERROR"}]
    assert [each for each in told if each.name.startswith("custom_components")] == []


async def test_no_account_is_asked_about_that_must_be_linked_again(
    hass: HomeAssistant, linked: MockConfigEntry, gateway: Loopback
) -> None:
    [account] = linked.runtime_data.accounts.all
    account.update(health="relink_required")

    await move(hass)

    assert gateway.received == []


async def test_every_account_has_its_connection_ready(
    hass: HomeAssistant,
    linked: MockConfigEntry,
    gateway: Loopback,
    amazon: SimulatedAmazon,
    skill: Skill,
) -> None:
    assert await skill.link(amazon.add_account("Ben"))

    await move(hass)

    assert asked(gateway) == ["/v1/alexaApiEndpoint"] * 2
    assert len({received.port for received in gateway.received}) == 2


async def test_a_motion_sensor_that_is_removed_is_no_trouble(
    hass: HomeAssistant,
    linked: MockConfigEntry,
    gateway: Loopback,
    entity_registry: er.EntityRegistry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hass.states.async_remove(MOTION)
    entity_registry.async_get_or_create(
        "binary_sensor", "test", "motion", suggested_object_id="porch_motion"
    )
    entity_registry.async_remove(MOTION)
    await hass.async_block_till_done()

    assert front_door_of(linked).data["warm_up"] == [MOTION]
    assert "Traceback" not in caplog.text


async def test_a_doorbell_that_is_not_announced_needs_no_connection(
    hass: HomeAssistant, linked: MockConfigEntry, gateway: Loopback
) -> None:
    await mute(linked)

    await move(hass)

    assert gateway.received == []


async def test_a_sensor_renamed_while_announcements_are_off_is_followed_afterwards(
    hass: HomeAssistant,
    linked: MockConfigEntry,
    gateway: Loopback,
    entity_registry: er.EntityRegistry,
) -> None:
    await mute(linked)
    rename(hass, entity_registry)
    await hass.async_block_till_done()
    await mute(linked, muted=False)

    await move(hass, "binary_sensor.garden")

    assert asked(gateway) == ["/v1/alexaApiEndpoint"]


async def test_an_unloaded_skill_asks_nothing(
    hass: HomeAssistant, linked: MockConfigEntry, gateway: Loopback
) -> None:
    await hass.config_entries.async_unload(linked.entry_id)

    await move(hass)
    assert gateway.received == []

    await set_up(hass, linked)
    await move(hass)
    assert asked(gateway) == ["/v1/alexaApiEndpoint"]


async def test_a_renamed_motion_sensor_is_followed(
    hass: HomeAssistant,
    linked: MockConfigEntry,
    gateway: Loopback,
    entity_registry: er.EntityRegistry,
) -> None:
    rename(hass, entity_registry)
    await hass.async_block_till_done()

    await move(hass, "binary_sensor.garden")

    assert front_door_of(linked).data["warm_up"] == ["binary_sensor.garden"]
    assert asked(gateway) == ["/v1/alexaApiEndpoint"]


async def test_an_entity_that_is_renamed_while_the_skill_is_not_loaded_is_still_followed(
    hass: HomeAssistant,
    linked: MockConfigEntry,
    gateway: Loopback,
    entity_registry: er.EntityRegistry,
) -> None:
    await hass.config_entries.async_unload(linked.entry_id)
    rename(hass, entity_registry)
    hass.states.async_set("binary_sensor.garden", "off")
    await hass.async_block_till_done()
    await set_up(hass, linked)
    before = len(asked(gateway))
    await move(hass, "binary_sensor.garden")
    assert len(asked(gateway)) > before
