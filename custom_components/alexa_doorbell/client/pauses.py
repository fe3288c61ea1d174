"""How long to wait between tries."""

from collections.abc import Iterator
import math
import random


def growing_pauses(first: float, *, longest: float = math.inf) -> Iterator[float]:
    """Yield pauses in seconds, each twice the one before it, up to the longest."""
    pause = first
    while True:
        yield pause
        pause = min(pause * 2, longest)


def spread(seconds: float, shortest: float, longest: float) -> float:
    """Return the seconds times anything between two factors.

    So that what failed together does not come back together.
    """
    return seconds * random.uniform(shortest, longest)  # noqa: S311 - no secret.
