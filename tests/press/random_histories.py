"""Histories as real entities make them, drawn from random bytes: two for each step.

The first byte says what happens, the second how long that takes; zeros are short and dull,
so that what is left of a failed history is short and dull too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched, product
from typing import Any

from custom_components.alexa_doorbell.press.press import Result

from .bell import Bell
from .histories import NOTHING, Story

type Step = Callable[[Story], object]

# Right at the limits of the rules, which all say on which side a limit is, and around them.
# Binary fractions add up exactly.
SECONDS = (0, 0, 0.25, 0.5, 1, 4.75, 5, 9.5, 10, 12, 20, 30, 59.75, 60, 61, 600)
# Odd enough for no two times to be the same by accident.
CLOCK_STEPS = (-3600.375, -7.625, -1.125, 2.625, 600.875, 3600.125)
COOLDOWNS = (0.0, 0.0, 5.0, 20.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of entity: the doorbells that it can be, and what happens to it."""

    doorbells: Sequence[Bell]
    steps: Sequence[Step]
    # What its states always say.
    always: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


def draw(kind: Kind, doorbell: Bell, drawn: bytes) -> Story:
    """Turn bytes into a history of that doorbell."""
    story = Story(doorbell, always=kind.always).start().started()
    beginning, *steps = batched(drawn, 2, strict=False)
    kind.steps[beginning[0] % len(kind.steps)](story)
    story.wait((3600, 0, 59.75, 5)[beginning[-1] % 4]).end().begin()
    for step in steps:
        if len(step) == 2:
            story.wait(SECONDS[step[1] % len(SECONDS)])
            kind.steps[step[0] % len(kind.steps)](story)
    return story


def _nothing(story: Story) -> None:
    """Happens."""


def _reload(story: Story) -> None:
    story.end().begin()


def _reload_missed(*states: str) -> Step:
    def step(story: Story) -> None:
        story.end().wait(0.25).write(*states).begin()

    return step


def _reload_slowly(story: Story) -> None:
    story.end().wait(12).begin()


def _reload_with_another_clock(story: Story) -> None:
    story.end().set_clock(CLOCK_STEPS[0]).wait(0.25).begin()


def _restart(story: Story) -> None:
    """Home Assistant restarts, and stands in for an entity that is not there yet."""
    story.end().wait(20).start().restore().wait(0.25).begin().wait(5).started()


def _restart_long_before(story: Story) -> None:
    """Home Assistant restarts, and the doorbell is watched only later."""
    story.end().wait(20).start().started().restore().wait(5).begin()


def _restart_without_traces(story: Story) -> None:
    story.end().wait(20).start().begin().wait(5).started()


def _restart_slowly(story: Story) -> None:
    """The entity is there again long before Home Assistant has started."""
    story.end().wait(20).start().begin().write("unknown").wait(70)


def _set_clock(seconds: float) -> Step:
    return lambda story: story.set_clock(seconds)


def _rename(story: Story) -> None:
    """The entity comes back under its new name as it was."""
    state, attributes = story.state, dict(story.attributes)
    story.rename()
    if state is not None:
        story.write(state, **attributes)


def _configure(**settings: float) -> Step:
    return lambda story: story.configure(**settings)


def _answer(*results: Result) -> Step:
    return lambda story: story.answer(*results)


# Each kind has its own steps twice and more.
COMMON: tuple[Step, ...] = (
    _nothing,
    Story.drop_out,
    Story.drop_out,
    lambda story: story.write("unknown"),
    lambda story: story.write("unknown"),
    lambda story: story.write("unknown"),
    lambda story: story.write("unknown", forced=True),
    Story.restore,
    Story.restore,
    Story.remove,
    Story.rename,
    _rename,
    lambda story: story.write_attributes(counter=len(story.facts)),
    *(_set_clock(seconds) for seconds in CLOCK_STEPS),
    _reload,
    _reload_slowly,
    _reload_with_another_clock,
    _reload_missed("unknown"),
    _restart,
    _restart_long_before,
    _restart_slowly,
    _restart_without_traces,
    _configure(cooldown=0.0, max_age=5.0),
    _configure(cooldown=5.0, max_age=30.0),
    Story.started,
    _answer(Result.ACCEPTED),
    _answer(Result.FAILED, Result.ACCEPTED),
    _answer(Result.FAILED),
    _answer(Result.EXPIRED, Result.FAILED),
    _configure(announcements=False),
    _configure(announcements=True),
)


def _doorbells(*domains: str, **choices: Sequence[Any]) -> list[Bell]:
    choices = {"cooldown": COOLDOWNS} | choices
    return [
        Bell(
            endpoint_id="front-door",
            friendly_name="Front door",
            entity_id=f"{domain}.bell",
            **dict(zip(choices, chosen, strict=True)),
        )
        for domain in domains
        for chosen in product(*choices.values())
    ]


# Values of an attribute: text, and a number that reads like a chosen value.
BUTTONS = (1, "1", "2", "3", None)
BY_BUTTON: Mapping[str, Sequence[Any]] = {
    "attribute": ("button",),
    "attribute_values": (frozenset({"1", "2"}), frozenset({"2"})),
}


