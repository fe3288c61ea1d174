"""What Alexa asks is answered with what the home pushed last."""

import time
from typing import Any

import pytest

from demo.amazon import messages
from demo.amazon.simulation import Fault, SimulatedAmazon
from demo.amazon.skill import directive

from .parts import FRONT_DOOR, PUSH, AlexaApp, ClosedSkill, Home, error_type

HOUR = 3600


async def test_discover_is_the_last_list(home: Home, alexa: AlexaApp) -> None:
    garden = FRONT_DOOR | {"endpointId": "garden", "friendlyName": "Gärten und Tor"}
    state = {"value": "UNREACHABLE", "time": "2026-11-26T13:00:00.5Z"}
    push = {"endpoints": [garden], "states": {"garden": state}, "complete": True}
    assert (await home.say({"push": push})).status == 200

    assert messages.discovered(await alexa.discover()) == {"garden": garden}
    report = await alexa.report_state("garden")
    (connectivity,) = report["context"]["properties"]
    assert connectivity["value"] == {"value": "UNREACHABLE"}
    assert connectivity["timeOfSample"] == "2026-11-26T13:00:00.5Z"
    assert error_type(await alexa.report_state("front-door")) == "NO_SUCH_ENDPOINT"


async def test_a_home_that_has_told_of_nothing_yet_has_no_doorbells(skill: ClosedSkill) -> None:
    home = await skill.enrolled()
    alexa = AlexaApp(skill)
    await alexa.link(await home.new_pairing())

    assert messages.discovered(await alexa.discover()) == {}


async def test_three_hundred_doorbells_are_kept_and_discovered(home: Home, alexa: AlexaApp) -> None:
    ids = [f"doorbell-{number}" for number in range(300)]
    state = {"value": "OK", "time": "2026-11-26T13:00:00Z"}
    endpoints = [FRONT_DOOR | {"endpointId": one} for one in ids]
    push = {"endpoints": endpoints, "states": dict.fromkeys(ids, state), "complete": True}

    assert (await home.say({"push": push})).json == {"pushed": {"taken": True}}
    assert messages.discovered(await alexa.discover()).keys() == set(ids)


async def test_a_report_carries_the_correlation_token_and_keeps_alexas_rules(
    alexa: AlexaApp,
) -> None:
    header = {"correlationToken": "of-the-directive"}
    endpoint = {"endpointId": "front-door", "scope": alexa.scope, "cookie": {}}
    message = directive("Alexa", "ReportState", {}, header=header, endpoint=endpoint)

    report = await alexa.skill.invoke(message)
    messages.check_state_report(report, "of-the-directive")
    endpoint["endpointId"] = "gone"
    refused = await alexa.skill.invoke(message)
    assert refused["event"]["header"]["correlationToken"] == "of-the-directive"
    assert refused["event"]["endpoint"] == {"endpointId": "gone"}


@pytest.mark.parametrize(
    ("hours", "value"), [(25.9, "OK"), (26.1, "UNREACHABLE")], ids=["not yet", "silent"]
)
async def test_a_home_that_was_silent_for_26_hours_is_unreachable(
    skill: ClosedSkill, home: Home, alexa: AlexaApp, hours: float, value: str
) -> None:
    skill.rows.update_item(
        Key={"key": f"home#{home.home_id}"},
        UpdateExpression="SET pushed_at = :then",
        ExpressionAttributeValues={":then": int(time.time() - hours * HOUR)},
    )

    report = await alexa.report_state()
    (connectivity,) = report["context"]["properties"]
    assert connectivity["value"] == {"value": value}
    await home.say(PUSH)
    report = await alexa.report_state()
    assert report["context"]["properties"][0]["value"] == {"value": "OK"}


async def test_what_a_doorbell_cannot_do_is_refused(alexa: AlexaApp) -> None:
    message = directive("Alexa.PowerController", "TurnOn", {}, endpoint={"scope": alexa.scope})

    assert error_type(await alexa.skill.invoke(message)) == "INVALID_DIRECTIVE"


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"directive": None},
        {"directive": {"header": []}},
        {"directive": {"header": {"namespace": 1, "name": {}}, "payload": "x", "endpoint": 3}},
        [],
        None,
        "text",
    ],
    ids=str,
)
async def test_whatever_it_is_alexa_gets_a_message(skill: ClosedSkill, event: Any) -> None:
    assert error_type(await skill.invoke(event)) == "INVALID_DIRECTIVE"


