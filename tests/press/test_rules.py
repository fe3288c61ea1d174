"""What is a press and what is none: the rules alone, each history told step by step."""

from datetime import timedelta
from enum import Enum, StrEnum
from typing import Any

import pytest

from .history import GAP, RESTORED, Ago, ClockSet, History, Step, Unwatched, Write, again, lived

BELL = "binary_sensor.bell"
RING = "event.bell"
CALL = "sensor.call"
OFFERED = {"event_types": ["ring", "motion"]}
RUNG = OFFERED | {"event_type": "ring"}


def case(
    rings: int, *history: Step, sentence: str, before: tuple[Step, ...] = ("off", 60)
) -> object:
    return pytest.param(before, history, rings, id=sentence)


@pytest.mark.parametrize("domain", ["binary_sensor", "input_boolean", "switch"])
@pytest.mark.parametrize(
    ("before", "history", "rings"),
    [
        case(1, "on", sentence="off to on rings"),
        case(2, "on", "off", "on", sentence="every change to on rings"),
        case(1, "off", "on", before=("on",), sentence="it was on when watching began"),
        case(1, GAP, "off", "on", sentence="a press after a gap rings"),
        case(0, GAP, 60, "on", sentence="on after a gap does not ring"),
        case(0, GAP, 60, "on", before=("on",), sentence="on after a gap that followed on"),
        case(0, "strange", "on", sentence="on after a state of its own does not ring"),
        case(
            0, Write("on", {"a": 1}), Write("on", {"a": 2}), before=("on",), sentence="attributes"
        ),
        case(0, "on", before=(), sentence="an entity that appears on was not pressed"),
        case(0, None, "on", sentence="an entity that was removed and is back"),
        case(0, RESTORED, 60, "on", sentence="an entity made anew that is on"),
        case(0, RESTORED, GAP, 60, "on", sentence="an entity made anew that came late"),
        case(1, RESTORED, "off", "on", sentence="an entity made anew rings from off"),
        case(1, "on", "off", before=(RESTORED, "off"), sentence="made anew before watching began"),
    ],
)
def test_a_toggle_rings_when_it_goes_on(
    domain: str, before: tuple[Step, ...], history: tuple[Step, ...], rings: int
) -> None:
    assert lived(f"{domain}.bell", before, history).presses == rings


@pytest.mark.parametrize(
    ("before", "history", "rings"),
    [
        case(1, "on", before=("unknown", 60), sentence="the first press of an MQTT bell"),
        case(1, "unknown", 10, "on", sentence="ten seconds are long"),
        case(0, "unknown", 9.9, "on", sentence="anything shorter is a restored state"),
        case(1, GAP, "unknown", 10, "on", sentence="also after a gap"),
        case(0, "unknown", 6, GAP, "unknown", 6, "on", sentence="unless it was not at a stretch"),
        case(0, "unknown", 60, GAP, "on", sentence="unless a gap follows"),
        case(0, "unknown", 60, "on", before=("on", 60), sentence="unless it was on before"),
        case(1, "on", "unknown", 60, GAP, "unknown", 60, "on", sentence="unless two gaps ago"),
        case(2, "on", "off", "unknown", 60, "on", sentence="also if it was on long ago"),
        case(1, "unknown", 5, again("unknown"), 5, "on", sentence="whatever is written meanwhile"),
        case(1, None, "unknown", 60, "on", sentence="the first press of an entity made anew"),
        case(1, RESTORED, "unknown", 60, "on", before=("on", 60), sentence="or one before it rang"),
        case(0, None, "unknown", 59.9, "on", sentence="unless the entity is young"),
        case(0, RESTORED, 60, "unknown", 30, "on", sentence="its place is no entity yet"),
        case(0, None, GAP, 30, "unknown", 20, "on", sentence="a young one with a gap"),
        case(0, "on", before=("unknown", 59.9), sentence="as young as its only state"),
    ],
)
def test_a_toggle_that_was_unknown_for_long_rings_when_it_goes_on(
    before: tuple[Step, ...], history: tuple[Step, ...], rings: int
) -> None:
    assert lived(BELL, before, history).presses == rings


