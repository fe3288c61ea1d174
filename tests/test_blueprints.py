"""Tests of the blueprints: each in a real Home Assistant, fired by what fires it there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from http import HTTPStatus
import json
import logging
from pathlib import Path
import re
import shutil
import textwrap
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.alexa import CONFIG_SCHEMA as ALEXA_SCHEMA
from homeassistant.components.automation import EVENT_AUTOMATION_RELOADED
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.components.persistent_notification import (
    Notification,
    UpdateType,
    async_register_callback,
)
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED, STATE_OFF, STATE_ON
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er, label_registry as lr
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import extract_inputs, parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_mqtt_message,
    async_fire_time_changed,
    async_mock_service,
)
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)
from yarl import URL

from custom_components.alexa_doorbell.const import DOMAIN
from custom_components.alexa_doorbell.doorbells.doorbell import SOURCES
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .home import add_doorbell, doorbells, link, press, set_up
from .test_services import device_id_of

ROOT = Path(__file__).parent.parent
FOLDER = Path("blueprints/automation/alexa_doorbell")
BLUEPRINTS = sorted((ROOT / FOLDER).iterdir())
SOURCE = "https://github.com/alexa-doorbell/alexa-doorbell/blob/main"
RAW = "https://raw.githubusercontent.com/alexa-doorbell/alexa-doorbell/main"
DOORBELLS = ROOT / "docs" / "doorbells.md"
USING = ROOT / "docs" / "using.md"
PAGES = [DOORBELLS, USING]
PAGE = DOORBELLS.read_text()
HACS: dict[str, Any] = json.loads((ROOT / "hacs.json").read_text())
# Rings without a cooldown, so that a ring too many is heard too.
ANNOUNCED = "Someone is at the Back door"
ANNOUNCEMENTS = "switch.back_door_announcements"
ANNOUNCEMENT = "event.back_door_announcement"

type Automate = Callable[..., Awaitable[None]]
type Notifications = dict[str, tuple[str | None, str]]


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading of the page, the names of the columns first."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    return [row for row in rows if set(row) != {"---"}]


COLUMNS, *TABLE = table("The table")


def example(page: Path, beginning: str) -> dict[str, Any]:
    """The one example of a page that begins so."""
    blocks = re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
    [found] = [
        block for block in map(textwrap.dedent, blocks) if block.strip().startswith(beginning)
    ]
    parsed = parse_yaml(found)
    assert isinstance(parsed, dict)
    return parsed


def anchors(page: Path) -> set[str]:
    """What GitHub calls the headings of a page in links."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


each_blueprint = pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)


