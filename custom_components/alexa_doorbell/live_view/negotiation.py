"""One offer, from the camera's first word to a whole answer, in the time that Alexa leaves."""

import asyncio

from ..doorbells.cameras import Hindrance
from .camera import Answer, CameraSession, Refusal, SaidCandidate
from .candidates import Candidate, read_candidate
from .exceptions import CameraError
from .sdp import Description, complete_answer, only_to_echo, read_answer

# Alexa waits 6 s, and a second of it is for the way. All in seconds.
BUDGET = 5.0
ANSWER_WITHIN = 4.0
# A camera says where it can be reached after its answer, and mostly never that it has said all.
CANDIDATES_WITHIN = 1.2
# So long after one that leads out of the home no other will come.
QUIET = 0.2
SAID_ALL = ("", "end-of-candidates")


class Negotiation:
    """What a camera says to one offer."""

    def __init__(self, camera: CameraSession) -> None:
        self._loop = asyncio.get_running_loop()
        self._camera = camera
        self._news = asyncio.Event()
        self._heard_at = self._loop.time()
        self._answer: str | None = None
        self._refusal: Refusal | None = None
        self._said_all = False
        self._candidates: list[Candidate] = []
        self._leads_out = False

    async def async_answer(self, offer: Description, *, talk: bool) -> Description:
        """Return the answer with all that Alexa needs in it; CameraError: there is none."""
        started = self._loop.time()
        try:
            async with asyncio.timeout_at(started + ANSWER_WITHIN):
                self._camera.offer(only_to_echo(offer, talk=talk).text, self._hear)
                said = await self._async_first_answer()
        except TimeoutError:
            raise CameraError(Hindrance.LATE, "The camera did not answer in time.") from None
        answer = read_answer(said, offer=offer, talk=talk)
        if not answer.is_complete:
            until = min(self._loop.time() + CANDIDATES_WITHIN, started + BUDGET)
            await self._async_candidates(until)
        self._raise_if_refused()
        # Whatever it says later comes too late.
        self._said_all = True
        whole = Description.read(complete_answer(answer.text, self._candidates))
        assert whole is not None  # noqa: S101 - it was one before.
        return whole

    def _hear(self, message: Answer | SaidCandidate | Refusal) -> None:
        match message:
            case Answer():
                self._answer = self._answer or message.sdp
            case Refusal():
                self._refusal = message
            case SaidCandidate() if message.text.strip().removeprefix("a=") in SAID_ALL:
                self._said_all = True
            case SaidCandidate() if not self._said_all:
                read = read_candidate(message.text, mid=message.mid, index=message.index)
                if read is not None:
                    self._candidates.append(read)
                    self._leads_out = self._leads_out or read.leads_out
        self._heard_at = self._loop.time()
        self._news.set()

    async def _async_first_answer(self) -> str:
        while self._answer is None:
            self._raise_if_refused()
            await self._async_news()
        return self._answer

    async def _async_candidates(self, until: float) -> None:
        """Wait for candidates as long as it is worth it."""
        while not (self._said_all or self._refusal):
            enough = self._heard_at + QUIET if self._leads_out else until
            try:
                async with asyncio.timeout_at(min(enough, until)):
                    await self._async_news()
            except TimeoutError:
                return

    async def _async_news(self) -> None:
        self._news.clear()
        await self._news.wait()

    def _raise_if_refused(self) -> None:
        if self._refusal is not None:
            raise CameraError(Hindrance.FAILED, self._refusal.text)