@pytest.mark.parametrize(("home_age", "rings"), [(59.9, 0), (60, 1)])
def test_a_home_that_has_just_started_takes_no_unknown_for_a_bell_at_rest(
    home_age: float, rings: int
) -> None:
    bell = History(BELL)
    bell.home_started_at = bell.monotonic + 3600 - home_age
    bell.write("unknown")
    bell.watch()
    bell.write(3600, "on")
    assert bell.presses == rings


@pytest.mark.parametrize(
    ("before", "history", "rings"),
    [
        case(1, again("on"), before=("on", 60), sentence="a button that only ever says on"),
        case(4, "on", 60, again("on"), 1, again("on"), 2, again("on"), sentence="a second apart"),
        case(1, "on", 0.9, again("on"), sentence="what follows sooner is the same press"),
        case(1, "on", *(0.9, again("on")) * 20, sentence="however long it repeats itself"),
        case(1, "on", again("on"), "off", sentence="ring, counter reset and off in a moment"),
        case(0, again("off"), 60, again("off"), sentence="writes of off do not ring"),
        case(0, Write("on", {"a": 1}), 60, before=("on", 60), sentence="attributes are no write"),
        case(0, GAP, "on", 0.5, again("on"), sentence="soon after it was found again"),
        case(1, GAP, "on", 1, again("on"), sentence="later after it was found again"),
    ],
)
def test_a_toggle_that_is_on_rings_when_it_is_written_again(
    before: tuple[Step, ...], history: tuple[Step, ...], rings: int
) -> None:
    assert lived(BELL, before, history).presses == rings


def test_a_bell_that_repeats_itself_prolongs_its_press() -> None:
    bell = lived(BELL, ("off",), ("on", 0.5, again("on"), 0.5, again("on")))
    assert [signal.repeats for signal in bell.signals] == [False, True, True]


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_a_clock_that_is_set_parts_no_repetition_from_its_press(seconds: float) -> None:
    assert lived(BELL, ("off",), ("on", 0.1, ClockSet(seconds), again("on"))).presses == 1


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_a_clock_that_is_set_hides_no_forced_write(seconds: float) -> None:
    assert lived(BELL, ("off",), ("on", ClockSet(seconds), 60, again("on"))).presses == 2


@pytest.mark.parametrize(
    ("before", "history", "rings"),
    [
        case(1, "off", before=("on",), sentence="on to off rings"),
        case(0, "on", sentence="off to on is the button let go"),
        case(2, "on", "off", "on", "off", sentence="every change to off rings"),
        case(1, "unknown", 60, "off", before=("on",), sentence="a long unknown after on"),
        case(0, "unknown", 60, "off", sentence="a long unknown after off"),
        case(1, again("off"), sentence="off is written again"),
        case(0, again("on"), before=("on", 60), sentence="on is written again"),
    ],
)
def test_a_normally_closed_contact_rings_when_it_goes_off(
    before: tuple[Step, ...], history: tuple[Step, ...], rings: int
) -> None:
    assert lived(BELL, before, history, rings_when="off").presses == rings


@pytest.mark.parametrize(
    ("before", "history", "rings"),
    [
        case(3, "on", 60, "off", 60, "on", sentence="both ways"),
        case(0, GAP, 60, "on", sentence="not over a gap"),
        case(1, "unknown", 60, "on", sentence="over a long unknown"),
        case(0, "unknown", 60, "off", sentence="not if it came back as it went"),
        case(0, again("off"), 60, again("off"), sentence="not when it is written without a change"),
        case(0, Write("off", {"a": 1}), sentence="not by attributes"),
    ],
)
def test_a_bistable_input_rings_when_it_flips(
    before: tuple[Step, ...], history: tuple[Step, ...], rings: int
) -> None:
    assert lived(BELL, before, history, rings_when="change").presses == rings