@pytest.fixture(autouse=True)
def _blueprints(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Home Assistant has our blueprints where it looks for those that a user imported."""
    if "hass" in request.fixturenames:
        hass: HomeAssistant = request.getfixturevalue("hass")
        hass.config.config_dir = str(tmp_path)
        shutil.copytree(ROOT / FOLDER, tmp_path / FOLDER)


@pytest.fixture
async def back_door(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> str:
    """The device of a doorbell without an entity, which is announced to an account."""
    doorbell = add_doorbell(hass, entry, None, cooldown=0)
    await set_up(hass, entry)
    await link(amazon, skill)
    return device_id_of(hass, entry, doorbell.subentry_id)


def read(path: Path) -> Blueprint:
    """A blueprint, checked as Home Assistant checks it when it is imported."""
    data = parse_yaml(path.read_text())
    assert isinstance(data, dict)
    return Blueprint(data, expected_domain="automation", schema=BLUEPRINT_SCHEMA)


@pytest.fixture
async def automate(hass: HomeAssistant) -> AsyncIterator[Automate]:
    """Makes an automation from a blueprint, and ends it after the test."""

    async def automate(blueprint: str, **inputs: Any) -> None:
        path = f"{FOLDER.name}/{blueprint}.yaml"
        automation = {"alias": "Bell", "use_blueprint": {"path": path, "input": inputs}}
        # Part of every Home Assistant, but not of the harness's.
        assert await async_setup_component(hass, "persistent_notification", {})
        assert await async_setup_component(hass, "automation", {"automation": automation})
        await hass.async_block_till_done()
        state = hass.states.get("automation.bell")
        assert state is not None
        assert state.state == STATE_ON

    yield automate
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.bell"}, blocking=True
    )


async def settle(hass: HomeAssistant) -> None:
    """Wait until all that follows from what was done is done."""
    await hass.async_block_till_done(wait_background_tasks=True)


async def heard(hass: HomeAssistant, amazon: SimulatedAmazon) -> list[str]:
    """What the Echos have said so far."""
    await settle(hass)
    return [spoken.text for spoken in amazon.announcements]


async def ring(hass: HomeAssistant, device_id: str) -> None:
    """Ring a doorbell as its owner would try it out."""
    await hass.services.async_call(DOMAIN, "ring", {"device_id": device_id}, blocking=True)


def local(clock: str, days: int = 0) -> datetime:
    """A time of some day in the time zone of Home Assistant."""
    midnight = datetime(2026, 11, 1 + days, tzinfo=dt_util.get_default_time_zone())
    hours, minutes = map(int, clock.split(":"))
    return midnight.replace(hour=hours, minute=minutes)


async def pass_time(hass: HomeAssistant, freezer: FrozenDateTimeFactory, until: datetime) -> None:
    """Let the clock advance."""
    freezer.move_to(until)
    async_fire_time_changed(hass, until)
    await settle(hass)


@pytest.fixture
async def notifications(hass: HomeAssistant) -> Notifications:
    """Title and text of what Home Assistant shows its user by now, by the notification's id."""
    shown: Notifications = {}

    @callback
    def show(update: UpdateType, changed: dict[str, Notification]) -> None:
        for notification_id, each in changed.items():
            if update is UpdateType.REMOVED:
                del shown[notification_id]
            else:
                shown[notification_id] = each["title"], each["message"]

    assert await async_setup_component(hass, "persistent_notification", {})
    async_register_callback(hass, show)
    return shown


@each_blueprint
def test_every_blueprint_says_what_it_is(path: Path) -> None:
    blueprint = read(path)

    assert path.suffix == ".yaml"
    assert blueprint.name.startswith("Alexa Doorbell: ")
    assert blueprint.metadata["description"]
    assert blueprint.metadata["source_url"] == f"{SOURCE}/{FOLDER}/{path.name}"
    assert blueprint.metadata["homeassistant"] == {"min_version": HACS["homeassistant"]}
    assert blueprint.data.keys() >= {"triggers", "actions", "mode"}


@each_blueprint
def test_every_input_is_used_and_tells_what_to_enter(path: Path) -> None:
    blueprint = read(path)

    assert extract_inputs(blueprint.data) == blueprint.inputs.keys()
    for described in blueprint.inputs.values():
        assert described["name"]
        assert described["description"].endswith(".")
        assert described["selector"]


def test_the_page_has_an_import_link_for_each_blueprint() -> None:
    links = re.findall(r"https://my\.home-assistant\.io/redirect/blueprint_import/[^)\s]*", PAGE)

    assert {URL(link).query["blueprint_url"] for link in links} == {
        f"{SOURCE}/{FOLDER}/{path.name}" for path in BLUEPRINTS
    }


@each_blueprint
async def test_every_blueprint_can_be_imported_from_its_link(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    aioclient_mock: AiohttpClientMocker,
    path: Path,
) -> None:
    blueprint = read(path)
    assert await async_setup_component(hass, "automation", {})
    aioclient_mock.get(f"{RAW}/{FOLDER}/{path.name}", text=blueprint.yaml())
    client = await hass_ws_client()

    await client.send_json_auto_id(
        {"type": "blueprint/import", "url": f"{SOURCE}/{FOLDER}/{path.name}"}
    )
    answer = await client.receive_json()

    assert answer["success"]
    assert answer["result"]["suggested_filename"] == f"alexa-doorbell/{path.stem}"
    assert answer["result"]["validation_errors"] is None
    assert answer["result"]["blueprint"]["metadata"] == blueprint.metadata


def test_the_page_names_only_entities_that_can_be_doorbells() -> None:
    entities = [row[2] for row in TABLE]
    domains = [domain for cell in entities for domain in re.findall(r"`([a-z_]+)\.[^`]+`", cell)]

    assert domains
    assert set(domains) <= SOURCES.keys()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}, {row[1]}")
