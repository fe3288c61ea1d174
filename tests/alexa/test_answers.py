"""Tests of discovery, state reports and all that a doorbell cannot do."""

from datetime import UTC, datetime
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Answer, Skill, directive

from ..home import add_doorbell, set_up

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FRONT_DOOR = "binary_sensor.front_door"


def endpoint_id_of(entry: MockConfigEntry) -> str:
    """The endpoint id of the only doorbell."""
    endpoint_id: str
    [endpoint_id] = entry.subentries
    return endpoint_id


def checked_header(answer: Answer) -> dict[str, str]:
    """The header but for its message id, which is new for each."""
    assert answer.status == 200
    header: dict[str, str] = dict(answer.message["event"]["header"])
    assert UUID.fullmatch(header.pop("messageId"))
    return header


async def report_state(skill: Skill, endpoint: dict[str, Any] | None, **header: str) -> Answer:
    """Send a ReportState."""
    more = {} if endpoint is None else {"endpoint": endpoint}
    return await skill.send(directive("Alexa", "ReportState", {}, header=header, **more))


async def test_discovery_finds_every_doorbell(
    hass: HomeAssistant, entry: MockConfigEntry, skill: Skill
) -> None:
    back_door = add_doorbell(hass, entry, None, "Back door")
    await set_up(hass, entry)

    answer = await skill.send(
        directive("Alexa.Discovery", "Discover", {"scope": {"type": "BearerToken", "token": "t"}})
    )

    assert checked_header(answer) == {
        "namespace": "Alexa.Discovery",
        "name": "Discover.Response",
        "payloadVersion": "3",
    }
    assert answer.message.keys() == {"event"}
    assert answer.message["event"].keys() == {"header", "payload"}
    assert answer.message["event"]["payload"].keys() == {"endpoints"}
    front, back = answer.message["event"]["payload"]["endpoints"]
    assert front == {
        "endpointId": next(iter(entry.subentries)),
        "friendlyName": "Front door",
        "description": "Doorbell connected through Home Assistant",
        "manufacturerName": "Home Assistant",
        "displayCategories": ["DOORBELL"],
        "capabilities": [
            {
                "type": "AlexaInterface",
                "interface": "Alexa.DoorbellEventSource",
                "version": "3",
                "proactivelyReported": True,
            },
            {
                "type": "AlexaInterface",
                "interface": "Alexa.EndpointHealth",
                "version": "3",
                "properties": {
                    "supported": [{"name": "connectivity"}],
                    "proactivelyReported": True,
                    "retrievable": True,
                },
            },
            {"type": "AlexaInterface", "interface": "Alexa", "version": "3"},
        ],
    }
    assert back == front | {
        "endpointId": back_door.subentry_id,
        "friendlyName": "Back door",
    }
    assert re.fullmatch(r"[A-Za-z0-9_\-=#;:?@&]{1,256}", back["endpointId"])


