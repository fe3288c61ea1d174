"""What can go wrong, in words for whoever ran the command."""

from dataclasses import dataclass


class CommandError(Exception):
    """The command cannot go on; the text says what happened, `advice` what to do.

    `cause` is its row in the table of causes.
    """

    def __init__(self, what: str, advice: str, cause: str = "") -> None:
        super().__init__(what)
        self.advice = advice
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Cause:
    """What is said; both texts may have {facts} in them."""

    what: str
    advice: str


AGAIN = "Run the command again: it goes on where it stopped."
LATER = "Run the command again in a few minutes: it goes on where it stopped."
