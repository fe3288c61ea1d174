"""Random histories of a doorbell's entity ring where a second statement of the rules says so.

ALEXA_DOORBELL_HISTORIES sets how many of each kind are tried.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import count
import os
from pathlib import Path
from typing import cast

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import Context, CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from hypothesis import HealthCheck, event, given, settings, strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
import pytest

from custom_components.alexa_doorbell.press import watch
from custom_components.alexa_doorbell.press.delivery import Delivery
from custom_components.alexa_doorbell.press.press import Outcome, Press, Result
from custom_components.alexa_doorbell.press.watch import DoorbellWatch

from .bell import Bell
from .histories import (
    Answered,
    Began,
    Configured,
    Ended,
    Fact,
    HomeAssistantStarted,
    HomeAssistantStarts,
    Removed,
    Renamed,
    Story,
    Wrote,
)
from .press_rules_reference import judge, settled
from .random_histories import KINDS, draw
from .real_doorbells import (
    CHOSEN_STATES,
    QUIET,
    TIMESTAMPS,
    TWO_STATES,
    UNRULED,
    Told,
    tell,
)

# What was announced: after how many facts, and as pressed when.
type Announced = list[tuple[int, datetime]]

# The same examples each time, and nothing left in the checkout.
set_hypothesis_home_dir(Path(__file__).parent.parent.parent / ".cache" / "hypothesis")
HISTORIES = int(os.environ.get("ALEXA_DOORBELL_HISTORIES", "1500"))
bounded = settings(
    max_examples=HISTORIES,
    derandomize=True,
    database=None,
    deadline=None,
    # Home Assistant is the same for all examples, which clean up after themselves.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# No two names of an entity are the same.
NAMES = count()
CONTEXT = Context()
pytestmark = [
    # Python 3.14 counts references in a way that makes Hypothesis worry about its own generator.
    pytest.mark.filterwarnings("ignore:It looks like `register_random`"),
    pytest.mark.timeout(60 + HISTORIES // 10),
]


class Deliveries:
    """Notes each press; Amazon answers it when the history says so."""

    def __init__(self) -> None:
        self.presses: list[Press] = []
        self._answers: list[asyncio.Future[list[Outcome]]] = []

    def announce(self, press: Press) -> asyncio.Future[list[Outcome]]:
        self.presses.append(press)
        self._answers.append(asyncio.get_running_loop().create_future())
        if press.muted:
            self.answer(Result.MUTED)
        return self._answers[-1]

    def answer(self, *results: Result) -> None:
        """Answer the last press, unless it has been answered."""
        if self._answers and not self._answers[-1].done():
            outcomes = [
                Outcome(name="Ada", result=result, attempts=1, latency_ms=0) for result in results
            ]
            self._answers[-1].set_result(outcomes)


class Home:
    """A real Home Assistant, and a real watch, to which a history happens."""

    def __init__(self, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
        self._hass = hass
        self._fact = Fact(at=0, clock=dt_util.utcnow())
        self._patch = monkeypatch
        self._muted: set[str] = set()
        # It takes a clock that moves by itself for slowness.
        hass.loop.set_debug(False)
        # Hours pass in no time, and each rename would be written to disk.
        monkeypatch.setattr(er.async_get(hass), "async_schedule_save", lambda: None)

    async def play(self, story: Story) -> Announced:
        """Let the history happen, and return what was announced."""
        announced: Announced = []
        self._deliveries = Deliveries()
        self._watch: DoorbellWatch | None = None
        domain = str(story.doorbell.entity_id).partition(".")[0]
        entry = er.async_get(self._hass).async_get_or_create(domain, "intercom", "bell")
        self._entity_id = entry.entity_id
        with self._set_clock():
            for number, fact in enumerate(story.facts):
                if fact.at != self._fact.at:
                    self._fact = fact
                    await asyncio.sleep(0)
                self._fact = fact
                before = len(self._deliveries.presses)
                await self._happen(fact)
                announced += [
                    (number, press.pressed_at)
                    for press in self._deliveries.presses[before:]
                    if not press.muted
                ]
            self._end()
            self._hass.set_state(CoreState.running)
            self._hass.states.async_remove(self._entity_id)
        return announced

    @contextmanager
    def _set_clock(self) -> Iterator[None]:
        """Not frozen for all, for Hypothesis looks at the clock too."""
        self._fact = Fact(at=-1e6, clock=dt_util.utcnow())
        with self._patch.context() as patch:
            patch.setattr(dt_util, "utcnow", lambda: self._fact.clock)
            patch.setattr(self._hass.loop, "time", lambda: 1e6 + self._fact.at)
            yield

    async def _happen(self, fact: Fact) -> None:
        match fact:
            case HomeAssistantStarts():
                self._hass.states.async_remove(self._entity_id)
                self._hass.set_state(CoreState.starting)
            case HomeAssistantStarted():
                self._hass.set_state(CoreState.running)
                self._patch.setattr(watch, "_LOADED", self._hass.loop.time())
                self._hass.bus.async_fire_internal(EVENT_HOMEASSISTANT_STARTED)
            case Began():
                self._begin(fact.doorbell)
            case Ended():
                self._end()
            case Configured() if self._watch:
                self._mute(fact.doorbell)
                self._watch.update(replace(fact.doorbell, entity_id=self._entity_id))
            case Wrote():
                self._hass.states.async_set(
                    self._entity_id,
                    fact.state,
                    fact.attributes,
                    fact.forced,
                    # One for all, for it takes longer to make than the rest.
                    CONTEXT,
                    timestamp=fact.clock.timestamp(),
                )
            case Removed():
                self._hass.states.async_remove(self._entity_id)
            case Renamed():
                self._rename()
            case Answered():
                self._deliveries.answer(*fact.results)
                await asyncio.sleep(0)

    def _begin(self, doorbell: Bell) -> None:
        self._mute(doorbell)
        doorbell = replace(doorbell, entity_id=self._entity_id)
        delivery = cast(Delivery, self._deliveries)
        self._watch = DoorbellWatch(self._hass, doorbell, delivery, self._muted, lambda _: None)
        self._watch.start()

    def _mute(self, doorbell: Bell) -> None:
        self._muted.discard(doorbell.endpoint_id)
        if not doorbell.announcements:
            self._muted.add(doorbell.endpoint_id)

    def _end(self) -> None:
        if self._watch:
            self._watch.stop()
            self._watch = None

    def _rename(self) -> None:
        old, domain = self._entity_id, self._entity_id.partition(".")[0]
        self._entity_id = f"{domain}.bell_{next(NAMES)}"
        er.async_get(self._hass).async_update_entity(old, new_entity_id=self._entity_id)
        self._hass.states.async_remove(old)


@pytest.fixture
def home(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Home:
    return Home(hass, monkeypatch)


def expected(story: Story) -> Announced:
    """Return what the reference announces, and count the rules that were met."""
    judged = judge(story.facts)
    for why in {each.verdict.why for each in judged}:
        event(why)
    numbers = {id(fact): number for number, fact in enumerate(story.facts)}
    return [
        (numbers[id(each.fact)], each.verdict.pressed_at)
        for each in judged
        if each.verdict.pressed_at and each.announced
    ]


def retold(story: Story) -> str:
    """Return the history as one reads it, with what the reference makes of it."""
    judged = {id(each.fact): each for each in judge(story.facts)}
    lines = []
    for number, fact in enumerate(story.facts):
        lines.append(f"{number}: {fact}")
        if seen := judged.get(id(fact)):
            announced = "announced" if seen.announced else "not announced"
            lines.append(f"    {seen.verdict.why}; {announced}")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("doorbell", "told", "rings_at"), [*TWO_STATES, *TIMESTAMPS, *CHOSEN_STATES, *QUIET, *UNRULED]
)
async def test_a_real_doorbell_rings_when_somebody_rang(
    home: Home, doorbell: Bell, told: Told, rings_at: list[float]
) -> None:
    story = tell(doorbell, told)
    announced = [story.facts[number].at for number, _ in await home.play(story)]
    assert announced == rings_at


@bounded
@given(number=st.integers(0, 255), drawn=st.binary(min_size=40, max_size=60))
@pytest.mark.parametrize("kind", KINDS)
async def test_an_entity_rings_as_its_history_says(
    home: Home, kind: str, number: int, drawn: bytes
) -> None:
    doorbells = KINDS[kind].doorbells
    story = draw(KINDS[kind], doorbells[number % len(doorbells)], drawn)
    story.facts = list(settled(story.facts))
    assert await home.play(story) == expected(story), retold(story)
