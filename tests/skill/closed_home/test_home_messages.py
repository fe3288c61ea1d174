"""What a home says: signed with its own secret, once, and within its own rows."""

import hashlib
import json
from typing import Any

import pytest

from demo.amazon import messages
from demo.amazon.simulation import SimulatedAmazon

from .parts import FRONT_DOOR, PUSH, AlexaApp, ClosedSkill, Home, error_type


async def test_a_home_gets_the_messaging_pair_for_its_code(skill: ClosedSkill) -> None:
    home = Home(skill)
    reply = await home.enrol(skill.new_code())

    config = skill.row("config")
    assert config is not None
    enrolled = reply.json["enrolled"]
    assert enrolled.keys() == {"client_id", "client_secret", "skill_name", "version", "time"}
    for name in ("client_id", "client_secret", "skill_name"):
        assert enrolled[name] == config[name]
    assert (await home.say({"ping": {"nonce": "n"}})).json["pong"]["nonce"] == "n"


async def test_an_enrolment_whose_answer_was_lost_can_be_said_again(skill: ClosedSkill) -> None:
    home, code = Home(skill), skill.new_code()
    first = await home.enrol(code)
    await home.say(PUSH)

    again = await home.enrol(code)
    assert again.status == 200
    assert again.json["enrolled"]["client_secret"] == first.json["enrolled"]["client_secret"]
    row = skill.row(f"home#{home.home_id}")
    assert row is not None
    assert "list" in row


@pytest.mark.parametrize("which", ["used", "old", "unknown", "malformed"])
async def test_a_code_lets_one_home_in_and_for_15_minutes(skill: ClosedSkill, which: str) -> None:
    code = skill.new_code(-1 if which == "old" else 900)
    if which == "used":
        assert (await Home(skill).enrol(code)).status == 200
    home = Home(skill)
    reply = await home.enrol({"unknown": "A" * 22, "malformed": "no"}.get(which, code))

    assert (reply.status, reply.word) == (401, "enrolment")
    assert (await home.say({"ping": {}})).word == "unknown_home"
    assert skill.row(f"home#{home.home_id}") is None


async def test_nobody_enrols_as_a_home_that_is_there(skill: ClosedSkill, home: Home) -> None:
    thief = Home(skill, home_id=home.home_id)

    assert (await thief.enrol(skill.new_code())).word == "enrolment"
    assert (await home.say({"ping": {}})).status == 200


async def test_an_enrolment_is_signed_with_the_secret_it_brings(skill: ClosedSkill) -> None:
    home = Home(skill)
    body = json.dumps({"enrol": {"code": skill.new_code(), "secret": home.secret}}).encode()
    other = Home(skill, home_id=home.home_id)

    assert (await home.send(body, other.headers(body))).word == "signature"


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "none", None, 7, "whsec_é"])
async def test_a_secret_that_is_none_is_refused(skill: ClosedSkill, secret: Any) -> None:
    reply = await Home(skill).say({"enrol": {"code": skill.new_code(), "secret": secret}})

    assert (reply.status, reply.word) == (400, "malformed")


@pytest.mark.parametrize("ahead", [-600, 600], ids=["behind", "ahead"])
async def test_clocks_ten_minutes_apart_are_named(home: Home, ahead: float) -> None:
    reply = await home.say({"ping": {}}, ahead=ahead)

    assert (reply.status, reply.word) == (401, "clock")


async def test_a_message_is_heard_once(home: Home) -> None:
    body = json.dumps({"ping": {}}).encode()
    headers = home.headers(body)

    assert (await home.send(body, headers)).status == 200
    reply = await home.send(body, headers)
    assert (reply.status, reply.word) == (401, "signature")


async def test_a_message_is_remembered_for_as_long_as_it_would_be_heard(
    skill: ClosedSkill, home: Home
) -> None:
    body = json.dumps({"ping": {}}).encode()
    headers = home.headers(body, ahead=290)
    assert (await home.send(body, headers)).status == 200

    hashed = hashlib.sha256(headers["webhook-id"].encode()).hexdigest()
    seen = skill.row(f"seen#{home.home_id}#{hashed}")
    assert seen is not None
    assert seen["ttl"] > int(headers["webhook-timestamp"]) + 300


async def test_two_homes_may_use_the_same_message_id(skill: ClosedSkill, home: Home) -> None:
    other = await skill.enrolled()

    assert (await home.say({"ping": {}}, message_id="msg_1")).status == 200
    assert (await other.say({"ping": {}}, message_id="msg_1")).status == 200


