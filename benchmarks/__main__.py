"""scripts/benchmark: measures, prints the tables, and writes them and the plot into docs/."""

import argparse
from pathlib import Path
import signal
import sys
import tempfile
import time

CHECKOUT = Path(__file__).parent.parent
PAGE = CHECKOUT / "docs" / "performance.md"
PICTURE = CHECKOUT / "docs" / "images" / "performance.svg"
# In seconds; a run takes about half of it.
_PATIENCE = 1_200


def main() -> int:
    """Return 0 when everything could be measured, whether or not the goals are met."""
    from . import plot, report  # noqa: PLC0415 - Not in each process of the benchmark's.
    from .measurement import measure  # noqa: PLC0415
    from .stage import Stage  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--print", action="store_true", help="only print, leave docs/ as it is")
    parser.add_argument(
        "--quick", action="store_true", help="few repetitions, to see that it works; only prints"
    )
    arguments = parser.parse_args()
    signal.signal(signal.SIGALRM, _give_up)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    signal.alarm(_PATIENCE)
    began = time.monotonic()

    def tell(what: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:4.0f} s  {what}\n")

    cache = CHECKOUT / ".cache"
    cache.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="benchmark-", dir=cache) as folder,
        Stage(Path(folder), 0.05 if arguments.quick else 1) as stage,
    ):
        if stage.missing:
            tell(f"The network cannot be simulated, its rows are left out: {stage.missing}")
        found = measure(stage, tell)
    sys.stdout.write(report.markdown(found))
    if not (arguments.print or arguments.quick or found.missing):
        report.write(found, PAGE)
        plot.write(found, PICTURE)
    return 1 if found.missing else 0


def _give_up(*_: object) -> None:
    raise TimeoutError(f"Not done after {_PATIENCE} s")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
