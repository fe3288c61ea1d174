"""Guards of the form for issues, which only GitHub would read otherwise."""

from pathlib import Path
import re
from typing import Any

from homeassistant.util.yaml import parse_yaml
import pytest

from .documents import ROOT, anchor, headings

FOLDER = ROOT / ".github" / "ISSUE_TEMPLATE"
FORMS = sorted(path for path in FOLDER.glob("*.yml") if path.name != "config.yml")
REPOSITORY = "https://github.com/alexa-doorbell/alexa-doorbell"
# What GitHub knows of each kind of element: needed, and allowed beside.
ELEMENTS: dict[str, tuple[set[str], set[str]]] = {
    "markdown": ({"value"}, set()),
    "textarea": ({"label"}, {"description", "placeholder", "value", "render"}),
    "input": ({"label"}, {"description", "placeholder", "value"}),
    "dropdown": ({"label", "options"}, {"description", "multiple", "default"}),
    "checkboxes": ({"label", "options"}, {"description"}),
}


def body(form: Path) -> list[dict[str, Any]]:
    """The elements of a form."""
    contents: Any = parse_yaml(form.read_text())
    return list(contents["body"])


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_github_knows_every_key_of_the_form(form: Path) -> None:
    contents: Any = parse_yaml(form.read_text())

    assert {"name", "description", "body"} <= contents.keys()
    assert contents.keys() <= {"name", "description", "body", "title", "labels", "assignees"}
    for element in contents["body"]:
        needed, allowed = ELEMENTS[element["type"]]
        assert needed <= element["attributes"].keys() <= needed | allowed
        others = set() if element["type"] == "markdown" else {"id", "validations"}
        assert element.keys() <= {"type", "attributes"} | others
        assert element.get("validations", {}).keys() <= {"required"}


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_every_field_of_the_form_has_an_id_and_a_label_of_its_own(form: Path) -> None:
    fields = [element for element in body(form) if element["type"] != "markdown"]

    for key in ([field["id"] for field in fields], [f["attributes"]["label"] for f in fields]):
        assert len(set(key)) == len(key) > 0
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", field["id"]) for field in fields)


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_every_choice_of_the_form_is_offered_once(form: Path) -> None:
    for element in body(form):
        options = element["attributes"].get("options", [])
        texts = [option["label"] if isinstance(option, dict) else option for option in options]

        assert len(set(texts)) == len(texts)


def test_the_form_asks_for_the_report_the_diagnostics_and_the_words() -> None:
    fields = {element.get("id"): element["attributes"] for form in FORMS for element in body(form)}

    assert "--report" in fields["report"]["description"]
    assert "Download diagnostics" in fields["diagnostics"]["description"]
    assert "word for word" in fields["words"]["label"]


def test_the_form_warns_of_secrets_before_it_asks() -> None:
    first = body(FORMS[0])[0]

    assert first["type"] == "markdown"
    assert "shared secret" in first["attributes"]["value"]


def test_the_chooser_leads_to_headings_that_are_there() -> None:
    config: Any = parse_yaml((FOLDER / "config.yml").read_text())

    assert config.keys() == {"blank_issues_enabled", "contact_links"}
    for link in config["contact_links"]:
        assert link.keys() == {"name", "url", "about"}
        file, place = link["url"].removeprefix(f"{REPOSITORY}/blob/main/").split("#")
        assert place in set(map(anchor, headings(ROOT / file)))
