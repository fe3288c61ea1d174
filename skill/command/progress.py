"""Says each step as it happens, and counts what was changed and what was left alone."""

from collections.abc import Iterator
import sys
import time
from typing import TextIO

from .report import Report


class Progress:
    """What the user sees; with `dry_run`, changes are only announced."""

    def __init__(
        self, *, dry_run: bool = False, out: TextIO | None = None, report: Report | None = None
    ) -> None:
        self.dry_run = dry_run
        self.report = report or Report()
        self._out = out or sys.stdout
        self._step = 0
        self.changes = 0
        self.left_alone = 0

    def step(self, title: str) -> None:
        """Begin a step."""
        self._step += 1
        self.report.step(title)
        self._say(f"{self._step}. {title}")

    def change(self, what: str) -> bool:
        """Say what is changed now; whether it may be."""
        self.changes += 1
        self.report.note(what)
        self._say(f"   {'would ' if self.dry_run else ''}{what}")
        return not self.dry_run

    def left(self, what: str) -> None:
        """Say what needs no change."""
        self.left_alone += 1
        self._say(f"   {what}: left alone")

    def note(self, what: str) -> None:
        """Say anything else."""
        self._say(f"   {what}")

    def finish(self) -> None:
        """Say how much was done."""
        changes = f"{self.changes} change{'' if self.changes == 1 else 's'}"
        if self.dry_run:
            changes = f"nothing was changed; {changes} would be made"
        self._say(f"Done: {changes}, {self.left_alone} left alone.")

    def say(self, text: str) -> None:
        """Say something outside the steps."""
        self._say(text)

    def _say(self, line: str) -> None:
        print(line, file=self._out, flush=True)


class Patience:
    """Waits between tries: longer each time, up to a limit; tests bring a clock of their own."""

    def __init__(self, longest: float = 10) -> None:
        self._longest = longest

    def pauses(self, limit: float) -> Iterator[float]:
        """Pause after pause, until together they are longer than the limit; seconds."""
        pause, together = 1.0, 0.0
        while together < limit:
            yield pause
            self.sleep(pause)
            together += pause
            pause = min(pause * 2, self._longest)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
