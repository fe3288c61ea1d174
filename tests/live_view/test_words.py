"""Guards of what the documents say of live views: what the code does, in its own words."""

from collections.abc import Mapping
from dataclasses import fields
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.components import alexa
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
import pytest

from custom_components.alexa_doorbell.const import DOMAIN, EVENT_ANNOUNCEMENT, EVENT_SHOWN
from custom_components.alexa_doorbell.doorbells.cameras import Hindrance
from custom_components.alexa_doorbell.issues import NO_LIVE_VIEW
from custom_components.alexa_doorbell.live_view.last import LastView
from custom_components.alexa_doorbell.live_view.negotiation import ANSWER_WITHIN, BUDGET
from custom_components.alexa_doorbell.live_view.views import HOLD, LONGEST, MOST_AT_ONCE

from ..documents import FIRST_PAGE, ROOT, SKILL, headings, plain, rows, section

PAGE = ROOT / "docs" / "live_view.md"
USING = ROOT / "docs" / "using.md"
PACKAGE = ROOT / "custom_components" / DOMAIN
TEXTS: dict[str, Any] = json.loads((PACKAGE / "translations" / "en.json").read_text())
ACTIONS: Any = parse_yaml((PACKAGE / "services.yaml").read_text())
SAID = plain(PAGE.read_text())


def first_cells(text: str) -> list[str]:
    """What each row of a table is about, without its head."""
    return [row[0].partition(":")[0] for row in rows(text)[1:]]


# The repair.


@pytest.mark.parametrize("hindrance", Hindrance)
def test_every_reason_of_the_repair_has_its_row_in_the_repairs_own_words(
    hindrance: Hindrance,
) -> None:
    found = [
        row for row in rows(section(PAGE, "What the repair says")) if row[0].startswith(hindrance)
    ]

    [(said, meaning, advice)] = found
    key, quoted = re.fullmatch(r'(\w+): "(.+)"', said).groups()  # type: ignore[union-attr]
    assert key == hindrance
    assert quoted in TEXTS["issues"][f"{NO_LIVE_VIEW}_{hindrance}"]["description"]
    assert meaning
    assert advice


def test_no_row_explains_a_reason_that_the_repair_does_not_have() -> None:
    assert sorted(first_cells(section(PAGE, "What the repair says"))) == sorted(Hindrance)
    assert len(Hindrance) == 7, "the page says seven"


def test_the_title_of_the_repair_is_what_one_is_told_to_look_for() -> None:
    for hindrance in Hindrance:
        title = TEXTS["issues"][f"{NO_LIVE_VIEW}_{hindrance}"]["title"]
        assert title.replace("{doorbell}", "…") in plain(section(PAGE, "The screen stays black"))
        assert title.replace("{doorbell} ", "") in plain(section(FIRST_PAGE, "Troubleshooting"))


# What is told of a live view.


def test_each_line_of_the_diagnostics_is_explained() -> None:
    explained = [
        each.strip()
        for row in rows(section(PAGE, "The diagnostics"))
        for each in row[0].split(",")
        if each.strip()
    ]

    told = {"hindrance_now", "talk", "last", *(field.name for field in fields(LastView))}
    assert sorted(explained) == sorted(told)


@pytest.mark.parametrize("document", [PAGE, USING], ids=lambda path: path.stem)
def test_the_line_of_the_logbook_is_quoted_as_it_reads(document: Path) -> None:
    line = plain(TEXTS["selector"]["logbook"]["options"]["shown"].format(seconds="0.6"))

    assert f'"Front door {line}"' in plain(document.read_text())


@pytest.mark.parametrize(
    ("event", "data"),
    [
        (EVENT_SHOWN, "name device_id latency_ms picture"),
        (EVENT_ANNOUNCEMENT, "name entity_id device_id result accounts latency_ms code"),
    ],
)
def test_each_event_of_the_bus_is_explained_with_its_data(event: str, data: str) -> None:
    [told] = [part for part in section(USING, "Entities").split("\n\n") if f"`{event}`" in part]

    assert all(f"`{key}`" in told for key in data.split())


