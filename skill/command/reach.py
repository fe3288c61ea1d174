"""Whether Home Assistant is reached: from this computer, and from AWS, which is what counts."""

from collections.abc import Mapping
from typing import Any

from skill.lambda_function import Configuration

from .causes import failure
from .causes_home import FINAL, ONLY_FROM_HERE, PASSING
from .errors import CommandError
from .function import Function
from .home_assistant import (
    Answered,
    Ask,
    Problem,
    from_this_computer,
    hand_over,
    ping,
    told_by_function,
)
from .progress import Patience, Progress
from .smapi import Credentials
from .wanted import Wanted

# Seconds for which what may pass is asked again.
PASSING_LIMIT = 15
# Home Assistant lets a signature be off by 300 s, less what its way takes.
CLOCK_LIMIT = 240
DENIED = {"aws_denied", "aws_denied_by_policy", "aws_denied_by_organisation"}


class Reach:
    """Remembers who reaches Home Assistant, and names what keeps the other from it."""

    def __init__(self, config: Configuration, progress: Progress, patience: Patience) -> None:
        self._here = from_this_computer(config)
        self._progress = progress
        self._patience = patience
        self._report = progress.report
        self._problem_here: Problem | None = None
        self._from_aws: Ask | None = None

    def look_from_here(self) -> None:
        """Raise what is so from everywhere; anything else may be this network's own."""
        problem = ping(self._here)
        self._report.note(f"ping from this computer: {problem.cause if problem else 'pong'}")
        self._problem_here = problem
        if problem is None:
            self._progress.note("Home Assistant listens")
        elif self._is_clock_of_this_computer(problem):
            self._progress.note("this computer's clock is wrong; AWS's counts, and is asked later")
        elif problem.cause in FINAL:
            raise problem.failure()
        else:
            self._progress.note(f"from this computer: {problem.message}")
            self._progress.note("(that may be this network's own; AWS is asked later)")

    def look_from_aws(self, function: Function, wanted: Wanted) -> None:
        """Raise what keeps AWS from Home Assistant."""

        def ask(document: Mapping[str, Any]) -> Answered | Problem:
            return told_by_function(function.ask(document, wanted))

        try:
            problem = self._patiently(ask)
        except CommandError as error:
            if error.cause in DENIED and self._problem_here is None:
                self._progress.note("this login may not ask the function; it goes on without")
                return
            raise
        self._report.note(f"ping from AWS: {problem.cause if problem else 'pong'}")
        if problem is None:
            self._from_aws = ask
            self._progress.note(f"the {function.where} reaches Home Assistant")
            if self._problem_here is not None:
                self._progress.note("(this computer does not: fine, since only AWS has to)")
            return
        only_here = ONLY_FROM_HERE.get(problem.cause) if self._problem_here is None else None
        raise problem.failure(only_here)

    def hand_over(self, skill_id: str, credentials: Credentials) -> bool:
        """Bring the credentials by the first way that works; whether they were waited for."""
        ways = [self._here] if self._problem_here is None else []
        ways += [self._from_aws] if self._from_aws else []
        said = "no way leads there"
        for ask in ways:
            taken = hand_over(ask, skill_id, credentials)
            if isinstance(taken, bool):
                return taken
            said = taken.message
            self._report.note(f"handing over: {taken.cause}")
        raise failure("not_taken", message=said)

    def _patiently(self, ask: Ask) -> Problem | None:
        problem = ping(ask)
        for _ in self._patience.pauses(PASSING_LIMIT):
            if problem is None or problem.cause not in PASSING:
                break
            problem = ping(ask)
        return problem

    def _is_clock_of_this_computer(self, problem: Problem) -> bool:
        """Whether Amazon's clock says so; Home Assistant's own may be the wrong one."""
        is_about_time = problem.cause in {"clock", "signature_or_clock"}
        return is_about_time and abs(self._report.ahead or 0) > CLOCK_LIMIT
