"""The documents for readers, taken apart."""

from pathlib import Path
import re

ROOT = Path(__file__).parent.parent
FIRST_PAGE = ROOT / "README.md"
SKILL = ROOT / "docs" / "skill.md"
ALEXA_APP = ROOT / "docs" / "alexa_app.md"
# Where their links lead is held by test_design.py.
DOCUMENTS = [FIRST_PAGE, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
_ROW = re.compile(r"^ *\|(.+)\|$", re.MULTILINE)
_STEP = re.compile(r"^(\d+)\. ", re.MULTILINE)


def prose(document: Path) -> str:
    """A document without its blocks of code."""
    return _FENCE.sub("", document.read_text())


def headings(document: Path, level: int | None = None) -> list[str]:
    """The headings, of one level or of all."""
    found = _HEADING.findall(prose(document))
    return [text for marks, text in found if level in {None, len(marks)}]


def anchor(heading: str) -> str:
    """What GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def section(document: Path, heading: str) -> str:
    """What stands below a heading, up to the next one of its level or above."""
    text = document.read_text()
    marks = next(marks for marks, found in _HEADING.findall(text) if found == heading)
    rest = text.split(f"{marks} {heading}\n", 1)[1]
    return re.split(rf"^#{{1,{len(marks)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of each row of the tables, without marks of emphasis and code."""
    lines = [re.split(r"(?<!\\)\|", line) for line in _ROW.findall(text)]
    cells = [[plain(cell) for cell in line] for line in lines]
    return [row for row in cells if not all(set(cell) <= {"-", ":"} for cell in row)]


def plain(text: str) -> str:
    """A text as a reader sees it."""
    return " ".join(re.sub(r"[*`\\]", "", text).split())


def steps(text: str) -> list[int]:
    """The numbers of the numbered steps, those within steps left out."""
    return [int(number) for number in _STEP.findall(text)]
