"""Says what was measured, as Markdown, and puts it into the documentation."""

from collections.abc import Iterable, Sequence
from pathlib import Path
import statistics

from . import at_once, network, processor
from .figures import Pair
from .forgotten import Forgotten, Tries
from .measurement import Measurement
from .shown import Shown

BEGIN, END = "<!-- benchmark: begin -->", "<!-- benchmark: end -->"
OWN = "Home Assistant's own"
# In the order of the table.
SITUATIONS = ("warm", "idle", "foretold", "run_out", "held_up")
_MILLI, _MICRO, _MEBI = 1e3, 1e6, 2**20


def write(found: Measurement, page: Path) -> None:
    """Put the tables between the page's two markers."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{markdown(found)}{END}{after}")


def markdown(found: Measurement) -> str:
    """Return everything as tables."""
    parts = [f"Measured {found.machine}."]
    if found.missing:
        parts.append(f"No row that needs the network could be measured: {found.missing}.")
    if found.presses:
        parts += ["### A press", _presses(found)]
    if found.forgotten:
        title = "### The press after a router forgot the connections"
        parts += [title, _forgotten(found.forgotten)]
    parts += ["### Processor time", _processor(found), "### Setup and memory", _setup(found)]
    if found.at_once:
        parts += ["### 400 at once", _at_once(found.at_once)]
    if found.shown:
        parts += ["### A door on an Echo Show", _shown(found.shown)]
    if found.ways:
        parts += ["### The way from the state change to the socket", _ways(found)]
    parts += ["### Goals", _goals(found)]
    return "\n\n".join(parts) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of Markdown, figures to the right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _pair(pair: Pair, factor: float, digits: int) -> list[str]:
    """Median and 99th percentile of both, the ratio, and how many there are."""
    both = (pair.ours, pair.own)
    figures = [
        f"{value * factor:.{digits}f}"
        for each in both
        for value in (each.median, each.percentile99)
    ]
    return [*figures, f"{pair.ratio:.2f}", str(pair.ours.count)]


def _presses(found: Measurement) -> str:
    header = ["ms", "ours", "99 %", OWN, "99 %", "ratio", "times", "trips, ours", f"trips, {OWN}"]
    rows = []
    for name in SITUATIONS:
        presses = found.presses[name]
        for what, pair in (("arrives", presses.arrival), ("answered", presses.answer)):
            trips = [f"{each.median / network.ROUND_TRIP:.2f}" for each in (pair.ours, pair.own)]
            rows.append([f"{presses.situation}: {what}", *_pair(pair, _MILLI, 1), *trips])
    return table(header, rows)


def _forgotten(found: Sequence[Forgotten]) -> str:
    header = ["arrives after (s)", "ours", "slowest", "lost", OWN, "slowest", "lost", "times"]
    rows = [
        [
            f"it forgot {each.connections}",
            *_tries(each.ours),
            *_tries(each.own),
            str(len(each.ours.arrived) + each.ours.lost),
        ]
        for each in found
    ]
    return table(header, rows)


def _tries(tries: Tries) -> list[str]:
    if not tries.arrived:
        return ["never", "", str(tries.lost)]
    median = statistics.median(tries.arrived)
    return [f"{median:.2f}", f"{tries.slowest:.2f}", str(tries.lost)]


def _processor(found: Measurement) -> str:
    header = ["unrelated state change (µs)", "without", "with", "more"]
    rows = [
        [
            f"{name}, {entities} entities",
            f"{each.without.median * _MICRO:.2f}",
            f"{each.with_it.median * _MICRO:.2f}",
            _surely(*each.difference),
        ]
        for entities, both in found.unrelated.items()
        for name, each in zip(("ours", OWN), both, strict=True)
    ]
    text = table(header, rows)
    if found.processor_of_presses:
        header = ["", "ours", "99 %", OWN, "99 %", "ratio", "times"]
        rows = [
            [
                f"a press, {entities} entities (ms)",
                *_pair(pair, _MILLI, 2)[:-1],
                f"{pair.ours.count} x {processor.PRESSES}",
            ]
            for entities, pair in found.processor_of_presses.items()
        ]
        if found.at_once:
            single = found.at_once.processor
            name = f"a press to {at_once.ACCOUNTS} accounts (ms)"
            figures = [f"{value * _MILLI:.2f}" for value in (single.median, single.percentile99)]
            rows.append([name, *figures, "", "", "", f"{single.count} x {processor.PRESSES}"])
        text += "\n\n" + table(header, rows)
    return text


def _surely(more: float, error: float) -> str:
    return f"{more * _MICRO:+.2f} ± {error * _MICRO:.2f}"


def _setup(found: Measurement) -> str:
    header = ["doorbells", "first setup (s)", "setup at a restart (s)", "99 %", "memory (MiB)"]
    return table(
        header,
        [
            [
                str(setup.doorbells),
                f"{setup.first:.3f}",
                f"{setup.again.median:.3f}",
                f"{setup.again.percentile99:.3f}",
                f"{setup.memory / _MEBI:.1f}",
            ]
            for setup in found.setups
        ],
    )


def _at_once(found: at_once.AtOnce) -> str:
    header = ["until the last is accepted (s)", "median", "99 %", "times"]
    rows = [
        [name, f"{each.median:.2f}", f"{each.percentile99:.2f}", str(each.count)]
        for name, each in (("ours", found.ours), ("one bare aiohttp session", found.bare))
    ]
    return table(header, [*rows, ["ratio", f"{found.ratio:.2f}", "", ""]])


def _shown(found: Shown) -> str:
    header = ["ms after the directive", "median", "99 %", "times"]
    rows = [
        [name, f"{each.median * _MILLI:.0f}", f"{each.percentile99 * _MILLI:.0f}", str(each.count)]
        for name, each in (
            ("answered", found.answered),
            ("the bare camera's answer, with the same wait", found.bare),
            ("the first picture is decoded", found.seen),
        )
    ]
    return table(header, rows)


def _ways(found: Measurement) -> str:
    header = ["", "functions", "of them coroutines", "times it waited"]
    ways = zip(("ours", OWN), found.ways or (), strict=True)
    return table(
        header,
        [
            [name, str(len(way.functions)), str(way.coroutines), str(way.waits)]
            for name, way in ways
        ],
    )


def _goals(found: Measurement) -> str:
    rows = [
        [
            goal.name,
            f"{goal.figure:.2f} {goal.unit}".strip(),
            f"≤ {goal.limit:g} {goal.unit}".strip(),
            "met" if goal.met else "**not met**",
        ]
        for goal in found.goals
    ]
    return table(["", "figure", "goal", ""], rows)
