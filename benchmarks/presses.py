"""How long a press takes: to the event gateway, and until its answer is dealt with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
import time

from .figures import Figures, Pair
from .remote import Remote
from .stage import Stage

WARM, IDLE, RUN_OUT, FORETOLD, HELD_UP = (200, 100, 100, 10, 20)
# The sensor at the door sees someone so many seconds before the press.
FORETOLD_BEFORE = 10
# A token of 20 s is for Home Assistant's own one that has run out: it wants 5 minutes left of it.
# This integration replaces it each 10 s in the background, as it does with Amazon's in an hour.
SHORT_LIFETIME = 20
# Less than any press would be sent with.
NO_LIFETIME = 4
_TOKEN_ENDED = 5


@dataclass(frozen=True, slots=True)
class Presses:
    """Presses in one situation, in seconds."""

    situation: str
    arrival: Pair
    answer: Pair


class Bells:
    """Presses the bells of two homes in turn."""

    def __init__(self, stage: Stage, ours: Remote, own: Remote, doorbells: int) -> None:
        self._stage = stage
        self._homes = (ours, own)
        self._doorbells = doorbells

    def run_out(self) -> Presses:
        """The access token's hour is over; so are the connections."""
        return self._measure("after an idle hour, token run out", RUN_OUT, self._close)

    def held_up(self) -> Presses:
        """As above, and no background refresh came through before the end."""
        self._stage.amazon.call("set_token_lifetime", NO_LIFETIME)
        time.sleep(SHORT_LIFETIME / 2 + 1)  # Until ours has got such a token.
        self._homes[0].call("stop_refreshing")
        time.sleep(_TOKEN_ENDED)
        presses = self._measure("token run out, refresh held up", HELD_UP, self._close)
        self._stage.amazon.call("set_token_lifetime")
        self._homes[0].call("start_refreshing")
        self._press_once()
        return presses

    def warm(self) -> Presses:
        """The connection is open and the token valid."""
        self._press_once()
        return self._measure("connection warm, token valid", WARM)

    def idle(self) -> Presses:
        """Amazon has closed the connections."""
        return self._measure("after an idle hour", IDLE, self._close)

    def foretold(self) -> Presses:
        """As above, and a motion sensor has seen someone come."""

        def someone_comes() -> None:
            self._homes[0].call("restart")  # It would not warm up twice in a minute.
            self._close()
            for home in self._homes:
                home.call("foretell")
            time.sleep(FORETOLD_BEFORE)

        situation = f"after an idle hour, foretold {FORETOLD_BEFORE} s before"
        return self._measure(situation, FORETOLD, someone_comes)

    def _close(self) -> None:
        self._stage.amazon.call("close_connections")

    def _press_once(self) -> None:
        for home in self._homes:
            home.call("press")
        self._stage.amazon.call("take_presses")

    def _measure(
        self, situation: str, times: int, before: Callable[[], object] = lambda: None
    ) -> Presses:
        arrivals: tuple[list[float], list[float]] = ([], [])
        answers: tuple[list[float], list[float]] = ([], [])
        for number in range(self._stage.times(times)):
            before()
            for home in (0, 1) if number % 2 else (1, 0):
                arrival, answer = self._press(self._homes[home], number % self._doorbells)
                arrivals[home].append(arrival)
                answers[home].append(answer)
        return Presses(situation, _pair(arrivals), _pair(answers))

    def _press(self, home: Remote, door: int) -> tuple[float, float]:
        pressed_at, over_at = home.call("press", door)
        presses = self._stage.amazon.call("take_presses")
        if len(presses) != 1:
            raise RuntimeError(f"One press arrived {len(presses)} times")
        return presses[0].arrived_at - pressed_at, over_at - pressed_at


def _pair(values: Sequence[Sequence[float]]) -> Pair:
    ours, own = values
    return Pair(Figures(ours), Figures(own))
