"""POST /token: codes for tokens, and tokens for tokens, for Alexa and for nobody else."""

from collections.abc import Callable
import hashlib
import time
from typing import Any
from urllib.parse import quote_plus

import aiohttp
import pytest

from .parts import CLIENT, REDIRECT_URI, AlexaApp, ClosedSkill, Home, error_type

VERIFIER = "the-verifier-of-alexa-has-at-least-43-letters"
OTHER_VERIFIER = "another-verifier-that-has-at-least-43-letters"


def basic(client_id: str, secret: str) -> dict[str, str]:
    """The header of HTTP Basic."""
    return {"Authorization": aiohttp.encode_basic_auth(client_id, secret)}


async def test_tokens_come_as_oauth_wants_them(skill: ClosedSkill, home: Home) -> None:
    alexa = AlexaApp(skill)
    reply = await alexa.trade(await alexa.code(await home.new_pairing()))

    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.json["token_type"].lower() == "bearer"
    # Amazon's rule: 360 s at the least.
    assert reply.json["expires_in"] >= 360
    assert reply.json["access_token"] != reply.json["refresh_token"]


@pytest.mark.parametrize("encode", [str, quote_plus], ids=["as it is", "as in a form"])
async def test_a_client_may_be_named_by_http_basic(
    skill: ClosedSkill, alexa: AlexaApp, encode: Callable[[str], str]
) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": alexa.tokens["refresh_token"]}
    header = basic(*map(encode, CLIENT))

    assert (await skill.ask("POST", "/token", data=form, headers=header)).status == 200
    wrong = basic(CLIENT[0], "wrong")
    refused = await skill.ask("POST", "/token", data=form, headers=wrong)
    assert (refused.status, refused.json) == (401, {"error": "invalid_client"})
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "header", ["", "Bearer x", "Basic", "Basic !!!", "Basic Og==", "Basic /////w==", "basic eDp5"]
)
async def test_a_header_that_names_no_client_is_refused(
    skill: ClosedSkill, alexa: AlexaApp, header: str
) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": alexa.tokens["refresh_token"]}
    reply = await skill.ask("POST", "/token", data=form, headers={"Authorization": header})

    assert (reply.status, reply.json) == (401, {"error": "invalid_client"})


@pytest.mark.parametrize(
    "client",
    [
        {"client_secret": "wrong"},
        {"client_secret": None},
        {"client_id": "other"},
        {"client_id": None, "client_secret": None},
        {"client_secret": CLIENT[1] + "é"},
    ],
    ids=str,
)
async def test_nobody_else_gets_tokens_and_the_code_stays_good(
    skill: ClosedSkill, home: Home, client: dict[str, Any]
) -> None:
    alexa = AlexaApp(skill)
    code = await alexa.code(await home.new_pairing())

    reply = await alexa.trade(code, **client)
    assert (reply.status, reply.json) == (401, {"error": "invalid_client"})
    assert (await alexa.trade(code)).status == 200


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"code": None}, "invalid_request"),
        ({"code": ""}, "invalid_request"),
        ({"code": "x"}, "invalid_grant"),
        ({"code": f"{'A' * 22}.{'A' * 22}.{'A' * 43}"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": REDIRECT_URI + "/"}, "invalid_grant"),
        ({"redirect_uri": REDIRECT_URI.replace("layla", "pitangui")}, "invalid_grant"),
        ({"code_verifier": VERIFIER}, "invalid_grant"),
    ],
    ids=str,
)
async def test_what_does_not_fit_is_refused_in_oauths_words(
    skill: ClosedSkill, home: Home, fields: dict[str, Any], error: str
) -> None:
    alexa = AlexaApp(skill)
    code = await alexa.code(await home.new_pairing())

    reply = await alexa.ask_for_tokens(
        **{"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI} | fields
    )
    assert (reply.status, reply.json) == (400, {"error": error})
    assert (await alexa.trade(code)).status == 200


async def test_a_client_is_named_in_one_place(skill: ClosedSkill, alexa: AlexaApp) -> None:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": alexa.tokens["refresh_token"],
        "client_secret": CLIENT[1],
    }

    reply = await skill.ask("POST", "/token", data=form, headers=basic(*CLIENT))
    assert reply.json == {"error": "invalid_request"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"grant_type=refresh_token&grant_type=authorization_code", None),
        (b"grant_type=refresh_token&" + b"x=1&" * 50, None),
        (b"x=" + b"1" * 20_000, None),
        (b"grant_type=%ff", None),
        (b"\xff\xfe", None),
        (b'{"grant_type": "refresh_token"}', "application/json"),
        (b"grant_type=refresh_token", "multipart/form-data"),
        (b"", None),
    ],
    ids=["twice", "many", "large", "encoding", "bytes", "json", "multipart", "empty"],
)
async def test_what_is_no_form_is_refused(
    skill: ClosedSkill, body: bytes, content_type: str | None
) -> None:
    headers = {"Content-Type": content_type or "application/x-www-form-urlencoded"}
    reply = await skill.ask("POST", "/token", data=body, headers=headers)

    assert reply.status == 400
    assert reply.json["error"] in {"invalid_request", "unsupported_grant_type"}


