"""A computer that has next to nothing: the tools that a test names, and an internet on loopback."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import io
import json
import os
from pathlib import Path
import platform
import shutil
import subprocess
import sys
import tarfile
from tempfile import mkdtemp
import threading
from typing import Self
import zipfile

import pytest
import uv

from . import terminal

ROOT = Path(__file__).parent.parent.parent
INTEGRATION = ROOT / "custom_components" / "alexa_doorbell"
VERSION: str = json.loads((INTEGRATION / "manifest.json").read_text())["version"]
UV = Path(uv.find_uv_bin())
# What every system with a shell has, as far as the line, the script and uv's programs need it.
TOOLS = [
    "sh",
    "tar",
    "gzip",
    "mktemp",
    "dirname",
    "realpath",
    "mkdir",
    "cat",
    "tail",
    "chmod",
    "rm",
]
NOBODY = 65534
# Fetched once, and then offline; in the checkout's ignored folder.
PACKAGES = ROOT / ".cache" / "line"


@cache
def plain_user() -> int:
    """Whom to run as: nobody, when the tests run as root and nobody can run them; else oneself."""
    if os.getuid() != 0:
        return 0
    tried = [sys.executable, str(UV), str(ROOT / "skill" / "run")]
    looks = ["import os, sys; sys.exit(not all(os.access(one, os.R_OK) for one in sys.argv[1:]))"]
    seen = subprocess.run(
        [sys.executable, "-c", *looks, *tried], check=False, user=NOBODY, group=NOBODY
    )
    return 0 if seen.returncode else NOBODY


@cache
def archive() -> bytes:
    """The checkout as GitHub packs a tag: one folder, and the commit in a header before it."""
    content = io.BytesIO()
    commit = {"comment": "0" * 40}
    with tarfile.open(
        fileobj=content, mode="w:gz", format=tarfile.PAX_FORMAT, pax_headers=commit
    ) as packed:
        for folder in (ROOT / "skill", INTEGRATION):
            name = f"alexa-doorbell-{VERSION}/{folder.relative_to(ROOT)}"
            packed.add(folder, name, filter=_packed)
    return content.getvalue()


def _packed(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    entry.uid = entry.gid = 0
    return None if "__pycache__" in entry.name else entry


@cache
def wheel() -> bytes:
    """The uv of the tests as PyPI has it."""
    content = io.BytesIO()
    facts = "uv-1.0.dist-info"
    with zipfile.ZipFile(content, "w") as packed:
        entry = zipfile.ZipInfo("uv-1.0.data/scripts/uv")
        entry.external_attr = 0o100755 << 16
        packed.writestr(entry, UV.read_bytes())
        packed.writestr(f"{facts}/METADATA", "Metadata-Version: 2.1\nName: uv\nVersion: 1.0\n")
        packed.writestr(f"{facts}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        packed.writestr(f"{facts}/RECORD", "")
    return content.getvalue()


INSTALLER = """\
#!/bin/sh
set -eu
mkdir -p "$UV_UNMANAGED_INSTALL"
if command -v curl >/dev/null; then curl -fsSL {url}/uv; else wget -qO- {url}/uv; fi \\
  >"$UV_UNMANAGED_INSTALL/uv"
