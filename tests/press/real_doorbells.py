"""Histories of real doorbells, and when people at home would want to hear of them."""

from collections.abc import Callable
from typing import Any

from _pytest.mark import ParameterSet
import pytest

from custom_components.alexa_doorbell.press.press import Result

from .bell import Bell
from .histories import Story

type Told = Callable[[Story], object]


def case(
    name: str, entity_id: str, told: Told, rings_at: list[float], **settings: Any
) -> ParameterSet:
    """A doorbell, what happens to its entity, and when that has to ring."""
    doorbell = Bell(
        endpoint_id="front-door",
        friendly_name="Front door",
        entity_id=entity_id,
        **{"cooldown": 0.0} | settings,
    )
    return pytest.param(doorbell, told, rings_at, id=name)


def tell(doorbell: Bell, told: Told) -> Story:
    """Tell it of a Home Assistant that has run for an hour when watching begins."""
    story = Story(doorbell, at=-3600).start().started().wait(3600).begin()
    if doorbell.entity_id == EVENT:
        story.always = {"event_types": ALL_TYPES}
    told(story)
    return story


def again(times: int, told: Told) -> Told:
    """The same several times."""

    def all_of_them(story: Story) -> None:
        for _ in range(times):
            told(story)

    return all_of_them


BELL = "binary_sensor.bell"
EVENT = "event.bell"
SENSOR = "sensor.bell"
ALL_TYPES = ["initial_press", "ring", "motion", "idle"]
RING = {"event_types": frozenset({"ring"})}
RINGING = {"states": frozenset({"ringing"})}
TALK = {"attribute": "button", "attribute_values": frozenset({"1", "2"})}

TWO_STATES = [
    case("a press", BELL, lambda s: s.write("off").wait(60).write("on"), [60]),
    case(
        "a bell that only says on, by forced writes",
        BELL,
        lambda s: again(3, lambda s: s.wait(60).write("on", forced=True))(s.write("unknown")),
        [60, 120, 180],
    ),
    case(
        "on written again without force, even with new attributes",
        BELL,
        lambda s: s.write("off").wait(60).write("on").wait(100).write("on", ding=2),
        [60],
    ),
    case(
        "ring, counter reset and off within milliseconds",
        BELL,
        lambda s: (
            s.write("off")
            .wait(60)
            .write("on", forced=True, count=1)
            .wait(0.0625)
            .write("on", forced=True, count=0)
            .wait(0.0625)
            .write("off", forced=True)
        ),
        [60],
    ),
    case(
        "a forced burst for two seconds is one press",
        BELL,
        lambda s: again(9, lambda s: s.wait(0.25).write("on", forced=True))(
            s.write("off").wait(60).write("on")
        ),
        [60],
    ),
    case(
        "an unknown of ten seconds, then on",
        BELL,
        lambda s: s.write("off").wait(60).write("unknown").wait(10).write("on"),
        [70],
    ),
    case(
        "an unknown of less than ten seconds, then on",
        BELL,
        lambda s: s.write("off").wait(60).write("unknown").wait(9.75).write("on"),
        [],
    ),
    case(
        "on, a long unknown, on",
        BELL,
        lambda s: s.write("off", "on").wait(60).write("unknown").wait(60).write("on"),
        [0],
    ),
    case(
        "a bell that was just made, and is unknown for half a minute",
        BELL,
        lambda s: s.write("unknown").wait(30).write("on"),
        [],
    ),
    case(
        "the first press ever of a bell that nothing else is told of",
        BELL,
        lambda s: s.write("unknown").wait(60).write("on"),
        [60],
    ),
    case(
        "off, unavailable for an hour, on",
        BELL,
        lambda s: s.write("off").wait(60).write("unavailable").wait(3600).write("on"),
        [],
    ),
    case(
        "a rename while it is on",
        BELL,
        lambda s: s.write("off").wait(60).rename().write("on").write("off", "on"),
        [60],
    ),
    case(
        "a restored state is not rung by",
        BELL,
        lambda s: s.write("off").wait(60).restore().wait(60).write("on").write("off", "on"),
        [120],
    ),
    case(
        "a press right after the restored state",
        BELL,
        lambda s: s.write("off").wait(60).restore().wait(1).write("off").write("on"),
        [61],
    ),
    case(
        "a power latched bell that rings on return",
        BELL,
        lambda s: again(3, lambda s: s.wait(3600).write("on").wait(3).write("off", "unavailable"))(
            s.write("unavailable")
        ),
        # The first time it is just being made.
        [7203, 10806],
        rings_on_return=True,
    ),
    case(
        "a power latched bell that was off for long when watching began",
        BELL,
        lambda s: s.end().write("unavailable").begin().wait(3600).write("on").wait(3).write("off"),
        [3600],
        rings_on_return=True,
    ),
    case(
        "expire_after takes an on back, and it rings on return",
        BELL,
        lambda s: again(3, lambda s: s.wait(60).write("on").wait(5).write("unavailable"))(
            s.write("unknown")
        ),
        [60, 125, 190],
        rings_on_return=True,
    ),
    case(
        "a glitch of a bell that rings on return",
        BELL,
        lambda s: s.write("off").wait(60).write("unavailable").wait(9.75).write("on"),
        [],
        rings_on_return=True,
    ),
    case(
        "a normally closed contact",
        BELL,
        lambda s: s.write("on").wait(60).write("off").wait(2).write("on"),
        [60],
        rings_when="off",
    ),
    case(
        "an input that flips at each press",
        BELL,
        lambda s: again(2, lambda s: s.wait(60).write("on").wait(60).write("off"))(s.write("off")),
        [60, 120, 180, 240],
        rings_when="change",
    ),
    case(
        "the clock is set back between two forced writes",
        BELL,
        lambda s: s.write("off", "on").wait(60).set_clock(-3600.5).write("on", forced=True),
        [0, 60],
    ),
    case(
        "an unwatched off is no rest",
        BELL,
        lambda s: s.write("off").end().write("on").wait(1).begin().write("on", button=1),
        [],
    ),
]

