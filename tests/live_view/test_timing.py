"""Tests of how long a camera is waited for, on a clock that jumps."""

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.camera import Camera, WebRTCAnswer, WebRTCSendMessage
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from ..simulated_time import simulate_time
from .conftest import SESSION, Ask
from .door import Provider, candidate
from .shapes import ANSWER, HOST, IPV6_HOST, REFLEXIVE, RELAYED, TCP_HOST

pytestmark = [
    pytest.mark.freeze_time("2026-03-20 12:00:00"),
    pytest.mark.usefixtures("camera", "_jumping"),
]
SAID = WebRTCAnswer(ANSWER)
WHOLE = WebRTCAnswer(ANSWER.replace("a=mid:audio0", f"a={REFLEXIVE}\r\na=mid:audio0"))


@pytest.fixture
async def _jumping(freezer: FrozenDateTimeFactory, offer: Ask) -> None:
    """Once all is set up, time passes only while something is waited for."""
    simulate_time(freezer)


def last_of(entry: MockConfigEntry, endpoint_id: str) -> Any:
    """What is known of the last live view."""
    return entry.runtime_data.live_views.last[endpoint_id]


@pytest.mark.parametrize(
    ("says", "seconds", "kinds"),
    [
        pytest.param((SAID, candidate(HOST), candidate("")), 0, {"host": 1}, id="all is said"),
        pytest.param(
            (SAID, candidate(HOST), candidate("end-of-candidates")), 0, {"host": 1}, id="in words"
        ),
        pytest.param((WHOLE,), 0, {"srflx": 1}, id="all is in the answer"),
        pytest.param(
            (SAID, candidate(HOST), candidate(REFLEXIVE)),
            0.2,
            {"host": 1, "srflx": 1},
            id="one leads out at once",
        ),
        pytest.param(
            (SAID, candidate(HOST), 1.0, candidate(REFLEXIVE)),
            1.2,
            {"host": 1, "srflx": 1},
            id="one leads out after a second",
        ),
        pytest.param(
            (SAID, candidate(REFLEXIVE), 0.15, candidate(RELAYED), 0.15, candidate(HOST)),
            0.5,
            {"srflx": 1, "relay": 1, "host": 1},
            id="quiet counts from the last one",
        ),
        pytest.param(
            (SAID, candidate(IPV6_HOST), 1.0, candidate(REFLEXIVE)),
            1.2,
            {"srflx": 1},
            id="IPv6 leads nowhere",
        ),
        pytest.param((SAID, candidate(HOST)), 1.2, {"host": 1}, id="none leads out"),
        pytest.param(
            (SAID, candidate(HOST), 1.3, candidate(REFLEXIVE)), 1.2, {"host": 1}, id="too late"
        ),
        pytest.param(
            (3.9, SAID, candidate(HOST)), 5.0, {"host": 1}, id="never past the whole budget"
        ),
        pytest.param(
            (candidate(TCP_HOST), 0.5, SAID, candidate("")), 0.5, {"host": 1}, id="some come first"
        ),
    ],
)
async def test_candidates_are_waited_for_as_long_as_it_is_worth_it(
    entry: MockConfigEntry,
    provider: Provider,
    offer: Ask,
    endpoint_id: str,
    says: tuple[Any, ...],
    seconds: float,
    kinds: dict[str, int],
) -> None:
    provider.says = says

    event = await offer()

    assert event["header"]["name"] == "AnswerGeneratedForSession"
    view = last_of(entry, endpoint_id)
    assert view.candidates == kinds
    assert view.milliseconds == pytest.approx(min(seconds, 5) * 1000, abs=60)


async def test_a_camera_may_go_on_with_an_offer_that_it_has_answered(
    monkeypatch: pytest.MonkeyPatch,
    entry: MockConfigEntry,
    provider: Provider,
    offer: Ask,
    ask: Ask,
) -> None:
    ended = asyncio.Event()

    async def stay(_camera: Camera, _sdp: str, _session: str, say: WebRTCSendMessage) -> None:
        try:
            for each in (SAID, candidate(REFLEXIVE), candidate("")):
                say(each)
            await asyncio.sleep(600)
        finally:
            ended.set()

    monkeypatch.setattr(provider, "async_handle_async_webrtc_offer", stay)

    event = await offer()

    assert event["header"]["name"] == "AnswerGeneratedForSession"
    [view] = entry.runtime_data.live_views.last.values()
    assert view.milliseconds < 100
    assert not ended.is_set()
    await ask("SessionDisconnected", sessionId=SESSION)
    assert ended.is_set()


async def test_a_camera_that_does_not_let_go_of_an_offer_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, entry: MockConfigEntry, provider: Provider, offer: Ask
) -> None:
    async def hold_on(*_: Any) -> None:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            await asyncio.sleep(6)

    monkeypatch.setattr(provider, "async_handle_async_webrtc_offer", hold_on)

    event = await offer()

    assert event["payload"]["type"] == "ENDPOINT_UNREACHABLE"
    [view] = entry.runtime_data.live_views.last.values()
    assert view.milliseconds == pytest.approx(4000, abs=60)
    await asyncio.sleep(7)


@pytest.mark.parametrize(
    ("says", "waits"),
    [
        pytest.param((4.1, SAID), 0, id="its answer is late"),
        pytest.param((SAID,), 4.1, id="it is late to hear"),
    ],
)
async def test_a_camera_has_four_seconds_for_its_answer(
    entry: MockConfigEntry,
    provider: Provider,
    offer: Ask,
    endpoint_id: str,
    says: tuple[Any, ...],
    waits: float,
) -> None:
    provider.says, provider.waits = says, waits

    event = await offer()

    assert event["payload"]["type"] == "ENDPOINT_UNREACHABLE"
    assert not provider.open
    view = last_of(entry, endpoint_id)
    assert view.hindrance == "late"
    assert view.milliseconds == pytest.approx(4000, abs=60)


async def test_a_session_ends_after_half_an_hour(
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    provider: Provider,
    offer: Ask,
    hass: Any,
) -> None:
    await offer()
    assert provider.open

    await asyncio.sleep(29 * 60)
    assert provider.open
    await asyncio.sleep(2 * 60)

    assert not provider.open
    assert entry.runtime_data.live_views.open == 0
