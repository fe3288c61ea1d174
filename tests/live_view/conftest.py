"""A door with a camera, and an Echo that asks for it."""

from collections.abc import AsyncIterator, Callable, Coroutine
import json
import logging
from typing import Any

from homeassistant.components.camera import Camera
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from demo.amazon.skill import directive

from ..alexa.posting import PATH, signed
from ..home import doorbells, set_up
from .door import CAMERA_ID, Provider, add_camera, add_provider
from .shapes import ECHO_PASSWORD, OFFER, PASSWORD

SESSION = "11111111-2222-3333-4444-555555555555"
# What may stand in an SDP, and nowhere else.
PRIVATE = (
    SESSION,
    ECHO_PASSWORD,
    PASSWORD,
    "192.0.2.",
    "127.0.0.5",
    "2001:db8",
    "door:secret",
    "A1:A1",
)

type Ask = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


@pytest.fixture
def talk() -> bool:
    """Whether the doorbell may talk."""
    return False


@pytest.fixture
async def camera(hass: HomeAssistant) -> Camera:
    """The camera at the door."""
    return await add_camera(hass)


@pytest.fixture
async def provider(hass: HomeAssistant) -> AsyncIterator[Provider]:
    """What offers WebRTC."""
    provider = Provider()
    await add_provider(hass, provider)
    yield provider
    for task in provider.tasks:
        task.cancel()


@pytest.fixture
def endpoint_id(hass: HomeAssistant, entry: MockConfigEntry, talk: bool) -> str:
    """The front door, which has a camera from now on."""
    [subentry] = doorbells(entry).values()
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, "camera": CAMERA_ID, "talk": talk}
    )
    return subentry.subentry_id


@pytest.fixture
async def ask(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    endpoint_id: str,
    hass_client_no_auth: ClientSessionGenerator,
    without_reports: None,
) -> Ask:
    """Sends a directive as the Lambda does, and returns the event of the answer."""
    await set_up(hass, entry)
    client = await hass_client_no_auth()

    async def ask(name: str, *, endpoint: str = endpoint_id, **payload: Any) -> dict[str, Any]:
        message = directive(
            "Alexa.RTCSessionController",
            name,
            payload,
            header={"correlationToken": "correlation"},
            endpoint={"scope": {"type": "BearerToken", "token": "t"}, "endpointId": endpoint},
        )
        body = json.dumps(message).encode()
        async with client.post(PATH, data=body, headers=signed(body)) as response:
            assert response.status == 200
            event: dict[str, Any] = (await response.json())["event"]
            return event

    return ask


@pytest.fixture
def offer(ask: Ask) -> Ask:
    """Offers a session, by default as an Echo Show does."""

    async def offer(sdp: str = OFFER, session: str = SESSION, **more: Any) -> dict[str, Any]:
        return await ask(
            "InitiateSessionWithOffer",
            sessionId=session,
            offer={"format": "SDP", "value": sdp},
            **more,
        )

    return offer


@pytest.fixture(autouse=True)
def _what_is_private_stays_private(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Any:
    """Nothing of an SDP is in anybody's log, debug included, in a state or a repair issue."""
    caplog.set_level(logging.DEBUG)
    yield
    told = [
        caplog.handler.format(record)
        for when in ("setup", "call")
        for record in caplog.get_records(when)
    ]
    if "hass" in request.fixturenames:
        hass: HomeAssistant = request.getfixturevalue("hass")
        told += [str(state.as_dict()) for state in hass.states.async_all()]
        told += [str(issue.to_json()) for issue in ir.async_get(hass).issues.values()]
    assert not [text for text in told for private in PRIVATE if private in text]