def test_every_row_of_the_page_says_how_it_is_known(row: list[str]) -> None:
    *told, trouble, checked = row

    assert len(row) == len(COLUMNS)
    assert all(told)
    assert set(checked.split(", ")) <= {"source", "manual", "reports"}
    assert "(reports)" not in trouble or "reports" in checked


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_pages_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([\w.]*)#([^)]+)\)", page.read_text())

    assert links
    for name, anchor in links:
        assert anchor in anchors(page.parent / name if name else page)


async def test_the_template_of_the_page_makes_an_entity_that_rings(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    amazon: SimulatedAmazon,
    skill: Skill,
) -> None:
    configuration = example(DOORBELLS, "template:")
    assert await async_setup_component(hass, "template", configuration)
    await hass.async_block_till_done()
    add_doorbell(hass, entry, "event.front_door_bell")
    await set_up(hass, entry)
    await link(amazon, skill)
    [trigger] = configuration["template"][0]["triggers"]
    client = await hass_client_no_auth()

    await client.get(f"/api/webhook/{trigger['webhook_id']}")

    assert await heard(hass, amazon) == [ANNOUNCED]


@pytest.mark.parametrize("method", ["get", "post", "put"])
async def test_a_webhook_rings(
    hass: HomeAssistant,
    automate: Automate,
    hass_client_no_auth: ClientSessionGenerator,
    amazon: SimulatedAmazon,
    back_door: str,
    method: str,
) -> None:
    await automate("ring_by_webhook", doorbells=[back_door], webhook_id="helios-front-door")
    client = await hass_client_no_auth()

    assert (await client.get("/api/webhook/another")).ok
    response = await client.request(method, "/api/webhook/helios-front-door")

    assert response.status == HTTPStatus.OK
    assert await heard(hass, amazon) == [ANNOUNCED]


async def test_a_webhook_does_not_ring_by_another_method(
    hass: HomeAssistant,
    automate: Automate,
    hass_client_no_auth: ClientSessionGenerator,
    amazon: SimulatedAmazon,
    back_door: str,
) -> None:
    await automate(
        "ring_by_webhook",
        doorbells=[back_door],
        webhook_id="esp-front-door",
        allowed_methods=["POST"],
    )
    client = await hass_client_no_auth()

    assert (await client.get("/api/webhook/esp-front-door")).status == HTTPStatus.METHOD_NOT_ALLOWED
    assert await heard(hass, amazon) == []

    await client.post("/api/webhook/esp-front-door", json={"button": 1})
    assert await heard(hass, amazon) == [ANNOUNCED]


async def test_two_presses_while_the_first_is_on_its_way_are_two(
    hass: HomeAssistant, automate: Automate, amazon: SimulatedAmazon, back_door: str
) -> None:
    await automate("ring_by_event", doorbells=[back_door], event_type="pressed")

    hass.bus.async_fire("pressed")
    hass.bus.async_fire("pressed")

    assert await heard(hass, amazon) == [ANNOUNCED, ANNOUNCED]