async def test_what_is_in_the_address_counts_for_nothing(alexa: AlexaApp) -> None:
    given = {
        "grant_type": "refresh_token",
        "refresh_token": alexa.tokens["refresh_token"],
        "client_id": CLIENT[0],
        "client_secret": CLIENT[1],
    }

    assert (await alexa.skill.ask("POST", "/token", params=given)).status == 400
    assert (await alexa.skill.ask("GET", "/token", params=given)).status == 404


@pytest.mark.parametrize("method", ["S256", "plain", "unnamed"])
async def test_a_challenge_is_held_to_its_verifier(
    skill: ClosedSkill, home: Home, method: str
) -> None:
    alexa = AlexaApp(skill, verifier=VERIFIER)
    asked = alexa.asked()
    if method != "S256":
        asked |= {"code_challenge": VERIFIER, "code_challenge_method": "plain"}
    if method == "unnamed":
        del asked["code_challenge_method"]
    typed = await alexa.submit(asked | {"code": await home.new_pairing()})
    code = typed.sent_to[1]["code"]

    for verifier in (None, "", "short", OTHER_VERIFIER, asked["code_challenge"][:-1] + "_"):
        refused = await alexa.trade(code, code_verifier=verifier)
        assert refused.json == {"error": "invalid_grant"}, verifier
    assert (await alexa.trade(code)).status == 200


async def test_a_code_is_good_for_two_minutes(skill: ClosedSkill, home: Home) -> None:
    alexa = AlexaApp(skill)
    code = await alexa.code(await home.new_pairing())
    home_id, link_id, _ = code.split(".")
    row = skill.row(f"link#{home_id}#{link_id}")
    assert row is not None
    assert int(row["code_until"]) == pytest.approx(time.time() + 120, abs=20)
    assert row["code"] == hashlib.sha256(code.encode()).hexdigest()

    skill.rows.put_item(Item=row | {"code_until": int(time.time()) - 1})
    assert (await alexa.trade(code)).json == {"error": "invalid_grant"}


async def test_a_link_stays_and_one_that_was_never_traded_goes(
    skill: ClosedSkill, home: Home
) -> None:
    alexa = AlexaApp(skill)
    code = await alexa.code(await home.new_pairing())
    home_id, link_id, _ = code.split(".")
    key = f"link#{home_id}#{link_id}"

    assert "ttl" in (skill.row(key) or {})
    await alexa.trade(code)
    assert "ttl" not in (skill.row(key) or {"ttl": 0})


async def test_refreshing_gives_good_tokens_again_and_again(alexa: AlexaApp) -> None:
    for _ in range(3):
        reply = await alexa.refresh()
        assert reply.status == 200
        alexa.tokens = reply.json
        assert (await alexa.discover())["event"]["payload"]["endpoints"]


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token + "A",
        lambda token: token.replace(".", ".A", 1),
        lambda token: token.upper(),
        lambda token: token + "\n",
    ],
    ids=["letter", "longer", "home", "case", "line"],
)
async def test_a_token_that_this_function_did_not_make_is_refused(
    alexa: AlexaApp, change: Any
) -> None:
    forged = change(alexa.tokens["refresh_token"])

    assert (await alexa.refresh(refresh_token=forged)).json == {"error": "invalid_grant"}
    alexa.tokens = {"access_token": change(alexa.tokens["access_token"])}
    assert error_type(await alexa.discover()) == "INVALID_AUTHORIZATION_CREDENTIAL"


@pytest.mark.parametrize("given", [None, ""], ids=["none", "empty"])
async def test_who_brings_no_token_is_told_so_and_nothing_of_any_token(
    alexa: AlexaApp, given: str | None
) -> None:
    reply = await alexa.refresh(refresh_token=given)

    assert (reply.status, reply.json) == (400, {"error": "invalid_request"})


async def test_each_kind_of_token_is_for_its_own_use(alexa: AlexaApp) -> None:
    access, refresh = alexa.tokens["access_token"], alexa.tokens["refresh_token"]

    assert (await alexa.refresh(refresh_token=access)).json == {"error": "invalid_grant"}
    alexa.tokens = {"access_token": refresh}
    assert error_type(await alexa.discover()) == "INVALID_AUTHORIZATION_CREDENTIAL"


async def test_a_link_that_is_deleted_ends_at_once(
    skill: ClosedSkill, home: Home, alexa: AlexaApp
) -> None:
    for row in skill.every_row():
        if str(row["key"]).startswith("link#"):
            skill.rows.delete_item(Key={"key": row["key"]})

    assert error_type(await alexa.report_state()) == "INVALID_AUTHORIZATION_CREDENTIAL"
    assert (await alexa.refresh()).json == {"error": "invalid_grant"}
