"""A ping is answered with what only the integration can say."""

from datetime import UTC, datetime
import json
from pathlib import Path
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.alexa_doorbell as integration
from custom_components.alexa_doorbell.const import (
    CONF_PREVIOUS_SHARED_SECRET,
    CONF_PREVIOUS_SHARED_SECRET_ENDS,
    CONF_SHARED_SECRET,
)

from ..conftest import SHARED_SECRET
from .posting import DISCOVER, OTHER_SECRET, Post, signed

MANIFEST: dict[str, Any] = json.loads(
    (Path(integration.__file__).parent / "manifest.json").read_text()
)
NOW = 1_790_000_000


def ping(nonce: str = "nonce-1") -> bytes:
    """What the command sends to see who listens."""
    return json.dumps({"ping": {"nonce": nonce}}).encode()


async def test_a_ping_hears_its_nonce_the_version_and_the_time(
    post: Post, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(datetime.fromtimestamp(NOW + 0.7, UTC))
    status, body = await post(ping())

    assert status == 200
    assert json.loads(body) == {
        "pong": {"nonce": "nonce-1", "version": MANIFEST["version"], "time": NOW}
    }


async def test_a_ping_leaves_no_line_in_the_log(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    await post(ping())

    assert [each for each in caplog.records if each.name.startswith("custom_components")] == []


async def test_a_ping_is_answered_once(post: Post) -> None:
    headers = signed(ping())
    assert (await post(ping(), headers))[0] == 200

    assert (await post(ping(), headers))[0] == 401


async def test_a_ping_by_another_secret_is_refused(post: Post) -> None:
    assert (await post(ping(), signed(ping(), secret=OTHER_SECRET)))[0] == 401


async def test_a_ping_with_the_new_secret_does_not_end_the_old_one(
    hass: HomeAssistant, entry: MockConfigEntry, post: Post
) -> None:
    data = entry.data | {
        CONF_SHARED_SECRET: OTHER_SECRET,
        CONF_PREVIOUS_SHARED_SECRET: SHARED_SECRET,
        CONF_PREVIOUS_SHARED_SECRET_ENDS: time.time() + 3600,
    }
    hass.config_entries.async_update_entry(entry, data=data)
    assert (await post(ping(), signed(ping(), secret=OTHER_SECRET)))[0] == 200

    assert (await post(DISCOVER, signed(DISCOVER)))[0] == 200