TIMESTAMPS = [
    case(
        "an event",
        EVENT,
        lambda s: s.fire("motion").wait(60).fire("ring"),
        [60],
        **RING,
    ),
    case(
        "the first event ever",
        EVENT,
        lambda s: s.write("unknown").wait(60).fire("ring"),
        [60],
        **RING,
    ),
    case(
        "two types within a millisecond",
        EVENT,
        lambda s: s.fire("ring").wait(60).fire("initial_press").fire("ring"),
        [60],
        **RING,
    ),
    case(
        "three presses after the clock was set back",
        EVENT,
        lambda s: again(3, lambda s: s.wait(0.25).fire("ring"))(
            s.fire("motion").wait(600).fire("ring").set_clock(-600)
        ),
        [600, 600.25, 600.5, 600.75],
        **RING,
    ),
    case(
        "an event of half an hour ago",
        EVENT,
        lambda s: s.wait(1800).write("unknown").happen(1800, "ring"),
        [],
        **RING,
    ),
    case(
        "a template event that is reloaded while it renders ring",
        EVENT,
        lambda s: s.fire("idle").wait(60).fire("ring").wait(60).restore().wait(1).fire("ring"),
        [60],
        **RING,
    ),
    case(
        "a template event that is renamed",
        EVENT,
        lambda s: s.fire("idle").wait(60).fire("ring").wait(60).rename().fire("ring"),
        [60],
        **RING,
    ),
    case(
        "restored after a start, then a ring",
        EVENT,
        lambda s: s.restore().wait(2).happen(3600, "ring").wait(60).fire("ring"),
        [62],
        **RING,
    ),
    case(
        "nothing was restored, then the first ring",
        EVENT,
        lambda s: s.restore().wait(2).write("unknown").wait(10).fire("ring"),
        [12],
        **RING,
    ),
    case(
        "a restart after a power cut with a clock that is behind",
        EVENT,
        lambda s: s.restore().wait(2).happen(-1740, "ring").wait(1).fire("ring"),
        [3],
        **RING,
    ),
    case(
        "a ring while it was unavailable",
        EVENT,
        lambda s: s.fire("motion").wait(60).drop_out().wait(10).happen(3, "ring"),
        [70],
        **RING,
    ),
    case(
        "the last ring is told again after a gap",
        EVENT,
        lambda s: s.fire("motion").wait(60).fire("ring").wait(3).drop_out().repeat("ring"),
        [60],
        **RING,
    ),
    case(
        "a chosen type that went, and ring instead",
        EVENT,
        lambda s: s.fire("motion").wait(60).fire("ring").wait(60).fire("motion"),
        [60],
        event_types=frozenset({"press_short"}),
    ),
    case(
        "no type chosen",
        EVENT,
        lambda s: s.fire("idle").wait(60).fire("motion").wait(60).fire("ring"),
        [120],
    ),
    case(
        "a button",
        "button.bell",
        lambda s: s.fire().wait(60).fire(),
        [60],
    ),
    case(
        "a sensor of the last ring",
        SENSOR,
        lambda s: (
            s.happen(60, device_class="timestamp")
            .wait(60)
            .happen(2, device_class="timestamp")
            .wait(60)
            .happen(31, device_class="timestamp")
        ),
        [60],
    ),
    case(
        "the second button of an intercom's one event",
        EVENT,
        lambda s: (
            s.fire("ring", button="1")
            .wait(60)
            .fire("ring", button="3")
            .wait(60)
            .fire("ring", button=2)
        ),
        [120],
        **RING | TALK,
    ),
]

