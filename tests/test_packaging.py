"""Guards of what hassfest, HACS and a release ask, most of which only GitHub could tell else."""

import ast
from importlib.metadata import version
import json
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tomllib
from typing import Any
from zipfile import ZipFile

from homeassistant import const
from homeassistant.components.brands.const import ALLOWED_IMAGES
from homeassistant.util.yaml import parse_yaml
from PIL import Image
import pytest

from custom_components.alexa_doorbell import PLATFORMS
from custom_components.alexa_doorbell.const import DOMAIN

from .skill.box import UV, packages

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "custom_components" / DOMAIN
MANIFEST: dict[str, Any] = json.loads((PACKAGE / "manifest.json").read_text())
HACS: dict[str, Any] = json.loads((ROOT / "hacs.json").read_text())
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
# Folders of tools, which lie in the checkout but not in the repository.
NOT_OURS = re.compile(r"\.git|\.venv.*|\.cache|\..*_cache|__pycache__|node_modules")
PINNED_ACTION = re.compile(r"[\w./-]+@[0-9a-f]{40} # \S.*")
REQUIREMENT = re.compile(r"([\w.-]+)==([\w.]+)")
QUALITY_SCALE = """
    action-setup appropriate-polling brands common-modules config-flow-test-coverage config-flow
    dependency-transparency docs-actions docs-triggers docs-conditions docs-high-level-description
    docs-installation-instructions docs-removal-instructions entity-event-setup entity-unique-id
    has-entity-name runtime-data test-before-configure test-before-setup unique-config-entry
    action-exceptions config-entry-unloading docs-configuration-parameters
    docs-installation-parameters entity-unavailable integration-owner log-when-unavailable
    parallel-updates reauthentication-flow test-coverage devices diagnostics discovery-update-info
    discovery docs-data-update docs-examples docs-known-limitations docs-supported-devices
    docs-supported-functions docs-troubleshooting docs-use-cases dynamic-devices entity-category
    entity-device-class entity-disabled-by-default entity-translations exception-translations
    icon-translations reconfiguration-flow repair-issues stale-devices async-dependency
    inject-websession strict-typing
"""


def requirements(name: str) -> dict[str, str]:
    """Return what such a file asks for, all of it pinned."""
    lines = (ROOT / name).read_text().splitlines()
    asked = [REQUIREMENT.fullmatch(line) for line in lines if line and not line.startswith("#")]
    assert asked
    assert None not in asked, f"{name} asks for something that is not pinned"
    return {match[1]: match[2] for match in asked if match}


def test_the_manifest_is_complete_and_in_the_order_that_hassfest_wants() -> None:
    keys = list(MANIFEST)

    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert set(keys) == {
        "domain",
        "name",
        "after_dependencies",
        "codeowners",
        "config_flow",
        "dependencies",
        "documentation",
        "integration_type",
        "iot_class",
        "issue_tracker",
        "loggers",
        "requirements",
        "version",
    }
    assert MANIFEST.items() >= {
        ("domain", PACKAGE.name),
        ("config_flow", True),
        ("integration_type", "hub"),
        ("iot_class", "cloud_push"),
    }
    assert MANIFEST["dependencies"] == ["webhook"]
    assert MANIFEST["after_dependencies"] == ["camera", "cloud"]
    assert MANIFEST["requirements"] == []
    assert re.fullmatch(r"\d+\.\d+\.\d+(b\d+)?", MANIFEST["version"])


def test_hacs_knows_every_key_of_its_file() -> None:
    assert HACS.keys() <= {
        "name",
        "content_in_root",
        "country",
        "filename",
        "hacs",
        "hide_default_branch",
        "homeassistant",
        "persistent_directory",
        "zip_release",
    }
    assert HACS["name"] == MANIFEST["name"]
    assert re.fullmatch(r"\d{4}\.\d{1,2}\.\d+", HACS["homeassistant"])


def test_no_other_file_is_named_like_a_manifest() -> None:
    found = []
    for folder, folders, files in ROOT.walk():
        folders[:] = [name for name in folders if not NOT_OURS.fullmatch(name)]
        found += [folder / name for name in files if name == "manifest.json"]

    assert found == [PACKAGE / "manifest.json"]