async def test_discovery_follows_the_doorbells_without_a_reload(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    account = amazon.add_account("Ada")
    front_door = endpoint_id_of(entry)

    back_door = add_doorbell(hass, entry, "event.back_door", "Back door")
    await hass.async_block_till_done()
    assert {found["friendlyName"] for found in await skill.discover(account)} == {
        "Front door",
        "Back door",
    }

    hass.config_entries.async_remove_subentry(entry, front_door)
    hass.config_entries.async_update_subentry(
        entry, back_door, data={**back_door.data, "friendly_name": "Garden gate"}
    )
    await hass.async_block_till_done()
    [found] = await skill.discover(account)
    assert (found["endpointId"], found["friendlyName"]) == (back_door.subentry_id, "Garden gate")


async def test_discovery_without_doorbells_finds_none(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    hass.config_entries.async_remove_subentry(entry, endpoint_id_of(entry))
    await set_up(hass, entry)
    account = amazon.add_account("Ada")

    assert await skill.discover(account) == []
    assert account.notice == "No new devices found."


@pytest.mark.parametrize(
    ("state", "connectivity"),
    [
        pytest.param(STATE_OFF, "OK", id="off"),
        pytest.param(STATE_ON, "OK", id="on"),
        pytest.param(STATE_UNKNOWN, "OK", id="not pressed yet"),
        pytest.param(STATE_UNAVAILABLE, "UNREACHABLE", id="unavailable"),
        pytest.param(None, "UNREACHABLE", id="gone"),
    ],
)
async def test_a_state_report_tells_whether_a_press_would_be_noticed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    skill: Skill,
    freezer: FrozenDateTimeFactory,
    state: str | None,
    connectivity: str,
) -> None:
    freezer.move_to(datetime(2026, 11, 1, 12, 30, 15, 999_000, UTC))
    if state is not None:
        hass.states.async_set(FRONT_DOOR, state)
    await set_up(hass, entry)
    endpoint_id = endpoint_id_of(entry)

    answer = await report_state(
        skill, {"endpointId": endpoint_id, "cookie": {}}, correlationToken="dFMb=="
    )

    assert checked_header(answer) == {
        "namespace": "Alexa",
        "name": "StateReport",
        "payloadVersion": "3",
        "correlationToken": "dFMb==",
    }
    assert answer.message["event"]["endpoint"] == {"endpointId": endpoint_id}
    assert answer.message["event"]["payload"] == {}
    assert answer.message["context"] == {
        "properties": [
            {
                "namespace": "Alexa.EndpointHealth",
                "name": "connectivity",
                "value": {"value": connectivity},
                "timeOfSample": "2026-11-01T12:30:15Z",
                "uncertaintyInMilliseconds": 0,
            }
        ]
    }


async def test_a_virtual_doorbell_is_always_there(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    virtual = add_doorbell(hass, entry, None, "Back door")
    await set_up(hass, entry)

    answer = await skill.report_state(amazon.add_account("Ada"), virtual.subentry_id)

    [connectivity] = answer.message["context"]["properties"]
    assert connectivity["value"] == {"value": "OK"}


@pytest.mark.parametrize(
    "endpoint",
    [
        pytest.param({"endpointId": "removed", "cookie": {}}, id="unknown"),
        pytest.param({"endpointId": ""}, id="empty"),
        pytest.param({}, id="no id"),
        pytest.param(None, id="no endpoint"),
    ],
)
async def test_the_state_of_an_unknown_doorbell_is_an_error(
    hass: HomeAssistant, entry: MockConfigEntry, skill: Skill, endpoint: dict[str, Any] | None
) -> None:
    await set_up(hass, entry)

    answer = await report_state(skill, endpoint, correlationToken="dFMb==")

    assert checked_header(answer) == {
        "namespace": "Alexa",
        "name": "ErrorResponse",
        "payloadVersion": "3",
        "correlationToken": "dFMb==",
    }
    event = answer.message["event"]
    assert event["payload"].keys() == {"type", "message"}
    assert event["payload"]["type"] == "NO_SUCH_ENDPOINT"
    named = endpoint and endpoint.get("endpointId")
    assert event.get("endpoint") == ({"endpointId": named} if named else None)


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("Alexa.PowerController", "TurnOn"),
        ("Alexa.DoorbellEventSource", "Ring"),
        ("Alexa.Discovery", "Undiscover"),
        ("Alexa", "AcceptGrant"),
        ("Alexa.RTCSessionController", "InitiateSessionWithOffer"),
    ],
)
async def test_a_doorbell_can_do_nothing_else(
    hass: HomeAssistant, entry: MockConfigEntry, skill: Skill, namespace: str, name: str
) -> None:
    await set_up(hass, entry)
    endpoint_id = endpoint_id_of(entry)

    answer = await skill.send(
        directive(
            namespace,
            name,
            {},
            header={"correlationToken": "dFMb=="},
            endpoint={"endpointId": endpoint_id},
        )
    )

    assert checked_header(answer) == {
        "namespace": "Alexa",
        "name": "ErrorResponse",
        "payloadVersion": "3",
        "correlationToken": "dFMb==",
    }
    assert answer.message["event"]["endpoint"] == {"endpointId": endpoint_id}
    assert answer.message["event"]["payload"]["type"] == "INVALID_DIRECTIVE"
