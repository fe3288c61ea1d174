"""The press right after a router on the way forgot the connections that both ends think open."""

from dataclasses import dataclass
import math

from .remote import Remote
from .stage import Stage

CONNECTIONS = (1, 3)
_TIMES = 5


@dataclass(frozen=True, slots=True)
class Tries:
    """Seconds until each press arrived, of those that did; and how many never did."""

    arrived: list[float]
    lost: int

    @property
    def slowest(self) -> float:
        """Endless if none arrived."""
        return max(self.arrived, default=math.inf)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How presses fared after so many connections were forgotten."""

    connections: int
    ours: Tries
    own: Tries


def measure(stage: Stage, ours: Remote, own: Remote) -> list[Forgotten]:
    """In turn, each with the connections that presses of so many bells at once had opened."""
    found = []
    for connections in CONNECTIONS:
        arrivals: tuple[list[float | None], list[float | None]] = ([], [])
        for _ in range(stage.times(_TIMES)):
            for home, into in zip((ours, own), arrivals, strict=True):
                into.append(_press(stage, home, connections))
        found.append(Forgotten(connections, *map(_tries, arrivals)))
    return found


def _press(stage: Stage, home: Remote, connections: int) -> float | None:
    """Seconds until the press arrived, None if it never did."""
    amazon = stage.amazon
    amazon.call("reset_connections")
    home.call("press_together", connections)
    amazon.call("take_presses")
    if (opened := amazon.call("forget_connections")) != connections:
        raise RuntimeError(f"{opened} connections were open, not {connections}")
    pressed_at, _ = home.call("press")
    # Both ends learn of it now, so that the next press begins with none that is forgotten.
    amazon.call("reset_connections")
    presses = amazon.call("take_presses")
    if len(presses) > 1:
        raise RuntimeError(f"One press arrived {len(presses)} times")
    return presses[0].arrived_at - pressed_at if presses else None


def _tries(arrivals: list[float | None]) -> Tries:
    arrived = [each for each in arrivals if each is not None]
    return Tries(arrived, len(arrivals) - len(arrived))
