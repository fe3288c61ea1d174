"""Work in the background, since neither a name server nor a slow answer heeds a deadline."""

from collections.abc import Callable
import queue
import threading
import time


class TroubleError(Exception):
    """What was asked could not answer, or not in time; nothing is known of it. Holds no secret."""


class Task[Result](threading.Thread):
    """Runs beside whoever made it; `result` raises what the work raised."""

    def __init__(self, work: Callable[[], Result]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._outcome: queue.SimpleQueue[tuple[Result] | Exception] = queue.SimpleQueue()
        self.start()

    def run(self) -> None:
        """Put the result where `result` finds it."""
        try:
            self._outcome.put((self._work(),))
        except Exception as error:  # noqa: BLE001 - Raised again where somebody waits.
            self._outcome.put(error)

    def result(self, deadline: float) -> Result:
        """What the work returned; TroubleError when it is not done by then (monotonic time)."""
        try:
            outcome = self._outcome.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise TroubleError("it took too long") from None
        if isinstance(outcome, Exception):
            raise outcome
        return outcome[0]
