"""A hundred doorbells and four accounts, all pressed in the same moment."""

from dataclasses import dataclass
from typing import Any

from . import processor
from .amazon import Arrival
from .figures import Figures
from .ours import Ours
from .remote import Remote
from .stage import Stage

DOORBELLS, ACCOUNTS = 100, 4
_TIMES = 6


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Seconds until the last of all is accepted, ours and on one bare session.

    `processor` is the processor time of a single press to all accounts.
    """

    ours: Figures
    bare: Figures
    processor: Figures

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return self.ours.median / self.bare.median


def measure(stage: Stage) -> AtOnce:
    """In turn, each from closed connections as after an idle hour."""
    with stage.home(Ours, DOORBELLS, accounts=ACCOUNTS, restarted=False) as home:
        presses = _all(stage, home, "press_together")[1]
        ours, bare = [], []
        for number in range(stage.times(_TIMES) * 2):
            if number % 2:
                # The same messages again: their tokens are good for an hour.
                bare.append(_all(stage, home, "post_all", presses)[0])
            else:
                seconds, presses = _all(stage, home, "press_together")
                ours.append(seconds)
        single = processor.of_presses(stage, home)
        return AtOnce(Figures(ours), Figures(bare), Figures(single[0]))


def _all(stage: Stage, home: Remote, *call: Any) -> tuple[float, list[Arrival]]:
    stage.amazon.call("close_connections")
    began = home.call(*call)
    presses = stage.amazon.call("take_presses")
    if len(presses) != DOORBELLS * ACCOUNTS:
        raise RuntimeError(f"{len(presses)} of {DOORBELLS * ACCOUNTS} presses were accepted")
    return max(press.accepted_at for press in presses) - began, presses