chmod +x "$UV_UNMANAGED_INSTALL/uv"
"""


class Internet:
    """Addresses on loopback; `asked` are the paths that were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.contents: dict[str, bytes] = {}
        internet = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Give what is there."""
                internet.asked.append(self.path)
                content = internet.contents.get(self.path)
                self.send_response(404 if content is None else 200)
                self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "x/y")
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.archive_url = f"{self.url}/archive/refs/tags/v{VERSION}.tar.gz"
        self.contents["/install.sh"] = INSTALLER.format(url=self.url).encode()
        self.contents["/uv"] = UV.read_bytes()
        self.contents[self.archive_url.removeprefix(self.url)] = archive()

    def have_uv_on_pypi(self) -> None:
        """Have a package index with uv in it."""
        self.contents["/simple/uv/uv-1.0-py3-none-any.whl"] = wheel()
        self.contents["/simple/uv/"] = (
            b'<a href="uv-1.0-py3-none-any.whl">uv-1.0-py3-none-any.whl</a>'
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass
class Box:
    """The computer: its PATH has `TOOLS`, and what `have` adds. Use it in a `with`."""

    user: int = field(default_factory=plain_user)
    folder: Path = field(default_factory=lambda: Path(mkdtemp(prefix="alexa-doorbell-box-")))
    environment: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.home, self.bin = self.make("home"), self.make("bin")
        self.have(*TOOLS)
        self.environment |= {
            "HOME": str(self.home),
            "PATH": str(self.bin),
            "TMPDIR": str(self.make("home/tmp")),
            "TERM": "xterm",
        }
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder)

    @property
    def cache(self) -> Path:
        """Where all lies that was fetched."""
        return self.home / ".cache" / "alexa-doorbell"

    def make(self, name: str) -> Path:
        """Make a folder that is the user's."""
        made = self.folder
        for part in ("", *Path(name).parts):
            made /= part
            made.mkdir(mode=0o755, exist_ok=True)
            made.chmod(0o755)
            if self.user:
                os.chown(made, self.user, self.user)
        return made

    def have(self, *tools: str) -> None:
        """Have these of this computer's tools too; the test is skipped where it has none."""
        for tool in tools:
            (self.bin / tool).symlink_to(_found(tool))

    def have_only_busybox(self, *tools: str) -> None:
        """Have the tools that are BusyBox's, and nobody else's."""
        for tool in (*TOOLS, *tools):
            (self.bin / tool).unlink(missing_ok=True)
            (self.bin / tool).symlink_to(_found("busybox"))

    def have_uv(self, folder: str = "bin") -> None:
        """Have uv in that folder."""
        (self.make(folder) / "uv").symlink_to(UV)

    def have_program(self, name: str, *lines: str) -> None:
        """Have a shell script of that name."""
        program = self.bin / name
        program.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        program.chmod(0o755)

    def have_packages(self) -> None:
        """Have what uv would download: Python, where it puts its own, and the packages."""
        self.environment |= packages(self.user)

    async def run(
        self, command: str, *answers: tuple[str, str], shell: Sequence[str] = ("sh",)
    ) -> terminal.Ended:
        """What happens when this is pasted into a shell."""
        return await terminal.run(
            [*shell, "-c", command],
            self.environment,
            answers,
            folder=self.home,
            user=self.user,
        )


def _found(tool: str) -> str:
    """Where this computer has it."""
    found = shutil.which(tool)
    if found is None:
        pytest.skip(f"{tool} is not installed")
    return os.path.realpath(found)


@cache
def packages(user: int) -> Mapping[str, str]:
    """The variables that let uv find them without the internet."""
    cached, pythons = PACKAGES / f"packages-{user}", PACKAGES / "python"
    version, machine = platform.python_version(), platform.machine()
    python = pythons / f"cpython-{version}-{sys.platform}-{machine}-gnu"
    cached.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(pythons, ignore_errors=True)
    python.mkdir(parents=True)
    for name in ("bin", "include", "lib"):
        (python / name).symlink_to(Path(sys.base_prefix) / name)
    if user:
        os.chown(cached, user, user)
    variables = {
        "UV_CACHE_DIR": str(cached),
        "UV_PYTHON_INSTALL_DIR": str(pythons),
        # This Python is the one that uv shall have fetched, whatever else is there.
        "UV_PYTHON_DOWNLOADS": "never",
    }
    if not any(_brings_the_command(variables | more, user) for more in ({"UV_OFFLINE": "1"}, {})):
        pytest.skip("the packages that the command needs are not here, and PyPI is not in reach")
    return variables | {"UV_OFFLINE": "1"}


def _brings_the_command(variables: Mapping[str, str], user: int) -> bool:
    certificates = {name: value for name, value in os.environ.items() if name.startswith("SSL_")}
    home = {"HOME": variables["UV_CACHE_DIR"], "PATH": f"{UV.parent}:{os.defpath}"}
    made = subprocess.run(
        ["sh", str(ROOT / "skill" / "run"), "--help"],
        check=False,
        env=home | certificates | dict(variables),
        capture_output=True,
        user=user or None,
        group=user or None,
        extra_groups=[] if user else None,
    )
    return made.returncode == 0
