"""The demo's Home Assistant is made anew, and says in plain words why it does not start."""

import json
from pathlib import Path
import socket
from typing import Any

import pytest

from demo.home_assistant.client import HomeAssistantClient
from demo.home_assistant.configuration import prepare
from demo.home_assistant.first_steps import MissingError, add_skill
from demo.home_assistant.process import HomeAssistant, StartError, free_port, is_free


def stored(folder: Path, key: str) -> Any:
    return json.loads((folder / ".storage" / key).read_text())["data"]


def test_the_folder_is_onboarded_and_on_loopback(tmp_path: Path) -> None:
    prepare(tmp_path / "demo", 18123)
    assert "user" in stored(tmp_path / "demo", "onboarding")["done"]
    http = stored(tmp_path / "demo", "http")["stable"]
    assert (http["server_host"], http["server_port"]) == (["127.0.0.1"], 18123)
    assert stored(tmp_path / "demo", "core.config")["external_url"] == "http://127.0.0.1:18123"


def test_nothing_of_an_earlier_demo_is_left(tmp_path: Path) -> None:
    prepare(tmp_path / "demo", 18123)
    left = tmp_path / "demo" / ".storage" / "core.config_entries"
    left.write_text("from the last run")
    prepare(tmp_path / "demo", 18123)
    assert not left.exists()


def test_making_the_folder_anew_spares_the_integration(tmp_path: Path) -> None:
    for _ in range(2):
        prepare(tmp_path / "demo", 18123)
    assert (tmp_path / "demo" / "custom_components" / "alexa_doorbell" / "manifest.json").is_file()


def test_the_passwords_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    prepare(tmp_path / "demo", 18123)
    file = tmp_path / "demo" / ".storage" / "auth_provider.homeassistant"
    assert file.stat().st_mode & 0o077 == 0


async def test_does_not_start_on_a_port_that_is_taken(tmp_path: Path, socket_enabled: None) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(StartError, match=str(port)):
            await HomeAssistant(tmp_path / "demo", port=port).start()


def test_a_free_port_is_free(socket_enabled: None) -> None:
    assert is_free(free_port())


@pytest.mark.parametrize(
    ("step", "words"),
    [
        pytest.param(
            {"type": "abort", "reason": "already_configured"},
            "endpoints: aborted, already_configured",
            id="a flow that is aborted",
        ),
        pytest.param(
            {"type": "form", "step_id": "user", "errors": {"base": "cannot_connect"}},
            "endpoints: step user, errors .*cannot_connect",
            id="a form that is refused",
        ),
    ],
)
async def test_says_at_which_step_the_setup_ended(
    monkeypatch: pytest.MonkeyPatch, amazon: Any, step: dict[str, Any], words: str
) -> None:
    async def start_flow(_: HomeAssistantClient, domain: str) -> dict[str, Any]:
        return {"type": "form", "step_id": "user", "flow_id": domain}

    async def continue_flow(*_: Any) -> dict[str, Any]:
        return step

    monkeypatch.setattr(HomeAssistantClient, "start_flow", start_flow)
    monkeypatch.setattr(HomeAssistantClient, "continue_flow", continue_flow)
    with pytest.raises(MissingError, match=words):
        await add_skill(HomeAssistantClient("http://127.0.0.1:9", "demo", "demo"), amazon)
