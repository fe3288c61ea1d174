"""The Lambda function in a process of its own, between a simulated Alexa and Home Assistant."""

import asyncio
from collections.abc import AsyncIterator
import io
import json
from pathlib import Path
from typing import Any
import zipfile

import pytest

from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.account import Region
from demo.amazon.simulation import SimulatedAmazon
from demo.developer.lambda_runtime import DeployedSkill, LambdaRuntime
from demo.home_assistant.configuration import DOORBELL, PRESS_SCRIPT
from demo.home_assistant.first_steps import SkillSettings, add_doorbell, add_skill
from demo.home_assistant.process import HomeAssistant
from skill import lambda_function

from .conftest import ACCEPT_GRANT, DISCOVER, directive
from .server import SHARED_SECRET, WEBHOOK_ID, Server, answer, good, message

PING = {"ping": {"nonce": "of-the-test"}}
NOT_FORWARDED = "was not answered"


def archive(source: str | None = None) -> bytes:
    """What is uploaded to AWS."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as content:
        text = Path(lambda_function.__file__).read_text()
        content.writestr("lambda_function.py", source or text)
    return code.getvalue()


def environment(url: str) -> dict[str, str]:
    """What the function is told."""
    return {"WEBHOOK_URL": url, "SHARED_SECRET": SHARED_SECRET}


async def test_a_cold_start_answers_and_a_warm_function_keeps_its_connection() -> None:
    with Server([good()]) as server:
        async with LambdaRuntime(archive(), environment(server.url), region="us-west-2") as aws:
            assert await aws.invoke(DISCOVER) == message()
            assert await aws.invoke(DISCOVER) == message()
            server.close_connections()
            assert await aws.invoke(ACCEPT_GRANT) == message()

            assert server.connections == 2
            assert server.requests[0].headers["x-aws-region"] == "us-west-2"
            assert aws.log == ""


async def test_what_cloudwatch_sees_of_a_failure_is_one_line_without_secrets() -> None:
    with Server([answer()]) as server:
        aws = LambdaRuntime(archive(), environment(server.url))
        failed = await aws.invoke(ACCEPT_GRANT)
        await aws.stop()

    assert failed["event"]["payload"]["type"] == "ACCEPT_GRANT_FAILED"
    assert len(aws.log.splitlines()) == 1
    assert aws.log.startswith(f"ERROR AcceptGrant {NOT_FORWARDED}: ")
    assert WEBHOOK_ID not in aws.log


async def test_an_answer_that_nobody_waits_for_any_more_is_not_handed_to_the_next() -> None:
    source = """
import time
def lambda_handler(event, context):
    time.sleep(event["seconds"])
    return event
"""
    async with LambdaRuntime(archive(source), {}) as aws:
        assert await aws.invoke({"seconds": 0}) == {"seconds": 0}
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await aws.invoke({"seconds": 0.5})

        assert await aws.invoke({"seconds": 0}) == {"seconds": 0}


async def test_an_answer_that_aws_cannot_write_is_not_handed_on() -> None:
    text = answer(body=json.dumps(message("\ud800")).encode())
    with Server([text]) as server:
        async with LambdaRuntime(archive(), environment(server.url)) as aws:
            assert error_type(await aws.invoke(DISCOVER)) == "BRIDGE_UNREACHABLE"


async def test_what_came_in_and_aws_cannot_write_is_not_echoed() -> None:
    event = directive("ReportState", endpoint={"endpointId": "\ud800"})
    event["directive"]["header"]["correlationToken"] = "\ud800"
    with Server([answer()]) as server:
        async with LambdaRuntime(archive(), environment(server.url)) as aws:
            assert error_type(await aws.invoke(event)) == "BRIDGE_UNREACHABLE"


async def test_a_function_that_dies_is_noticed() -> None:
    source = "def lambda_handler(event, context): raise SystemExit('out of memory')"
    async with LambdaRuntime(archive(source), {}) as aws:
        with pytest.raises(RuntimeError, match="out of memory"):
            await aws.invoke({})


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[HomeAssistant]:
    """A real Home Assistant."""
    async with HomeAssistant(tmp_path / "configuration") as home:
        yield home


async def set_up(home: HomeAssistant, amazon: SimulatedAmazon) -> SkillSettings:
    """Add the integration and the front door."""
    settings, flow_id = await add_skill(home.client, amazon)
    await add_doorbell(home.client, flow_id)
    return settings


async def press(home: HomeAssistant) -> None:
    """Ring at the front door."""
    await home.client.act("script", "turn_on", {"entity_id": PRESS_SCRIPT})
    await home.client.wait_for_state(DOORBELL, "off")


def error_type(response: Any) -> str:
    """The type of an ErrorResponse."""
    return str(response["event"]["payload"]["type"])


@pytest.mark.timeout(180)
async def test_a_press_is_announced_after_linking_and_discovering_through_the_function(
    home: HomeAssistant,
) -> None:
    async with SimulatedAmazon() as amazon:
        settings = await set_up(home, amazon)
        given = {"WEBHOOK_URL": settings.webhook_url, "SHARED_SECRET": settings.shared_secret}
        async with LambdaRuntime(archive(), given) as aws:
            skill = DeployedSkill(amazon, {Region.EU: aws})
            account = amazon.add_account("Ada")
            assert await skill.link(account, await home.client.access_token()), account.notice
            (endpoint,) = await skill.discover(account)
            pong = (await aws.invoke(PING))["answer"]["document"]["pong"]
            assert pong["nonce"] == PING["ping"]["nonce"]
            report = await skill.report_state(account, endpoint["endpointId"])
            assert report.name == "StateReport"
            await press(home)
            announcement = await amazon.wait_for_announcement()
            assert announcement.text == "Someone is at the Front door"

            # Away, and back: the function needs no help.
            await home.stop()
            assert (await aws.invoke(PING))["problem"]["cause"] == "nothing_listens"
            assert error_type((await skill.send(DISCOVER)).message) == "BRIDGE_UNREACHABLE"
            assert error_type((await skill.send(ACCEPT_GRANT)).message) == "ACCEPT_GRANT_FAILED"
            await home.start()
            assert await skill.discover(account), account.notice
            assert aws.log.count(NOT_FORWARDED) == 3

        wrong = given | {"SHARED_SECRET": SHARED_SECRET}
        unknown = given | {"WEBHOOK_URL": f"{home.url}/api/webhook/nobody"}
        async with LambdaRuntime(archive(), wrong) as aws:
            assert error_type(await aws.invoke(DISCOVER)) == "INTERNAL_ERROR"
            assert "SHARED_SECRET is another" in aws.log
        async with LambdaRuntime(archive(), unknown) as aws:
            assert error_type(await aws.invoke(DISCOVER)) == "BRIDGE_UNREACHABLE"
            assert "does not know this webhook" in aws.log
        assert settings.shared_secret not in home.log
        assert DOMAIN in home.log
