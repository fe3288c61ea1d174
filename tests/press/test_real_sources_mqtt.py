"""Presses that come by MQTT, through Home Assistant's own integration."""

from collections.abc import Awaitable, Callable
import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import MqttMockHAClientGenerator

from custom_components.alexa_doorbell.press.press import Press

from .conftest import Later, Watch

type Discover = Callable[..., Awaitable[str]]


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Home Assistant's MQTT leaves its own."""
    return True


async def receive(hass: HomeAssistant, topic: str, payload: str, *, retain: bool = False) -> None:
    """Let a message come in."""
    async_fire_mqtt_message(hass, topic, payload, retain=retain)
    await hass.async_block_till_done()


@pytest.fixture
async def discover(
    hass: HomeAssistant, tmp_path: Path, mqtt_mock_entry: MqttMockHAClientGenerator, watch: Watch
) -> Discover:
    """Let a device announce an entity, which listens to the topic "bell"."""
    hass.config.config_dir = str(tmp_path)
    (tmp_path / "configuration.yaml").touch()  # Where MQTT looks for entities, too.
    await mqtt_mock_entry()

    async def discover(component: str, **config: Any) -> str:
        config = {
            "name": "bell",
            "unique_id": "bell",
            "default_entity_id": f"{component}.bell",
            "state_topic": "bell",
        } | config
        await receive(hass, f"homeassistant/{component}/bell/config", json.dumps(config))
        assert hass.states.get(f"{component}.bell")
        return f"{component}.bell"

    return discover


async def test_a_radio_button_that_only_ever_says_on_rings_each_time(
    hass: HomeAssistant, discover: Discover, watch: Watch, presses: list[Press], later: Later
) -> None:
    await watch(await discover("binary_sensor", force_update=True))
    for _ in range(3):
        await later(60)
        for _ in range(4):
            await receive(hass, "bell", "ON")
            await later(0.2)
    assert len(presses) == 3


async def test_a_radio_button_whose_state_expires_rings_on_its_return(
    hass: HomeAssistant, discover: Discover, watch: Watch, presses: list[Press], later: Later
) -> None:
    await watch(await discover("binary_sensor", expire_after=5), rings_on_return=True)
    await later(60)
    for _ in range(3):
        await receive(hass, "bell", "ON")
        await later(6)
        await later(60)
    assert len(presses) == 3


async def test_a_state_that_expires_rings_nothing_unless_it_was_asked_for(
    hass: HomeAssistant, discover: Discover, watch: Watch, presses: list[Press], later: Later
) -> None:
    await watch(await discover("binary_sensor", expire_after=5))
    await later(60)
    await receive(hass, "bell", "ON")
    assert not presses


async def test_a_button_with_an_off_delay_rings_each_time(
    hass: HomeAssistant, discover: Discover, watch: Watch, presses: list[Press], later: Later
) -> None:
    await watch(await discover("binary_sensor", off_delay=2))
    for _ in range(3):
        await later(60)
        for _ in range(3):
            await receive(hass, "bell", "ON")
    assert len(presses) == 3


@pytest.mark.parametrize(("pause", "rings"), [(59, 0), (60, 1)])
async def test_the_first_message_ever_rings_once_the_entity_is_a_minute_old(
    hass: HomeAssistant,
    discover: Discover,
    watch: Watch,
    presses: list[Press],
    later: Later,
    pause: float,
    rings: int,
) -> None:
    await watch(await discover("binary_sensor"))
    await later(pause)
    await receive(hass, "bell", "ON")
    assert len(presses) == rings


async def test_a_retained_message_rings_nothing(
    hass: HomeAssistant, discover: Discover, watch: Watch, presses: list[Press], later: Later
) -> None:
    await watch("binary_sensor.bell")
    await later(60)
    await discover("binary_sensor")
    await receive(hass, "bell", "ON", retain=True)
    assert not presses


