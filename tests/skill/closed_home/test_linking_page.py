"""The linking page: in ten languages, for nobody else's frame, and kept by nobody."""

from collections.abc import Callable
import html
import json
from pathlib import Path
import re

import pytest

from skill.closed_home import linking_page
from skill.closed_home.exchange import Request

from .parts import NAME, AlexaApp, ClosedSkill, Home

TEXTS: dict[str, dict[str, str]] = json.loads(
    Path(linking_page.__file__).with_name("page_texts.json").read_text()
)
TRANSLATIONS = Path("custom_components/alexa_doorbell/translations")


def request(accept_language: str) -> Request:
    """A browser that wants these languages."""
    headers = {"accept-language": accept_language}
    return Request(method="GET", path="/authorize", query="", headers=headers, body=b"")


def test_the_page_speaks_the_languages_of_the_integration() -> None:
    assert TEXTS.keys() == {path.stem.partition("-")[0] for path in TRANSLATIONS.glob("*.json")}


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_has_every_text_of_its_own(language: str) -> None:
    texts = TEXTS[language]

    assert texts.keys() == TEXTS["en"].keys()
    assert re.findall(r"\{\w*\}", "".join(texts.values())) == ["{name}"]
    assert "{name}" in texts["intro"]
    assert all(text.strip() == text != "" for text in texts.values())
    if language != "en":
        assert not [key for key, text in texts.items() if text == TEXTS["en"][key]]


@pytest.mark.parametrize(
    ("accept_language", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en;q=0.5, fr;q=0.9", "fr"),
        ("zh-CN,zh;q=0.9", "en"),
        ("zh-CN, ja;q=0.1", "ja"),
        ("pt-BR", "pt"),
        ("AR-sa", "ar"),
        ("de;q=0, it;q=0.2", "it"),
        ("*", "en"),
        ("de;q=x", "en"),
        ("de;q=nan, es", "es"),
        (";;;,,,=", "en"),
        ("../../etc/passwd", "en"),
        ("de," * 10_000, "de"),
    ],
    ids=lambda text: text[:30],
)
def test_the_browsers_first_language_that_there_is(accept_language: str, language: str) -> None:
    assert linking_page.language_of(request(accept_language)) == language


@pytest.mark.parametrize("language", TEXTS)
async def test_each_page_says_what_is_linked_in_the_browsers_language(
    skill: ClosedSkill, language: str
) -> None:
    alexa = AlexaApp(skill)
    headers = {"Accept-Language": language}
    page = await skill.ask("GET", "/authorize", params=alexa.asked(), headers=headers)

    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in page.text
    assert page.headers["Content-Language"] == language
    assert NAME in page.text
    for key in ("title", "learns", "never", "label", "hint", "button", "care"):
        assert html.escape(TEXTS[language][key]) in page.text
    assert TEXTS[language]["wrong"] not in html.unescape(page.text)


async def test_no_page_can_be_framed_kept_found_or_taught_to_run_anything(
    skill: ClosedSkill,
) -> None:
    alexa = AlexaApp(skill)
    form = alexa.asked() | {"code": "BCDFGHJKLM"}
    pages = [await alexa.open_page(), await alexa.submit(form), await alexa.open_page(state="x")]
    pages.append(await alexa.open_page(client_id="other"))
    await skill.instances[0].stop()
    skill.rows.delete_item(Key={"key": "config"})
    pages.append(await alexa.open_page())

    assert [page.status for page in pages] == [200, 200, 200, 400, 503]
    for page in pages:
        policy = dict(
            part.partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split("; ")
        )
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert policy["form-action"].split(" ") == ["'self'", *linking_page.ALEXA]
        assert policy.keys() - {"style-src"} == {
            *("default-src", "frame-ancestors", "base-uri", "form-action")
        }
        assert page.headers["Cache-Control"] == "no-store"
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in page.headers
        assert not re.search(r"<script|<link|<img|<iframe|\bon\w+=|https?://(?!layla)", page.text)


async def test_a_code_that_does_not_fit_is_shown_as_it_was_typed_to_be_corrected(
    skill: ClosedSkill,
) -> None:
    alexa = AlexaApp(skill)
    first, wrong = await alexa.open_page(), await alexa.type_code("bcdfg-hjklm")

    assert 'id="code"' in first.text
    assert ' value="bcdfg-hjklm"' not in first.text
    assert ' aria-invalid="true" value="bcdfg-hjklm"' in wrong.text


def wide(code: str) -> str:
    """As a Japanese keyboard writes it."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in code)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(lambda code: f" {code[:5]}-{code[5:]} ", id="as it is shown"),
        pytest.param(str.lower, id="small"),
        pytest.param(" ".join, id="with blanks"),
        pytest.param(lambda code: f"{code[:5]}\N{EN DASH}{code[5:]}", id="a long dash"),
        pytest.param(wide, id="full width"),
        pytest.param(lambda code: f"\N{ZERO WIDTH SPACE}{code}", id="what nobody sees"),
    ],
)
async def test_a_code_counts_however_a_phone_writes_it(
    skill: ClosedSkill, home: Home, typed: Callable[[str], str]
) -> None:
    reply = await AlexaApp(skill).type_code(typed(await home.new_pairing()))

    assert reply.status == 303


async def test_a_code_that_was_never_one_teaches_the_page_nothing(skill: ClosedSkill) -> None:
    wrong = await AlexaApp(skill).type_code('"><a href=//x>{wrong}' + "B" * 1000)

    assert ' value="&quot;&gt;&lt;a href=//x&gt;{wrong}BBB"' in wrong.text
