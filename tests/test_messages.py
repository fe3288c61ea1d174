"""Guards of the guide's rows: whatever stops the setup is explained, in the words that it has."""

from functools import cache
import json
import re
from typing import Any

import pytest

from custom_components.alexa_doorbell.const import DOMAIN
from skill import lambda_function
from skill.command.causes import CAUSES
from skill.command.errors import Cause

from .documents import ROOT, SKILL, plain, rows, section

FILE = ROOT / "custom_components" / DOMAIN / "translations" / "en.json"
# What skill/run says before there is a command: what, and the advice.
RUN = [
    (re.sub(r"\$\w+", "{}", what), advice)
    for what, advice in re.findall(
        r'fail "([^"]*)"\s*\\\s*"([^"]*)"', (ROOT / "skill" / "run").read_text()
    )
]
TEXTS: dict[str, Any] = json.loads(FILE.read_text())
WINDOW: dict[str, Any] = TEXTS["config"]
# What stops the two windows, of the skill and of an account.
STOPS = {
    "error": WINDOW["error"],
    "abort": WINDOW["abort"],
    "account": TEXTS["config_subentries"]["account"]["abort"],
}
PAGE: dict[str, str] = json.loads((ROOT / "skill" / "closed_home" / "page_texts.json").read_text())[
    "en"
]

# What the function refuses Alexa with, and logs; it has no other sentences.
REFUSALS = [
    text
    for module in ("directives", "grants")
    for text in re.findall(
        r'(?<!")"([A-Z][^"]*\.)"(?!")',
        (ROOT / "skill" / "closed_home" / f"{module}.py").read_text(),
    )
]


@cache
def said_by(heading: str) -> list[list[str]]:
    """The rows of messages below that heading of the guide: what, whose word, what to do."""
    return [row for row in rows(section(SKILL, heading)) if row[0] != "What it says"]


def has_words_of(cell: str, text: str) -> bool:
    """Whether a cell is that text, with … or something of its own for what is filled in."""
    parts = re.split(r"{\w*}", plain(text))
    return bool(re.fullmatch(".+".join(map(re.escape, parts)), cell))


def first_sentence(text: str) -> str:
    """A message up to its first full stop."""
    first = re.match(r".*?\.(?= |$)", text)
    assert first
    return first[0]


@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES.keys())
def test_every_message_of_the_command_has_its_row(cause: Cause) -> None:
    found = [row for row in said_by("What the command says") if has_words_of(row[0], cause.what)]

    assert found
    for _, whose, advice in found:
        assert whose
        assert has_words_of(advice, cause.advice)


def test_every_message_of_the_line_itself_has_its_row() -> None:
    assert RUN, "else this test reads skill/run wrongly"
    for what, advice in RUN:
        found = [row for row in said_by("What the command says") if has_words_of(row[0], what)]
        assert found, what
        assert has_words_of(found[0][2], advice)


@pytest.mark.parametrize("text", lambda_function.CAUSES.values(), ids=lambda_function.CAUSES.keys())
def test_every_message_of_the_function_has_its_row(text: str) -> None:
    found = [row for row in said_by("What the function says") if has_words_of(row[0], text)]

    assert found
    assert all(map(all, found)), "whose word, and what to do"


@pytest.mark.parametrize("texts", STOPS.values(), ids=STOPS.keys())
def test_every_message_of_the_window_has_its_row(texts: dict[str, str]) -> None:
    found = [row[0] for row in said_by("What Home Assistant's window says")]

    for key, text in texts.items():
        first = first_sentence(text)
        assert key.endswith("_successful") or any(has_words_of(cell, first) for cell in found), key


@pytest.mark.parametrize("key", ["wrong", "broken", "unavailable"])
def test_every_message_of_the_page_for_the_code_has_its_row(key: str) -> None:
    found = said_by("What the page for the code says")

    assert any(row[0].startswith(first_sentence(PAGE[key])) and all(row) for row in found)


@pytest.mark.parametrize("text", REFUSALS)
def test_every_refusal_of_a_function_that_answers_by_itself_has_its_row(text: str) -> None:
    found = [
        row
        for row in said_by("What the function says when it answers by itself")
        if any(text.startswith(one.partition("…")[0]) for one in row[0].split(", "))
    ]

    assert found
    assert all(map(all, found)), "whose word, and what to do"


@pytest.mark.parametrize(
    ("heading", "texts"),
    [
        (
            "What the command says",
            [*(cause.what for cause in CAUSES.values()), *(what for what, _ in RUN)],
        ),
        ("What the function says", list(lambda_function.CAUSES.values())),
    ],
    ids=["command", "function"],
)
def test_no_row_explains_what_nobody_says(heading: str, texts: list[str]) -> None:
    for row in said_by(heading):
        assert any(has_words_of(row[0], text) for text in texts), row[0]
