"""Keeps one press that goes on for a while from being announced again and again."""

# A signal that never ends is announced again after so many cooldowns, or seconds if that is longer.
LONGEST_IN_COOLDOWNS = 4
LONGEST_AT_LEAST = 30.0


class QuietTime:
    """For how long an announced press stands for the signals after it; times in seconds."""

    def __init__(self) -> None:
        self._announced_at: float | None = None
        self._last_signal_at = 0.0

    def begin(self, now: float) -> None:
        """Count from here: a press is being announced."""
        self._announced_at = self._last_signal_at = now

    def end(self) -> None:
        """Be quiet no longer: that press reached nobody."""
        self._announced_at = None

    def swallow(self, now: float, cooldown: float) -> bool:
        """Return whether the announced press stands for this signal, which then prolongs it."""
        longest = max(LONGEST_IN_COOLDOWNS * cooldown, LONGEST_AT_LEAST)
        if (
            self._announced_at is None
            or cooldown <= 0
            # The very end of it counts: some doorbells repeat themselves at just this pace.
            or now - self._last_signal_at > cooldown
            or now - self._announced_at >= longest
        ):
            return False
        self._last_signal_at = now
        return True
