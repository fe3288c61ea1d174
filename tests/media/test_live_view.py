"""Alexa's three directives, from an Echo Show's offer to decoded pictures and back."""

import asyncio

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from demo.amazon.live_view import LiveView, NotShownError
from demo.live_view.echo_show import EchoShow
from demo.live_view.go2rtc import Go2rtc
from demo.live_view.sdp import parts
from demo.live_view.stun import StunServer

from .conftest import NewView

OPUS, ULAW, ALAW = "opus/48000/2", "PCMU/8000", "PCMA/8000"


@pytest.fixture
def view(new_view: NewView) -> LiveView:
    return new_view()


async def opened(view: LiveView, echo: EchoShow) -> str:
    """Show the door on the Echo; the answer."""
    answer = await view.open(await echo.offer())
    await echo.take(answer)
    return answer


def kinds(answer: str) -> set[str]:
    """How the camera can be reached."""
    ways = [line for part in parts(answer)[1] for line in part.candidates]
    return {line.split()[7] for line in ways}


async def refused(view: LiveView) -> str:
    """The type of the error that the Echo gets instead of a picture."""
    async with EchoShow() as echo:
        with pytest.raises(NotShownError) as caught:
            await view.open(await echo.offer())
    return caught.value.type


async def test_an_echo_show_sees_the_door_and_hears_the_visitor(view: LiveView) -> None:
    async with EchoShow() as echo:
        await opened(view, echo)
        await view.connected()

        await echo.see(10)
        await echo.hear(5)

    assert set(echo.frames) == {(640, 360)}


async def test_every_way_to_the_camera_is_in_the_answer(view: LiveView) -> None:
    async with EchoShow() as echo:
        answer = await opened(view, echo)

    assert kinds(answer) == {"host", "srflx"}
    assert answer.count("a=end-of-candidates") == 1


@pytest.mark.parametrize("talk", [False], ids=["talk is off"])
async def test_without_talk_the_camera_is_offered_no_voice_and_hears_none(
    view: LiveView, go2rtc: Go2rtc
) -> None:
    async with EchoShow() as echo:
        await opened(view, echo)
        await echo.see(10)
        await echo.hear(5)

    (visit,) = go2rtc.visits
    assert visit.ways == {"audio": "recvonly", "video": "recvonly"}
    assert visit.heard == 0


@pytest.mark.parametrize("talk", [True], ids=["talk is on"])
@pytest.mark.parametrize("codec", [OPUS, ULAW, ALAW])
async def test_with_talk_both_voices_are_heard(view: LiveView, go2rtc: Go2rtc, codec: str) -> None:
    go2rtc.sounds = (codec.partition("/")[0],)
    async with EchoShow() as echo:
        await opened(view, echo)
        await echo.see(1)
        await echo.hear(5)
        (visit,) = go2rtc.visits
        await visit.hear(5)

    assert visit.ways == {"audio": "sendrecv", "video": "recvonly"}


async def test_a_camera_without_a_microphone_is_seen(view: LiveView, go2rtc: Go2rtc) -> None:
    go2rtc.sounds = ()
    async with EchoShow() as echo:
        await opened(view, echo)
        await echo.see(5)

    assert echo.heard == 0


@pytest.mark.parametrize("talk", [True], ids=["talk is on"])
async def test_an_echo_without_a_screen_may_talk(view: LiveView, go2rtc: Go2rtc) -> None:
    async with EchoShow(screen=False) as echo:
        await opened(view, echo)
        await echo.hear(5)
        await go2rtc.visits[0].hear(5)


async def test_an_echo_without_a_screen_gets_nothing_from_a_door_that_does_not_talk(
    view: LiveView, go2rtc: Go2rtc
) -> None:
    async with EchoShow(screen=False) as echo:
        with pytest.raises(NotShownError) as caught:
            await view.open(await echo.offer())

    assert caught.value.type == "INVALID_DIRECTIVE"
    assert not go2rtc.visits


async def test_a_camera_that_says_all_at_once_is_seen(view: LiveView, go2rtc: Go2rtc) -> None:
    go2rtc.trickles = False
    async with EchoShow() as echo:
        await opened(view, echo)
        await echo.see(5)


async def test_a_camera_that_takes_a_second_is_seen(view: LiveView, go2rtc: Go2rtc) -> None:
    go2rtc.seconds = 1
    async with EchoShow() as echo:
        await opened(view, echo)
        await echo.see(5)


