"""What a camera at a front door sees and hears: somebody waves, and hums."""

from array import array
import asyncio
from datetime import datetime
from fractions import Fraction
from functools import cache
import math
import time
from typing import override

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, VideoFrame
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 640, 360
FRAMES_A_SECOND = 15
# How many pictures until the wave begins anew.
_WAVE = 20
# Drawn larger first, for smooth edges.
_FINE = 2
_RATE, _SAMPLES = 8000, 160
# Louder than what codecs make of silence.
_LOUD = 500


class _Paced(MediaStreamTrack):
    """Media that come as time goes by."""

    def __init__(self, each: Fraction) -> None:
        super().__init__()
        self._each = each
        self._number = -1
        self._began = 0.0

    async def next_number(self) -> int:
        """Wait until it is time for the next one."""
        if self.readyState != "live":
            raise MediaStreamError
        self._number += 1
        if self._number == 0:
            self._began = time.monotonic()
        await asyncio.sleep(self._began + float(self._number * self._each) - time.monotonic())
        return self._number


class Picture(_Paced):
    """The door, live."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__(Fraction(1, FRAMES_A_SECOND))

    @override
    async def recv(self) -> VideoFrame:
        number = await self.next_number()
        frame = VideoFrame(WIDTH, HEIGHT, "rgb24")
        frame.planes[0].update(picture(number).tobytes())
        frame.pts, frame.time_base = number, Fraction(1, FRAMES_A_SECOND)
        return frame


class Sound(_Paced):
    """A voice that is always there, as loud as each of its samples says."""

    kind = "audio"

    def __init__(self, samples: array[int]) -> None:
        super().__init__(Fraction(_SAMPLES, _RATE))
        self._samples = samples

    @override
    async def recv(self) -> AudioFrame:
        number = await self.next_number()
        frame = AudioFrame(format="s16", layout="mono", samples=_SAMPLES)
        begin = number * _SAMPLES % len(self._samples)
        frame.planes[0].update(self._samples[begin : begin + _SAMPLES].tobytes())
        frame.sample_rate = _RATE
        frame.pts, frame.time_base = number * _SAMPLES, Fraction(1, _RATE)
        return frame


@cache
def visitors_voice() -> array[int]:
    """Two soft notes, and again after two seconds."""
    seconds = [number / _RATE for number in range(2 * _RATE)]
    return array("h", (round(_note(at, 392, 0) + _note(at, 330, 0.5)) for at in seconds))


def _note(at: float, hertz: float, begins: float) -> float:
    since = at - begins
    if since < 0:
        return 0
    return 9000 * min(since * 50, 1) * math.exp(-3 * since) * math.sin(2 * math.pi * hertz * at)


@cache
def steady_voice() -> array[int]:
    """One note without end, for whoever speaks into an Echo."""
    return array("h", (round(9000 * math.sin(2 * math.pi * 700 * n / _RATE)) for n in range(_RATE)))


def is_loud(frame: AudioFrame) -> bool:
    """Whether there is anything to be heard."""
    samples = array("h", bytes(frame.planes[0]))
    return max(map(abs, samples), default=0) > _LOUD


def picture(number: int) -> Image.Image:
    """The picture of that number, with the time of day in it."""
    image = _visitor(number % _WAVE).copy()
    told = ImageDraw.Draw(image)
    now = datetime.now().astimezone().strftime("%Y-%m-%d  %H:%M:%S")
    told.text(
        (14, 10),
        f"FRONT DOOR   {now}",
        fill="#ffffff",
        font=_font(),
        stroke_width=1,
        stroke_fill="#20303a",
    )
    return image


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(16)


@cache
def _visitor(step: int) -> Image.Image:
    """The scene at one moment of the wave."""
    large = _porch().copy()
    draw = _Fine(large)
    swing = math.sin(2 * math.pi * step / _WAVE)
    nod = 3 * math.sin(4 * math.pi * step / _WAVE)
    draw.limb([(372, 236), (416, 196 + nod), (426 + 26 * swing, 132)], 26, "#c8503c")
    draw.ball(428 + 28 * swing, 122, 15, "#e0a882")
    draw.box((262, 196 + nod, 382, 380), 46, "#c8503c")
    draw.box((300, 160 + nod, 344, 214 + nod), 18, "#e0a882")
    draw.ball(322, 132 + nod, 44, "#e0a882")
    draw.half(322, 122 + nod, 46, "#3a4a6b")
    draw.box((268, 116 + nod, 376, 128 + nod), 6, "#2c3a57")
    draw.box((280, 186 + nod, 364, 210 + nod), 12, "#f0c75e")
    for eye in (306, 338):
        draw.ball(eye, 138 + nod, 4, "#23303a")
    draw.smile(322, 144 + nod, 16)
    draw.box((236, 262, 330, 330), 6, "#b98a58")
    draw.box((276, 262, 290, 330), 0, "#d9b98a")
    draw.ball(262, 268, 14, "#e0a882")
    return large.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


@cache
def _porch() -> Image.Image:
    """What does not move: a garden path at dusk, as seen from the door."""
    image = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), "#8fb3c2")
    draw = _Fine(image)
    for line in range(240):
        shade = line / 240
        colour = (round(110 + 110 * shade), round(150 + 50 * shade), round(180 - 10 * shade))
        draw.box((0, line, WIDTH, line + 1), 0, "#{:02x}{:02x}{:02x}".format(*colour))
    draw.ball(548, 92, 30, "#fbe3b0")
    draw.box((0, 214, WIDTH, HEIGHT), 0, "#6f8f5e")
    for x, size in ((40, 54), (110, 40), (170, 60), (470, 46), (530, 62), (606, 52)):
        draw.ball(x, 214, size, "#55774c")
    draw.field([(250, 214), (390, 214), (560, 360), (90, 360)], "#c9bfae")
    for y, left, right in ((240, 220, 420), (276, 180, 462), (320, 132, 512)):
        draw.box((left, y, right, y + 2), 0, "#b3a896")
    draw.box((0, 0, 46, HEIGHT), 0, "#7a5a44")
    draw.box((594, 0, WIDTH, HEIGHT), 0, "#7a5a44")
    draw.box((40, 0, 48, HEIGHT), 0, "#5d4434")
    draw.box((592, 0, 600, HEIGHT), 0, "#5d4434")
    return image


class _Fine:
    """Draws in the picture's own measure on an image that is larger."""

    def __init__(self, image: Image.Image) -> None:
        self._draw = ImageDraw.Draw(image)

    def box(self, edges: tuple[float, float, float, float], corner: float, fill: str) -> None:
        """A box with round corners."""
        fine = [each * _FINE for each in edges]
        self._draw.rounded_rectangle(fine, corner * _FINE, fill)

    def ball(self, x: float, y: float, size: float, fill: str) -> None:
        """A circle."""
        self._draw.circle((x * _FINE, y * _FINE), size * _FINE, fill)

    def half(self, x: float, y: float, size: float, fill: str) -> None:
        """The upper half of a circle."""
        self._draw.pieslice(self._around(x, y, size), 180, 360, fill)

    def smile(self, x: float, y: float, size: float) -> None:
        """An arc that is open above."""
        self._draw.arc(self._around(x, y, size), 20, 160, "#7a3b2e", 4 * _FINE)

    def limb(self, points: list[tuple[float, float]], width: float, fill: str) -> None:
        """A thick line with a bend."""
        bent = [(x * _FINE, y * _FINE) for x, y in points]
        self._draw.line(bent, fill, round(width * _FINE), joint="curve")

    def field(self, points: list[tuple[float, float]], fill: str) -> None:
        """A shape with corners."""
        self._draw.polygon([(x * _FINE, y * _FINE) for x, y in points], fill)

    def _around(self, x: float, y: float, size: float) -> list[float]:
        return [each * _FINE for each in (x - size, y - size, x + size, y + size)]