# The harness does not end what its MQTT client does every second.
@pytest.mark.parametrize("expected_lingering_timers", [True])
@pytest.mark.usefixtures("mqtt_mock")
@pytest.mark.parametrize(
    ("inputs", "others", "press"),
    [
        pytest.param({}, [], "anything", id="every message"),
        pytest.param({"payload": "single"}, ["double", "", '"single"'], "single", id="a text"),
        pytest.param({"payload": "1"}, ["0", "11"], "1", id="a number"),
        pytest.param(
            {"payload": "single", "field": "action"},
            ['{"action": "double"}', '{"battery": 90}', '["single"]', "single", "{"],
            '{"action": "single", "battery": 90}',
            id="a field of JSON",
        ),
        pytest.param(
            {"payload": "1", "field": "button"},
            ['{"button": 0}'],
            '{"button": 1}',
            id="a JSON number",
        ),
        pytest.param(
            {"field": "action"},
            ['{"action": ""}', '{"action": null}', '{"battery": 90}', "single"],
            '{"action": "single"}',
            id="whatever a field of JSON holds",
        ),
        pytest.param(
            {"payload": "SINGLE", "field": "Button1.Action"},
            [
                '{"Button1": {"Action": "DOUBLE"}}',
                '{"Button2": {"Action": "SINGLE"}}',
                '{"Button1": "SINGLE"}',
                '{"Button1": null}',
                '{"Action": "SINGLE"}',
                "SINGLE",
            ],
            '{"Button1": {"Action": "SINGLE"}}',
            id="a button of Tasmota",
        ),
        pytest.param(
            {"payload": "0x5C0BC1", "field": "RfReceived.Data"},
            ['{"RfReceived": {"Data": "0x5C0BC4"}}', '{"RfReceived": {"Bits": 24}}'],
            '{"Time": "2026-11-26T12:00:00", "RfReceived": {"Data": "0x5C0BC1", "Bits": 24}}',
            id="a code of Tasmota's radio bridge",
        ),
        pytest.param(
            {"payload": "on", "field": "bell.front"},
            ['{"bell": {"front": "off"}}', '{"bell.front": "off", "bell": {"front": "on"}}'],
            '{"bell.front": "on"}',
            id="a field with a dot in its name",
        ),
        pytest.param(
            {"payload": "true", "field": "ringing"},
            ['{"ringing": false}', '{"ringing": null}', '{"ringing": 1}'],
            '{"ringing": true}',
            id="JSON true",
        ),
        pytest.param(
            {"payload": "True", "field": "ringing"},
            ['{"ringing": false}', '{"ringing": "true"}'],
            '{"ringing": true}',
            id="JSON true, written as Home Assistant's templates do",
        ),
        pytest.param(
            {"payload": "FALSE", "field": "contact"},
            ['{"contact": true}', "{}"],
            '{"contact": false}',
            id="JSON false",
        ),
        pytest.param(
            {"payload": "null", "field": "action"},
            ['{"action": null}', "{}", '{"action": "none"}'],
            '{"action": "null"}',
            id="a text that looks like JSON",
        ),
    ],
)
async def test_an_mqtt_message_rings(
    hass: HomeAssistant,
    automate: Automate,
    amazon: SimulatedAmazon,
    back_door: str,
    inputs: dict[str, str],
    others: list[str],
    press: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await automate("ring_by_mqtt", doorbells=[back_door], topic="bell/front", **inputs)

    async_fire_mqtt_message(hass, "bell/back", press)
    for other in others:
        async_fire_mqtt_message(hass, "bell/front", other)
    assert await heard(hass, amazon) == []

    async_fire_mqtt_message(hass, "bell/front", press)
    assert await heard(hass, amazon) == [ANNOUNCED]
    complaints = ("homeassistant.components.automation", "homeassistant.helpers.template")
    assert not [
        record
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name.startswith(complaints)
    ]


@pytest.mark.parametrize(
    ("event_type", "event_data", "others", "press"),
    [
        pytest.param(
            "deconz_event",
            {"id": "front_door_bell", "event": 1002},
            [{"id": "front_door_bell", "event": 1003}, {"id": "other", "event": 1002}, {}],
            {"id": "front_door_bell", "unique_id": "00:15:8d", "event": 1002},
            id="deCONZ",
        ),
        pytest.param(
            "doorman_access",
            {"event_type": "DoorbellPressed"},
            [{"event_type": "CardEntered", "params": {"valid": True}}],
            {"event_type": "DoorbellPressed", "entry_id": "one", "params": {"key": "%1"}},
            id="Doorman",
        ),
        pytest.param(
            "2n_intercom_event",
            {"event": "CallStateChanged", "params": {"state": "ringing", "direction": "outgoing"}},
            [
                {
                    "event": "CallStateChanged",
                    "params": {"state": "ringing", "direction": "incoming"},
                },
                {
                    "event": "CallStateChanged",
                    "params": {"state": "connected", "direction": "outgoing"},
                },
            ],
            {
                "event": "CallStateChanged",
                "params": {"state": "ringing", "direction": "outgoing", "peer": "sip:1@host"},
            },
            id="2N Intercom",
        ),
        pytest.param(
            "doorman_access",
            example(DOORBELLS, "event_type: CallStateChanged"),
            [
                {
                    "event_type": "CallStateChanged",
                    "params": {
                        "state": "ringing",
                        "direction": "outgoing",
                        "peer": "sip:101@192.168.1.20",
                    },
                },
                {
                    "event_type": "CallStateChanged",
                    "params": {
                        "state": "terminated",
                        "direction": "outgoing",
                        "peer": "sip:102@192.168.1.20",
                    },
                },
                {"event_type": "DoorbellPressed", "params": {"key": "%1"}},
            ],
            {
                "event_type": "CallStateChanged",
                "entry_id": "one",
                "params": {
                    "state": "ringing",
                    "direction": "outgoing",
                    "peer": "sip:102@192.168.1.20",
                    "session": 4,
                },
            },
            id="the second button of a 2N by Doorman",
        ),
        pytest.param(
            "dahua_event_received",
            example(DOORBELLS, "Code: Invite"),
            [
                {"Code": "Invite", "Action": "Pulse", "Data": {"UserID": "102", "LockNum": 2}},
                {"Code": "BackKeyLight", "Action": "Pulse", "Data": {"State": 1}},
                {"Code": "VideoMotion", "action": "Start", "index": "0"},
            ],
            {"Code": "Invite", "Action": "Pulse", "Data": {"UserID": "101", "LockNum": 2}},
            id="one flat of a Dahua VTO",
        ),
    ],
)
async def test_an_event_of_home_assistant_rings(
    hass: HomeAssistant,
    automate: Automate,
    amazon: SimulatedAmazon,
    back_door: str,
    event_type: str,
    event_data: dict[str, Any],
    others: list[dict[str, Any]],
    press: dict[str, Any],
) -> None:
    await automate(
        "ring_by_event",
        doorbells=[back_door],
        event_type=event_type,
        event_data=event_data,
    )

    hass.bus.async_fire("another_event", press)
    for other in others:
        hass.bus.async_fire(event_type, other)
    assert await heard(hass, amazon) == []

    hass.bus.async_fire(event_type, press)
    assert await heard(hass, amazon) == [ANNOUNCED]


@pytest.fixture
def bell_button(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry, entity_registry: er.EntityRegistry
) -> er.RegistryEntry:
    """A binary sensor that has device triggers."""
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    device = device_registry.async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("other", "bell")}
    )
    button = entity_registry.async_get_or_create(
        "binary_sensor", "other", "bell", config_entry=other, device_id=device.id
    )
    hass.states.async_set(button.entity_id, "off")
    return button


