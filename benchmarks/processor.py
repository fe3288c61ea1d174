"""Processor time: of a press, and of a state change that is none."""

from dataclasses import dataclass

from . import network
from .figures import Figures, difference
from .remote import Remote
from .stage import Stage

ENTITIES = (500, 5_000)
PRESSES = 50
_BATCHES, _ROUNDS, _CHANGES = 10, 40, 2_000


@dataclass(frozen=True, slots=True)
class Unrelated:
    """Seconds for each of many state changes, with the integration and without it."""

    entities: int
    without: Figures
    with_it: Figures

    @property
    def difference(self) -> tuple[float, float]:
        """See figures.difference."""
        return difference(self.with_it.values, self.without.values)


def of_presses(stage: Stage, *homes: Remote) -> list[list[float]]:
    """Seconds for each press of each home, in turn, connections warm and the network instant."""
    values: list[list[float]] = [[] for _ in homes]
    stage.network.set_round_trip(0)
    for _ in range(stage.times(_BATCHES)):
        for home, into in zip(homes, values, strict=True):
            into.append(home.call("processor_time_of_presses", PRESSES))
    stage.network.set_round_trip(network.ROUND_TRIP)
    stage.amazon.call("take_presses")
    return values


def unrelated(stage: Stage, home: Remote, entities: int) -> Unrelated:
    """Seconds for each unrelated state change, the integration loaded and unloaded in turn."""
    home.call("add_entities", entities)
    home.call("change_unrelated", _CHANGES)
    without: list[float] = []
    with_it: list[float] = []
    for _ in range(stage.times(_ROUNDS)):
        with_it.append(home.call("change_unrelated", _CHANGES))
        home.call("unload")
        # Twice each, so that what drifts does so for both.
        without += [home.call("change_unrelated", _CHANGES) for _ in range(2)]
        home.call("load")
        with_it.append(home.call("change_unrelated", _CHANGES))
    return Unrelated(entities, Figures(without), Figures(with_it))