def test_hacs_takes_the_zip_of_a_release() -> None:
    assert HACS["zip_release"] is True
    assert HACS["filename"] == f"{DOMAIN}.zip"
    assert HACS["hide_default_branch"] is True, "it has no zip"


def test_every_rule_of_the_quality_scale_is_kept_or_excused_with_a_reason() -> None:
    scale: Any = parse_yaml((PACKAGE / "quality_scale.yaml").read_text())
    rules = QUALITY_SCALE.split()

    assert list(scale) == ["rules"]
    assert list(scale["rules"]) == rules
    assert len(rules) == 54
    for rule in scale["rules"].values():
        if rule != "done":
            assert rule.keys() == {"status", "comment"}
            assert rule["status"] in {"done", "exempt"}
            assert len(rule["comment"].split()) > 3


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_platform_says_how_many_updates_run_at_once(platform: str) -> None:
    tree = ast.parse((PACKAGE / f"{platform}.py").read_text())

    assigned = [node.targets[0] for node in tree.body if isinstance(node, ast.Assign)]
    assert "PARALLEL_UPDATES" in {name.id for name in assigned if isinstance(name, ast.Name)}


@pytest.mark.parametrize("background", ["", "dark_"])
@pytest.mark.parametrize(("suffix", "height"), [("", 256), ("@2x", 512)])
@pytest.mark.parametrize("name", ["icon", "logo"])
def test_every_brand_image_is_of_the_size_that_home_assistant_asks(
    background: str, name: str, suffix: str, height: int
) -> None:
    with Image.open(PACKAGE / "brand" / f"{background}{name}{suffix}.png") as image:
        assert image.format == "PNG"
        assert image.height == height
        assert image.width == height if name == "icon" else image.width > height
        assert image.mode == "RGBA", "the background is transparent"
        assert image.getchannel("A").getextrema() == (0, 255)
        assert image.getbbox() == (0, 0, *image.size), "no edge is empty"


def test_the_brand_has_the_images_that_home_assistant_serves() -> None:
    assert {path.name for path in (PACKAGE / "brand").iterdir()} == ALLOWED_IMAGES


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_of_a_workflow_is_pinned(workflow: Path) -> None:
    used = re.findall(r"\buses: *(.+)", workflow.read_text())

    assert used
    for action in used:
        own = action.startswith("./") and (ROOT / action).is_file()
        assert own or PINNED_ACTION.fullmatch(action), action


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_only_a_release_may_write_to_the_repository(workflow: Path) -> None:
    contents: Any = parse_yaml(workflow.read_text())

    assert contents["permissions"] == {"contents": "read"}
    jobs = contents["jobs"]
    allowed = {name: job["permissions"] for name, job in jobs.items() if "permissions" in job}
    assert allowed == ({"release": {"contents": "write"}} if workflow.stem == "release" else {})


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_script_that_a_workflow_runs_is_there(workflow: Path) -> None:
    for script in re.findall(r"(?<!\S)(?:\.ci|scripts)/\w+", workflow.read_text()):
        assert (ROOT / script).stat().st_mode & 0o100, script