async def test_a_trigger_of_a_device_rings(
    hass: HomeAssistant,
    automate: Automate,
    amazon: SimulatedAmazon,
    back_door: str,
    bell_button: er.RegistryEntry,
) -> None:
    pressed = {
        "trigger": "device",
        "domain": "binary_sensor",
        "type": "turned_on",
        "device_id": bell_button.device_id,
        "entity_id": bell_button.id,
    }
    await automate("ring_by_trigger", doorbells=[back_door], press=[pressed])

    hass.states.async_set(bell_button.entity_id, "on")
    hass.states.async_set(bell_button.entity_id, "off")

    assert await heard(hass, amazon) == [ANNOUNCED]


async def test_a_call_of_the_door_rings_and_its_end_or_another_call_does_not(
    hass: HomeAssistant,
    automate: Automate,
    hass_client_no_auth: ClientSessionGenerator,
    amazon: SimulatedAmazon,
    back_door: str,
) -> None:
    await automate(
        "ring_by_trigger",
        doorbells=[back_door],
        press=[{"trigger": "webhook", "webhook_id": "sip-call"}],
        conditions=[example(DOORBELLS, "condition: template")],
    )
    client = await hass_client_no_auth()

    for event, caller in [("incoming_call", "92"), ("call_disconnected", "91")]:
        told = {"event": event, "caller": f"<sip:{caller}@host>", "parsed_caller": caller}
        await client.post("/api/webhook/sip-call", json=told)
    assert await heard(hass, amazon) == []

    told = {"event": "incoming_call", "caller": "<sip:91@host>", "parsed_caller": "91"}
    await client.post("/api/webhook/sip-call", json=told)
    assert await heard(hass, amazon) == [ANNOUNCED]


async def test_a_trigger_rings_only_under_its_conditions(
    hass: HomeAssistant, automate: Automate, amazon: SimulatedAmazon, back_door: str
) -> None:
    await automate(
        "ring_by_trigger",
        doorbells=[back_door],
        press=[{"trigger": "event", "event_type": "pressed"}],
        conditions=[{"condition": "state", "entity_id": "sun.sun", "state": "above_horizon"}],
    )

    hass.states.async_set("sun.sun", "below_horizon")
    hass.bus.async_fire("pressed")
    assert await heard(hass, amazon) == []

    hass.states.async_set("sun.sun", "above_horizon")
    hass.bus.async_fire("pressed")
    assert await heard(hass, amazon) == [ANNOUNCED]


