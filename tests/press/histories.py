"""Histories of a doorbell and its entity: made by hand, or out of random bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, Self

from custom_components.alexa_doorbell.press.press import Result

from .bell import Bell

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happens, after so many seconds that nobody can set, at a time by the clock."""

    at: float
    clock: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeAssistantStarts(Fact):
    """Home Assistant begins to start: no entity has a state yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeAssistantStarted(Fact):
    """Home Assistant has started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Began(Fact):
    """From here on the doorbell is watched."""

    doorbell: Bell


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Fact):
    """From here on nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured(Fact):
    """The doorbell's settings changed while it was watched."""

    doorbell: Bell


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote(Fact):
    """The entity's state was written, whether or not that changed anything."""

    state: str
    attributes: Mapping[str, Any] = NOTHING
    forced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed(Fact):
    """The entity has no state any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed(Fact):
    """The entity's old name has no state any more, and its new one none yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Fact):
    """Amazon answered the press that was announced last, for each account."""

    results: tuple[Result, ...]


@dataclass(slots=True)
class Story:
    """Tells facts one after the other; each takes no time, but for `wait`."""

    doorbell: Bell
    at: float = 0
    clock: datetime = NOON
    # What every write of the entity says besides.
    always: Mapping[str, Any] = NOTHING
    facts: list[Fact] = field(default_factory=list)
    stamps: list[datetime] = field(default_factory=list)
    state: str | None = None
    attributes: Mapping[str, Any] = NOTHING
    starting: bool = False

    def wait(self, seconds: float) -> Self:
        """Let time pass."""
        self.at += seconds
        return self.set_clock(seconds)

    def set_clock(self, seconds: float) -> Self:
        """Set the clock forth, or back."""
        self.clock += timedelta(seconds=seconds)
        return self

    def start(self) -> Self:
        """Begin to start Home Assistant."""
        self.state, self.starting = None, True
        return self._tell(HomeAssistantStarts(**self._now))

    def started(self) -> Self:
        """Let Home Assistant have started, if it has not."""
        if not self.starting:
            return self
        self.starting = False
        return self._tell(HomeAssistantStarted(**self._now))

    def begin(self) -> Self:
        """Begin to watch."""
        return self._tell(Began(doorbell=self.doorbell, **self._now))

    def end(self) -> Self:
        """End watching."""
        return self._tell(Ended(**self._now))

    def configure(self, **settings: Any) -> Self:
        """Change the doorbell's settings."""
        self.doorbell = replace(self.doorbell, **settings)
        return self._tell(Configured(doorbell=self.doorbell, **self._now))

    def write(self, *states: str, forced: bool = False, **attributes: Any) -> Self:
        """Write these states one after the other, with the same attributes."""
        for self.state in states:
            self.attributes = {**self.always, **attributes}
            self._tell(
                Wrote(state=self.state, attributes=self.attributes, forced=forced, **self._now)
            )
        return self

    def write_attributes(self, **attributes: Any) -> Self:
        """Write other attributes beside the state that it has, if it has one."""
        if self.state is None:
            return self
        return self.write(self.state, **(dict(self.attributes) | attributes))

    def restore(self) -> Self:
        """Write what stands in for an entity until its integration makes it anew."""
        return self.write("unavailable", **self._kept, restored=True)

    def drop_out(self) -> Self:
        """Let the entity be unavailable."""
        return self.write("unavailable", **self._kept)

    def fire(self, event_type: str | None = None, **attributes: Any) -> Self:
        """Stamp an event as Home Assistant's own event entities do: each later than the last."""
        now = self.clock.replace(microsecond=self.clock.microsecond // 1000 * 1000)
        if self.stamps:
            now = max(now, self.stamps[-1] + timedelta(milliseconds=1))
        return self.stamp(now, event_type, **attributes)

    def happen(self, ago: float, event_type: str | None = None, **attributes: Any) -> Self:
        """Tell of an event so many seconds ago."""
        return self.stamp(self.clock - timedelta(seconds=ago), event_type, **attributes)

    def repeat(self, event_type: str | None = None, *, hours: int = 0, **attributes: Any) -> Self:
        """Tell of the last event again, in the time of a zone that far east."""
        if not self.stamps:
            return self
        zone = timezone(timedelta(hours=hours))
        return self.stamp(self.stamps[-1].astimezone(zone), event_type, **attributes)

    def stamp(self, stamp: datetime, event_type: str | None = None, **attributes: Any) -> Self:
        """Write a time as the state."""
        if not self.stamps or self.stamps[-1] != stamp:
            self.stamps.append(stamp)
        told: dict[str, Any] = {} if event_type is None else {"event_type": event_type}
        return self.write(stamp.isoformat(timespec="milliseconds"), **told, **attributes)

    def remove(self) -> Self:
        """Remove the entity."""
        self.state = None
        return self._tell(Removed(**self._now))

    def rename(self) -> Self:
        """Rename the entity, which writes its state under the new name when it likes."""
        self.state = None
        return self._tell(Renamed(**self._now))

    def answer(self, *results: Result) -> Self:
        """Let Amazon answer the last announcement."""
        return self._tell(Answered(results=results, **self._now))

    @property
    def _now(self) -> dict[str, Any]:
        return {"at": self.at, "clock": self.clock}

    @property
    def _kept(self) -> Mapping[str, Any]:
        """What an entity that is unavailable still says of itself."""
        kept = ("device_class", "event_types", "options")
        return {name: value for name, value in self.attributes.items() if name in kept}

    def _tell(self, fact: Fact) -> Self:
        self.facts.append(fact)
        return self
