"""What can go wrong, in words for whoever ran the command."""


class CommandError(Exception):
    """The command cannot go on; the text says what happened, `advice` what to do."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.advice = advice
