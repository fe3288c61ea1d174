"""The skill signs what it posts, and takes only the answers that Alexa takes."""

from typing import Any

import pytest
from standardwebhooks import Webhook as Signature

from demo.amazon.account import Account, Enablement, Region
from demo.amazon.rules import InvalidMessageError
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .conftest import endpoint, header
from .webhook import SHARED_SECRET, Webhook


@pytest.fixture
def skill(amazon: SimulatedAmazon, webhook: Webhook) -> Skill:
    return Skill(amazon, webhook.url, SHARED_SECRET)


@pytest.fixture
def newcomer(amazon: SimulatedAmazon) -> Account:
    return amazon.add_account("Grace", Region.NA)


def response(namespace: str, name: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"event": {"header": header(namespace, name), "payload": payload}}


ACCEPTED = response("Alexa.Authorization", "AcceptGrant.Response", {})


async def test_signs_each_directive(skill: Skill, webhook: Webhook, newcomer: Account) -> None:
    await skill.link(newcomer)
    headers, body = webhook.requests[0]
    directive: Any = Signature(SHARED_SECRET).verify(body, headers)
    assert directive["directive"]["header"]["name"] == "AcceptGrant"
    assert headers["x-aws-region"] == "us-east-1"


async def test_links_with_the_right_answer(
    skill: Skill, webhook: Webhook, newcomer: Account
) -> None:
    webhook.answers["AcceptGrant"] = ACCEPTED
    assert await skill.link(newcomer)
    assert newcomer.enablement is Enablement.ENABLED


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({}, id="an empty object"),
        pytest.param(response("Alexa", "Response", {}), id="another response"),
        pytest.param(
            response("Alexa.Authorization", "AcceptGrant.Response", {"a": 1}), id="a payload"
        ),
        pytest.param(
            response("Alexa.Authorization", "ErrorResponse", {"type": "ACCEPT_GRANT_FAILED"}),
            id="an error",
        ),
    ],
)
async def test_does_not_link_with(
    skill: Skill, webhook: Webhook, newcomer: Account, answer: dict[str, Any]
) -> None:
    webhook.answers["AcceptGrant"] = answer
    assert not await skill.link(newcomer)
    assert newcomer.enablement is Enablement.NEVER
    assert newcomer.notice.startswith("We were unable to link")


async def test_a_webhook_out_of_reach_is_no_link(
    amazon: SimulatedAmazon, newcomer: Account
) -> None:
    assert not await Skill(amazon, "http://127.0.0.1:9/", SHARED_SECRET).link(newcomer)
    assert newcomer.notice.startswith("We were unable to link")


async def test_discovers(skill: Skill, webhook: Webhook, newcomer: Account) -> None:
    webhook.answers["Discover"] = response(
        "Alexa.Discovery", "Discover.Response", {"endpoints": [endpoint()]}
    )
    assert await skill.discover(newcomer) == [endpoint()]
    assert newcomer.endpoints == {"front-door": endpoint()}


async def test_discovers_nothing_if_one_endpoint_comes_twice(
    skill: Skill, webhook: Webhook, newcomer: Account
) -> None:
    webhook.answers["Discover"] = response(
        "Alexa.Discovery", "Discover.Response", {"endpoints": [endpoint(), endpoint()]}
    )
    assert await skill.discover(newcomer) == []
    assert newcomer.endpoints == {}
    assert "twice" in newcomer.notice


async def test_discovers_nothing_where_it_is_not_let_in(skill: Skill, newcomer: Account) -> None:
    assert await skill.discover(newcomer) == []
    assert "401" in newcomer.notice


def state_report(directive: dict[str, Any]) -> dict[str, Any]:
    health = {
        "namespace": "Alexa.EndpointHealth",
        "name": "connectivity",
        "value": {"value": "OK"},
        "timeOfSample": "2026-01-01T12:00:00Z",
        "uncertaintyInMilliseconds": 0,
    }
    correlation = {"correlationToken": directive["header"]["correlationToken"]}
    return {
        "context": {"properties": [health]},
        "event": {
            "header": header("Alexa", "StateReport") | correlation,
            "endpoint": {"endpointId": directive["endpoint"]["endpointId"]},
            "payload": {},
        },
    }


async def test_asks_for_the_state(skill: Skill, webhook: Webhook, account: Account) -> None:
    webhook.answers["ReportState"] = state_report
    answer = await skill.report_state(account, "front-door")
    assert (answer.status, answer.name) == (200, "StateReport")


async def test_does_not_take_a_state_for_another_question(
    skill: Skill, webhook: Webhook, account: Account
) -> None:
    other = {"header": {"correlationToken": "other"}, "endpoint": {"endpointId": "front-door"}}
    webhook.answers["ReportState"] = state_report(other)
    with pytest.raises(InvalidMessageError, match="correlationToken"):
        await skill.report_state(account, "front-door")


async def test_unlinking_sends_nothing_and_ends_the_tokens(
    skill: Skill,
    amazon: SimulatedAmazon,
    webhook: Webhook,
    account: Account,
    tokens: dict[str, Any],
) -> None:
    await skill.unlink(account)
    assert webhook.requests == []
    assert amazon.login.access_token(tokens["access_token"]) is None
    assert account.endpoints == {}