# What one may rely on.


@pytest.mark.parametrize(
    "said",
    [
        f"After {LONGEST // 60} minutes",
        f"Up to {MOST_AT_ONCE} Echos",
        f"the {ANSWER_WITHIN:g} seconds that there are",
        f"come after {HOLD} seconds",
        f"{BUDGET * 1000:.0f} at the most",
    ],
)
def test_the_page_counts_as_the_code_does(said: str) -> None:
    assert said in SAID


@pytest.mark.parametrize(
    "field",
    [
        TEXTS["config_subentries"]["doorbell"]["step"]["user"]["data"]["camera"],
        TEXTS["config_subentries"]["doorbell"]["step"]["user"]["sections"]["more"]["data"]["talk"],
    ],
)
def test_the_page_calls_the_fields_of_the_form_by_their_names(field: str) -> None:
    assert f"**{field.partition(' (')[0]}**" in PAGE.read_text()


@pytest.mark.parametrize("action", ACTIONS)
def test_every_field_of_every_action_is_explained(action: str) -> None:
    [heading] = [text for text in headings(USING, 3) if f"`{DOMAIN}.{action}`" in text]

    assert first_cells(section(USING, heading)) == list(ACTIONS[action]["fields"])


async def test_home_assistant_takes_what_configuration_yaml_is_told_to_have(
    hass: HomeAssistant,
) -> None:
    from homeassistant.components import go2rtc, web_rtc  # noqa: PLC0415

    taken: dict[str, Mapping[str, Any]] = {}
    for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL):
        config: Any = parse_yaml(block)
        for integration in (go2rtc, web_rtc):
            if integration.DOMAIN in config:
                taken[integration.DOMAIN] = integration.CONFIG_SCHEMA(config)

    assert taken.keys() == {"go2rtc", "web_rtc"}


async def test_the_stun_server_that_learns_an_address_is_home_assistants_own(
    hass: HomeAssistant,
) -> None:
    from homeassistant.components.web_rtc import async_get_ice_servers  # noqa: PLC0415

    assert await async_setup_component(hass, "web_rtc", {})

    asked = {url.split(":")[1] for each in async_get_ice_servers(hass) for url in each.urls}
    assert asked == {"stun.home-assistant.io"}
    assert f"({asked.pop()})" in SAID


def test_home_assistants_own_alexa_shows_no_picture_by_webrtc_as_the_page_says() -> None:
    theirs = Path(alexa.__file__).parent.glob("*.py")

    assert not [path.name for path in theirs if "RTCSessionController" in path.read_text()]
    assert "That cannot show a picture by WebRTC today" in SAID


# What nobody knows.


def test_all_pages_agree_that_a_closed_home_has_no_live_view_yet() -> None:
    table = [*rows(section(FIRST_PAGE, "Set up")), *rows(section(SKILL, "Which way"))]
    of_the_picture = [row for row in table if "Echo Show" in row[0]]

    assert len(of_the_picture) == 2
    for _, closed, *open_ways in of_the_picture:
        assert closed.startswith("not yet")
        assert not any(way.startswith("no") for way in open_ways)
    assert "there is no live view yet" in SAID
    [quoted] = re.findall(r'the form says "(.+?)"', SAID)
    assert TEXTS["selector"]["proposal"]["options"]["closed_home"].startswith(quoted)


@pytest.mark.parametrize(
    "document", [FIRST_PAGE, PAGE, ROOT / "CHANGELOG.md"], ids=lambda path: path.stem
)
def test_who_promises_a_picture_says_that_no_real_echo_showed_it(document: Path) -> None:
    said = plain(document.read_text())

    assert re.search(r"not yet tried with a real Echo|no real Echo|tried this with a real", said)


def test_whoever_is_quoted_has_a_star() -> None:
    parts = re.split(r"\n(?:\n|(?=[-|]))", PAGE.read_text())

    quoted = [part for part in parts if re.search(r"github\.com/[^)]+/issues/\d", part)]
    assert quoted
    assert not [part for part in quoted if "\\*" not in part]
