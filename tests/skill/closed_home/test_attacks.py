"""One home can neither read nor change nor ring another, and nobody else can do anything."""

import html
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from demo.amazon.simulation import SimulatedAmazon

from .parts import (
    CLIENT,
    FRONT_DOOR,
    REDIRECT_URI,
    VENDOR_ID,
    AlexaApp,
    ClosedSkill,
    Home,
    error_type,
    hidden_fields,
)

ELSEWHERE = "https://evil.example/"


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "",
        ELSEWHERE,
        REDIRECT_URI + "/",
        REDIRECT_URI + "?next=" + ELSEWHERE,
        REDIRECT_URI + "#" + ELSEWHERE,
        REDIRECT_URI.replace("https", "http"),
        REDIRECT_URI.replace("layla", "LAYLA"),
        REDIRECT_URI.replace(VENDOR_ID, "M2OTHERVENDOR"),
        REDIRECT_URI.replace(VENDOR_ID, f"../{VENDOR_ID}"),
        f"https://layla.amazon.com@evil.example/api/skill/link/{VENDOR_ID}",
        f"https://layla.amazon.com.evil.example/api/skill/link/{VENDOR_ID}",
        f"https://evil.example\\@layla.amazon.com/api/skill/link/{VENDOR_ID}",
        f" {REDIRECT_URI}",
        f"{REDIRECT_URI}\r\nLocation: {ELSEWHERE}",
        "javascript:alert(1)",
    ],
)
async def test_nobody_is_sent_anywhere_but_to_alexa(
    skill: ClosedSkill, home: Home, redirect_uri: str
) -> None:
    alexa = AlexaApp(skill)
    form = alexa.asked(redirect_uri=redirect_uri) | {"code": await home.new_pairing()}

    for reply in (await alexa.open_page(redirect_uri=redirect_uri), await alexa.submit(form)):
        assert reply.status == 400
        assert "Location" not in reply.headers
        assert "evil" not in reply.text
        assert "<form" not in reply.text
    assert (await alexa.submit(alexa.asked() | {"code": form["code"]})).status == 303


@pytest.mark.parametrize("host", ["pitangui.amazon.com", "layla.amazon.com", "alexa.amazon.co.jp"])
async def test_each_of_alexas_hosts_is_let_in(skill: ClosedSkill, home: Home, host: str) -> None:
    address = f"https://{host}/api/skill/link/{VENDOR_ID}"
    alexa = AlexaApp(skill)
    form = alexa.asked(redirect_uri=address) | {"code": await home.new_pairing()}

    assert (await alexa.submit(form)).sent_to[0] == address


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": "x" * 43, "code_challenge_method": "MD5"}, "invalid_request"),
    ],
    ids=str,
)
async def test_alexa_is_told_what_it_asked_wrongly(
    skill: ClosedSkill, more: dict[str, Any], error: str
) -> None:
    address, answer = (await AlexaApp(skill, state="s t&").open_page(**more)).sent_to

    assert address == REDIRECT_URI
    assert answer == {"state": "s t&", "error": error}


async def test_another_client_gets_no_page(skill: ClosedSkill) -> None:
    reply = await AlexaApp(skill).open_page(client_id="other")

    assert (reply.status, "<form" in reply.text) == (400, False)


@pytest.mark.parametrize(
    "state",
    ['"><script>alert(1)</script>', "'\"<>&\r\n\0", "مرحبا 👋", "x" * 4096, "%0d%0aX: y", "+ +"],
    ids=["script", "signs", "letters", "long", "lines", "plus"],
)
async def test_a_state_comes_back_as_it_came_and_never_as_a_part_of_the_page(
    skill: ClosedSkill, home: Home, state: str
) -> None:
    alexa = AlexaApp(skill, state=state)
    page = await alexa.open_page()

    assert "<script" not in page.text
    fields = {name: html.unescape(value) for name, value in hidden_fields(page.text).items()}
    assert fields["state"] == state
    reply = await alexa.submit(fields | {"code": await home.new_pairing()})
    assert reply.sent_to[1]["state"] == state
    assert "X" not in reply.headers