@pytest.mark.parametrize(
    ("seconds", "known"),
    [
        pytest.param(0.8, {"host", "srflx"}, id="slow"),
        pytest.param(None, {"host"}, id="dead"),
    ],
)
async def test_the_door_is_seen_when_the_stun_server_is(
    view: LiveView, stun_server: StunServer, seconds: float | None, known: set[str]
) -> None:
    stun_server.seconds = seconds
    async with EchoShow() as echo:
        answer = await opened(view, echo)
        await echo.see(5)

    assert kinds(answer) == known


async def test_a_camera_that_never_answers_is_given_up_and_closed(
    hass: HomeAssistant, view: LiveView, go2rtc: Go2rtc
) -> None:
    go2rtc.seconds = None

    assert await refused(view) == "ENDPOINT_UNREACHABLE"

    await hass.async_block_till_done()
    assert not go2rtc.sockets


async def test_a_camera_that_answers_with_an_error_is_closed(
    hass: HomeAssistant, view: LiveView, go2rtc: Go2rtc
) -> None:
    go2rtc.error = "codecs not matched"

    assert await refused(view) == "ENDPOINT_UNREACHABLE"

    await hass.async_block_till_done()
    assert not go2rtc.sockets


async def test_a_provider_that_is_down_shows_the_door_again_when_it_is_back(
    new_view: NewView, go2rtc: Go2rtc
) -> None:
    await go2rtc.stop()

    assert await refused(new_view()) == "ENDPOINT_UNREACHABLE"

    await go2rtc.start()
    async with EchoShow() as echo:
        await opened(new_view(), echo)
        await echo.see(5)


async def test_two_echos_see_the_door_at_once(new_view: NewView, go2rtc: Go2rtc) -> None:
    async with EchoShow() as one, EchoShow() as other:
        await asyncio.gather(opened(new_view(), one), opened(new_view(), other))
        await asyncio.gather(one.see(10), other.see(10))

        assert len(go2rtc.sockets) == 2


async def test_an_echo_that_hangs_up_leaves_the_other_alone(
    hass: HomeAssistant, new_view: NewView, go2rtc: Go2rtc
) -> None:
    async with EchoShow() as one, EchoShow() as other:
        ends, stays = new_view(), new_view()
        await asyncio.gather(opened(ends, one), opened(stays, other))
        await asyncio.gather(one.see(1), other.see(1))
        await one.hang_up()
        await ends.disconnected()
        await hass.async_block_till_done()

        await other.see(10)
        assert len(go2rtc.sockets) == 1


async def test_an_echo_that_says_it_is_gone_leaves_nothing_open(
    hass: HomeAssistant, view: LiveView, go2rtc: Go2rtc
) -> None:
    async with EchoShow() as echo:
        await opened(view, echo)
        await echo.see(1)
        await view.disconnected()
        await hass.async_block_till_done()

    assert not go2rtc.sockets


async def test_a_session_that_nobody_knows_is_answered_like_any_other(new_view: NewView) -> None:
    await new_view().connected()
    await new_view().disconnected()


async def test_a_new_offer_of_a_session_takes_the_place_of_the_one_before(
    hass: HomeAssistant, view: LiveView, go2rtc: Go2rtc
) -> None:
    async with EchoShow() as first, EchoShow() as second:
        await opened(view, first)
        await opened(view, second)
        await second.see(5)
        await hass.async_block_till_done()

        assert len(go2rtc.sockets) == 1


async def test_a_reload_ends_what_is_open_and_the_door_is_seen_afterwards(
    hass: HomeAssistant, entry: MockConfigEntry, new_view: NewView, go2rtc: Go2rtc
) -> None:
    async with EchoShow() as before, EchoShow() as after:
        view = new_view()
        await opened(view, before)
        await before.see(1)
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        assert not go2rtc.sockets

        await opened(new_view(), after)
        await after.see(5)
        await view.disconnected()


async def test_a_reload_while_the_camera_thinks_leaves_nothing_open(
    hass: HomeAssistant, entry: MockConfigEntry, view: LiveView, go2rtc: Go2rtc
) -> None:
    go2rtc.seconds = None
    opening = asyncio.create_task(refused(view))
    await go2rtc.called()
    await hass.config_entries.async_reload(entry.entry_id)

    assert await opening == "ENDPOINT_UNREACHABLE"
    await hass.async_block_till_done()
    assert not go2rtc.sockets