@pytest.mark.parametrize(
    ("before", "history", "rings"),
    [
        case(1, "on", before=(GAP, 60), sentence="on after a long gap"),
        case(3, *(GAP, 60, "on", 3, "off", 5) * 3, sentence="with off in between"),
        case(3, *(GAP, 60, "on", 5) * 3, sentence="without ever an off"),
        case(1, GAP, 10, "on", sentence="ten seconds are long"),
        case(0, GAP, 9.9, "on", sentence="anything shorter is a lost connection"),
        case(0, GAP, 60, "off", sentence="off is no press"),
        case(0, "on", before=(GAP, 59.9), sentence="a young entity"),
        case(0, RESTORED, 60, "on", sentence="an entity made anew"),
        case(0, None, GAP, 60, "on", sentence="an entity made anew that is not there yet"),
    ],
)
def test_a_bell_that_is_only_there_while_it_is_pressed_rings_on_its_return(
    before: tuple[Step, ...], history: tuple[Step, ...], rings: int
) -> None:
    assert lived(BELL, before, history, rings_on_return=True).presses == rings


def test_a_contact_that_returns_rings_by_its_own_ringing_state() -> None:
    history = (GAP, 60, "on", GAP, 60, "off")
    assert lived(BELL, ("off", 60), history, rings_on_return=True, rings_when="off").presses == 1


def test_a_setting_that_nobody_knows_rings_nothing() -> None:
    assert not lived(BELL, ("off",), ("on", "off"), rings_when="sometimes").presses


@pytest.mark.parametrize("domain", ["sensor", "select", "input_select"])
@pytest.mark.parametrize(
    ("before", "history", "rings"),
    [
        case(1, "ringing", before=("idle",), sentence="a chosen state rings"),
        case(2, "ringing", "idle", "called", before=("idle",), sentence="again after another"),
        case(1, "ringing", "called", before=("idle",), sentence="one call in two chosen states"),
        case(0, "talking", before=("idle",), sentence="a state that nobody chose"),
        case(0, "Ringing", before=("idle",), sentence="another state but for its capital"),
        case(0, GAP, 60, "ringing", before=("idle",), sentence="after a gap"),
        case(0, "unknown", before=("idle",), sentence="a gap, even if somebody chose it"),
        case(1, "ringing", before=("unknown", 3600), sentence="the first press after a restart"),
        case(0, "ringing", before=("unknown", 59), sentence="soon after a restart"),
        case(0, "unknown", 60, "called", before=("ringing",), sentence="a gap within one call"),
        case(0, "ringing", before=(), sentence="a new entity"),
        case(0, RESTORED, 60, "ringing", before=("idle",), sentence="an entity made anew"),
        case(1, GAP, "idle", "ringing", before=("ringing",), sentence="a press after a gap"),
        case(2, "ringing", 60, again("ringing"), before=("idle",), sentence="written again"),
        case(1, "ringing", 0.5, again("ringing"), before=("idle",), sentence="a repetition"),
    ],
)
def test_a_chosen_state_rings_when_it_is_entered(
    domain: str, before: tuple[Step, ...], history: tuple[Step, ...], rings: int
) -> None:
    states = frozenset({"ringing", "called", "unknown"})
    assert lived(f"{domain}.call", before, history, states=states).presses == rings


def test_a_chosen_state_does_not_ring_on_its_return() -> None:
    settings = {"states": frozenset({"ringing"}), "rings_on_return": True}
    assert not lived(CALL, ("idle", 60), (GAP, 60, "ringing"), **settings).presses


TIMED = [
    pytest.param(RING, RUNG, id="event"),
    pytest.param("button.bell", {}, id="button"),
    pytest.param("input_button.bell", {}, id="input_button"),
    pytest.param("sensor.last_ring", {"device_class": "timestamp"}, id="timestamp sensor"),
]