async def test_the_name_of_the_skill_is_never_a_part_of_the_page(skill: ClosedSkill) -> None:
    config = skill.row("config")
    assert config is not None
    skill.rows.put_item(Item=config | {"skill_name": '<img src=x onerror="alert(1)">{name}'})

    page = await AlexaApp(skill).open_page()
    assert "<img" not in page.text
    assert "&lt;img" in page.text


async def test_fields_that_come_twice_open_nothing(skill: ClosedSkill, home: Home) -> None:
    asked = list(AlexaApp(skill).asked().items())
    for twice in (("redirect_uri", ELSEWHERE), ("client_id", CLIENT[0]), ("state", "other")):
        reply = await skill.ask("GET", f"/authorize?{urlencode([*asked, twice])}")
        assert reply.status == 400
        form = [*asked, ("code", await home.new_pairing()), twice]
        assert (await skill.ask("POST", "/authorize", data=form)).status == 400


async def test_a_guess_that_is_no_code_does_not_even_ask_the_table_for_it(
    skill: ClosedSkill,
) -> None:
    alexa = AlexaApp(skill)
    skill.table.begin()
    for guess in ("", "short", "AEIOUAEIOU", "BCDFGHJKLMN", "BCDFG HJKL", "١٢٣٤٥٦٧٨٩٠", "*" * 10):
        assert (await alexa.submit(alexa.asked() | {"code": guess})).status == 200
    assert set(skill.table.calls) == {"GetItem config"}


async def test_a_code_that_fits_nothing_and_one_that_is_too_old_look_alike(
    skill: ClosedSkill, home: Home
) -> None:
    old, used = await home.new_pairing(), ""
    row = skill.row(str((skill.row(f"home#{home.home_id}") or {})["pairing"]))
    assert row is None
    key = f"pair#{(skill.row(f'home#{home.home_id}') or {})['pairing']}"
    skill.rows.put_item(Item=(skill.row(key) or {}) | {"ttl": 1})
    other = await skill.enrolled()
    used = await other.new_pairing()
    await AlexaApp(skill).link(used)

    pages = set()
    for code in (old, used, "BCDFGHJKLM"):
        alexa = AlexaApp(skill, state="the same")
        reply = await alexa.submit(alexa.asked() | {"code": code})
        assert reply.status == 200
        pages.add(reply.text.replace(code, "what was typed"))
    assert len(pages) == 1


async def test_what_one_home_signs_changes_nothing_of_another(
    skill: ClosedSkill, home: Home, alexa: AlexaApp, amazon: SimulatedAmazon
) -> None:
    await alexa.grant(amazon.login.new_code(amazon.add_account("Ada")))
    (grant,) = await home.grants()
    thief = await skill.enrolled()
    as_the_other = Home(skill, home_id=home.home_id, secret=thief.secret)
    before = [row for row in skill.every_row() if home.home_id in str(row["key"])]

    messages: tuple[dict[str, Any], ...] = (
        {"ping": {}},
        {"grants": {}},
        {"push": {"endpoints": [], "states": {}, "complete": True}},
        {"pair": {"code_hash": "a" * 64, "expires_in": 900}},
        {"acknowledge": {"grants": [grant["id"]]}},
        {"remove": {}},
    )
    for message in messages:
        assert (await as_the_other.say(message)).word == "signature"
        assert (await thief.say(message)).status == 200
    assert before == [row for row in skill.every_row() if home.home_id in str(row["key"])]
    assert len(await home.grants()) == 1
    assert (await alexa.discover())["event"]["payload"]["endpoints"] == [FRONT_DOOR]


async def test_a_token_of_one_home_never_becomes_one_of_another(
    skill: ClosedSkill, home: Home, alexa: AlexaApp
) -> None:
    other = await skill.enrolled()
    elsewhere = AlexaApp(skill)
    await elsewhere.link(await other.new_pairing())
    mine = alexa.tokens["access_token"].split(".")
    theirs = elsewhere.tokens["access_token"].split(".")

    for parts in (
        [mine[0], theirs[1], mine[2], mine[3]],
        [mine[0], theirs[1], theirs[2], mine[3]],
        [mine[0], mine[1], theirs[2], theirs[3]],
        [mine[0], mine[1], mine[2], theirs[3]],
    ):
        alexa.tokens = {"access_token": ".".join(parts)}
        assert error_type(await alexa.discover()) == "INVALID_AUTHORIZATION_CREDENTIAL"


