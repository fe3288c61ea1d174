"""Guards of the documents: they lead where they say, and say nothing that is not so."""

import json
from pathlib import Path
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from moto.iam.aws_managed_policies import aws_managed_policies_data
import pytest

from custom_components.alexa_doorbell.alexa.linking import NAMELESS
from custom_components.alexa_doorbell.client.messages import is_valid_friendly_name
from custom_components.alexa_doorbell.const import DOMAIN
from skill.command import create_closed, main

from .documents import (
    ALEXA_APP,
    DOCUMENTS,
    FIRST_PAGE,
    ROOT,
    SKILL,
    headings,
    plain,
    rows,
    section,
    steps,
)

PACKAGE = ROOT / "custom_components" / DOMAIN
MANIFEST: dict[str, Any] = json.loads((PACKAGE / "manifest.json").read_text())
TEXTS: dict[str, Any] = json.loads((PACKAGE / "translations" / "en.json").read_text())
LANGUAGES = sorted(path.stem for path in (PACKAGE / "translations").glob("*.json"))
PICTURES = sorted(path.name for path in (ROOT / "docs" / "images").iterdir())
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
# Of other programs that the guide names, or of Python's own help.
NOT_OURS = {"--help", "--from"}
# Words that readers stumbled over, and names that things no longer have.
STUMBLED_OVER = [
    "Foretold by",
    "in development for ever",
    "at home elsewhere",
    "presses stay at home",
    "They count from the moment",
    "tells of a",
    "quiet hours",
    "every Echo in the house",
]
# What only those know who have built it.
JARGON = ["directive", "grant", "endpoint", "cloudhook", "Lambda"]

CLOSED_WAY = section(SKILL, headings(SKILL, 2)[1])
ONLY_AN_OPEN_HOME_NEEDS = [
    *("port", "443", "certificate", "router", "forward", "tunnel", "firewall", "DNS"),
    *("install", "download", "shared secret", "webhook"),
]
PAGE = json.loads((ROOT / "skill" / "closed_home" / "page_texts.json").read_text())["en"]
# In the order in which they come.
SHOWN_ON_THE_CLOSED_WAY = [
    TEXTS["config"]["step"]["user"]["menu_options"]["create_skill"],
    TEXTS["config"]["step"]["create_skill"]["menu_options"]["create_closed"],
    create_closed.ENROLMENT.strip().partition(".")[0],
    create_closed.WHAT_IS_LEFT.partition(":")[0],
    TEXTS["config_subentries"]["account"]["initiate_flow"]["user"],
    PAGE["button"],
    NAMELESS,
]


def test_every_picture_is_shown_and_described() -> None:
    shown = set()
    for document in DOCUMENTS:
        for words, file in re.findall(r"!\[(.*?)\]\(([^)]*images/[^)]+)\)", document.read_text()):
            shown.add(Path(file).name)
            assert len(words.split()) > 2, f"{file} needs words for those who cannot see it"

    assert shown == set(PICTURES)


def test_the_first_page_lists_its_contents() -> None:
    contents = section(FIRST_PAGE, "Contents")

    listed = re.findall(r"^- \[(.+)\]", contents, re.MULTILINE)
    assert listed == [text for text in headings(FIRST_PAGE, 2) if text != "Contents"]


def test_what_it_needs_and_does_not_do_is_said_before_how_to_install_it() -> None:
    order = headings(FIRST_PAGE, 2)

    assert order.index("Before you start") < order.index("Install") < order.index("Set up")
    before = section(FIRST_PAGE, "Before you start")
    for word in ("payment card", "paid plan", "port 443", "GitHub account", "No camera"):
        assert word in before


@pytest.mark.parametrize("word", JARGON)
def test_the_first_page_leads_a_newcomer_without_a_builders_word(word: str) -> None:
    path = ("Before you start", "Install", "In the Alexa app", "Questions and answers")

    for heading in path:
        assert word.lower() not in section(FIRST_PAGE, heading).lower()


@pytest.mark.parametrize("words", STUMBLED_OVER)
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_no_document_says_what_readers_stumbled_over(document: Path, words: str) -> None:
    assert words.lower() not in plain(document.read_text()).lower()


def test_every_field_of_the_forms_is_explained_on_the_first_page() -> None:
    said = plain(FIRST_PAGE.read_text())

    steps_of = [TEXTS["config"]["step"], TEXTS["config_subentries"]["doorbell"]["step"]]
    for step in [step for group in steps_of for step in group.values()]:
        labels = [*step.get("data", {}).values(), *step.get("menu_options", {}).values()]
        for part in step.get("sections", {}).values():
            labels += [part["name"], *part["data"].values()]
        for label in labels:
            assert label in said, label