CHOSEN_STATES = [
    case(
        "a call state",
        SENSOR,
        lambda s: s.write("idle").wait(60).write("ringing", "talking", "idle"),
        [60],
        **RINGING,
    ),
    case(
        "Asterisk, whose Unavailable is a word of its own",
        SENSOR,
        lambda s: (
            s.write("Not in use")
            .wait(60)
            .write("Ringing", "Ringing in use", "In use", "Unavailable")
            .wait(60)
            .write("Ringing")
        ),
        [60, 120],
        states=frozenset({"Ringing", "Ringing in use"}),
    ),
    case(
        "an action that was unknown since the restart",
        SENSOR,
        lambda s: s.write("unknown").wait(3600).write("ringing", "idle"),
        [3600],
        **RINGING,
    ),
    case(
        "an action that has been unknown for a moment",
        SENSOR,
        lambda s: s.write("idle").wait(60).write("unknown").wait(9.75).write("ringing"),
        [],
        **RINGING,
    ),
    case(
        "between two chosen states, with a gap between them",
        SENSOR,
        lambda s: s.write("idle", "ringing").wait(60).write("unknown").wait(60).write("called"),
        [0],
        states=frozenset({"ringing", "called"}),
    ),
    case(
        "the number of the same button again, forced",
        SENSOR,
        lambda s: again(3, lambda s: s.wait(60).write("1", forced=True))(s.write("0")),
        [60, 120, 180],
        states=frozenset({"1"}),
    ),
    case(
        "stuck in ringing",
        SENSOR,
        lambda s: s.write("idle").wait(60).write("ringing").wait(3600).write("ringing"),
        [60],
        **RINGING,
    ),
    case(
        "unavailable never rings on return",
        SENSOR,
        lambda s: s.write("idle").wait(60).write("unavailable").wait(60).write("ringing"),
        [],
        rings_on_return=True,
        **RINGING,
    ),
    case(
        "a FRITZ!Box that is called by the door, and by others",
        SENSOR,
        lambda s: (
            s.write("idle")
            .wait(60)
            .write("ringing", caller="**11")
            .write("idle")
            .wait(60)
            .write("ringing", caller="0123456")
        ),
        [60],
        attribute="caller",
        attribute_values=frozenset({"**11"}),
        **RINGING,
    ),
    case(
        "Hikvision's second button within the same ringing",
        SENSOR,
        lambda s: (
            s.write("idle", button="")
            .wait(60)
            .write("ringing", button="1")
            .wait(30)
            .write("ringing", button="2")
        ),
        [60, 90],
        **RINGING | TALK,
    ),
]