def _writes(*states: str) -> list[Step]:
    """Each state by itself and forced, and with each value of an attribute."""

    def step(state: str, forced: bool, attributes: Mapping[str, Any]) -> Step:
        return lambda story: story.write(state, forced=forced, **attributes)

    plain = [
        step(state, forced, NOTHING) for state in states for forced in (False, False, False, True)
    ]
    named = [step(state, False, {"button": button}) for state in states for button in BUTTONS]
    return [*plain, *plain, *named]


def _writes_attribute(button: Any) -> Step:
    return lambda story: story.write_attributes(button=button)


_ATTRIBUTES = [_writes_attribute(button) for button in BUTTONS]


def _leans_on_the_button(times: int, half: float) -> Step:
    def step(story: Story) -> None:
        for _ in range(times):
            story.write("off").wait(half).write("on").wait(half)

    return step


RETURNS = {"rings_on_return": (False, True)}
TWO_STATES = Kind(
    doorbells=[
        *_doorbells(
            "binary_sensor",
            "input_boolean",
            "switch",
            rings_when=("on", "on", "off", "change"),
            **RETURNS,
        ),
        *_doorbells("binary_sensor", rings_when=("on", "off"), **RETURNS, **BY_BUTTON),
    ],
    steps=[
        *COMMON,
        *_writes("off", "on"),
        *_ATTRIBUTES,
        _reload_missed("on"),
        _reload_missed("on", "unknown"),
        # A press, and the counter that goes back within milliseconds.
        lambda story: (
            story.write("on", forced=True, n=1)
            .wait(0.0625)
            .write("on", forced=True, n=0)
            .wait(0.0625)
            .write("off")
        ),
        lambda story: story.write("off", "on", "off", "on"),
        *[_leans_on_the_button(9, 0.4375), _leans_on_the_button(20, 2.25)] * 3,
    ],
)

STATES = (
    frozenset({"ringing", "called"}),
    frozenset({"ringing"}),
    frozenset({"ringing", "unknown"}),
)
CHOSEN_STATES = Kind(
    doorbells=[
        *_doorbells("sensor", "select", "input_select", states=STATES),
        *_doorbells("sensor", states=STATES[:2], rings_on_return=(True,)),
        *_doorbells("sensor", states=STATES[:2], **BY_BUTTON),
    ],
    steps=[
        *COMMON,
        *_writes("idle", "ringing", "called"),
        *_ATTRIBUTES,
        lambda story: story.write("talking"),
        _reload_missed("idle", "ringing"),
        lambda story: [story.write("idle").wait(2.5).write("ringing").wait(2.5) for _ in range(4)],
    ],
)

AGES = (0, 0, 0.25, 4.75, 5, 5.25, 29.75, 30, 30.25, 3600, -4.75, -5, -5.25, -600)


def _happens(ago: float, event_type: str | None, **attributes: Any) -> Step:
    return lambda story: story.happen(ago, event_type, **attributes)


def _fires(event_type: str | None, **attributes: Any) -> Step:
    return lambda story: story.fire(event_type, **attributes)


def _repeats(event_type: str | None, hours: int, **attributes: Any) -> Step:
    return lambda story: story.repeat(event_type, hours=hours, **attributes)


OFFERED = (["ring", "motion"], ["knock", "ring", "motion"], ["knock", "motion"], ["motion"])
EVENTS = Kind(
    doorbells=[
        *_doorbells(
            "event",
            event_types=(frozenset({"ring"}), frozenset({"knock"}), frozenset({"knock", "ring"})),
        ),
        *_doorbells("event", event_types=(frozenset({"ring"}), frozenset()), **BY_BUTTON),
    ],
    steps=[
        *COMMON,
        *(
            _fires(event_type, event_types=offered)
            for offered in OFFERED
            for event_type in offered
            for _ in (1, 2)
        ),
        *(_fires("ring", event_types=OFFERED[0], button=button) for button in BUTTONS),
        *(_happens(age, "ring", event_types=OFFERED[1]) for age in AGES),
        *(_repeats("ring", hours, event_types=OFFERED[0]) for hours in (0, 2)),
        _repeats("motion", 0, event_types=OFFERED[0]),
        # Two types in the same millisecond.
        lambda story: story.fire("motion", event_types=OFFERED[0]).fire(
            "ring", event_types=OFFERED[0]
        ),
        # A template that renders the last event once more when it is made anew.
        lambda story: story.restore().fire("ring", event_types=OFFERED[0]),
    ],
)

_TIMES: tuple[Step, ...] = (
    *(_fires(None) for _ in range(8)),
    *(_fires(None, button=button) for button in BUTTONS),
    *(_happens(age, None) for age in AGES),
    *(_repeats(None, hours) for hours in (0, 2)),
    lambda story: story.restore().repeat(),
)
BUTTONS_PRESSED = Kind(
    doorbells=[*_doorbells("button", "input_button"), *_doorbells("button", **BY_BUTTON)],
    steps=[*COMMON, *_TIMES],
)
TIMES = Kind(
    doorbells=[*_doorbells("sensor"), *_doorbells("sensor", **BY_BUTTON)],
    steps=[*COMMON, *_TIMES],
    always={"device_class": "timestamp"},
)

KINDS = {
    "two states": TWO_STATES,
    "events": EVENTS,
    "buttons": BUTTONS_PRESSED,
    "timestamp sensors": TIMES,
    "chosen states": CHOSEN_STATES,
}
