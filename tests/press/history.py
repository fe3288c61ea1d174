"""The history of one entity, as Home Assistant's state machine would tell it to the rules."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import State

from custom_components.alexa_doorbell.doorbells.doorbell import Doorbell
from custom_components.alexa_doorbell.press.rules import Moment, PressRule, Signal

GAP = "unavailable"


@dataclass(frozen=True)
class Write:
    """A write of a state; forced, it is a change even where nothing changed."""

    state: str
    attributes: dict[str, Any] = field(default_factory=dict)
    forced: bool = False


@dataclass(frozen=True)
class Ago:
    """A write of a timestamp, some seconds before the clock of that moment."""

    seconds: float
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ClockSet:
    """UTC is set, by so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Unwatched:
    """Steps that nobody watches."""

    steps: tuple[Step, ...] = ()


RESTORED = Write(GAP, {"restored": True})
# What a history is made of: states, seconds that pass, None for a removal.
type Step = str | float | Write | Ago | ClockSet | Unwatched | None


def again(state: str) -> Write:
    """A forced write."""
    return Write(state, forced=True)


class History:
    """An entity, its doorbell, and the clocks; collects the signals."""

    def __init__(self, entity_id: str, **settings: Any) -> None:
        self.doorbell = Doorbell(
            endpoint_id="made-up", friendly_name="Front door", entity_id=entity_id, **settings
        )
        self.rule = PressRule()
        self.signals: list[Signal] = []
        self.utc = datetime(2026, 11, 26, 12, tzinfo=UTC)
        self.monotonic = 5000.0
        self.home_started_at = 0.0
        self.watched = False
        self._state: State | None = None

    @property
    def presses(self) -> int:
        """How many signals were presses of their own."""
        return sum(not signal.repeats for signal in self.signals)

    def watch(self) -> None:
        """Begin to watch."""
        self.rule.begin(self._state, self._now())
        self.watched = True

    def write(self, *steps: Step) -> None:
        """Live through the steps."""
        for step in steps:
            match step:
                case Write():
                    self._set(step)
                case Ago():
                    stamp = self.utc - timedelta(seconds=step.seconds)
                    self._set(Write(stamp.isoformat(timespec="milliseconds"), step.attributes))
                case ClockSet():
                    self.utc += timedelta(seconds=step.seconds)
                case Unwatched():
                    self.watched = False
                    self.write(*step.steps)
                    self.watch()
                case str():
                    self._set(Write(step))
                case None:
                    self._change(None)
                case _:
                    self.utc += timedelta(seconds=step)
                    self.monotonic += step

    def _set(self, write: Write) -> None:
        old = self._state
        same = old is not None and old.state == write.state and not write.forced
        if old is not None and same and old.attributes == write.attributes:
            return
        entity_id = self.doorbell.entity_id
        assert entity_id is not None
        self._change(
            State(
                entity_id,
                write.state,
                write.attributes,
                last_changed=old.last_changed if old is not None and same else self.utc,
                last_updated=self.utc,
            )
        )

    def _change(self, new: State | None) -> None:
        old, self._state = self._state, new
        if self.watched and (old is not None or new is not None):
            signal = self.rule.signal(self.doorbell, old, new, self._now())
            if signal is not None:
                self.signals.append(signal)

    def _now(self) -> Moment:
        home_age = max(self.monotonic - self.home_started_at, 0.0)
        return Moment(utc=self.utc, monotonic=self.monotonic, home_age=home_age)


def lived(
    entity_id: str, before: tuple[Step, ...], history: tuple[Step, ...], **settings: Any
) -> History:
    """Live through what nobody watched yet, and what was watched."""
    entity = History(entity_id, **settings)
    entity.write(*before)
    entity.watch()
    entity.write(*history)
    return entity
