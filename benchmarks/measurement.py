"""Everything that the benchmark measures, in one run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
import os
from pathlib import Path
import platform

from . import at_once, forgotten, network, presses, processor, setup_cost, shown
from .at_once import AtOnce
from .figures import Figures, Goal, Pair
from .forgotten import Forgotten
from .home_assistants_own import HomeAssistantsOwn
from .ours import Ours
from .presses import Bells, Presses
from .processor import Unrelated
from .setup_cost import SetupCost
from .shown import Shown
from .stage import Stage
from .way import Way

_DOORBELLS = 10
OURS = "custom_components.alexa_doorbell"
OWN = "homeassistant.components.alexa"
# A setup whose doorbells cost so much more the more there are does not grow linearly.
_LINEAR = 1.5
# A connection that died in silence is noticed within 3 s, and then a new one is opened.
_NOTICED = 3.5
# More than a look at the offer and the answer needs, in milliseconds.
_LOOKED_THROUGH = 20


@dataclass(slots=True)
class Measurement:
    """What one run found; without a network (`missing` says why) nothing of presses."""

    machine: str
    missing: str
    presses: dict[str, Presses] = field(default_factory=dict)
    forgotten: list[Forgotten] = field(default_factory=list)
    ways: tuple[Way, Way] | None = None
    processor_of_presses: dict[int, Pair] = field(default_factory=dict)
    unrelated: dict[int, tuple[Unrelated, Unrelated]] = field(default_factory=dict)
    setups: list[SetupCost] = field(default_factory=list)
    at_once: AtOnce | None = None
    shown: Shown | None = None

    @property
    def goals(self) -> list[Goal]:
        """What was wanted, and what came of it."""
        goals = []
        for entities, (ours, _) in self.unrelated.items():
            more, error = ours.difference
            # What is less than the measurement's own uncertainty cannot be measured.
            limit = round(error * 1e6, 2)
            name = f"an unrelated state change, {entities} entities: more than without"
            goals.append(Goal(name, more * 1e6, limit, "µs"))
        if self.presses:
            goals += self._goals_of_presses()
        for each in self.forgotten:
            name = f"the press after a router forgot {each.connections}"
            goals += [
                Goal(f"{name}: slowest", each.ours.slowest, _NOTICED, "s"),
                Goal(f"{name}: lost", each.ours.lost, 0),
            ]
        if self.at_once:
            goals.append(Goal("400 at once: ratio to the bare session", self.at_once.ratio, 1.3))
        if self.shown:
            name = "a door on an Echo Show: answered later than by the bare camera"
            goals.append(Goal(name, self.shown.more * 1e3, _LOOKED_THROUGH, "ms"))
        if self.setups:
            one, hundred, most = (figures.again.median for figures in self.setups)
            counts = [figures.doorbells for figures in self.setups]
            growth = (most - hundred) / (counts[2] - counts[1])
            growth /= (hundred - one) / (counts[1] - counts[0])
            goals += [
                Goal("first setup of 500 doorbells", self.setups[-1].first, 1, "s"),
                Goal("setup of 500 doorbells at a restart", most, 1, "s"),
                Goal("each doorbell beyond 100: ratio to one below", growth, _LINEAR),
            ]
        return goals

    def _goals_of_presses(self) -> list[Goal]:
        warm, idle = self.presses["warm"], self.presses["idle"]
        foretold, run_out = self.presses["foretold"], self.presses["run_out"]
        return [
            Goal("press to wire, warm: ratio", warm.arrival.ratio, 1),
            Goal("after an idle hour, foretold: ratio", foretold.answer.ratio, 0.4),
            Goal(
                "after an idle hour, not foretold: whole trips more",
                round(idle.answer.ours.median / network.ROUND_TRIP)
                - round(idle.answer.own.median / network.ROUND_TRIP),
                0,
            ),
            Goal("token run out: ratio", run_out.answer.ratio, 0.55),
        ]


def measure(stage: Stage, tell: Callable[[str], object]) -> Measurement:
    """Measure everything; takes some minutes."""
    found = Measurement(machine=_machine(), missing=stage.missing)
    if not stage.missing:
        stage.amazon.call("set_token_lifetime", presses.SHORT_LIFETIME)
    tell("Two homes start, are linked, and start again")
    with (
        stage.home(Ours, _DOORBELLS) as ours,
        stage.home(HomeAssistantsOwn, _DOORBELLS) as own,
    ):
        if not stage.missing:
            bells = Bells(stage, ours, own, _DOORBELLS)
            # Short-lived tokens first: the homes were linked with such.
            for name in ("run_out", "held_up", "warm", "idle", "foretold"):
                tell(f"Presses: {name.replace('_', ' ')}")
                found.presses[name] = getattr(bells, name)()
            # While the connections are there that the last presses left open.
            found.ways = ours.call("way", OURS), own.call("way", OWN)
            tell("Presses: after a router forgot the connections")
            found.forgotten = forgotten.measure(stage, ours, own)
        for entities in processor.ENTITIES:
            tell(f"Processor time with {entities} entities")
            found.unrelated[entities] = (
                processor.unrelated(stage, ours, entities),
                processor.unrelated(stage, own, entities),
            )
            if not stage.missing:
                ones, others = processor.of_presses(stage, ours, own)
                found.processor_of_presses[entities] = Pair(Figures(ones), Figures(others))
    tell("A door on an Echo Show")
    found.shown = shown.measure(stage)
    tell("Setup with 1, 100 and 500 doorbells")
    found.setups = setup_cost.measure(stage)
    if not stage.missing:
        tell("100 doorbells and 4 accounts at once")
        found.at_once = at_once.measure(stage)
    return found


def _machine() -> str:
    """What it was measured on."""
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return (
        f"{datetime.now(UTC):%Y-%m-%d}; Home Assistant {version('homeassistant')}, "
        f"Python {platform.python_version()}, aiohttp {version('aiohttp')}; "
        f"{os.cpu_count()} processors ({model})"
    )