async def test_announcements_are_off_in_the_quiet_hours(
    hass: HomeAssistant,
    automate: Automate,
    amazon: SimulatedAmazon,
    back_door: str,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to(local("21:59"))
    await automate("quiet_hours", announcements=[ANNOUNCEMENTS], begin="22:00:00", end="07:00:00")
    assert hass.states.is_state(ANNOUNCEMENTS, STATE_ON)

    await pass_time(hass, freezer, local("22:00"))
    assert hass.states.is_state(ANNOUNCEMENTS, STATE_OFF)
    await ring(hass, back_door)
    assert await heard(hass, amazon) == []

    await pass_time(hass, freezer, local("07:00", days=1))
    assert hass.states.is_state(ANNOUNCEMENTS, STATE_ON)
    await ring(hass, back_door)
    assert await heard(hass, amazon) == [ANNOUNCED]


@pytest.mark.parametrize(
    ("clock", "state"), [("23:30", STATE_OFF), ("06:59", STATE_OFF), ("12:00", STATE_ON)]
)
@pytest.mark.usefixtures("back_door")
async def test_quiet_hours_are_caught_up_with_after_a_start(
    hass: HomeAssistant, automate: Automate, freezer: FrozenDateTimeFactory, clock: str, state: str
) -> None:
    freezer.move_to(local(clock))
    was = STATE_ON if state == STATE_OFF else STATE_OFF
    await hass.services.async_call(
        "switch", f"turn_{was}", {"entity_id": ANNOUNCEMENTS}, blocking=True
    )
    hass.set_state(CoreState.starting)
    await automate("quiet_hours", announcements=[ANNOUNCEMENTS])
    assert hass.states.is_state(ANNOUNCEMENTS, was)

    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await settle(hass)

    assert hass.states.is_state(ANNOUNCEMENTS, state)


async def test_a_press_that_was_not_announced_is_told(
    hass: HomeAssistant,
    automate: Automate,
    amazon: SimulatedAmazon,
    back_door: str,
    notifications: Notifications,
) -> None:
    await automate("notify_not_announced", announcements=[ANNOUNCEMENT])

    await ring(hass, back_door)
    await settle(hass)
    assert notifications == {}

    amazon.gateway_faults.append(Fault.gateway(400, "INVALID_REQUEST_EXCEPTION"))
    with pytest.raises(HomeAssistantError, match="INVALID_REQUEST_EXCEPTION"):
        await ring(hass, back_door)
    await settle(hass)

    assert list(notifications.values()) == [
        (
            "Somebody is at the Back door",
            "Alexa did not announce it (INVALID_REQUEST_EXCEPTION).",
        )
    ]


async def test_a_muted_press_is_told_only_to_those_who_want_to_know(
    hass: HomeAssistant,
    automate: Automate,
    back_door: str,
    notifications: Notifications,
) -> None:
    told: list[Event] = []
    hass.bus.async_listen("told", told.append)
    actions = [{"event": "told", "event_data": {"text": "{{ doorbell }} {{ result }} {{ code }}"}}]
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": ANNOUNCEMENTS}, blocking=True
    )
    await automate(
        "notify_not_announced",
        announcements=[ANNOUNCEMENT],
        results=["muted"],
        actions=actions,
    )

    await ring(hass, back_door)
    await settle(hass)

    assert [event.data["text"] for event in told] == ["Back door muted None"]
    assert notifications == {}


async def test_a_press_is_told_without_a_code_if_amazon_gave_none(
    hass: HomeAssistant,
    automate: Automate,
    back_door: str,
    notifications: Notifications,
) -> None:
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": ANNOUNCEMENTS}, blocking=True
    )
    await automate("notify_not_announced", announcements=[ANNOUNCEMENT], results=["muted"])

    await ring(hass, back_door)
    await settle(hass)

    assert [message for _, message in notifications.values()] == [
        "Alexa did not announce it: its announcements are off."
    ]


