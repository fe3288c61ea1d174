"""A stand-in for go2rtc, as far as Home Assistant uses it: the same API, answered by aiortc.

It opens none of the sources that it is given; whatever they are, the demo's door is seen there.
"""

import asyncio
from dataclasses import dataclass, field
import json
from typing import Any, Self

from aiohttp import WSMsgType, web
from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame

from ..server import Server
from . import stun
from .connection import close, new_connection
from .door import Picture, Sound, is_loud, visitors_voice
from .sdp import candidates_apart, parts, with_codecs_told

_VERSION = "1.9.14"
_PATIENCE = 20
_SCHEMES = ["ffmpeg", "rtsp", "rtsps"]


@dataclass(eq=False, kw_only=True, slots=True)
class Visit:
    """Somebody who looks at the door: the offer, and what the door has heard of them."""

    offer: str
    connection: RTCPeerConnection
    heard: int = 0
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def ways(self) -> dict[str, str]:
        """Which way each of the media was offered."""
        return {part.kind: part.direction for part in parts(self.offer)[1]}

    async def hear(self, frames: int) -> None:
        """Wait until the door has heard so many more sounds."""
        wanted = self.heard + frames
        async with asyncio.timeout(_PATIENCE), self.news:
            await self.news.wait_for(lambda: self.heard >= wanted)


@dataclass(eq=False, kw_only=True)
class Go2rtc:
    """Behaves as set, from the next offer on; `visits` and `sources` are its records.

    `seconds` pass before its answer, None: it never comes. `error` is said instead of an answer.
    `sounds` are the codecs of the camera's sound, none: it has no microphone. `trickles`: the
    candidates follow the answer, as with go2rtc; else they are inside.
    """

    seconds: float | None = 0
    error: str = ""
    sounds: tuple[str, ...] = ("opus", "PCMU", "PCMA")
    trickles: bool = True
    sources: dict[str, list[str]] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    sockets: set[web.WebSocketResponse] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._server = Server(self._app)
        self._listening: set[asyncio.Task[None]] = set()
        self._called = asyncio.Event()

    @property
    def url(self) -> str:
        """As Home Assistant's configuration wants it."""
        return self._server.url

    async def start(self) -> None:
        """Listen; on the same port as before, if there was one."""
        await self._server.start()

    async def called(self) -> None:
        """Wait until somebody has made an offer."""
        await self._called.wait()

    async def stop(self) -> None:
        """End every view and the port; what was configured is forgotten, as after a restart."""
        await self.hang_up()
        for listening in self._listening:
            listening.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)
        self.sources.clear()
        await self._server.stop()

    async def hang_up(self) -> None:
        """End every view."""
        await close(*(visit.connection for visit in self.visits))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/api", self._about)
        app.router.add_get("/api/schemes", self._schemes)
        app.router.add_get("/api/streams", self._streams)
        app.router.add_put("/api/streams", self._add_stream)
        app.router.add_get("/api/preload", self._preload)
        app.router.add_get("/api/ws", self._socket)
        return app

    async def _about(self, _: web.Request) -> web.Response:
        rtsp = {"listen": ":8554", "default_query": "mp4"}
        about = {"version": _VERSION, "config_path": "", "host": "127.0.0.1", "rtsp": rtsp}
        return web.json_response(about)

    async def _schemes(self, _: web.Request) -> web.Response:
        return web.json_response(_SCHEMES)

    async def _streams(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                name: {"producers": [{"url": source} for source in sources], "consumers": None}
                for name, sources in self.sources.items()
            }
        )

    async def _add_stream(self, request: web.Request) -> web.Response:
        self.sources[request.query["name"]] = request.query.getall("src")
        return web.Response()

    async def _preload(self, _: web.Request) -> web.Response:
        return web.json_response({})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.add(socket)
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                document = json.loads(message.data)
                if document["type"] == "webrtc":
                    await self._offered(socket, request.query["src"], document["value"])
        finally:
            self.sockets.discard(socket)
        return socket

    async def _offered(
        self, socket: web.WebSocketResponse, name: str, value: dict[str, Any]
    ) -> None:
        self._called.set()
        if self.seconds is None:
            return
        await asyncio.sleep(self.seconds)
        error = self.error or ("" if name in self.sources else "stream not found")
        if error:
            await socket.send_json({"type": "error", "value": f"webrtc/offer: {error}"})
            return
        answer = await self._answered(value["sdp"])
        told, candidates = candidates_apart(answer) if self.trickles else (answer, [])
        await socket.send_json({"type": "webrtc", "value": {"type": "answer", "sdp": told}})
        for candidate in candidates:
            await socket.send_json({"type": "webrtc/candidate", "value": candidate})
        if self.trickles:
            await self._tell_of_outside(socket, value.get("ice_servers") or [], candidates)

    async def _answered(self, offer: str) -> str:
        """Show the door to whoever made the offer."""
        visit = Visit(offer=offer, connection=new_connection())
        self.visits.append(visit)
        connection = visit.connection
        connection.on("track", lambda track: self._listen(visit, track))
        connection.on("connectionstatechange", lambda: self._hang_up(connection))
        told = with_codecs_told(offer)
        await connection.setRemoteDescription(RTCSessionDescription(told, "offer"))
        for transceiver in connection.getTransceivers():
            if transceiver.kind == "video":
                connection.addTrack(Picture())
            elif self.sounds:
                connection.addTrack(Sound(visitors_voice()))
                transceiver.setCodecPreferences(
                    [
                        codec
                        for codec in RTCRtpSender.getCapabilities("audio").codecs
                        if codec.mimeType.partition("/")[2] in self.sounds
                    ]
                )
            else:
                transceiver.direction = "inactive"
        await connection.setLocalDescription(await connection.createAnswer())
        return connection.localDescription.sdp

    def _listen(self, visit: Visit, track: MediaStreamTrack) -> None:
        async def listen() -> None:
            try:
                while True:
                    frame = await track.recv()
                    async with visit.news:
                        visit.heard += isinstance(frame, AudioFrame) and is_loud(frame)
                        visit.news.notify_all()
            except MediaStreamError:
                pass

        self._keep(listen())

    def _hang_up(self, connection: RTCPeerConnection) -> None:
        if connection.connectionState in ("closed", "failed"):
            self._keep(connection.close())

    def _keep(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._listening.add(task)
        task.add_done_callback(self._listening.discard)

    async def _tell_of_outside(
        self, socket: web.WebSocketResponse, servers: list[dict[str, Any]], known: list[str]
    ) -> None:
        """Tell where a STUN server sees this machine, once it has said so."""
        urls = [url for server in servers for url in server["urls"]]
        port = known[0].split()[5] if known else "9"
        for url in urls:
            if (seen := await stun.ask(url)) is None or socket.closed:
                continue
            candidate = (
                f"candidate:2 1 udp 1694498815 {seen[0]} {port} typ srflx"
                f" raddr 0.0.0.0 rport {port}"
            )
            await socket.send_json({"type": "webrtc/candidate", "value": candidate})
