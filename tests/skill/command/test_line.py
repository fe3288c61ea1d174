"""The one line, as it is pasted into a shell that has nothing but itself."""

from collections.abc import Iterator
from pathlib import Path
import shutil
import subprocess
import sys

import pytest

from custom_components.alexa_doorbell.alexa.setup_message import LINE

from ..box import ROOT, Box, Internet
from ..server import SHARED_SECRET
from ..terminal import Ended
from ..world import World

RUN = ROOT / "skill" / "run"
SECRET = ("Shared secret:", SHARED_SECRET)
IS_FETCHED = "Fetching uv, which brings Python and all else that the command needs."


@pytest.fixture(name="box")
def box_fixture(internet: Internet) -> Iterator[Box]:
    """A computer with a shell and curl: neither uv, Python, Git, Node.js nor AWS's command line."""
    with Box() as box:
        box.environment["ALEXA_DOORBELL_UV_INSTALLER"] = f"{internet.url}/install.sh"
        yield box


def line(internet: Internet, webhook_url: str) -> str:
    """What the window shows."""
    arguments = f"--region eu --webhook-url {webhook_url}"
    return LINE.format(archive=internet.archive_url, arguments=arguments)


async def paste(box: Box, internet: Internet, world: World) -> Ended:
    """Paste the line into the shell, and the secret when it is asked for."""
    world.smapi.build_polls = 0
    own = {"HOME", "ALEXA_DOORBELL_SECRET", "PATH"}
    box.environment |= {name: world.environment[name] for name in world.environment.keys() - own}
    pasted = line(internet, world.home_assistant.url)
    ended = await box.run(pasted, SECRET)
    world.no_secret_in(ended.screen.replace(pasted, ""))
    return ended


async def reach(box: Box, internet: Internet, shell: str = "sh") -> Ended:
    """Paste a line whose address the command itself refuses: to get there is what counts."""
    ended = await box.run(line(internet, "ftp://home.example"), shell=[shell])
    assert "It did not work: Home Assistant's address is not safe." in ended.screen, ended.screen
    assert ended.status == 1
    return ended


@pytest.mark.parametrize("tool", ["curl", "wget"])
async def test_the_line_makes_the_skill_where_nothing_is_installed(
    box: Box, internet: Internet, world: World, tool: str
) -> None:
    box.have(tool)
    box.have_packages()

    ended = await paste(box, internet, world)

    assert ended.status == 0, ended.screen
    assert IS_FETCHED in ended.screen
    assert "Home Assistant goes on by itself" in ended.screen
    assert len(world.home_assistant.setups) == 1


@pytest.mark.parametrize("shell", ["bash", "dash", "zsh", "ksh"])
async def test_the_line_is_for_every_shell(box: Box, internet: Internet, shell: str) -> None:
    box.have("curl", shell)
    box.have_packages()

    await reach(box, internet, shell)


async def test_the_line_needs_no_more_than_busybox_has(box: Box, internet: Internet) -> None:
    box.have_only_busybox("wget")
    box.have_packages()

    await reach(box, internet)


async def test_a_second_time_uv_is_there_already(box: Box, internet: Internet) -> None:
    box.have("curl")
    box.have_packages()
    await reach(box, internet)

    ended = await reach(box, internet)

    assert IS_FETCHED not in ended.screen
    assert internet.asked.count("/uv") == 1


async def test_all_that_is_fetched_lies_in_one_folder(box: Box, internet: Internet) -> None:
    box.have("curl")
    box.have_packages()

    await reach(box, internet)

    assert {one.name for one in box.home.iterdir()} == {".cache", "tmp"}
    assert [one.name for one in (box.home / ".cache").iterdir()] == ["alexa-doorbell"]


async def test_pip_brings_uv_where_there_is_pip(box: Box, internet: Internet) -> None:
    box.have("curl")
    box.have_program("python3", f'exec {sys.executable} "$@"')
    box.have_packages()
    internet.have_uv_on_pypi()
    box.environment["PIP_INDEX_URL"] = f"{internet.url}/simple"
    box.environment["ALEXA_DOORBELL_UV_INSTALLER"] = f"{internet.url}/none"

    await reach(box, internet)

    assert (box.cache / "uv" / "bin" / "uv").exists()


