"""The skill package: complete, in every language, and with icons as Amazon wants them."""

import io
import json
import re
import struct
from typing import Any
import zipfile
import zlib

import pytest

from skill.command import package
from skill.command.progress import Patience
from skill.command.settings import Settings, Webhook, resource_name

LOCALES = [
    *("ar-SA", "de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-US", "es-ES"),
    *("es-MX", "es-US", "fr-CA", "fr-FR", "hi-IN", "it-IT", "ja-JP", "nl-NL", "pt-BR"),
]
MANIFEST: dict[str, Any] = json.loads((package.FOLDER / "skill.json").read_text())["manifest"]
TEXTS: dict[str, dict[str, Any]] = MANIFEST["publishingInformation"]["locales"]
WEBHOOK = Webhook(
    url="https://home.example/api/webhook/1",
    shared_secret="whsec_c2VjcmV0",
    linking="https://home.example",
)


def settings(*regions: str) -> Settings:
    """What the user wants."""
    return Settings(name="Doorbell", regions=regions or ("eu",), webhook=WEBHOOK)


def test_there_is_a_text_for_every_locale_in_which_amazon_has_doorbells() -> None:
    assert sorted(TEXTS) == LOCALES


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_is_within_amazons_limits(locale: str) -> None:
    texts = TEXTS[locale]

    assert 2 <= len(texts["name"]) <= 50
    assert 0 < len(texts["summary"]) <= 160
    assert 0 < len(texts["description"]) <= 4000
    assert 1 <= len(texts["examplePhrases"]) <= 3
    assert sum(map(len, texts["keywords"])) <= 150


def test_every_language_has_its_own_texts() -> None:
    languages = {locale[:2] for locale in LOCALES}

    for key in ("summary", "description"):
        assert len({texts[key] for texts in TEXTS.values()}) == len(languages)


def test_the_skill_serves_all_regions_and_may_send_events() -> None:
    assert MANIFEST["apis"]["smartHome"]["regions"].keys() == {"NA", "EU", "FE"}
    assert MANIFEST["apis"]["smartHome"]["protocolVersion"] == "3"
    assert MANIFEST["permissions"] == [{"name": "alexa::async_event:write"}]
    assert MANIFEST["publishingInformation"]["category"] == "SMART_HOME"


@pytest.mark.parametrize(("key", "size"), [("smallIconUri", 108), ("largeIconUri", 512)])
def test_the_icons_are_png_of_amazons_sizes(key: str, size: int) -> None:
    (address,) = {texts[key] for texts in TEXTS.values()}
    data = (package.FOLDER / address.removeprefix("file://")).read_bytes()

    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (size, size)
    assert struct.unpack(">I", data[29:33])[0] == zlib.crc32(data[12:29])


def test_a_manifest_without_functions_has_no_endpoint() -> None:
    assert package.manifest(settings())["apis"] == {"smartHome": {"protocolVersion": "3"}}


def test_the_first_region_serves_everybody_else() -> None:
    functions = {"na": "arn-of-na", "fe": "arn-of-fe"}
    apis = package.manifest(settings("na", "fe"), functions)["apis"]

    assert apis["smartHome"] == {
        "protocolVersion": "3",
        "endpoint": {"uri": "arn-of-na"},
        "regions": {
            "NA": {"endpoint": {"uri": "arn-of-na"}},
            "FE": {"endpoint": {"uri": "arn-of-fe"}},
        },
    }


def test_no_placeholder_reaches_amazon() -> None:
    wanted = json.dumps(
        [
            package.manifest(settings(), {"eu": "arn"}),
            package.account_linking(WEBHOOK, "eu"),
            package.closed_account_linking("https://x.lambda-url.eu-west-1.on.aws", "id", "secret"),
        ]
    )

    assert not re.search(r"<[^>]+>|file://", wanted)


def test_the_code_is_the_same_bytes_each_time_and_readable_for_everybody() -> None:
    code = package.code()

    assert code == package.code()
    with zipfile.ZipFile(io.BytesIO(code)) as archive:
        entries = archive.infolist()
    assert entries[0].filename == "lambda_function.py"
    assert {entry.external_attr >> 16 & 0o777 for entry in entries} == {0o644}


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("Home Assistant Doorbell", "home-assistant-doorbell"),
        ("Türklingel (Garten)", "t-rklingel-garten"),
        ("ドアホン", "doorbell"),
        ("x" * 99, "x" * 56),
    ],
)
def test_a_name_becomes_one_that_aws_allows(name: str, resource: str) -> None:
    assert resource_name(name) == resource


def test_waiting_is_longer_each_time_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)

    assert list(Patience().pauses(20)) == [1, 2, 4, 8, 10]
    assert slept == [1, 2, 4, 8, 10]
