"""An Echo Show: offers as Alexa does, sees, hears and speaks, by aiortc."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
import time
from typing import Self

from aiortc import RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, VideoFrame

from .connection import close, new_connection
from .door import Sound, is_loud, steady_voice
from .sdp import SOUNDS, as_alexa_offers, as_its_maker_takes

# In seconds: what a busy machine needs, not what it may take.
_PATIENCE = 20


@dataclass(eq=False, kw_only=True)
class EchoShow:
    """Counts pictures and sounds that are more than silence; a `screen` it may lack."""

    sounds: tuple[str, ...] = SOUNDS
    screen: bool = True
    frames: list[tuple[int, int]] = field(default_factory=list)
    heard: int = 0
    first_frame_at: float | None = None

    def __post_init__(self) -> None:
        self._connection = new_connection()
        self._own = ""
        self._watching: set[asyncio.Task[None]] = set()
        self._news = asyncio.Condition()
        self._connection.addTransceiver(Sound(steady_voice()), direction="sendrecv")
        if self.screen:
            self._connection.addTransceiver("video", direction="recvonly")
        self._connection.on("track", self._watch)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hang_up()

    @property
    def state(self) -> str:
        """How the connection stands."""
        return self._connection.connectionState

    async def offer(self) -> str:
        """What it wants to be shown."""
        await self._connection.setLocalDescription(await self._connection.createOffer())
        self._own = self._connection.localDescription.sdp
        return as_alexa_offers(self._own, self.sounds)

    async def take(self, answer: str) -> None:
        """Connect as the answer says."""
        taken = as_its_maker_takes(answer, self._own)
        await self._connection.setRemoteDescription(RTCSessionDescription(taken, "answer"))

    async def see(self, frames: int) -> None:
        """Wait until so many more pictures were decoded."""
        wanted = len(self.frames) + frames
        await self._until(lambda: len(self.frames) >= wanted)

    async def hear(self, frames: int) -> None:
        """Wait until so many more sounds were heard."""
        wanted = self.heard + frames
        await self._until(lambda: self.heard >= wanted)

    async def _until(self, reached: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(_PATIENCE), self._news:
                await self._news.wait_for(reached)
        except TimeoutError:
            got = f"{len(self.frames)} pictures, {self.heard} sounds"
            raise TimeoutError(f"{got} after {_PATIENCE} s, {self.state}") from None

    async def hang_up(self) -> None:
        """End the view."""
        await close(self._connection)
        # What never began to come does not end by itself.
        for watching in self._watching:
            watching.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)

    def _watch(self, track: MediaStreamTrack) -> None:
        async def watch() -> None:
            try:
                while True:
                    frame = await track.recv()
                    async with self._news:
                        self._note(frame)
                        self._news.notify_all()
            except MediaStreamError:
                pass

        task = asyncio.ensure_future(watch())
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)

    def _note(self, frame: object) -> None:
        if isinstance(frame, VideoFrame):
            if self.first_frame_at is None:
                self.first_frame_at = time.monotonic()
            self.frames.append((frame.width, frame.height))
        elif isinstance(frame, AudioFrame):
            self.heard += is_loud(frame)