async def test_a_push_that_a_later_one_overtook_changes_nothing(
    home: Home, alexa: AlexaApp
) -> None:
    nothing = {"push": {"endpoints": [], "states": {}, "complete": True}}
    assert (await home.say(PUSH, ahead=10)).json == {"pushed": {"taken": True}}

    assert (await home.say(nothing)).json == {"pushed": {"taken": False}}
    assert len((await alexa.discover())["event"]["payload"]["endpoints"]) == 1


async def test_a_push_with_which_alexa_could_not_be_answered_is_refused(
    home: Home, alexa: AlexaApp
) -> None:
    reply = await home.say({"push": PUSH["push"] | {"endpoints": [FRONT_DOOR, FRONT_DOOR]}})

    assert (reply.status, reply.word) == (400, "malformed")
    assert (await alexa.discover())["event"]["payload"]["endpoints"] == [FRONT_DOOR]


async def test_what_is_no_message_is_refused_and_named(home: Home) -> None:
    code_hash = "a" * 64
    messages: tuple[Any, ...] = (
        *({}, {"unknown": {}}, {"ping": {}, "remove": {}}, [], None, b"", b"{", b"\xff\xfe"),
        *(b'{"ping": {"nonce": "\\ud800"}}', b'{"ping": {"nonce": NaN}}'),
        b'{"ping": {"nonce": 1e999}}',
        *(b"[" * 100_000, b'{"ping":' * 20_000),
        {"pair": {}},
        {"pair": {"code_hash": code_hash.upper(), "expires_in": 900}},
        {"pair": {"code_hash": code_hash, "expires_in": 901}},
        {"pair": {"code_hash": code_hash, "expires_in": True}},
        {"pair": {"code_hash": code_hash, "expires_in": 900, "identity": "x" * 257}},
        {"acknowledge": {}},
        {"acknowledge": {"grants": []}},
        {"acknowledge": {"grants": ["secret"]}},
        {"acknowledge": {"grants": ["A" * 22] * 101}},
    )
    for message in messages:
        reply = await home.say(message)
        assert (reply.status, reply.word) == (400, "malformed"), str(message)[:80]


async def test_a_body_that_is_too_large_is_refused_unread(home: Home) -> None:
    reply = await home.say(b" " * (320 * 1024 + 1))

    assert (reply.status, reply.word) == (413, "too_large")


async def test_a_new_pairing_code_ends_the_one_before(skill: ClosedSkill, home: Home) -> None:
    before = await home.new_pairing()
    now = await home.new_pairing()

    assert (await AlexaApp(skill).type_code(before)).status == 200
    assert (await AlexaApp(skill).type_code(now)).status == 303


async def test_nobody_takes_over_the_code_of_another_home(skill: ClosedSkill, home: Home) -> None:
    code = await home.new_pairing()
    row = skill.row(f"home#{home.home_id}")
    assert row is not None
    thief = await skill.enrolled()

    reply = await thief.say({"pair": {"code_hash": row["pairing"], "expires_in": 900}})
    assert (reply.status, reply.word) == (409, "code_taken")
    alexa = AlexaApp(skill)
    await alexa.link(code)
    assert len((await alexa.discover())["event"]["payload"]["endpoints"]) == 1


async def test_a_home_that_is_removed_is_gone_at_once(
    skill: ClosedSkill, home: Home, alexa: AlexaApp
) -> None:
    code = await home.new_pairing()
    assert (await home.say({"remove": {}})).json == {"removed": {}}

    for answer in (await alexa.discover(), await alexa.report_state()):
        assert error_type(answer) == "INVALID_AUTHORIZATION_CREDENTIAL"
    assert (await alexa.refresh()).json == {"error": "invalid_grant"}
    assert (await home.say({"ping": {}})).word == "unknown_home"
    assert (await AlexaApp(skill).type_code(code)).status == 200
    kept = {str(row["key"]).partition("#")[0] for row in skill.every_row()}
    assert kept == {"config", "enrol", "grant", "link", "seen"}
    tombstone = skill.row(f"grant#{home.home_id}")
    assert tombstone is not None
    assert tombstone.keys() == {"key", "removed", "ttl"}


async def test_a_home_that_was_removed_and_enrols_again_is_linked_again(
    skill: ClosedSkill, home: Home, alexa: AlexaApp, amazon: SimulatedAmazon
) -> None:
    await home.say({"remove": {}})
    assert (await home.enrol(skill.new_code())).status == 200
    await home.say(PUSH)
    await alexa.link(await home.new_pairing())

    answer = await alexa.grant(amazon.login.new_code(amazon.add_account("Ada")))
    assert messages.is_accept_grant_response(answer), answer
    assert len(await home.grants()) == 1
