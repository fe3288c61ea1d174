"""What Home Assistant's camera answers without this integration: what the other tests stand on."""

import asyncio

from homeassistant.components.camera.helper import get_camera_from_entity_id
from homeassistant.components.camera.webrtc import WebRTCAnswer, WebRTCCandidate, WebRTCMessage
from homeassistant.core import HomeAssistant

from demo.live_view.echo_show import EchoShow
from demo.live_view.go2rtc import Go2rtc


async def test_the_camera_answers_without_candidates_and_tells_them_afterwards(
    hass: HomeAssistant, camera: str, go2rtc: Go2rtc
) -> None:
    told: asyncio.Queue[WebRTCMessage] = asyncio.Queue()
    entity = get_camera_from_entity_id(hass, camera)
    async with EchoShow() as echo, asyncio.timeout(10):
        await entity.async_handle_async_webrtc_offer(await echo.offer(), "one", told.put_nowait)
        answer, host, outside = [await told.get() for _ in range(3)]

    assert isinstance(answer, WebRTCAnswer)
    assert "candidate" not in answer.answer
    assert isinstance(host, WebRTCCandidate)
    assert " typ host ufrag " in host.candidate.candidate
    assert isinstance(outside, WebRTCCandidate)
    assert " 127.0.0.7 " in outside.candidate.candidate
    entity.close_webrtc_session("one")
    await hass.async_block_till_done()
    assert not go2rtc.sockets