@pytest.mark.parametrize(("entity_id", "attributes"), TIMED)
@pytest.mark.parametrize(
    ("before", "history", "rings"),
    [
        case(1, Ago(0), before=(Ago(9),), sentence="a later time rings"),
        case(1, Ago(30), before=(Ago(60),), sentence="as old as it may be"),
        case(0, Ago(30.1), before=(Ago(60),), sentence="too old to announce"),
        case(1, Ago(-3600), before=(Ago(60),), sentence="however far ahead of the clock"),
        case(1, 1, Ago(3), before=(Ago(60),), sentence="also from before watching began"),
        case(1, 20, Ago(0), 1, Ago(5), before=(Ago(60),), sentence="an earlier time does not ring"),
        case(1, Ago(0), before=("unknown",), sentence="the first ring ever"),
        case(1, Ago(0), before=(GAP,), sentence="a ring that ends a gap"),
        case(1, GAP, 60, Ago(0), before=(Ago(9),), sentence="a ring that ends a long gap"),
        case(1, GAP, 60, Ago(30), before=(Ago(9),), sentence="old, but not too old, after a gap"),
        case(0, GAP, 60, Ago(30.1), before=(Ago(9),), sentence="too old after a gap"),
        case(1, GAP, 60, Ago(-5), before=(Ago(9),), sentence="five seconds ahead after a gap"),
        case(0, GAP, 60, Ago(-5.1), before=(Ago(9),), sentence="further ahead after a gap"),
        case(1, GAP, 10, Ago(10), before=(Ago(99),), sentence="as old as the watch after a gap"),
        case(0, GAP, 10, Ago(10.1), before=(Ago(99),), sentence="older than the watch after a gap"),
        case(0, GAP, 1, Ago(10), before=(Ago(9),), sentence="the same time after a gap"),
        case(0, Ago(0), before=(), sentence="an entity that appears with a time"),
        case(0, RESTORED, 60, Ago(0), before=(Ago(9),), sentence="an entity made anew"),
        case(0, None, "unknown", 9.9, Ago(0), before=(), sentence="and unknown for a moment"),
        case(1, None, "unknown", 10, Ago(0), before=(), sentence="a new entity's first ring ever"),
        case(1, "unknown", 10, GAP, 1, Ago(0), before=(), sentence="also if it was away before"),
        case(
            0,
            "unknown",
            9,
            GAP,
            9,
            Ago(0),
            before=(),
            sentence="unless it was never unknown for long",
        ),
        case(
            0, "unknown", 10, RESTORED, Ago(0), before=(), sentence="unless it was made anew again"
        ),
        case(1, RESTORED, Ago(0), 1, Ago(0), before=(Ago(9),), sentence="then it rings as ever"),
        case(3, *(0.001, Ago(0)) * 3, before=(Ago(9),), sentence="three within milliseconds"),
    ],
)
def test_a_new_time_rings(
    entity_id: str,
    attributes: dict[str, Any],
    before: tuple[Step, ...],
    history: tuple[Step, ...],
    rings: int,
) -> None:
    def with_attributes(steps: tuple[Step, ...]) -> tuple[Step, ...]:
        return tuple(
            Ago(step.seconds, attributes) if isinstance(step, Ago) else step for step in steps
        )

    entity = lived(
        entity_id,
        with_attributes(before),
        with_attributes(history),
        event_types=frozenset({"ring"}),
    )
    assert entity.presses == rings


@pytest.mark.parametrize("gap", [GAP, "unknown", None], ids=str)
def test_a_time_that_comes_back_later_does_not_ring_again(gap: str | None) -> None:
    bell = lived("button.bell", (Ago(60),), (Ago(0), 1, Ago(0), gap, Ago(1), gap, Ago(1)))
    assert bell.presses == 2


def test_the_time_of_a_press_that_is_told_late_is_its_own() -> None:
    bell = lived("button.bell", (Ago(60),), (Ago(4),))
    assert bell.signals[0].rung_at == bell.utc - timedelta(seconds=4)


def test_the_time_of_a_press_lies_never_ahead() -> None:
    bell = lived("button.bell", (Ago(60),), (Ago(-600),))
    assert bell.signals[0].rung_at == bell.utc


@pytest.mark.parametrize("attributes", [{}, {"button": 1}], ids=["state", "attribute"])
def test_the_time_of_a_state_is_when_it_was_written(attributes: dict[str, Any]) -> None:
    settings = {"attribute": "button", "attribute_values": frozenset({"1"})} if attributes else {}
    before = ("on",) if attributes else ("off",)
    bell = lived(BELL, before, (7, Write("on", attributes)), **settings)
    assert bell.signals[0].rung_at == bell.utc


@pytest.mark.parametrize(
    "history",
    [
        pytest.param((ClockSet(-600), 60, Ago(0)), id="set back"),
        pytest.param((ClockSet(600), 60, Ago(0)), id="set forward"),
        pytest.param((GAP, ClockSet(-600), 60, Ago(0)), id="set back in a gap"),
        pytest.param((GAP, ClockSet(600), 60, Ago(0)), id="set forward in a gap"),
    ],
)
def test_a_button_rings_whatever_happens_to_the_clock(history: tuple[Step, ...]) -> None:
    assert lived("button.bell", (Ago(60),), (60, *history)).presses == 1


