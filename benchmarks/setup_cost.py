"""What the integration takes when it is set up: processor time and memory."""

from dataclasses import dataclass

from .figures import Figures
from .ours import Ours
from .stage import Stage

DOORBELLS = (1, 100, 500)
_RESTARTS = 5


@dataclass(frozen=True, slots=True)
class SetupCost:
    """Seconds of processor time, the first time and from storage, and bytes."""

    doorbells: int
    first: float
    again: Figures
    memory: int


def measure(stage: Stage) -> list[SetupCost]:
    """A fresh Home Assistant for each figure."""
    return [_measure(stage, doorbells) for doorbells in DOORBELLS]


def _measure(stage: Stage, doorbells: int) -> SetupCost:
    with stage.home(Ours, doorbells, linked=False, restarted=False) as home:
        first, again = home.call("setup_times", _RESTARTS)
    with stage.home(Ours, doorbells, linked=False, restarted=False) as home:
        memory = home.call("memory")
    return SetupCost(doorbells, first, Figures(again), memory)
