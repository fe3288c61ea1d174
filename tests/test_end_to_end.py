"""The main job for real: a Home Assistant process, driven only through HTTP and WebSocket."""

from collections.abc import AsyncIterator
import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.account import Account
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill
from demo.home_assistant.configuration import DOORBELL, PRESS_SCRIPT
from demo.home_assistant.process import HomeAssistant

SENTENCE = "Someone is at the Front door"


@pytest.fixture
async def home(tmp_path: Path, socket_enabled: None) -> AsyncIterator[HomeAssistant]:
    """A real Home Assistant with a fresh configuration."""
    home = HomeAssistant(tmp_path / "configuration")
    try:
        await home.start()
        yield home
    finally:
        await home.stop()


async def set_up_skill(home: HomeAssistant, amazon: SimulatedAmazon) -> dict[str, Any]:
    """Go through the config flow, with a wrong secret first; return its last result."""
    step = await home.client.start_flow(DOMAIN)
    step = await home.client.continue_flow(step["flow_id"], {"next_step_id": "credentials"})
    wrong = {
        "client_id": amazon.client_id,
        "client_secret": "not-the-secret",
        "region": "custom",
    }
    servers = {"lwa_url": amazon.lwa_url, "gateway_url": amazon.gateway_url()}
    step = await home.client.continue_flow(step["flow_id"], wrong)
    assert step["step_id"] == "endpoints"
    step = await home.client.continue_flow(step["flow_id"], servers)
    assert step["errors"] == {"base": "invalid_auth"}
    right = wrong | {"client_secret": amazon.client_secret}
    step = await home.client.continue_flow(step["flow_id"], right)
    step = await home.client.continue_flow(step["flow_id"], servers)
    assert step["step_id"] == "skill"
    shown = step["description_placeholders"]
    return {**await home.client.continue_flow(step["flow_id"], {}), **shown}


async def add_doorbell(home: HomeAssistant, flow_id: str) -> None:
    """Go through the subentry flow that the config flow led to."""
    step = await home.client.subentry_flow(flow_id)
    assert step["step_id"] == "user"
    step = await home.client.continue_subentry_flow(flow_id, {"entity_id": DOORBELL})
    assert step["type"] == "create_entry", step


async def press(home: HomeAssistant) -> None:
    """Press the demo's doorbell as a visitor would."""
    await home.client.act("script", "turn_on", {"entity_id": PRESS_SCRIPT})
    await home.client.wait_for_state(DOORBELL, "off")


async def link(amazon: SimulatedAmazon, skill: Skill, home: HomeAssistant) -> Account:
    """Link through Home Assistant's own account linking, and discover."""
    account = amazon.add_account("Ada")
    assert await skill.link(account, await home.client.access_token()), account.notice
    (endpoint,) = await skill.discover(account)
    assert endpoint["friendlyName"] == "Front door"
    return account


@pytest.mark.timeout(180)
async def test_a_press_is_announced_before_and_after_a_restart(
    home: HomeAssistant, socket_enabled: None
) -> None:
    async with SimulatedAmazon() as amazon:
        result = await set_up_skill(home, amazon)
        assert result["type"] == "create_entry", result
        _, subentry_flow_id = result["next_flow"]
        await add_doorbell(home, subentry_flow_id)
        skill = Skill(amazon, result["webhook_url"], result["shared_secret"])
        await link(amazon, skill, home)

        await press(home)
        announcement = await amazon.wait_for_announcement()
        assert (announcement.account, announcement.text) == ("Ada", SENTENCE)

        await home.restart()
        assert len(amazon.announcements) == 1, "The restart rang"
        await press(home)
        announcement = await amazon.wait_for_announcement()
        assert announcement.text == SENTENCE

        entry_id = result["result"]["entry_id"]
        stored = home.folder / ".storage" / f"{DOMAIN}.{entry_id}"
        assert stored.stat().st_mode & 0o777 == 0o600
        (tokens,) = json.loads(stored.read_text())["data"]["accounts"]
        for secret in (
            amazon.client_secret,
            result["shared_secret"],
            tokens["access_token"],
            tokens["refresh_token"],
        ):
            assert secret not in home.log
        assert "Traceback" not in home.log