@pytest.fixture
def visitor(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    label_registry: lr.LabelRegistry,
) -> str:
    """The entity of a bell that is no doorbell yet, and a label for it."""
    assert label_registry.async_create("Alexa").label_id == "alexa"
    entity = entity_registry.async_get_or_create(
        "binary_sensor", "reolink", "visitor", suggested_object_id="garden_gate_visitor"
    )
    hass.states.async_set(entity.entity_id, "off", {"friendly_name": "Garden gate"})
    return entity.entity_id


def doorbell_names(entry: MockConfigEntry) -> list[str]:
    """The names of the doorbells there are."""
    return sorted(doorbell.title for doorbell in doorbells(entry).values())


@pytest.mark.usefixtures("back_door")
async def test_a_label_makes_a_doorbell_and_its_loss_unmakes_it(
    hass: HomeAssistant,
    automate: Automate,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    amazon: SimulatedAmazon,
    visitor: str,
) -> None:
    await automate("mark_by_label", doorbell_label="alexa")
    before = doorbell_names(entry)

    entity_registry.async_update_entity(visitor, name="Garden gate")
    await settle(hass)
    automation = hass.states.get("automation.bell")
    assert automation is not None
    assert automation.attributes["last_triggered"] is None
    entity_registry.async_update_entity(visitor, labels={"other"})
    await settle(hass)
    assert doorbell_names(entry) == before

    entity_registry.async_update_entity(visitor, labels={"other", "alexa"})
    await settle(hass)
    assert doorbell_names(entry) == sorted([*before, "Garden gate"])
    # Alexa is told of it a moment later.
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=10))
    await settle(hass)
    press(hass, visitor)
    assert await heard(hass, amazon) == ["Someone is at the Garden gate"]

    entity_registry.async_update_entity(visitor, labels={"other"})
    await settle(hass)
    assert doorbell_names(entry) == before


@pytest.mark.parametrize(
    "moment", [EVENT_HOMEASSISTANT_STARTED, EVENT_AUTOMATION_RELOADED], ids=["start", "reload"]
)
@pytest.mark.usefixtures("back_door")
async def test_what_has_the_label_already_becomes_a_doorbell_too(
    hass: HomeAssistant,
    automate: Automate,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    visitor: str,
    moment: str,
) -> None:
    lamp = entity_registry.async_get_or_create("light", "other", "lamp")
    for entity_id in (lamp.entity_id, visitor):
        entity_registry.async_update_entity(entity_id, labels={"alexa"})
    hass.set_state(CoreState.starting)
    await automate("mark_by_label", doorbell_label="alexa")
    assert "Garden gate" not in doorbell_names(entry)

    hass.set_state(CoreState.running)
    hass.bus.async_fire(moment)
    await settle(hass)

    assert "Garden gate" in doorbell_names(entry)


async def make_bells(hass: HomeAssistant, **bells: list[str]) -> None:
    """Real doorbell events with these types; the bus event of a bell's name presses it."""
    configuration = [
        {
            "triggers": [{"trigger": "event", "event_type": name}],
            "event": [
                {
                    "name": name.replace("_", " ").capitalize(),
                    "unique_id": name,
                    "device_class": "doorbell",
                    "event_type": types[0],
                    "event_types": f"{{{{ {types} }}}}",
                }
            ],
        }
        for name, types in bells.items()
    ]
    assert await async_setup_component(hass, "template", {"template": configuration})
    await hass.async_block_till_done()
    for name in bells:
        # Such an entity knows its types only once it was pressed.
        hass.bus.async_fire(name)
    await hass.async_block_till_done()


@pytest.fixture
async def unclear_bell(hass: HomeAssistant) -> str:
    """A doorbell none of whose events sounds like a ring."""
    await make_bells(hass, side_entrance=["greeting", "farewell"])
    return "event.side_entrance"


