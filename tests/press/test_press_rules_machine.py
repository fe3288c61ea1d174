"""Random histories of a doorbell's entity ring where a second statement of the rules says so."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import Mock

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
import pytest

from custom_components.alexa_doorbell.doorbells.doorbell import Doorbell
from custom_components.alexa_doorbell.press import rules
from custom_components.alexa_doorbell.press.delivery import Delivery
from custom_components.alexa_doorbell.press.press import Press
from custom_components.alexa_doorbell.press.watch import DoorbellWatch

from .press_rules_reference import Observation, Reference, chosen_state, timestamp, toggle

# A method of History, and what to call it with.
type Step = tuple[Any, ...]
type Play = Callable[[Reference, Doorbell, list[Step]], None]

# The same examples each time, and nothing left in the checkout.
set_hypothesis_home_dir(Path(__file__).parent.parent.parent / ".cache" / "hypothesis")
bounded = settings(
    max_examples=400,
    derandomize=True,
    database=None,
    deadline=None,
    # The fixture `play` begins anew with each example.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# No two names of an entity are the same.
NAMES = count()
# Python 3.14 counts references in a way that makes Hypothesis worry about its own generator.
pytestmark = pytest.mark.filterwarnings("ignore:It looks like `register_random`")


class Clock:
    """The seconds that pass, and the clock on the wall, which may also be set."""

    def __init__(self) -> None:
        self.monotonic = 1000.0
        self.utc = datetime(2026, 10, 5, 12, tzinfo=UTC)

    def wait(self, seconds: float) -> None:
        self.monotonic += seconds
        self.set(seconds)

    def set(self, seconds: float) -> None:
        self.utc += timedelta(seconds=seconds)


class History:
    """What happens to a doorbell and its entity; compares at each step where that rings."""

    def __init__(
        self, hass: HomeAssistant, clock: Clock, reference: Reference, doorbell: Doorbell
    ) -> None:
        self._hass = hass
        self._clock = clock
        self._reference = reference
        self._doorbell = doorbell
        # One for all watches: one that was stopped must not be heard of again.
        self._delivery = Mock(spec=Delivery)
        self._stamps = [clock.utc]
        self._begin()

    @property
    def _entity_id(self) -> str:
        return str(self._doorbell.entity_id)

    def _begin(self) -> None:
        self._delivery.reset_mock()
        self._watch = DoorbellWatch(self._hass, self._doorbell, self._delivery, Mock())
        self._watch.start()
        self._seen: list[Observation] = []
        self._rung_at: list[float] = []
        self._presses: list[Press] = []
        self._see()

    def _see(self) -> None:
        state = self._hass.states.get(self._entity_id)
        self._seen.append(
            Observation(
                utc=self._clock.utc,
                monotonic=self._clock.monotonic,
                name=self._entity_id,
                state=state.state if state else None,
                last_changed=state.last_changed if state else self._clock.utc,
                event_type=state.attributes.get("event_type") if state else None,
            )
        )

    def write(self, seconds: float, state: str | None, event_type: str | None = None) -> None:
        """Write a state, or remove the entity, after so many seconds; and compare."""
        self._clock.wait(seconds)
        if state is None:
            self._hass.states.async_remove(self._entity_id)
        else:
            self._set(state, {"event_type": event_type, "change": len(self._seen)})
        self._see()
        pressed_at = self._reference(self._seen, self._doorbell)
        now = self._clock.monotonic
        # Further presses within the cooldown are swallowed.
        if pressed_at and all(now - at >= self._doorbell.cooldown for at in self._rung_at[-1:]):
            self._rung_at.append(now)
            self._presses.append(Press(doorbell=self._doorbell, pressed_at=pressed_at))
        announced = [call.args[0] for call in self._delivery.announce.call_args_list]
        assert announced == self._presses

    def _set(self, state: str, attributes: Mapping[str, Any]) -> None:
        self._hass.states.async_set(
            self._entity_id, state, attributes, timestamp=self._clock.utc.timestamp()
        )

    def write_attribute(self) -> None:
        if state := self._hass.states.get(self._entity_id):
            self.write(0, state.state, state.attributes["event_type"])

    def tell(self, seconds: float, age: float, event_type: str) -> None:
        """Tell, after so many seconds, of an event that is of that age then."""
        self._clock.wait(seconds)
        self._stamps.append(self._clock.utc - timedelta(seconds=age))
        self.tell_again(0, 0, event_type, 0)

    def tell_again(self, seconds: float, back: int, event_type: str, hours: int) -> None:
        """Tell of the last but `back` event again, in the time of a zone that far east."""
        stamp = self._stamps[-1 - back % len(self._stamps)]
        zone = timezone(timedelta(hours=hours))
        told = stamp.astimezone(zone).isoformat(timespec="milliseconds")
        self.write(seconds, told, event_type)

    def set_clock(self, seconds: float) -> None:
        self._clock.set(seconds)

    def configure(self, cooldown: float, max_age: float) -> None:
        """Change the doorbell's settings while it is watched."""
        self._doorbell = replace(self._doorbell, cooldown=cooldown, max_age=max_age)
        self._watch.update(self._doorbell)

    def rename(self, comes_back: bool) -> None:
        """Rename the entity; its integration may be slow to write its state again."""
        state = self._hass.states.get(old := self._entity_id)
        new = f"{old.partition('.')[0]}.bell_{next(NAMES)}"
        er.async_get(self._hass).async_update_entity(old, new_entity_id=new)
        self._hass.states.async_remove(old)
        self._doorbell = replace(self._doorbell, entity_id=new)
        if comes_back and state:
            self.write(0, state.state, state.attributes["event_type"])

    def reload(self, away: float, clock_step: float) -> None:
        """Reload the doorbell's own entry; the clock may be set while it is away."""
        self._watch.stop()
        self._clock.wait(away)
        self._clock.set(clock_step)
        self._begin()

    def restart(self, restored: bool) -> None:
        """Restart Home Assistant, which may have restored the entity's state by then."""
        state = self._hass.states.get(self._entity_id)
        self.end()
        self._clock.wait(20)
        if restored and state:
            self._set(state.state, state.attributes)
        self._begin()

    def end(self) -> None:
        self._watch.stop()
        self._hass.states.async_remove(self._entity_id)