def test_every_check_of_a_change_has_the_time_that_a_slow_computer_needs() -> None:
    workflow: Any = parse_yaml((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    jobs = workflow["jobs"]

    runs = {name: job for name, job in jobs.items() if {"run": ".ci/run"} in job["steps"]}
    assert runs
    assert all(job["timeout-minutes"] >= 60 for job in runs.values())


def test_an_update_of_an_action_is_proposed_only_when_others_have_tried_it() -> None:
    contents: Any = parse_yaml((ROOT / ".github" / "dependabot.yml").read_text())
    updates = contents["updates"]

    assert updates
    assert all(update["cooldown"]["default-days"] >= 7 for update in updates)


def test_a_tag_is_released_as_the_version_that_it_names() -> None:
    workflow: Any = parse_yaml((ROOT / ".github" / "workflows" / "release.yml").read_text())
    steps = workflow["jobs"]["release"]["steps"]

    assert {"run": 'scripts/release "${TAG#v}" release'} in steps


def release(checkout: Path, released: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run scripts/release of a checkout."""
    command = [sys.executable, str(checkout / "scripts" / "release"), released, str(folder)]
    # What uv would fetch is there already.
    environment = os.environ | packages(0) | {"PATH": f"{UV.parent}:{os.defpath}"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(name="checkout")
def checkout_fixture(tmp_path: Path) -> Path:
    """Return a copy of what a release is made of, ready to be released as 12.0.3b1."""
    checkout = tmp_path / "checkout"
    shutil.copytree(PACKAGE, checkout / "custom_components" / DOMAIN)
    shutil.copytree(ROOT / "scripts", checkout / "scripts")
    shutil.copytree(ROOT / "skill", checkout / "skill")
    manifest = json.dumps(MANIFEST | {"version": "12.0.3b1"})
    (checkout / "custom_components" / DOMAIN / "manifest.json").write_text(manifest)
    changelog = (ROOT / "CHANGELOG.md").read_text()
    newer = "## [12.0.3b1] - 2031-02-03\n\n### Added\n\n- A bell.\n\n"
    (checkout / "CHANGELOG.md").write_text(changelog.replace("## ", f"{newer}## ", 1))
    return checkout


def test_a_release_has_the_integration_and_nothing_else(checkout: Path, tmp_path: Path) -> None:
    package = checkout / "custom_components" / DOMAIN
    compiled = package / "client" / "__pycache__" / "lwa.pyc"
    compiled.parent.mkdir(exist_ok=True)
    compiled.touch()

    made = release(checkout, "12.0.3b1", tmp_path / "release")

    assert (made.returncode, made.stderr) == (0, "")
    with ZipFile(tmp_path / "release" / HACS["filename"]) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files == {
        str(path.relative_to(package)): path.read_bytes()
        for path in package.rglob("*")
        if path.suffix in {".json", ".png", ".py", ".yaml"}
    }


def test_a_release_has_the_command_in_the_version_of_the_integration(
    checkout: Path, tmp_path: Path
) -> None:
    made = release(checkout, "12.0.3b1", tmp_path / "release")

    assert (made.returncode, made.stderr) == (0, "")
    (wheel,) = (tmp_path / "release").glob("*.whl")
    assert wheel.name == "alexa_doorbell_skill-12.0.3b1-py3-none-any.whl"
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert names >= {
        "skill/lambda_function.py",
        "skill/closed_home/page_texts.json",
        "skill/command/main.py",
        "skill/package/skill.json",
        "skill/package/assets/images/icon_512.png",
    }
    assert not [name for name in names if "__pycache__" in name]


@pytest.mark.parametrize(
    ("there", "replaced", "complaint"),
    [
        pytest.param(
            'only-include = ["closed_home", "command", "lambda_function.py", "package"]',
            'only-include = ["closed_home", "command", "package"]',
            "is not what is in skill/: skill/lambda_function.py.",
            id="no function",
        ),
        pytest.param(
            "skill.command.main:main", "skill.command.main:all", "does not bring", id="another door"
        ),
        pytest.param('"boto3[crt]>=1.41"', "", "does not run from its wheel", id="no boto3"),
        pytest.param('dynamic = ["version"]', 'version = "1.0"', "not of version 12", id="version"),
        pytest.param("[build-system]", "[build-system", "could not be built", id="broken"),
    ],
)
def test_a_command_that_is_not_whole_is_not_released(
    checkout: Path, there: str, replaced: str, complaint: str, tmp_path: Path
) -> None:
    project = checkout / "skill" / "pyproject.toml"
    assert there in project.read_text()
    project.write_text(project.read_text().replace(there, replaced))

    made = release(checkout, "12.0.3b1", tmp_path / "release")

    assert made.returncode == 1
    assert complaint in made.stderr
    assert not (tmp_path / "release").exists()


def test_the_command_has_no_version_of_its_own() -> None:
    project = tomllib.loads((ROOT / "skill" / "pyproject.toml").read_text())

    assert "version" not in project["project"]
    versioned = (ROOT / "skill" / project["tool"]["hatch"]["version"]["path"]).resolve()
    assert versioned == PACKAGE / "manifest.json"


def test_a_release_is_uploaded_whole() -> None:
    workflow = (ROOT / ".github" / "workflows" / "release.yml").read_text()

    assert f"release/{HACS['filename']} release/*.whl" in workflow


def test_a_release_tells_what_the_changelog_says_about_it(checkout: Path, tmp_path: Path) -> None:
    release(checkout, "12.0.3b1", tmp_path / "release")

    assert (tmp_path / "release" / "notes.md").read_text() == "### Added\n\n- A bell.\n"


def test_a_link_below_the_last_version_is_no_note(checkout: Path, tmp_path: Path) -> None:
    changelog = checkout / "CHANGELOG.md"
    first, links = changelog.read_text().split("## [0.1.0]")[0], "[0.1.0]: https://example.com\n"
    changelog.write_text(first + links)

    release(checkout, "12.0.3b1", tmp_path / "release")

    assert (tmp_path / "release" / "notes.md").read_text() == "### Added\n\n- A bell.\n"


def test_the_changelog_tells_of_the_version_in_the_manifest() -> None:
    assert f"\n## [{MANIFEST['version']}] - " in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    ("released", "complaint"),
    [
        pytest.param("0.1", "'0.1' is no version", id="half a version"),
        pytest.param("v12.0.3b1", "'v12.0.3b1' is no version", id="a tag"),
        pytest.param("12.0.3", "The manifest is of version 12.0.3b1", id="not in the manifest"),
    ],
)
def test_what_is_no_version_of_the_manifest_is_not_released(
    checkout: Path, released: str, complaint: str, tmp_path: Path
) -> None:
    made = release(checkout, released, tmp_path / "release")

    assert made.returncode == 1
    assert complaint in made.stderr
    assert not (tmp_path / "release").exists()


@pytest.mark.parametrize(
    ("heading", "complaint"),
    [
        pytest.param("[12.0.30] - 2031-02-03", "says nothing about 12.0.3b1", id="no notes"),
        pytest.param("[12.0.3b1] - Unreleased", "on which day 12.0.3b1", id="unreleased"),
        pytest.param("[12.0.3b1]", "on which day 12.0.3b1", id="no day"),
    ],
)
def test_what_the_changelog_does_not_call_released_is_not_released(
    checkout: Path, heading: str, complaint: str, tmp_path: Path
) -> None:
    changelog = checkout / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("[12.0.3b1] - 2031-02-03", heading))

    made = release(checkout, "12.0.3b1", tmp_path / "release")

    assert made.returncode == 1
    assert complaint in made.stderr
    assert not (tmp_path / "release").exists()


def judged(**covered: float) -> subprocess.CompletedProcess[str]:
    """Let the script that scripts/test ends with judge modules that are covered so."""
    files = {name: {"summary": {"percent_covered": each}} for name, each in covered.items()}
    command = [sys.executable, str(ROOT / "scripts" / "coverage_by_module"), "95"]
    report = json.dumps({"files": files})
    return subprocess.run(command, input=report, capture_output=True, text=True, check=False)


def test_tests_pass_when_each_module_is_covered_well_enough() -> None:
    made = judged(one=95.0, another=100.0)

    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")


def test_a_module_that_is_covered_too_little_is_named_whatever_the_others_are() -> None:
    made = judged(one=94.96, another=100.0, third=100.0)

    assert made.returncode == 1
    assert made.stdout == "one: 94.96 % is tested, and 95 % is asked\n"


def test_a_report_without_modules_is_no_proof() -> None:
    assert judged().returncode == 1


def test_the_floor_replaces_only_what_the_newest_has_too() -> None:
    newest, floor = requirements("requirements_test.txt"), requirements("requirements_floor.txt")

    assert floor.keys() <= newest.keys()
    assert not [name for name in floor if floor[name] == newest[name]]


@pytest.mark.skipif(
    version("pytest-homeassistant-custom-component")
    != requirements("requirements_floor.txt")["pytest-homeassistant-custom-component"],
    reason="this is not the floor",
)
def test_the_floor_is_the_release_that_hacs_knows_as_the_oldest() -> None:
    assert HACS["homeassistant"] == const.__version__