PRESS = ("off", "on")


def leant_on(seconds: float, every: float = 0.5) -> Told:
    """Somebody keeps the bell ringing again and again for so long."""
    return again(int(seconds / every), lambda s: s.wait(every).write(*PRESS))


QUIET = [
    case(
        "a press for which nobody was linked",
        BELL,
        lambda s: s.write(*PRESS).answer().wait(20).write(*PRESS),
        [0, 20],
        cooldown=60,
    ),
    case(
        "a bounce within a second",
        BELL,
        lambda s: leant_on(1, 0.125)(s.write(*PRESS)),
        [0],
        cooldown=5,
    ),
    case(
        "somebody leans on the button for eight seconds",
        BELL,
        lambda s: leant_on(8)(s.write(*PRESS)),
        [0],
        cooldown=5,
    ),
    case(
        "a call state that alternates every five seconds",
        SENSOR,
        lambda s: again(4, lambda s: s.write("ringing").wait(2.5).write("idle").wait(2.5))(
            s.write("idle")
        ),
        [0],
        cooldown=5,
        **RINGING,
    ),
    case(
        "no quiet time",
        BELL,
        lambda s: s.write(*PRESS, *PRESS).wait(0.25).write(*PRESS),
        [0, 0, 0.25],
    ),
    case(
        "half a minute of ringing, and it goes on",
        BELL,
        lambda s: leant_on(45, 0.75)(s.write(*PRESS)),
        [0, 30],
        cooldown=5,
    ),
    case(
        "four quiet times are longer than half a minute",
        BELL,
        lambda s: leant_on(100, 4.5)(s.write(*PRESS)),
        [0, 81],
        cooldown=20,
    ),
    case(
        "a return that is told twice after the quiet time, and then a press",
        BELL,
        lambda s: (
            s.write(*PRESS, "unavailable")
            .wait(5)
            .write("on")
            .wait(0.0625)
            .write("on", forced=True)
            .wait(0.0625)
            .write(*PRESS)
        ),
        [0, 5.125],
        cooldown=5,
    ),
    case(
        "the quiet time is over",
        BELL,
        lambda s: s.write(*PRESS).wait(5).write(*PRESS).wait(5.25).write(*PRESS),
        [0, 10.25],
        cooldown=5,
    ),
    case(
        "a press that expired",
        BELL,
        lambda s: s.write(*PRESS).wait(5).answer(Result.EXPIRED).wait(20).write(*PRESS),
        [0, 25],
        cooldown=60,
    ),
    case(
        "a muted press",
        BELL,
        lambda s: (
            s.configure(announcements=False)
            .write(*PRESS)
            .wait(1)
            .configure(announcements=True)
            .write(*PRESS)
            .wait(1)
            .write(*PRESS)
        ),
        [1],
        cooldown=60,
    ),
    case(
        "one of two accounts took the press",
        BELL,
        lambda s: s.write(*PRESS).answer(Result.FAILED, Result.ACCEPTED).wait(20).write(*PRESS),
        [0],
        cooldown=60,
    ),
    case(
        "nobody knows yet whether the press reached anybody",
        BELL,
        lambda s: s.write(*PRESS).wait(20).write(*PRESS).wait(1).answer(Result.FAILED),
        [0],
        cooldown=60,
    ),
    case(
        "the clock is set while it is quiet",
        BELL,
        lambda s: (
            s.write(*PRESS)
            .set_clock(3600.5)
            .wait(1)
            .write(*PRESS)
            .set_clock(-7200.5)
            .wait(1)
            .write(*PRESS)
        ),
        [0],
        cooldown=5,
    ),
]

# What no rule says, but people would: a button stamps what the clock of the moment says.
UNRULED = [
    case(
        "a button is pressed after the clock was set back",
        "button.bell",
        lambda s: s.happen(0).wait(60).happen(0).set_clock(-600.5).wait(60).happen(0),
        [60, 120],
    ),
]