async def test_uvs_installer_is_asked_where_pip_cannot_bring_it(
    box: Box, internet: Internet
) -> None:
    box.have("curl")
    box.have_program("python3", '[ "$*" = "-m pip --version" ]')
    box.have_packages()

    await reach(box, internet)

    assert "/install.sh" in internet.asked


@pytest.mark.parametrize("folder", ["bin", "home/.local/bin"], ids=["on the path", "at home"])
async def test_an_installed_uv_is_used_as_it_is(box: Box, internet: Internet, folder: str) -> None:
    box.have("curl")
    box.have_packages()
    box.have_uv(folder)

    ended = await reach(box, internet)

    assert IS_FETCHED not in ended.screen
    assert not box.cache.exists()


async def test_a_uv_that_is_too_old_is_not_used(box: Box, internet: Internet) -> None:
    box.have("curl")
    box.have_packages()
    box.have_program("uv", '[ "$1" != tool ]')

    assert IS_FETCHED in (await reach(box, internet)).screen


async def test_folders_may_have_spaces_in_their_names(box: Box, internet: Internet) -> None:
    box.have("curl")
    box.have_packages()
    for name, folder in (("TMPDIR", "my files"), ("XDG_CACHE_HOME", "my cache")):
        box.environment[name] = str(box.make(f"home/{folder}"))

    await reach(box, internet)

    assert (box.home / "my cache" / "alexa-doorbell" / "uv" / "uv").exists()


async def test_a_version_without_an_archive_runs_nothing(box: Box, internet: Internet) -> None:
    box.have("curl", "wget")
    internet.contents.clear()

    ended = await box.run(line(internet, "https://home.example/api/webhook/1"))

    assert ended.status != 0
    assert "404" in ended.screen
    assert not box.cache.exists()


async def test_with_nothing_to_fetch_uv_with_it_says_so(box: Box) -> None:
    ended = await box.run(f"sh {RUN} create")

    assert ended.status == 1
    assert "no pip, no curl, no wget" in ended.screen
    assert "What to do: Install curl, or uv itself (https://docs.astral.sh/uv)" in ended.screen


@pytest.mark.parametrize("tool", ["curl", "wget"])
async def test_without_an_internet_it_says_so(box: Box, internet: Internet, tool: str) -> None:
    box.have(tool)
    internet.contents.clear()

    ended = await box.run(f"sh {RUN} create")

    assert ended.status == 1
    assert "uv could not be fetched" in ended.screen
    assert "Look whether this computer reaches the internet." in ended.screen


async def test_why_uv_could_not_be_fetched_is_said(box: Box, internet: Internet) -> None:
    box.have("curl")
    internet.contents["/install.sh"] = b"echo no such computer; exit 1"

    assert "no such computer" in (await box.run(f"sh {RUN} create")).screen


async def test_a_cache_that_cannot_be_written_is_named(box: Box) -> None:
    (box.home / "file").touch()
    box.environment["XDG_CACHE_HOME"] = str(box.home / "file")

    ended = await box.run(f"sh {RUN} create")

    assert ended.status == 1
    assert "nothing can be written to" in ended.screen
    assert "Set XDG_CACHE_HOME" in ended.screen


async def test_packages_that_cannot_be_had_are_not_the_commands_fault(
    box: Box, internet: Internet
) -> None:
    box.have("curl")
    box.have_packages()
    del box.environment["UV_CACHE_DIR"]

    ended = await box.run(f"sh {RUN} create")

    assert ended.status == 1
    assert "uv could not bring Python, or the packages that the command needs." in ended.screen
    assert "reaches https://pypi.org and https://github.com" in ended.screen


def test_the_script_is_for_every_shell() -> None:
    shellcheck = shutil.which("shellcheck", path=str(Path(sys.executable).parent))
    assert shellcheck

    found = subprocess.run(
        [shellcheck, "--shell=sh", str(RUN)], check=False, capture_output=True, text=True
    )

    assert (found.returncode, found.stdout) == (0, "")