def test_a_clock_that_is_set_forward_does_not_lengthen_an_unknown() -> None:
    bell = lived(BELL, ("off", 60), ("unknown", ClockSet(1e9), 9, "on"))
    assert not bell.presses


def test_a_clock_that_was_set_while_the_home_started_makes_nothing_old() -> None:
    bell = History(BELL)
    bell.home_started_at = bell.monotonic
    bell.write("unknown", 60, ClockSet(1e9))
    bell.home_started_at = bell.monotonic
    bell.watch()
    bell.write(59, "on")
    assert not bell.presses


@pytest.mark.parametrize("state", ["", "soon", "2026-13-45T99:99:99", "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize("entity_id", ["event.bell", "button.bell"])
def test_a_state_that_is_no_time_stands_in_no_way(entity_id: str, state: str) -> None:
    bell = lived(entity_id, (state,), (5, Ago(0, RUNG), state, 5, Ago(0, RUNG), state))
    assert bell.presses == 2


def test_an_entity_made_anew_has_arrived_only_once_it_tells_a_time() -> None:
    assert not lived("button.bell", (Ago(9),), (RESTORED, "soon", 1, Ago(0))).presses


class Kind(Enum):
    """A type that is no string."""

    RING = "ring"


class Word(StrEnum):
    """A type that is one, too."""

    RING = "ring"


@pytest.mark.parametrize(
    ("chosen", "offered", "event_type", "rings"),
    [
        pytest.param({"ring"}, ["ring", "motion"], "ring", True, id="a chosen type"),
        pytest.param({"ring"}, ["ring", "motion"], "motion", False, id="a type nobody chose"),
        pytest.param({"ring"}, None, "ring", True, id="offers are not told"),
        pytest.param({"ring"}, ["motion"], "ring", True, id="chosen, if not offered"),
        pytest.param({"press"}, ["ring", "double"], "ring", True, id="a renamed type"),
        pytest.param({"press"}, ["ring", "double"], "double", False, id="not ring-like"),
        pytest.param({"press"}, ["ring", "press"], "ring", False, id="the chosen one is left"),
        pytest.param({"a", "press"}, ["ring", "press"], "ring", False, id="one of two is left"),
        pytest.param({"press"}, None, "ring", False, id="nothing is offered"),
        pytest.param({"press"}, [], "ring", False, id="nothing at all is offered"),
        pytest.param(set(), ["ring", "motion"], "ring", True, id="none stored, ring-like"),
        pytest.param(set(), ["ring", "motion"], "motion", False, id="none stored, not ring-like"),
        pytest.param(set(), None, "ring", False, id="none stored, none offered"),
        pytest.param({"ring"}, ["ring"], None, False, id="no type"),
        pytest.param({"None"}, ["None"], None, False, id="no type is not a word"),
        pytest.param({"1"}, [1, 2], 1, True, id="a number"),
        pytest.param({"ring"}, [Word.RING], Word.RING, True, id="a member of an enumeration"),
        pytest.param({"ring"}, ["ring"], Kind.RING, False, id="a strange thing"),
        pytest.param({"ring"}, ["ring"], ["ring"], False, id="a list"),
        pytest.param({"press"}, [["ring"], None, {}], "ring", False, id="strange offers"),
        pytest.param({"press"}, "ring", "ring", True, id="an offer that is no list"),
        pytest.param({"press"}, 5, "ring", False, id="an offer that is a number"),
    ],
)
def test_only_chosen_event_types_ring(
    chosen: set[str], offered: Any, event_type: Any, rings: bool
) -> None:
    attributes = {"event_type": event_type}
    if offered is not None:
        attributes["event_types"] = offered
    bell = lived(RING, (Ago(9),), (Ago(0, attributes),), event_types=frozenset(chosen))
    assert bool(bell.presses) is rings


@pytest.mark.parametrize(
    ("home_age", "offered", "rings"),
    [
        pytest.param(0, [], 0, id="rendered again at a start"),
        pytest.param(1, [], 1, id="rendered for the first time later"),
        pytest.param(0, ["ring"], 1, id="a ring while Home Assistant starts"),
    ],
)
def test_a_template_that_is_rendered_at_a_start_does_not_ring(
    home_age: float, offered: list[str], rings: int
) -> None:
    bell = History(RING, event_types=frozenset({"ring"}))
    bell.home_started_at = bell.monotonic - home_age
    bell.write(Ago(60, {"event_type": "ring", "event_types": offered}))
    bell.watch()
    bell.write(Ago(0, RUNG))
    assert bell.presses == rings


def test_an_event_of_another_type_between_two_rings_changes_nothing() -> None:
    motion = OFFERED | {"event_type": "motion"}
    history = (1, Ago(0, RUNG), 0.001, Ago(0, motion), 0.001, Ago(0, RUNG))
    assert lived(RING, (Ago(9),), history, event_types=frozenset({"ring"})).presses == 2


@pytest.mark.parametrize(
    ("value", "chosen", "rings"),
    [
        pytest.param("101", {"101"}, True, id="text"),
        pytest.param("102", {"101"}, False, id="other text"),
        pytest.param("Front", {"front"}, False, id="another letter case"),
        pytest.param(101, {"101"}, True, id="number"),
        pytest.param(True, {"true"}, True, id="true"),
        pytest.param(True, {"True"}, True, id="true with a capital"),
        pytest.param(False, {"false"}, True, id="false"),
        pytest.param(True, {"1"}, False, id="true is not one"),
        pytest.param(["101", "5"], {"101"}, True, id="one of a list"),
        pytest.param(["5"], {"101"}, False, id="none of a list"),
        pytest.param([["101"]], {"101"}, False, id="a list in a list"),
        pytest.param({"101": 1}, {"101"}, False, id="a dictionary"),
        pytest.param(None, {"None"}, False, id="nothing"),
        pytest.param("101", set(), False, id="nothing chosen"),
    ],
)
@pytest.mark.parametrize(
    ("entity_id", "before", "rung"),
    [
        pytest.param(BELL, "off", "on", id="two states"),
        pytest.param(CALL, "idle", "ringing", id="chosen states"),
        pytest.param(RING, Ago(9), Ago(0), id="event"),
    ],
)
def test_an_attribute_has_to_have_a_chosen_value(
    entity_id: str, before: Step, rung: Step, value: Any, chosen: set[str], rings: bool
) -> None:
    attributes = RUNG | {"button": value}
    if isinstance(rung, Ago):
        step: Step = Ago(rung.seconds, attributes)
    else:
        step = Write(str(rung), attributes)
    bell = lived(
        entity_id,
        (before,),
        (step,),
        states=frozenset({"ringing"}),
        event_types=frozenset({"ring"}),
        attribute="button",
        attribute_values=frozenset(chosen),
    )
    assert bool(bell.presses) is rings


def test_an_entity_without_the_attribute_does_not_ring() -> None:
    settings = {"attribute": "button", "attribute_values": frozenset({"1"})}
    assert not lived(BELL, ("off",), ("on", 60, again("on")), **settings).presses


def of(state: str, button: Any = None) -> Write:
    return Write(state, {} if button is None else {"button": button})


@pytest.mark.parametrize(
    ("before", "history", "rings"),
    [
        case(1, of("ringing"), of("ringing", "1"), before=("idle",), sentence="it comes later"),
        case(1, of("ringing", "9"), of("ringing", "1"), before=("idle",), sentence="another door"),
        case(2, of("ringing", "1"), 30, of("ringing", "2"), before=("idle",), sentence="next door"),
        case(0, of("ringing", "9"), before=(of("ringing", "1"),), sentence="it goes"),
        case(1, of("called", "1"), before=(of("ringing", "9"),), sentence="with another state"),
        case(0, of("called", "1"), before=(of("ringing", "1"),), sentence="it stays"),
        case(0, of("idle", "1"), before=("idle",), sentence="nothing rings"),
        case(0, GAP, of("ringing", "1"), before=(of("ringing"),), sentence="after a gap"),
        case(1, of("ringing", ["1", "9"]), before=(of("ringing", ["9"]),), sentence="in a list"),
        case(0, of("ringing", ["1"]), before=(of("ringing", ["1", "9"]),), sentence="left alone"),
    ],
)
def test_an_attribute_that_takes_a_chosen_value_while_the_entity_rings_is_a_press(
    before: tuple[Step, ...], history: tuple[Step, ...], rings: int
) -> None:
    call = lived(
        CALL,
        before,
        history,
        states=frozenset({"ringing", "called"}),
        attribute="button",
        attribute_values=frozenset({"1", "2"}),
    )
    assert call.presses == rings


@pytest.mark.parametrize(
    ("before", "history", "rings"),
    [
        case(
            0, Unwatched(("off", "unknown")), "on", before=("unknown", 99), sentence="unknown anew"
        ),
        case(0, Unwatched((1, "on", "unknown")), 1, "on", sentence="a restart that nobody saw"),
        case(0, "unknown", 9, Unwatched((1, "on", "unknown")), 9, "on", sentence="two unknowns"),
        case(1, "unknown", 9, Unwatched((60,)), "on", sentence="one unknown all the time"),
        case(1, Unwatched((60,)), "on", sentence="off all the time"),
        case(0, Unwatched(("on",)), sentence="a press that nobody saw"),
        case(1, "on", "unknown", Unwatched((60,)), "on", sentence="a gap that followed on"),
        case(1, Unwatched(("on", "unknown", 60)), "on", sentence="what came before is forgotten"),
        case(
            1, Unwatched(("off", "unknown", 60)), "on", before=("on",), sentence="on is forgotten"
        ),
        case(0, None, Unwatched((60,)), "on", sentence="not there, and back"),
    ],
)
def test_memory_spans_no_time_in_which_nobody_watched(
    before: tuple[Step, ...], history: tuple[Step, ...], rings: int
) -> None:
    assert lived(BELL, before, history).presses == rings


@pytest.mark.parametrize(
    ("history", "rings"),
    [
        pytest.param((1, Ago(-4), GAP, Unwatched((1,)), Ago(-3)), 1, id="the same after a gap"),
        pytest.param((1, Unwatched((1, Ago(0), 1, GAP)), 1, Ago(2)), 0, id="nobody saw it"),
        pytest.param((Unwatched((1,)), 1, Ago(0)), 1, id="a new one"),
    ],
)
def test_what_rang_does_not_ring_again_after_an_unwatched_time(
    history: tuple[Step, ...], rings: int
) -> None:
    assert lived("button.bell", (Ago(60),), history).presses == rings


def test_an_entity_may_become_a_timestamp_sensor_while_it_is_watched() -> None:
    stamped = {"device_class": "timestamp"}
    history = (1, "talking", 1, Ago(0, stamped), 1, Ago(0, stamped))
    assert lived(CALL, ("idle",), history, states=frozenset({"ringing"})).presses == 2


def test_an_entity_of_another_domain_rings_by_that_domains_rule() -> None:
    bell = History(BELL)
    bell.watch()
    bell.doorbell = lived(CALL, (), (), states=frozenset({"ringing"})).doorbell
    bell.write("idle", "ringing", "on")
    assert bell.presses == 1


@pytest.mark.parametrize("state", ["off", "on", "ringing", "2026-11-26T12:00:00+00:00"])
def test_an_entity_of_a_domain_that_cannot_ring_does_not(state: str) -> None:
    assert not lived("light.bell", ("off",), ("on", state, again(state))).presses


def test_a_flood_of_changes_is_as_many_presses_as_it_says() -> None:
    bell = lived(BELL, ("off",), ("on", *(0.0001, Write("on", {"n": 1}), Write("on")) * 10_000))
    assert bell.presses == 1


def test_a_flood_of_forced_writes_is_one_press() -> None:
    assert lived(BELL, ("off",), ("on", *(0.0001, again("on")) * 10_000)).presses == 1


def test_what_is_remembered_of_a_flood_of_events_has_an_end() -> None:
    bell = lived("button.bell", (Ago(9),), (0.001, Ago(0)) * 10_000)
    assert (bell.presses, len(bell.rule._timestamps)) == (10_000, 1024)
