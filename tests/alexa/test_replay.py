"""A message that was heard once is refused the next time, whatever happened in between."""

from dataclasses import replace
from datetime import UTC, datetime
import json
from typing import Any

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alexa_doorbell.alexa.replay import StoredReplayMemory
from custom_components.alexa_doorbell.client.signature import TOLERANCE, signed_headers
from custom_components.alexa_doorbell.const import DOMAIN
from custom_components.alexa_doorbell.data import across_reloads
from demo.amazon.skill import directive

from ..conftest import SHARED_SECRET, WEBHOOK_ID
from ..home import restart, set_up

NOW = 1_774_000_000
BODY = json.dumps(directive("Alexa.Discovery", "Discover", {})).encode()
HEADERS = signed_headers(SHARED_SECRET, BODY, now=NOW)

pytestmark = pytest.mark.usefixtures("amazon")


@pytest.fixture
async def client(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    hass_client_no_auth: ClientSessionGenerator,
) -> TestClient[Any, Any]:
    """Home Assistant's web server, a moment after the message was signed."""
    freezer.move_to(datetime.fromtimestamp(NOW, UTC))
    await set_up(hass, entry)
    client: TestClient[Any, Any] = await hass_client_no_auth()
    return client


async def post(client: TestClient[Any, Any]) -> int:
    """Post the message, the same each time."""
    url = f"/api/webhook/{WEBHOOK_ID}"
    async with client.post(url, data=BODY, headers=HEADERS) as answer:
        return answer.status


async def start_anew(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Forget what only memory holds, as a restart does."""
    await hass.async_block_till_done(wait_background_tasks=True)
    across = across_reloads(hass)
    memory = StoredReplayMemory(hass, across.tasks)
    await memory.async_load()
    hass.data[DOMAIN] = replace(across, replay_memory=memory)
    await restart(hass, entry)


async def test_a_message_is_refused_after_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry, client: TestClient[Any, Any]
) -> None:
    assert await post(client) == 200
    await start_anew(hass, entry)
    assert await post(client) == 401


async def test_a_message_that_nobody_heard_is_heard_after_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry, client: TestClient[Any, Any]
) -> None:
    await start_anew(hass, entry)
    assert await post(client) == 200


async def test_what_nobody_could_replay_any_more_is_not_kept(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    client: TestClient[Any, Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    assert await post(client) == 200
    freezer.tick(TOLERANCE + 1)
    await start_anew(hass, entry)
    assert across_reloads(hass).replay_memory.fresh(now=NOW) == {}


@pytest.mark.parametrize("data", [[1], {"an id": "soon"}, "text"], ids=["list", "no time", "text"])
async def test_a_file_that_is_none_of_ours_keeps_no_skill_from_loading(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any], data: Any
) -> None:
    hass_storage[DOMAIN] = {"version": 1, "minor_version": 1, "key": DOMAIN, "data": data}

    await set_up(hass, entry)

    assert entry.state is ConfigEntryState.LOADED
