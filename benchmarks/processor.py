"""Processor time: of a press, and of a state change that is none."""

from dataclasses import dataclass

from .figures import Figures, Pair, difference
from .remote import Remote
from .stage import Stage

ENTITIES = (500, 5_000)
PRESSES = 50
_BATCHES, _CHANGES = 10, 5_000


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


def presses(stage: Stage, ours: Remote, own: Remote) -> Pair:
    """Seconds for each press, connection warm; no round-trip time is needed for it."""
    values: tuple[list[float], list[float]] = ([], [])
    for _ in range(stage.times(_BATCHES)):
        for home, into in zip((ours, own), values, strict=True):
            into.append(home.call("processor_time_of_presses", PRESSES))
    return Pair(Figures(values[0]), Figures(values[1]))


def unrelated(stage: Stage, home: Remote, entities: int) -> Unrelated:
    """Seconds for each unrelated state change, the integration loaded and unloaded in turn."""
    home.call("add_entities", entities)
    home.call("change_unrelated", _CHANGES)
    without: list[float] = []
    with_it: list[float] = []
    for _ in range(stage.times(_BATCHES)):
        with_it.append(home.call("change_unrelated", _CHANGES))
        home.call("unload")
        # Twice each, so that what drifts does so for both.
        without += [home.call("change_unrelated", _CHANGES) for _ in range(2)]
        home.call("load")
        with_it.append(home.call("change_unrelated", _CHANGES))
    return Unrelated(entities, Figures(without), Figures(with_it))