@pytest.mark.usefixtures("back_door")
async def test_a_label_that_makes_no_doorbell_is_told_until_it_does(
    hass: HomeAssistant,
    automate: Automate,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    visitor: str,
    unclear_bell: str,
    notifications: Notifications,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await automate("mark_by_label", doorbell_label="alexa")
    entity_registry.async_update_entity(visitor, labels={"alexa"})
    await settle(hass)
    assert notifications == {}

    entity_registry.async_update_entity(unclear_bell, labels={"alexa"})
    await settle(hass)

    assert doorbell_names(entry) == ["Back door", "Front door", "Garden gate"]
    [(title, message)] = notifications.values()
    assert title == "Side entrance is not a doorbell yet"
    assert f"{unclear_bell} has the label Alexa, but could not be made a doorbell" in message
    assert "it knows greeting, farewell." in message
    assert "None of the events of event.side_entrance sounds like a ring" in caplog.text

    by_hand = {"entity_id": unclear_bell, "event_types": ["greeting"]}
    await hass.services.async_call(DOMAIN, "mark_doorbell", by_hand, blocking=True)
    hass.bus.async_fire(EVENT_AUTOMATION_RELOADED)
    await settle(hass)

    assert "Side entrance" in doorbell_names(entry)
    assert notifications == {}


@pytest.mark.usefixtures("back_door", "visitor")
async def test_a_label_taken_off_takes_its_notification_along(
    hass: HomeAssistant,
    automate: Automate,
    entity_registry: er.EntityRegistry,
    unclear_bell: str,
    notifications: Notifications,
) -> None:
    lamp = entity_registry.async_get_or_create("light", "other", "lamp").entity_id
    await automate("mark_by_label", doorbell_label="alexa")
    entity_registry.async_update_entity(lamp, labels={"alexa"})
    entity_registry.async_update_entity(unclear_bell, labels={"alexa"})
    await settle(hass)
    assert len(notifications) == 2

    entity_registry.async_update_entity(lamp, labels=set())
    await settle(hass)

    assert [title for title, _ in notifications.values()] == ["Side entrance is not a doorbell yet"]


async def run_example(hass: HomeAssistant, beginning: str) -> None:
    """Make an automation of an example of the page, and let Home Assistant start."""
    automation = example(USING, beginning) | {"alias": "Example"}
    hass.set_state(CoreState.starting)
    assert await async_setup_component(hass, "persistent_notification", {})
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    assert hass.states.is_state("automation.example", STATE_ON)
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await settle(hass)


@pytest.mark.usefixtures("back_door")
async def test_the_example_makes_doorbells_and_names_those_it_could_not(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    notifications: Notifications,
) -> None:
    await make_bells(hass, garden_gate=["ring"], side_entrance=["greeting", "farewell"])
    # An entity of our own that is a doorbell to others.
    entity_registry.async_update_entity(ANNOUNCEMENT, device_class="doorbell")

    await run_example(hass, "triggers:\n  - trigger: homeassistant")

    assert doorbell_names(entry) == ["Back door", "Front door", "Garden gate"]
    assert [title for title, _ in notifications.values()] == [
        "event.side_entrance is not a doorbell yet"
    ]


async def test_the_example_of_the_trigger_switches_a_light_on_at_each_ring(
    hass: HomeAssistant,
) -> None:
    await make_bells(hass, front_door_doorbell=["ring"])
    lights = async_mock_service(hass, "light", "turn_on")
    await run_example(hass, "triggers:\n  - trigger: doorbell.rang")
    assert lights == []

    hass.bus.async_fire("front_door_doorbell")
    await settle(hass)

    assert [call.data["entity_id"] for call in lights] == [["light.hall"]]


@pytest.mark.parametrize(("at_home", "state"), [("0", STATE_OFF), ("2", STATE_ON)])
@pytest.mark.usefixtures("back_door")
async def test_the_example_mutes_a_doorbell_while_nobody_is_at_home(
    hass: HomeAssistant, at_home: str, state: str
) -> None:
    was = STATE_ON if state == STATE_OFF else STATE_OFF
    switch = "switch.front_door_announcements"
    await hass.services.async_call("switch", f"turn_{was}", {"entity_id": switch}, blocking=True)
    hass.states.async_set("zone.home", "1")
    await run_example(hass, "triggers:\n  - trigger: state")
    assert hass.states.is_state(switch, was)

    hass.states.async_set("zone.home", at_home)
    await settle(hass)

    assert hass.states.is_state(switch, state)


def test_the_example_leaves_one_entity_out_of_home_assistants_own_alexa() -> None:
    configuration = ALEXA_SCHEMA(example(USING, "alexa:"))
    exposed = configuration["alexa"]["smart_home"]["filter"]

    assert not exposed("event.front_door_doorbell")
    assert exposed("light.hall")
    assert exposed("event.back_door_doorbell")
