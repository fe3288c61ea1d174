"""The table of causes: whole, reached, and fit to be read."""

import ast
from pathlib import Path
import re
import string

import pytest

from skill import lambda_function
from skill.command.causes import CAUSES, failure
from skill.command.causes_home import FINAL, HOME, ONLY_FROM_HERE, PASSING
from skill.command.causes_login import REFUSED_TOKENS

COMMAND = Path(__file__).parents[3] / "skill" / "command"
MODULES = sorted(COMMAND.glob("*.py"))


def raised() -> dict[str, set[str]]:
    """Which rows the code asks for by name, and with which facts."""
    found: dict[str, set[str]] = {}
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id == "failure" and isinstance(node.args[0], ast.Constant):
                facts = {str(keyword.arg) for keyword in node.keywords}
                found.setdefault(str(node.args[0].value), set()).update(facts)
    return found


def named() -> set[str]:
    """Every string in the code that could be a row's name."""
    code = [module for module in MODULES if not module.stem.startswith("causes")]
    trees = [ast.walk(ast.parse(module.read_text())) for module in code]
    constants = [node for tree in trees for node in tree if isinstance(node, ast.Constant)]
    return {node.value for node in constants if isinstance(node.value, str)}


def facts(cause: str) -> set[str]:
    """What the words of a row are filled with."""
    row = CAUSES[cause]
    parsed = string.Formatter().parse(row.what + row.advice)
    return {name for _, name, *_ in parsed if name}


def test_every_row_that_the_code_asks_for_is_there_with_its_facts() -> None:
    for cause, given in raised().items():
        assert facts(cause) <= given, cause


def test_every_row_is_asked_for_by_code_or_by_a_table() -> None:
    tables = {*ONLY_FROM_HERE.values(), *REFUSED_TOKENS.values(), *lambda_function.CAUSES}

    assert CAUSES.keys() <= named() | tables


def test_every_cause_of_the_functions_has_a_row() -> None:
    assert lambda_function.CAUSES.keys() - CAUSES.keys() == {"unexpected"}
    assert {*FINAL, *PASSING, *ONLY_FROM_HERE} <= lambda_function.CAUSES.keys()


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_every_row_says_what_happened_and_what_to_do_in_whole_sentences(cause: str) -> None:
    error = failure(cause, **dict.fromkeys(facts(cause), "this"))

    assert re.match(r"[A-Z]", str(error))
    assert str(error)[-1] in ".}" or CAUSES[cause].what.endswith("{said}")
    assert re.match(r"[A-Z]", error.advice)
    assert error.advice.endswith(".")
    assert "  " not in f"{error} {error.advice}"


@pytest.mark.parametrize("cause", sorted(HOME))
def test_no_row_of_home_assistants_needs_what_the_function_does_not_tell(cause: str) -> None:
    assert facts(cause) <= {"status", "reason", "difference", "kind", "message"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_every_failure_is_a_row_of_the_table(module: Path) -> None:
    calls = [
        node
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "CommandError"
    ]

    assert not calls or module.stem == "causes"
