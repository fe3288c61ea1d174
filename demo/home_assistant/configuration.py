"""A fresh Home Assistant configuration folder: onboarded, with one user and one doorbell."""

import base64
import json
from pathlib import Path
import secrets
import shutil
from typing import Any
import uuid

import bcrypt

CHECKOUT = Path(__file__).parent.parent.parent
USERNAME = "demo"
PASSWORD = "demo"
DOORBELL = "binary_sensor.front_door_bell"
PRESS_SCRIPT = "script.press_front_door"

_BELL = """\
input_boolean:
  front_door_button:
    name: Front door button
    icon: mdi:gesture-tap-button
    initial: false

template:
  - binary_sensor:
      - name: Front door
        default_entity_id: binary_sensor.front_door_bell
        unique_id: front_door_bell
        icon: mdi:doorbell
        state: "{{ is_state('input_boolean.front_door_button', 'on') }}"

script:
  press_front_door:
    alias: Press the front door's bell
    icon: mdi:doorbell
    mode: restart
    sequence:
      - action: input_boolean.turn_on
        target:
          entity_id: input_boolean.front_door_button
      - delay: 1
      - action: input_boolean.turn_off
        target:
          entity_id: input_boolean.front_door_button
"""
_LOGGER = """\
logger:
  default: warning
  logs:
    custom_components.alexa_doorbell: debug
    # What Home Assistant misses here, and no doorbell needs: two libraries for video.
    haffmpeg: critical
    homeassistant.components.camera.img_util: critical

"""
# Shown as it happens, not the usual 5 s later.
_LOGBOOK = """\
logbook:
recorder:
  commit_interval: 0

"""


# A repair that has been ignored: outside of a container, it says that Home Assistant is not
# supported there.
_INSTALLATION = {
    "created": "2026-01-01T00:00:00+00:00",
    "dismissed_version": "2026.1.0",
    "domain": "homeassistant",
    "is_persistent": False,
    "issue_id": "deprecated_method",
}


def prepare(folder: Path, port: int, *, logbook: bool = False, more: str = "") -> None:
    """Make the folder anew, for a Home Assistant on that port of the loopback address.

    A logbook tells people what has happened, and takes seconds to start and to stop. `more` is
    what else shall be in its configuration.yaml.
    """
    shutil.rmtree(folder, ignore_errors=True)
    storage = folder / ".storage"
    storage.mkdir(parents=True)
    (folder / "custom_components").symlink_to(CHECKOUT / "custom_components")
    (folder / "configuration.yaml").write_text(_LOGGER + _LOGBOOK * logbook + more + _BELL)
    for key, version, minor_version, data in _documents(port):
        file = storage / key
        content = {"version": version, "minor_version": minor_version, "key": key, "data": data}
        file.write_text(json.dumps(content, indent=2))
        file.chmod(0o600)


type Document = tuple[str, int, int, dict[str, Any]]


def _documents(port: int) -> list[Document]:
    """What Home Assistant would have stored after its onboarding."""
    url = f"http://127.0.0.1:{port}"
    onboarding = {"done": ["user", "core_config", "analytics", "integration"]}
    core = {
        "latitude": 52.37,
        "longitude": 4.9,
        "elevation": 0,
        "unit_system_v2": "metric",
        "location_name": "Home",
        "time_zone": "Europe/Amsterdam",
        "external_url": url,
        "internal_url": url,
        "currency": "EUR",
        "country": "NL",
        "language": "en",
        "radius": 100,
    }
    return [
        ("onboarding", 4, 1, onboarding),
        ("core.config", 1, 4, core),
        ("http", 2, 2, _http(port)),
        ("repairs.issue_registry", 1, 2, {"issues": [_INSTALLATION]}),
        *_user(),
        *_dashboard(),
    ]


def _http(port: int) -> dict[str, Any]:
    # In YAML the same settings would be a trial that Home Assistant takes back after 5 minutes.
    stable = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": ["https://cast.home-assistant.io"],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": "2026-01-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    return {"stable": stable, "pending": None, "yaml_migration_done": True}


def _user() -> list[Document]:
    """The owner, who logs in with a password that everybody knows."""
    user_id = uuid.uuid4().hex
    user = {
        "id": user_id,
        "group_ids": ["system-admin"],
        "is_owner": True,
        "is_active": True,
        "name": "Demo",
        "system_generated": False,
        "local_only": False,
    }
    credential = {
        "id": uuid.uuid4().hex,
        "user_id": user_id,
        "auth_provider_type": "homeassistant",
        "auth_provider_id": None,
        "data": {"username": USERNAME},
    }
    auth = {"users": [user], "groups": [], "credentials": [credential], "refresh_tokens": []}
    # The fewest rounds: the password is no secret, and a start should not wait for it.
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(rounds=4))
    login = {"username": USERNAME, "password": base64.b64encode(hashed).decode()}
    provider = {"users": [login]}
    return [
        ("auth", 1, 1, auth),
        ("auth_provider.homeassistant", 1, 1, provider),
        ("core.uuid", 1, 1, {"uuid": secrets.token_hex(16)}),
    ]


def _dashboard() -> list[Document]:
    """The page that opens after the login: a bell to press, and what became of it."""
    press = {
        "type": "button",
        "name": "Press the bell",
        "icon": "mdi:doorbell",
        "tap_action": {
            "action": "perform-action",
            "perform_action": "script.turn_on",
            "target": {"entity_id": PRESS_SCRIPT},
        },
    }
    door = {"type": "tile", "entity": DOORBELL, "name": "Front door"}
    heading = {"type": "heading", "heading": "At the door"}
    view = {
        "title": "Demo",
        "type": "sections",
        "max_columns": 2,
        "sections": [{"type": "grid", "cards": [heading, press, door]}],
    }
    item = {
        "id": "lovelace",
        "url_path": "lovelace",
        "title": "Demo",
        "icon": "mdi:doorbell",
        "mode": "storage",
        "show_in_sidebar": True,
        "require_admin": False,
    }
    return [
        ("lovelace_dashboards", 1, 1, {"items": [item]}),
        ("lovelace.lovelace", 1, 1, {"config": {"title": "Demo", "views": [view]}}),
        ("frontend.system_data", 1, 1, {"core": {"default_panel": "lovelace"}}),
    ]
