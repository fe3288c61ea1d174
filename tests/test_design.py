"""Guards of docs/design.md: what refers to it finds it, and its picture is that of the code."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re

import pytest

from custom_components.alexa_doorbell.const import DOMAIN

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "custom_components" / DOMAIN
CODE = ("custom_components", "skill", "demo", "tests", "benchmarks", "scripts", "blueprints")
DESIGN = (ROOT / "docs" / "design.md").read_text()
PAGES = [*sorted(ROOT.glob("docs/*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
ROOMS = {path.parent.name for path in PACKAGE.glob("*/*.py")}
# Below every room, though in the root.
FOUNDATIONS = {"const", "lasting_tasks"}

type Link = tuple[Path, str]


def texts() -> Iterator[tuple[Path, str]]:
    """Every text among the code, each line's end and what begins a comment made a blank."""
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*")):
            hidden = any(part.startswith((".", "__pycache__")) for part in path.parts)
            if path.is_file() and not hidden and path != Path(__file__):
                try:
                    text = path.read_text()
                except UnicodeDecodeError:
                    continue  # A picture.
                yield path, re.sub(r"\s*\n\s*(# )?", " ", text)


def headings(page: Path) -> list[str]:
    """The headings of a page, as they are written."""
    return re.findall(r"^#+ (.+)$", without_listings(page.read_text()), re.MULTILINE)


def anchor(heading: str) -> str:
    """What GitHub calls a heading in an address."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def without_listings(text: str) -> str:
    """Leave out what is shown as it is typed."""
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)


def links() -> Iterator[Link]:
    """Every link of the documentation that stays in the repository."""
    for page in PAGES:
        text = without_listings(page.read_text())
        found = re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"", text)
        for target in filter(None, (target for each in found for target in each)):
            if not re.match(r"[a-z]+:", target):
                yield page, target


def leads_somewhere(link: Link) -> bool:
    """Whether a link's file is there, and its heading in it."""
    page, (path, _, fragment) = link[0], link[1].partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not fragment or fragment in map(anchor, headings(target))


def section(heading: str) -> str:
    """What stands below a heading."""
    _, _, rest = DESIGN.partition(f"\n## {heading}\n")
    return rest.partition("\n## ")[0]


def drawn_rooms() -> dict[str, set[str]]:
    """The folders of the picture, with the files that are drawn in each; the root is "."."""
    found = re.findall(r"subgraph \w+ \[\"([^\"]+)\"\](.*?)\n    end", DESIGN, re.DOTALL)
    return {
        "." if title == "the root" else title: set(re.findall(r"\[\"(\S+\.py)\"\]", body))
        for title, body in found
    }


def room_of(path: Path) -> str:
    """The room that a file is in; the root is one as well."""
    folders = path.relative_to(PACKAGE).parts[:-1]
    return folders[0] if folders else "the root"


def imports() -> Iterator[tuple[Path, str, str]]:
    """Every import within the package: by what file, from which room, of which module."""
    for path in sorted(PACKAGE.rglob("*.py")):
        folder = path.relative_to(PACKAGE).parts[:-1]
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level:
                above = folder[: len(folder) + 1 - node.level]
                names = [*above, *filter(None, (node.module or "").split("."))]
                room = names[0] if names and names[0] in ROOMS else "the root"
                yield path, room, ".".join(names)


def test_every_reference_to_the_design_names_a_heading_that_it_has() -> None:
    referred = [
        (str(path.relative_to(ROOT)), heading)
        for path, text in texts()
        for heading in re.findall(r"docs/design\.md, \"([^\"]+)\"", text)
    ]

    known = headings(ROOT / "docs" / "design.md")
    assert referred, "else this test looks in the wrong place"
    assert [each for each in referred if each[1] not in known] == []


def test_nothing_refers_to_a_page_that_is_not_here() -> None:
    referring = [
        str(path.relative_to(ROOT))
        for path, text in texts()
        if re.search(r"\bcontracts?\b", text, re.IGNORECASE)
    ]

    assert referring == []


def test_every_link_of_the_documentation_leads_somewhere() -> None:
    found = list(links())

    assert found, "else this test reads no links"
    dead = [link for link in found if not leads_somewhere(link)]
    assert [f"{page.relative_to(ROOT)}: {target}" for page, target in dead] == []


def test_the_picture_names_exactly_the_folders_that_there_are() -> None:
    assert drawn_rooms().keys() == ROOMS | {"."}


@pytest.mark.parametrize(("folder", "files"), drawn_rooms().items(), ids=drawn_rooms())
def test_the_picture_names_only_files_that_there_are(folder: str, files: set[str]) -> None:
    there = {path.name for path in (PACKAGE / folder).glob("*.py")}

    assert files, "each folder shows one at least"
    assert files <= there


def test_each_change_goes_to_files_that_there_are() -> None:
    named = re.findall(r"`([\w/.]+(?:/|\.\w+))`", section("Where a change goes"))
    places = (ROOT, PACKAGE, *(PACKAGE / room for room in ROOMS), ROOT / "skill" / "command")

    assert named, "else this test reads the wrong section"
    assert [each for each in named if not any((at / each).exists() for at in places)] == []


def test_a_room_imports_only_from_those_above_it_in_the_table() -> None:
    table = section("The rooms, and two ways through them")
    rows = re.findall(r"^\| (?:`(\w+)`|(the root)) \|", table, re.MULTILINE)
    height = {folder or root: row for row, (folder, root) in enumerate(rows)}
    assert height.keys() == ROOMS | {"the root"}, "the table has a row for each room"

    upwards = {
        (str(path.relative_to(PACKAGE)), module)
        for path, room, module in imports()
        if module not in FOUNDATIONS and height[room] > height[room_of(path)]
    }

    assert not upwards