@pytest.mark.parametrize("heading", headings(SKILL, 2)[1:4])
def test_each_way_to_the_skill_has_eight_steps_at_most(heading: str) -> None:
    found = steps(section(SKILL, heading))

    assert found == list(range(1, len(found) + 1))
    assert 3 < len(found) <= 8


@pytest.mark.parametrize("heading", headings(SKILL, 2)[1:3])
def test_each_way_by_one_line_has_as_many_steps_as_it_says(heading: str) -> None:
    assert steps(section(SKILL, heading))[-1] == int(heading.removesuffix(" steps").split()[-1])


def test_every_option_of_the_command_is_explained_and_no_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for action in ("create", "destroy"):
        with pytest.raises(SystemExit):
            main.main([action, "--help"])

    known = set(OPTION.findall(capsys.readouterr().out)) - NOT_OURS
    explained = set(OPTION.findall(section(SKILL, "Mend, change, remove")))
    assert explained == known
    before_the_messages = SKILL.read_text().split("## What each message means")[0]
    assert set(OPTION.findall(before_the_messages)) - NOT_OURS == known


@pytest.mark.parametrize("word", ONLY_AN_OPEN_HOME_NEEDS)
def test_the_way_of_a_closed_home_asks_for_nothing_that_only_an_open_one_has(word: str) -> None:
    assert not re.search(rf"\b{word}", CLOSED_WAY, re.IGNORECASE)


@pytest.mark.parametrize("shown", SHOWN_ON_THE_CLOSED_WAY)
def test_the_way_of_a_closed_home_names_what_is_shown_as_it_is_shown(shown: str) -> None:
    assert shown in plain(CLOSED_WAY)


def test_every_policy_of_aws_that_is_named_is_one_of_aws() -> None:
    named = set(re.findall(r"\b\w+FullAccess(?:_v2)?\b", SKILL.read_text()))

    assert len(named) > 4
    assert named <= json.loads(aws_managed_policies_data).keys()


@pytest.mark.parametrize("heading", headings(ALEXA_APP, 2)[:3])
def test_the_alexa_app_is_explained_in_every_language_of_the_integration(heading: str) -> None:
    languages = [row[0].split()[0] for row in rows(section(ALEXA_APP, heading))[1:]]

    assert sorted(languages) == LANGUAGES


def test_every_name_that_is_proposed_is_one_that_alexa_takes() -> None:
    for _, names in rows(section(ALEXA_APP, headings(ALEXA_APP, 2)[2]))[1:]:
        for name in names.split(", "):
            assert is_valid_friendly_name(name), name


def test_the_buttons_open_this_very_integration() -> None:
    buttons = re.findall(r"\((https://my\.home-assistant\.io/redirect/[^)]+)\)", prose_of_buttons())
    asked = {urlsplit(url).path.split("/")[2]: parse_qs(urlsplit(url).query) for url in buttons}

    owner, repository = urlsplit(MANIFEST["documentation"]).path.strip("/").split("/")
    assert asked == {
        "hacs_repository": {
            "owner": [owner],
            "repository": [repository],
            "category": ["integration"],
        },
        "config_flow_start": {"domain": [DOMAIN]},
    }


def prose_of_buttons() -> str:
    """Where the first page has its buttons."""
    return section(FIRST_PAGE, "Install") + section(FIRST_PAGE, "Set up")


def test_the_first_page_asks_for_the_oldest_home_assistant_that_is_supported() -> None:
    oldest = json.loads((ROOT / "hacs.json").read_text())["homeassistant"].removesuffix(".0")

    said = re.findall(r"Home Assistant (20\d\d\.\d+) or newer\*?\*?", FIRST_PAGE.read_text())
    assert oldest in said
    assert f"Assistant-{oldest}%20or%20newer" in FIRST_PAGE.read_text()


def test_the_first_page_goes_in_the_order_in_which_one_does_it() -> None:
    way = ["Before you start", "Install", "Set up", "Add a doorbell", "In the Alexa app"]

    order = headings(FIRST_PAGE, 2)
    assert [heading for heading in order if heading in way] == way
    set_up = section(FIRST_PAGE, "Set up")
    assert set_up.index("(#add-a-doorbell)") < set_up.index("(#in-the-alexa-app)")
