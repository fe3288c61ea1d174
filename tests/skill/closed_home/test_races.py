"""Eight instances of the function at once, each a process of its own: one of them wins."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
import json
from typing import Any

import pytest

from demo.amazon.simulation import SimulatedAmazon
from demo.developer.aws import SimulatedAws

from .parts import PUSH, AlexaApp, ClosedSkill, Home, deployed

INSTANCES = 8
PING = {"ping": {"nonce": "n"}}


@pytest.fixture
async def skill(aws: SimulatedAws, amazon: SimulatedAmazon) -> AsyncIterator[ClosedSkill]:
    """A skill with eight warm instances."""
    async with deployed(aws, amazon, instances=INSTANCES) as skill:
        await asyncio.gather(*(instance.invoke(PING) for instance in skill.instances))
        skill.table.delay = 0.02
        yield skill


async def at_once(*asked: Any) -> Counter[int]:
    """How often each status was answered."""
    return Counter(reply.status for reply in await asyncio.gather(*asked))


async def test_a_one_time_code_lets_one_home_in(skill: ClosedSkill) -> None:
    code = skill.new_code()
    homes = [Home(skill) for _ in range(INSTANCES)]

    assert await at_once(*(home.enrol(code) for home in homes)) == {200: 1, 401: INSTANCES - 1}
    assert sum(str(row["key"]).startswith("home#") for row in skill.every_row()) == 1


async def test_a_pairing_code_links_once(skill: ClosedSkill, home: Home) -> None:
    code = await home.new_pairing()
    apps = [AlexaApp(skill) for _ in range(INSTANCES)]
    typed = (app.submit(app.asked() | {"code": code}) for app in apps)

    assert await at_once(*typed) == {303: 1, 200: INSTANCES - 1}


async def test_of_codes_that_a_home_opens_at_once_one_is_good(
    skill: ClosedSkill, home: Home
) -> None:
    codes = await asyncio.gather(*(home.new_pairing() for _ in range(INSTANCES)))
    apps = [(AlexaApp(skill), code) for code in codes]
    typed = (app.submit(app.asked() | {"code": code}) for app, code in apps)

    assert await at_once(*typed) == {303: 1, 200: INSTANCES - 1}


async def test_a_second_tap_on_the_button_is_the_same_attempt(
    skill: ClosedSkill, home: Home
) -> None:
    alexa = AlexaApp(skill)
    form = alexa.asked() | {"code": await home.new_pairing()}

    replies = await asyncio.gather(*(app.submit(form) for app in (alexa, alexa, AlexaApp(skill))))
    (code,) = {reply.sent_to[1]["code"] for reply in replies}
    assert (await alexa.trade(code)).status == 200
    other = AlexaApp(skill)
    assert (await other.submit(other.asked() | {"code": form["code"]})).status == 200


async def test_what_was_typed_once_is_no_code_any_more_once_alexa_has_its_tokens(
    skill: ClosedSkill, home: Home
) -> None:
    alexa = AlexaApp(skill)
    form = alexa.asked() | {"code": await home.new_pairing()}
    code = (await alexa.submit(form)).sent_to[1]["code"]
    await alexa.trade(code)

    again = await alexa.submit(form)

    assert again.status == 200
    assert 'aria-invalid="true"' in again.text
    assert (await alexa.trade(code)).json == {"error": "invalid_grant"}


async def test_a_code_is_traded_once(skill: ClosedSkill, home: Home) -> None:
    alexa = AlexaApp(skill)
    code = await alexa.code(await home.new_pairing())
    traded = (alexa.trade(code) for _ in range(INSTANCES))

    assert await at_once(*traded) == {200: 1, 400: INSTANCES - 1}


async def test_a_message_is_heard_once_by_all_of_them(home: Home) -> None:
    body = json.dumps(PING).encode()
    headers = home.headers(body)
    sent = (home.send(body, headers) for _ in range(INSTANCES))

    assert await at_once(*sent) == {200: 1, 401: INSTANCES - 1}


async def test_the_latest_of_many_pushes_stays(
    skill: ClosedSkill, home: Home, alexa: AlexaApp
) -> None:
    def push(number: int) -> dict[str, Any]:
        (endpoint,) = PUSH["push"]["endpoints"]
        return {"push": PUSH["push"] | {"endpoints": [endpoint | {"friendlyName": str(number)}]}}

    pushes = (home.say(push(number), ahead=100 + number) for number in range(INSTANCES))
    assert await at_once(*pushes) == {200: INSTANCES}
    (endpoint,) = (await alexa.discover())["event"]["payload"]["endpoints"]
    assert endpoint["friendlyName"] == str(INSTANCES - 1)


async def test_grants_that_come_at_once_are_all_kept(
    skill: ClosedSkill, home: Home, alexa: AlexaApp, amazon: SimulatedAmazon
) -> None:
    accounts = [amazon.add_account(str(number)) for number in range(INSTANCES)]
    payload = {"grantee": alexa.scope}
    header = {"namespace": "Alexa.Authorization", "name": "AcceptGrant"}
    codes = [amazon.login.new_code(account) for account in accounts]
    await asyncio.gather(
        *(
            instance.invoke({"directive": {"header": header, "payload": payload | {"grant": code}}})
            for instance, code in zip(
                skill.instances, ({"code": code} for code in codes), strict=True
            )
        )
    )

    assert len(await home.grants()) == INSTANCES
