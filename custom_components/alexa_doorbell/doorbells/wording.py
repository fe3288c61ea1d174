"""What names mean: of event types, states and entities, as integrations choose them."""

from collections.abc import Iterable
import re

# What integrations call a ring, and what comes after one or is none.
RING_WORDS = {"ring", "rings", "rang", "ringing", "doorbell", "bell", "ding", "chime", "visitor"}
OTHER_WORDS = {"long", "double", "triple", "hold", "held", "timeout"}
OTHER_WORDS |= {"stop", "stopped", "finished", "canceled", "cancelled", "no", "not", "off"}
OTHER_WORDS |= {"missed", "accepted", "answered", "declined", "rejected"}
RELEASE_WORDS = {"release", "released", "end", "ended", "up"}
# The press of a plain button; what may stand beside it, and what makes sure that it is short.
PRESS_WORDS = {"press", "pressed", "push", "pushed", "click", "clicked", "single"}
SHORT_WORDS = {"short", "single", "click", "clicked", "1"}
BESIDE_WORDS = {"button", "btn", "key", "initial", "start", "started", "short", "multi", "0", "1"}


def split_words(text: str) -> list[str]:
    """Return the words of a name, also of one in camel case or with numbers at words' ends."""
    apart = re.sub(r"(?<=[^\W\d_A-Z])(?=[A-Z0-9])", " ", text)
    return [word for word in re.split(r"[\W_]+", apart.casefold()) if word]


def ring_like(names: Iterable[str]) -> list[str]:
    """Return those that sound like a ring, or else like one short press of a button.

    Of a press that is told when it begins and when it ends, only the beginning.
    """
    words = {name: set(split_words(name)) for name in names}
    for sounds_like in (_a_ring, _a_call, _a_short_press, _a_press, _the_end_of_a_short_press):
        if found := [name for name in words if sounds_like(words[name])]:
            return found
    return []


def is_press_like(text: str) -> bool:
    """Whether a name says of a button that it is pressed, and nothing else."""
    return _a_press(set(split_words(text)))


def _a_ring(words: set[str]) -> bool:
    return bool(words & RING_WORDS) and not words & (OTHER_WORDS | RELEASE_WORDS)


def _a_call(words: set[str]) -> bool:
    calls = "calling" in words or words >= {"incoming", "call"}
    return calls and not words & (OTHER_WORDS | RELEASE_WORDS)


def _a_short_press(words: set[str]) -> bool:
    return bool(words & SHORT_WORDS) and _a_press(words)


def _a_press(words: set[str]) -> bool:
    # Somebody who presses several times has pressed "multi" once only with a 1 beside it.
    counted = "multi" not in words or "1" in words
    return bool(words & PRESS_WORDS) and words <= PRESS_WORDS | BESIDE_WORDS and counted


def _the_end_of_a_short_press(words: set[str]) -> bool:
    released = words & RELEASE_WORDS and words & (PRESS_WORDS | SHORT_WORDS)
    return bool(released) and _a_press((words - RELEASE_WORDS) | {"press"})