@pytest.fixture
def play(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Let steps happen to a doorbell that is watched."""

    def play(reference: Reference, doorbell: Doorbell, steps: list[Step]) -> None:
        clock = Clock()
        domain = str(doorbell.entity_id).partition(".")[0]
        entity = er.async_get(hass).async_get_or_create(domain, "intercom", "bell")
        doorbell = replace(doorbell, entity_id=entity.entity_id)
        with monkeypatch.context() as patch:
            # Not frozen for all, for Hypothesis looks at the clock too.
            patch.setattr(dt_util, "utcnow", lambda: clock.utc)
            patch.setattr(hass.loop, "time", lambda: clock.monotonic)
            # This clock knows nothing of when the module was loaded.
            patch.setattr(rules, "_LOADED", float("-inf"))
            history = History(hass, clock, reference, doorbell)
            try:
                for step, *arguments in steps:
                    getattr(history, step)(*arguments)
            finally:
                history.end()

    return play


SECONDS = st.sampled_from([0.25, 4.75, 9.75, 10, 60])
EVENT_TYPES = st.sampled_from(["ring", "long_press"])
AGES = st.sampled_from([0, 0.25, 10, 30, 30.25, -5, -5.25, -60])
# Mostly none, for all that follows a press to be seen.
COOLDOWNS = st.sampled_from([0, 0, 5])


def doorbells(*domains: str, **settings: Any) -> st.SearchStrategy[Doorbell]:
    return st.builds(
        Doorbell,
        endpoint_id=st.just("front-door"),
        friendly_name=st.just("Front door"),
        entity_id=st.sampled_from([f"{domain}.bell" for domain in domains]),
        cooldown=COOLDOWNS,
        **settings,
    )


def histories(special: st.SearchStrategy[Step]) -> st.SearchStrategy[list[Step]]:
    """Steps of one kind of entity, and now and then one that can happen to all of them."""
    common = st.one_of(
        *(st.just(("set_clock", seconds)) for seconds in (-3600, -10, 10, 3600)),
        st.just(("write_attribute",)),
        st.tuples(st.just("rename"), st.booleans()),
        st.tuples(st.just("reload"), st.sampled_from([0, 1]), st.sampled_from([0, 0, -3600, 3600])),
        st.tuples(st.just("restart"), st.booleans()),
        st.tuples(st.just("configure"), COOLDOWNS, st.sampled_from([5, 30])),
    )
    step: st.SearchStrategy[Step] = st.integers(0, 2).flatmap(
        lambda chance: common if chance == 2 else special
    )
    # Lists in a list are longer than one list would be, and still end up short when one fails.
    parts = st.lists(st.lists(step, max_size=10), max_size=10)
    return parts.map(lambda parts: [step for part in parts for step in part])


def writes(*states: str | None) -> st.SearchStrategy[Step]:
    return st.tuples(st.just("write"), SECONDS, st.sampled_from(states))


@bounded
@given(
    doorbell=doorbells("binary_sensor", "input_boolean", "switch"),
    steps=histories(
        writes("off", "on", "on", "unknown", "unknown", "unavailable", "strange", None)
    ),
)
async def test_a_toggle_rings_as_its_history_says(
    play: Play, doorbell: Doorbell, steps: list[Step]
) -> None:
    play(toggle, doorbell, steps)


@bounded
@given(
    doorbell=doorbells("event", event_types=st.sampled_from([frozenset(), frozenset({"ring"})]))
    | doorbells("button", "input_button"),
    steps=histories(
        writes("unknown", "unavailable", None, "", "soon", "12")
        | st.tuples(st.just("tell"), SECONDS, AGES, EVENT_TYPES)
        | st.tuples(
            st.just("tell_again"), SECONDS, st.integers(0, 3), EVENT_TYPES, st.sampled_from([0, 2])
        )
        # What it told last is then both from before watching began and hardly old.
        | st.just(("reload", 0, 0))
    ),
)
async def test_a_timestamp_rings_as_its_history_says(
    play: Play, doorbell: Doorbell, steps: list[Step]
) -> None:
    play(timestamp, doorbell, steps)


@settings(bounded, max_examples=150)
@given(
    doorbell=doorbells(
        "sensor",
        "select",
        "input_select",
        states=st.sampled_from(
            [frozenset({"ringing", "called"}), frozenset({"ringing", "unknown"})]
        ),
    ),
    steps=histories(writes("idle", "talking", "ringing", "called", "unknown", "unavailable", None)),
)
async def test_a_chosen_state_rings_as_its_history_says(
    play: Play, doorbell: Doorbell, steps: list[Step]
) -> None:
    play(chosen_state, doorbell, steps)


@settings(bounded, max_examples=150)
@given(
    steps=st.lists(
        st.tuples(st.just("tell"), st.sampled_from([0.25, 2.5, 4.75, 5]), st.just(0), EVENT_TYPES)
    )
)
async def test_only_one_press_within_the_cooldown_is_announced(
    play: Play, steps: list[Step]
) -> None:
    doorbell = Doorbell(
        endpoint_id="front-door", friendly_name="Front door", entity_id="button.bell", cooldown=5
    )
    play(timestamp, doorbell, steps)
