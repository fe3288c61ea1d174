"""The script itself, as a user starts it."""

import ast
from pathlib import Path
import re
import subprocess
import sys
import tomllib

import pytest

SKILL = Path(__file__).parents[3] / "skill"
SCRIPT = SKILL / "create_skill.py"


def run(*arguments: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run it, with options for Python."""
    command = [sys.executable, *options, str(SCRIPT), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_it_declares_what_it_needs() -> None:
    block = re.search(r"(?m)^# /// script\n(.*?)^# ///$", SCRIPT.read_text(), re.DOTALL)
    assert block
    metadata = tomllib.loads(re.sub(r"(?m)^# ?", "", block[1]))

    assert metadata["requires-python"] == ">=3.12"
    # `aws login` of AWS's own command line needs what [crt] brings.
    assert metadata["dependencies"] == ["boto3[crt]>=1.41"]


def test_uvx_brings_the_same() -> None:
    project = tomllib.loads((SKILL / "pyproject.toml").read_text())["project"]

    assert project["requires-python"] == ">=3.12"
    assert project["dependencies"] == ["boto3[crt]>=1.41"]


def test_a_python_that_the_tests_have_not_seen_is_not_chosen() -> None:
    asked = re.search(r"python='>=3\.12,<3\.(\d+)'", (SKILL / "run").read_text())

    assert asked
    assert int(asked[1]) == sys.version_info.minor + 1


def test_it_explains_itself() -> None:
    assert "make the skill, or mend it" in run("--help").stdout
    assert "--region" in run("create", "--help").stdout
    assert "--yes" in run("destroy", "--help").stdout


def test_it_says_what_is_missing() -> None:
    result = run("--help", options=("-S", "-E"))

    assert result.returncode == 1
    assert "The Python package boto3 is missing. Run `sh skill/run` in its place" in result.stderr


@pytest.mark.parametrize("path", sorted(SKILL.rglob("*.py")), ids=lambda path: path.name)
def test_every_file_is_for_python_3_12(path: Path) -> None:
    ast.parse(path.read_text(), feature_version=(3, 12))


GUIDE = (SKILL.parent / "docs" / "skill.md").read_text()


@pytest.mark.parametrize("action", ["create", "destroy"])
def test_the_guide_tells_of_every_option(action: str) -> None:
    options = set(re.findall(r"--[a-z-]+", run(action, "--help").stdout))
    untold = {"--help", "--webhook-url", "--shared-secret", "--yes"}

    assert not [option for option in options - untold if option not in GUIDE]


def test_every_address_in_the_repository_that_the_guide_names_is_there() -> None:
    links = re.findall(r"\]\((\.\./[^)#]+)", GUIDE)

    assert links
    assert not [link for link in links if not (SKILL.parent / "docs" / link).exists()]
