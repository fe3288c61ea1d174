"""What the system information says of a closed home: also whether its function is reached."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_system_health_info

from custom_components.alexa_doorbell.const import CONF_FUNCTION_URL, DOMAIN

from ..flows import TEXTS
from ..home import set_up

UNREACHABLE = {"type": "failed", "error": "unreachable"}


@pytest.fixture
def elsewhere(unused_tcp_port: int) -> str:
    """An address at which nobody answers."""
    return f"http://127.0.0.1:{unused_tcp_port}"


async def said_of_the_function(hass: HomeAssistant) -> Any:
    """What is said of it, and in a line that has a name."""
    assert await async_setup_component(hass, "system_health", {})
    info = await get_system_health_info(hass, DOMAIN)
    assert set(info) <= set(TEXTS["system_health"]["info"])
    for name, value in info.items():
        if hasattr(value, "__await__"):
            info[name] = await value
    return info["function"]


async def test_a_function_that_answers_is_reached(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)

    assert await said_of_the_function(hass) == "ok"


async def test_a_function_that_nobody_answers_for_is_not_reached(
    hass: HomeAssistant, entry: MockConfigEntry, elsewhere: str
) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_FUNCTION_URL: elsewhere})
    await set_up(hass, entry)

    assert await said_of_the_function(hass) == UNREACHABLE


async def test_one_of_two_functions_that_is_not_reached_is_not_hidden_by_the_other(
    hass: HomeAssistant, entry: MockConfigEntry, elsewhere: str
) -> None:
    MockConfigEntry(
        domain=DOMAIN,
        title="Beach house",
        unique_id="amzn1.application-oa2-client.beach",
        minor_version=2,
        data={**entry.data, CONF_FUNCTION_URL: elsewhere},
    ).add_to_hass(hass)
    await set_up(hass, entry)

    assert await said_of_the_function(hass) == UNREACHABLE
