"""What the tests of the way in share."""

from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from ..home import set_up
from .posting import PATH, Answer, Post, signed


@pytest.fixture
async def client(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> TestClient[Any, Any]:
    """Home Assistant's web server as the internet sees it."""
    await set_up(hass, entry)
    client: TestClient[Any, Any] = await hass_client_no_auth()
    return client


@pytest.fixture
def post(client: TestClient[Any, Any]) -> Post:
    """Posts a body to the webhook; unless headers are given, signed."""

    async def post(body: Any, headers: dict[str, str] | None = None) -> Answer:
        headers = signed(body) if headers is None else headers
        async with client.post(PATH, data=body, headers=headers) as response:
            return response.status, await response.read()

    return post
