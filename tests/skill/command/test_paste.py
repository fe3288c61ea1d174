"""Secrets as people paste them, and windows as they have them."""

import asyncio
import os
from pathlib import Path
import sys

import pytest

from skill.command.errors import CommandError
from skill.command.paste import cleaned, found_secret, shared_secret

from ..server import SHARED_SECRET
from ..world import World

SCRIPT = Path(__file__).parents[3] / "skill" / "create_skill.py"


@pytest.mark.parametrize(
    "pasted",
    [
        f" {SHARED_SECRET} \r",
        f"\x16{SHARED_SECRET}",
        f"\xe0R{SHARED_SECRET}",
        f"\ufeff{SHARED_SECRET}",
        f"\x1b[200~{SHARED_SECRET}\x1b[201~",
        f"\u200b{SHARED_SECRET[:9]}\u200b{SHARED_SECRET[9:]}",
        f'"{SHARED_SECRET}"',
        f"\u201c{SHARED_SECRET}\u201d",
        f"Shared secret: {SHARED_SECRET}",
        f"Gemeinsames Geheimnis: {SHARED_SECRET}.",
        f"ALEXA_DOORBELL_SECRET={SHARED_SECRET}",
        f"{SHARED_SECRET}\n{SHARED_SECRET}",
    ],
    ids=[
        *("blanks", "ctrl+v", "shift+insert", "byte order mark", "bracketed", "zero width"),
        *("quotes", "typographic quotes", "with its label", "with another label", "with a name"),
        "twice",
    ],
)
def test_the_secret_is_found_in_whatever_was_pasted_with_it(pasted: str) -> None:
    assert found_secret(pasted) == SHARED_SECRET


@pytest.mark.parametrize(
    ("pasted", "cause"),
    [
        ("\x16", "secret_not_pasted"),
        ("^V", "secret_not_pasted"),
        ("\xe0R", "secret_not_pasted"),
        ("", "secret_not_entered"),
        ("https://home.example/api/webhook/1", "secret_is_address"),
        ("home.example/api/webhook/1", "secret_is_address"),
        ("uv run x create --region eu --webhook-url https://a", "secret_is_command"),
        ("amzn1.oa2-cs.v1.abc", "secret_is_credential"),
        ("Atzr|abc", "secret_is_credential"),
        ("hunter2", "secret_is_something_else"),
        ("whsec_YWFh whsec_YmJi", "secret_is_something_else"),
    ],
)
def test_a_wrong_paste_is_called_what_it_is(pasted: str, cause: str) -> None:
    with pytest.raises(CommandError) as caught:
        found_secret(pasted)

    assert caught.value.cause == cause
    assert not pasted or pasted not in str(caught.value) + caught.value.advice


@pytest.mark.parametrize(
    "pasted",
    [
        ' "\ufeffhttps://home.example/1\u200b" ',
        "\x1b[200~https://home.example/1\x1b[201~",
        "\x16https://home.example/1\r\n",
    ],
    ids=["quotes and no width", "bracketed", "ctrl+v"],
)
def test_an_address_loses_what_nobody_sees(pasted: str) -> None:
    assert cleaned(pasted) == "https://home.example/1"


def test_a_window_of_git_bash_says_how_instead_of_showing_the_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", None)

    with pytest.raises(CommandError) as caught:
        shared_secret(None, {"MSYSTEM": "MINGW64"})

    assert caught.value.cause == "git_bash"
    assert "winpty" in caught.value.advice
    assert shared_secret(None, {"MSYSTEM": "MINGW64", "ALEXA_DOORBELL_SECRET": SHARED_SECRET})


def test_nobody_to_ask_and_nothing_given_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)

    with pytest.raises(CommandError) as caught:
        shared_secret(None, {})

    assert caught.value.cause == "secret_missing"


def test_a_wrong_paste_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pastes = ["\x16", "https://home.example/api/webhook/1", SHARED_SECRET]
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _: pastes.pop(0))

    assert shared_secret(None, {}) == SHARED_SECRET

    told = capsys.readouterr().err
    assert "Paste with the right mouse button" in told
    assert "That is an address" in told


def test_three_wrong_pastes_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _: "hunter2")

    with pytest.raises(CommandError):
        shared_secret(None, {})


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
async def test_a_console_that_knows_few_letters_shows_the_others_as_numbers(
    world: World, encoding: str
) -> None:
    world.smapi.build_polls = 0
    world.environment["PYTHONIOENCODING"] = encoding

    result = await world.run_script(
        *("create", "--webhook-url", world.home_assistant.url, "--region", "eu"),
        *("--name", "ドアホン Türe"),
    )

    assert result.status == 0, str(result)
    assert "\\u30c9" in result.out
    assert world.home_assistant.setups


async def test_a_reader_that_goes_away_leaves_no_traceback(world: World) -> None:
    environment = world.environment | {"PATH": os.defpath}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(SCRIPT), "destroy", "--yes"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    assert process.stdout
    assert process.stderr
    process.stdout._transport.close()  # type: ignore[attr-defined]
    errors = await process.stderr.read()
    await process.wait()

    assert b"Traceback" not in errors
    assert b"Exception" not in errors


async def test_a_foreign_exception_ends_in_one_kind_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise UnicodeError(SHARED_SECRET)

    monkeypatch.setattr("skill.command.skill.find_skill", fail)

    result = await world.create()

    assert result.status == 1
    assert "a fault of the command itself: UnicodeError in skill.py, line" in result.errors
    assert "What to do: Run it again with --report FILE" in result.errors
