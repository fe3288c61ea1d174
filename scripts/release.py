"""Called by scripts/release. It asks for no more than the Python that every machine has."""

import json
from pathlib import Path
import re
import sys
from zipfile import ZIP_DEFLATED, ZipFile

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "custom_components" / "alexa_doorbell"


def notes(version: str) -> str:
    """Return what the changelog says about a version."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = rf"^## \[{re.escape(version)}\].*\n"
    found = re.search(heading + r"((?:(?!## |\[[^]]+\]: ).*\n)*)", changelog, re.MULTILINE)
    if found is None or not found[1].strip():
        sys.exit(f"CHANGELOG.md says nothing about {version}.")
    return found[1].strip() + "\n"


def manifest(version: str) -> str:
    """Return the manifest with the version that is released."""
    contents = json.loads((PACKAGE / "manifest.json").read_text(encoding="utf-8"))
    return json.dumps(contents | {"version": version}, indent=2) + "\n"


def main() -> None:
    """Write the zip and the notes."""
    if len(sys.argv) != 3:  # noqa: PLR2004 - itself, the version and the folder.
        sys.exit("usage: scripts/release VERSION FOLDER")
    version, folder = sys.argv[1], Path(sys.argv[2])
    if not re.fullmatch(r"\d+\.\d+\.\d+(b\d+)?", version):
        sys.exit(f"{version!r} is no version like 1.2.3 or 1.2.3b1.")
    said = notes(version)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "notes.md").write_text(said, encoding="utf-8")
    with ZipFile(folder / f"{PACKAGE.name}.zip", "w", ZIP_DEFLATED) as archive:
        for path in sorted(PACKAGE.rglob("*")):
            name = path.relative_to(PACKAGE)
            if name.as_posix() == "manifest.json":
                archive.writestr("manifest.json", manifest(version))
            elif path.is_file() and "__pycache__" not in name.parts:
                archive.write(path, name)


main()
