"""Why the command can stop: what happened, whose word that is, and what to do now.

All of it is data, so that a new refusal is a new row. docs/skill.md has each of them.
"""

from dataclasses import dataclass

from .errors import CommandError


@dataclass(frozen=True, slots=True)
class Cause:
    """What is said; both texts may have {facts} in them."""

    what: str
    advice: str


CAUSES: dict[str, Cause] = {}


def failure(cause: str, **facts: str) -> CommandError:
    """The error to raise, in the words of the table."""
    row = CAUSES[cause]
    return CommandError(row.what.format(**facts), row.advice.format(**facts))