async def test_a_code_of_one_home_never_becomes_one_of_another(
    skill: ClosedSkill, home: Home
) -> None:
    other = await skill.enrolled()
    alexa, elsewhere = AlexaApp(skill), AlexaApp(skill)
    mine = (await alexa.code(await home.new_pairing())).split(".")
    theirs = (await elsewhere.code(await other.new_pairing())).split(".")

    for parts in ([theirs[0], mine[1], mine[2]], [theirs[0], theirs[1], mine[2]]):
        assert (await alexa.trade(".".join(parts))).json == {"error": "invalid_grant"}


async def test_a_grant_whose_link_is_not_traded_yet_is_refused(
    skill: ClosedSkill, home: Home, amazon: SimulatedAmazon
) -> None:
    alexa = AlexaApp(skill)
    home_id, link_id, _ = (await alexa.code(await home.new_pairing())).split(".")
    alexa.tokens = {"access_token": f"access.{home_id}.{link_id}.{'A' * 43}"}

    refused = await alexa.grant(amazon.login.new_code(amazon.add_account("Ada")))
    assert error_type(refused) == "ACCEPT_GRANT_FAILED"
    # The code was not even shown to Login with Amazon.
    assert amazon.requests == []


@pytest.mark.parametrize("name", ["x-home", "webhook-id", "webhook-timestamp"])
async def test_a_header_that_comes_twice_signs_nothing(home: Home, name: str) -> None:
    body = json.dumps({"ping": {}}).encode()
    headers = [*home.headers(body).items()]
    headers.append(next(header for header in headers if header[0] == name))

    reply = await home.skill.ask("POST", "/home", data=body, headers=headers)
    assert (reply.status, reply.word) == (401, "signature")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-home", None),
        ("x-home", "../config"),
        ("x-home", "A" * 22 + "#x"),
        ("webhook-id", None),
        ("webhook-id", "x" * 257),
        ("webhook-timestamp", None),
        ("webhook-timestamp", "+1"),
        ("webhook-timestamp", "١٧٦٤١٨٣٠٠٠"),
        ("webhook-timestamp", "9" * 400),
        ("webhook-signature", None),
        ("webhook-signature", "v1,"),
        ("webhook-signature", "v1a,AAAA"),
    ],
)
async def test_a_message_without_a_good_signature_is_refused(
    home: Home, name: str, value: str | None
) -> None:
    body = json.dumps({"ping": {}}).encode()
    headers = home.headers(body) | {name: value or ""}
    if value is None:
        del headers[name]

    reply = await home.send(body, {key: text.encode().decode() for key, text in headers.items()})
    assert (reply.status, reply.word) == (401, "signature")


async def test_a_message_that_was_changed_on_its_way_is_refused(home: Home) -> None:
    body = json.dumps({"ping": {}}).encode()
    headers = home.headers(body)

    assert (await home.send(body + b" ", headers)).word == "signature"
    assert (await home.send(body, headers | {"webhook-id": "msg_other"})).word == "signature"
    later = str(int(headers["webhook-timestamp"]) + 1)
    assert (await home.send(body, headers | {"webhook-timestamp": later})).word == "signature"
    assert (await home.send(body, headers)).status == 200


async def test_a_directive_has_no_way_in_through_the_address(
    skill: ClosedSkill, alexa: AlexaApp
) -> None:
    header = {"namespace": "Alexa.Discovery", "name": "Discover"}
    message = {"directive": {"header": header, "payload": {"scope": alexa.scope}}}

    for path in ("/", "/authorize", "/token", "/home", "/directive"):
        reply = await skill.ask("POST", path, json=message)
        assert reply.status in {400, 401, 404}
        assert "Front door" not in reply.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/home"),
        ("GET", "/favicon.ico"),
        ("GET", "/robots.txt"),
        ("PUT", "/home"),
        ("DELETE", "/authorize"),
        ("HEAD", "/authorize"),
        ("OPTIONS", "/token"),
        ("POST", "/token/"),
        ("POST", "//token"),
        ("POST", "/HOME"),
    ],
)
async def test_anything_else_is_not_there(skill: ClosedSkill, method: str, path: str) -> None:
    skill.table.begin()
    reply = await skill.ask(method, path)

    assert (reply.status, reply.text) == (404, "")
    assert skill.table.calls == []
