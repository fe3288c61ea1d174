"""Guards of the texts in every language that the integration speaks."""

from collections.abc import Mapping
import json
from pathlib import Path
import re
from string import Formatter
from typing import Any
import unicodedata

import pytest

from custom_components.alexa_doorbell.const import DOMAIN

FOLDER = Path(__file__).parent.parent / "custom_components" / DOMAIN / "translations"
# How English writes a number, and a list.
POINT, COMMA = "{whole}.{fraction}", "{some}, {another}"
# Every language beside English, with the texts that are rightly written as in English.
SAME_AS_ENGLISH: dict[str, set[str]] = {
    "ar": {"Login with Amazon", POINT},
    "de": {"Login with Amazon", "Name", "Region", "Skill", COMMA},
    "es": {"Login with Amazon", "Skill", COMMA},
    "fr": {"Login with Amazon", "Skill", COMMA},
    "hi": {"Login with Amazon", POINT, COMMA},
    "it": {"America", "Login with Amazon", "Skill", COMMA},
    "ja": {"Login with Amazon", POINT},
    "nl": {"Accounts", "Login with Amazon", "Skill", COMMA},
    "pt-BR": {"Login with Amazon", "Skill", COMMA},
}
# The letters of each script that is not Latin, as Unicode names them.
SCRIPTS = {
    "ar": ("ARABIC LETTER",),
    "hi": ("DEVANAGARI LETTER",),
    "ja": ("HIRAGANA LETTER", "KATAKANA LETTER", "CJK UNIFIED IDEOGRAPH"),
}
# Straight after an apostrophe, Home Assistant's frontend does not fill a placeholder in.
FORBIDDEN = re.compile(r"</?[a-z]|https?://|www\.|\[%key|'[{}]", re.IGNORECASE)


def texts_in(language: str) -> dict[str, str]:
    """Every text of a language by its whole path, in the order of the file."""
    return _flat(json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8")))


def _flat(texts: Mapping[str, Any], path: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in texts.items():
        where = f"{path}.{key}".lstrip(".")
        found |= _flat(value, where) if isinstance(value, dict) else {where: value}
    return found


def placeholders(text: str) -> list[str]:
    """The names in braces, each as often as it is there."""
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def has_words(text: str) -> bool:
    """Whether it is more than placeholders and the signs between them."""
    return any(char.isalpha() for char in re.sub(r"{\w+}", "", text))


def code_and_steps(text: str) -> list[str]:
    """The code and the numbers of steps, in their order."""
    return re.findall(r"^(```|[0-9]+\. )", text, re.MULTILINE)


@pytest.fixture(name="english")
def english_texts() -> dict[str, str]:
    """The texts that all others are translated from."""
    return texts_in("en")


every_language = pytest.mark.parametrize("language", ["en", *SAME_AS_ENGLISH])
every_translation = pytest.mark.parametrize("language", SAME_AS_ENGLISH)


def test_each_language_has_its_file_and_there_is_no_other() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {
        f"{language}.json" for language in ("en", *SAME_AS_ENGLISH)
    }


@every_translation
def test_a_translation_has_the_texts_of_english_in_the_same_order(
    language: str, english: dict[str, str]
) -> None:
    assert list(texts_in(language)) == list(english)


@every_translation
def test_a_translation_fills_in_what_english_does(language: str, english: dict[str, str]) -> None:
    assert {key: placeholders(text) for key, text in texts_in(language).items()} == {
        key: placeholders(text) for key, text in english.items()
    }


@every_translation
def test_a_translation_has_the_code_blocks_and_steps_of_english(
    language: str, english: dict[str, str]
) -> None:
    assert {key: code_and_steps(text) for key, text in texts_in(language).items()} == {
        key: code_and_steps(text) for key, text in english.items()
    }


@every_language
def test_every_text_says_something_without_blanks_around_it(language: str) -> None:
    assert not {
        key: text for key, text in texts_in(language).items() if not text or text != text.strip()
    }


@every_language
def test_no_text_has_markup_an_address_or_a_placeholder_that_is_not_filled(language: str) -> None:
    assert not {key: text for key, text in texts_in(language).items() if FORBIDDEN.search(text)}


@every_translation
def test_no_text_is_left_in_english(language: str, english: dict[str, str]) -> None:
    same = {text for key, text in texts_in(language).items() if text == english[key]}

    assert same == SAME_AS_ENGLISH[language]


@pytest.mark.parametrize("language", SCRIPTS)
def test_every_text_is_written_in_the_script_of_its_language(language: str) -> None:
    assert not {
        key: text
        for key, text in texts_in(language).items()
        if has_words(text)
        and text not in SAME_AS_ENGLISH[language]
        and not any(unicodedata.name(char, "").startswith(SCRIPTS[language]) for char in text)
    }