async def test_an_entity_that_is_announced_anew_while_it_is_on_rings_nothing(
    hass: HomeAssistant, discover: Discover, watch: Watch, presses: list[Press], later: Later
) -> None:
    await watch(await discover("binary_sensor"))
    await receive(hass, "bell", "OFF")
    await receive(hass, "bell", "ON")
    await later(60)
    await receive(hass, "homeassistant/binary_sensor/bell/config", "")
    await later(60)
    await discover("binary_sensor")
    await receive(hass, "bell", "ON", retain=True)
    assert len(presses) == 1


async def test_an_action_that_is_gone_within_milliseconds_rings_each_time(
    hass: HomeAssistant, discover: Discover, watch: Watch, presses: list[Press], later: Later
) -> None:
    await watch(await discover("sensor"), states=["single"])
    await receive(hass, "bell", "none")
    for _ in range(3):
        await later(60)
        await receive(hass, "bell", "single")
        await receive(hass, "bell", "none")
    assert len(presses) == 3


async def test_the_first_action_after_a_restart_rings(
    hass: HomeAssistant, discover: Discover, watch: Watch, presses: list[Press], later: Later
) -> None:
    await watch(await discover("sensor"), states=["single"])
    await later(3600)
    await receive(hass, "bell", "single")
    assert len(presses) == 1


async def test_a_sensor_that_keeps_the_number_of_the_button_rings_each_time(
    hass: HomeAssistant, discover: Discover, watch: Watch, presses: list[Press], later: Later
) -> None:
    bell = await discover("sensor", force_update=True)
    await receive(hass, "bell", "0")
    await watch(bell, states=["1"])
    for _ in range(3):
        await later(60)
        await receive(hass, "bell", "1")
    assert len(presses) == 3


async def test_a_sensor_of_the_last_ring_rings_by_its_time(
    hass: HomeAssistant, discover: Discover, watch: Watch, presses: list[Press], later: Later
) -> None:
    bell = await discover("sensor", device_class="timestamp")
    await receive(hass, "bell", "2026-11-26T10:00:00+00:00")
    await watch(bell)
    for _ in range(2):
        await later(60)
        for _ in range(2):
            await receive(hass, "bell", dt_util.utcnow().isoformat())
    assert len(presses) == 2


async def test_of_four_buttons_in_one_entity_the_chosen_one_rings(
    hass: HomeAssistant, discover: Discover, watch: Watch, presses: list[Press], later: Later
) -> None:
    bell = await discover("event", event_types=["press", "hold"])
    await watch(bell, event_types=["press"], attribute="button", attribute_values=["3"])
    for button in (1, 2, 3, 4):
        await later(60)
        await receive(hass, "bell", json.dumps({"event_type": "press", "button": button}))
    await later(60)
    await receive(hass, "bell", json.dumps({"event_type": "hold", "button": 3}))
    assert [each.doorbell.attribute for each in presses] == ["button"]


async def test_an_attribute_that_comes_in_its_own_message_rings(
    hass: HomeAssistant, discover: Discover, watch: Watch, presses: list[Press], later: Later
) -> None:
    bell = await discover("sensor", json_attributes_topic="door")
    await receive(hass, "bell", "idle")
    await watch(bell, states=["ringing"], attribute="door", attribute_values=["front"])
    for door in ("back", "front"):
        await later(60)
        await receive(hass, "bell", "ringing")
        await receive(hass, "door", json.dumps({"door": door}))
        await receive(hass, "bell", "idle")
    assert len(presses) == 1


async def test_attributes_that_follow_a_ring_are_no_second_one(
    hass: HomeAssistant, discover: Discover, watch: Watch, presses: list[Press], later: Later
) -> None:
    bell = await discover("binary_sensor", json_attributes_topic="ding")
    await receive(hass, "bell", "OFF")
    await watch(bell)
    await later(60)
    await receive(hass, "bell", "ON")
    await later(60)
    await receive(hass, "ding", json.dumps({"lastDing": 1}))
    assert len(presses) == 1