async def test_a_grant_that_login_with_amazon_refuses_is_not_kept(
    home: Home, alexa: AlexaApp, amazon: SimulatedAmazon
) -> None:
    refused = await alexa.grant("never-given")

    assert error_type(refused) == "ACCEPT_GRANT_FAILED"
    assert refused["event"]["header"]["namespace"] == "Alexa.Authorization"
    assert await home.grants() == []
    assert [one.kind for one in amazon.requests] == ["token"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.login(401, "invalid_client"),
        Fault.login(500, "ServerError"),
        Fault(status=200, body=b"<html>"),
        Fault(status=200, body=b'{"access_token": "only"}'),
        Fault.reset(),
        Fault.reset(processed=True),
    ],
    ids=["client", "server", "html", "no refresh token", "reset", "answer lost"],
)
async def test_trouble_at_login_with_amazon_fails_the_grant_in_alexas_words(
    home: Home, alexa: AlexaApp, amazon: SimulatedAmazon, fault: Fault
) -> None:
    code = amazon.login.new_code(amazon.add_account("Ada"))
    amazon.login_faults.append(fault)

    assert error_type(await alexa.grant(code)) == "ACCEPT_GRANT_FAILED"
    assert await home.grants() == []
    # Whether it was spent nobody knows; a second try of a code never helps.
    assert len(amazon.requests) == 1


async def test_login_with_amazon_that_hangs_is_given_up_before_alexa_gives_up(
    home: Home, alexa: AlexaApp, amazon: SimulatedAmazon
) -> None:
    amazon.login_faults.append(Fault.stall())
    started = time.monotonic()

    assert error_type(await alexa.grant("any")) == "ACCEPT_GRANT_FAILED"
    assert time.monotonic() - started < 7


async def test_grants_wait_in_the_order_in_which_they_came(
    home: Home, alexa: AlexaApp, amazon: SimulatedAmazon
) -> None:
    account = amazon.add_account("Ada")
    for _ in range(3):
        assert messages.is_accept_grant_response(await alexa.grant(amazon.login.new_code(account)))

    grants = await home.grants()
    times = [grant["tokens"]["received_at"] for grant in grants]
    assert times == sorted(times)
    assert len({grant["link"] for grant in grants}) == 1
    # Only what was acknowledged is gone, however often that is said.
    for _ in range(2):
        assert (await home.say({"acknowledge": {"grants": [grants[1]["id"]]}})).status == 200
    assert await home.grants() == [grants[0], grants[2]]


async def test_a_grant_waits_for_seven_days(
    skill: ClosedSkill, home: Home, alexa: AlexaApp, amazon: SimulatedAmazon
) -> None:
    await alexa.grant(amazon.login.new_code(amazon.add_account("Ada")))
    row = skill.row(f"grant#{home.home_id}")
    assert row is not None
    assert int(row["ttl"]) == pytest.approx(time.time() + 7 * 24 * HOUR, abs=60)

    (name,) = [name for name in row if name.startswith("grant_")]
    received = (await home.grants())[0]["tokens"]["received_at"]
    old = row[name].replace(str(received), str(received - 7 * 24 * HOUR - 60))
    skill.rows.put_item(Item=row | {name: old})
    assert await home.grants() == []


@pytest.mark.parametrize(
    "forged",
    ["\ud800", "a\r\nb", "x" * 8193, {"a": 1}, None],
    ids=["half a letter", "lines", "endless", "an object", "nothing"],
)
@pytest.mark.parametrize("name", ["ReportState", "TurnOn"])
async def test_what_only_a_forger_sends_is_not_sent_back(
    alexa: AlexaApp, name: str, forged: Any
) -> None:
    header = {"correlationToken": forged}
    endpoint = {"endpointId": forged, "scope": alexa.scope, "cookie": {}}
    message = directive("Alexa", name, {}, header=header, endpoint=endpoint)

    event = (await alexa.skill.invoke(message))["event"]
    assert event["header"]["name"] == "ErrorResponse"
    assert event.keys() == {"header", "payload"}
    assert "correlationToken" not in event["header"]


async def test_a_connection_that_login_with_amazon_has_closed_costs_no_grant(
    home: Home, alexa: AlexaApp, amazon: SimulatedAmazon
) -> None:
    account = amazon.add_account("Ada")
    await alexa.grant(amazon.login.new_code(account))
    await amazon.stop()
    await amazon.start()

    answer = await alexa.grant(amazon.login.new_code(account))
    assert messages.is_accept_grant_response(answer), answer
