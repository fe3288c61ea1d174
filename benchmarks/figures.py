"""Medians, 99th percentiles, ratios, and goals."""

from collections.abc import Sequence
from dataclasses import dataclass
import math
import statistics


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, again and again."""

    values: Sequence[float]

    @property
    def median(self) -> float:
        """Half of the values are below."""
        return statistics.median(self.values)

    @property
    def percentile99(self) -> float:
        """99 % of the values are no higher; of fewer than 100 that is the highest."""
        ordered = sorted(self.values)
        return ordered[math.ceil(len(ordered) * 0.99) - 1]

    @property
    def count(self) -> int:
        """How many values there are."""
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Pair:
    """The same of this integration and of Home Assistant's own."""

    ours: Figures
    own: Figures

    @property
    def ratio(self) -> float:
        """Of the medians, ours to Home Assistant's own."""
        return self.ours.median / self.own.median


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be at most; it is judged as it is printed."""

    name: str
    figure: float
    limit: float
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether it is so."""
        return round(self.figure, 2) <= self.limit


def difference(ones: Sequence[float], others: Sequence[float]) -> tuple[float, float]:
    """Return how much more the ones are than the others beside them, and how sure that is.

    The first number is the median of the differences, the second twice its standard error, both
    unmoved by a few that something else on the machine spoilt: a smaller difference is none.
    """
    differences = [one - other for one, other in zip(ones, others, strict=True)]
    median = statistics.median(differences)
    # Of a normal distribution: its deviation from the median absolute one, and what that means
    # for the error of a median.
    deviation = 1.4826 * statistics.median(abs(each - median) for each in differences)
    return median, 2 * 1.2533 * deviation / math.sqrt(len(differences))
