"""`--report FILE`: what Amazon answered, fit to be shown to anybody."""

import json
from pathlib import Path
import re
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
import pytest

from demo.developer.aws import ACCOUNT
from skill.command.report import Answer, Report

from ..server import SHARED_SECRET, WEBHOOK_ID
from ..world import CREDENTIALS, World
from .test_create_trouble import restart

NAME = "Ada's beach house"


def written(world: World) -> str:
    """The report."""
    return (world.home / "report.txt").read_text()


async def create(world: World, *more: str) -> str:
    """Run `create` with a report; that."""
    await world.create("--report", str(world.home / "report.txt"), "--name", NAME, *more)
    return written(world)


async def test_it_tells_what_amazon_answered_at_each_step(world: World) -> None:
    report = await create(world)

    assert re.search(r"SMAPI POST /v1/skills -> 202 \(\d+ ms\)", report)
    assert "AWS sts:GetCallerIdentity -> 200" in report
    assert "AWS lambda:CreateFunction -> 201" in report
    assert "SMAPI PUT /v1/skills/<skill>/stages/development/enablement -> 204" in report
    assert re.search(r"resource=\S* -> 200 \(\d+ ms\): IN_PROGRESS", report)
    assert "ping from this computer: pong" in report
    assert "ping from AWS: pong" in report
    assert "Hand the skill's credentials to Home Assistant" in report
    assert "Ended: all is done" in report


async def test_it_names_the_versions(world: World) -> None:
    report = await create(world)
    manifest = Path(__file__).parents[3] / "custom_components/alexa_doorbell/manifest.json"

    assert f"Alexa Doorbell {json.loads(manifest.read_text())['version']}" in report
    assert re.search(r"Python 3\.\d+\.\d+, boto3 \d[\d.]+, botocore \d", report)


async def test_it_is_written_when_the_command_fails_too_with_the_cause(world: World) -> None:
    world.smapi.vendor_ids = []

    report = await create(world)

    assert "Ended: no_developer: This Amazon account is no developer's yet." in report


async def test_it_keeps_amazons_own_words_of_a_refusal(world: World) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"message": "Skill type is not supported."}, status=400)

    world.smapi._enable = refuse  # type: ignore[method-assign]
    await restart(world)

    report = await create(world)

    assert "enablement -> 400" in report
    assert "Skill type is not supported. (status 400)" in report


async def test_it_holds_no_secret_no_id_no_address_and_no_name(world: World) -> None:
    refused = {"message": ""}

    async def refuse(request: web.Request) -> web.Response:
        # As Amazon repeats what it was told, and a little more.
        skill = world.skill
        refused["message"] = (
            f"{skill.skill_id} of {world.smapi.vendor_ids[0]} with {skill.account_linking} and "
            f"{skill.endpoints} of ada@example.com for {NAME}, User: "
            f"arn:aws:iam::{ACCOUNT}:user/lovelace at 203.0.113.7 and 2001:db8::17 is not allowed"
        )
        return web.json_response(refused, status=400)

    world.smapi._enable = refuse  # type: ignore[method-assign]
    await restart(world)

    report = await create(world)

    host = urlsplit(world.home_assistant.url)
    hidden = {
        *(SHARED_SECRET, WEBHOOK_ID, CREDENTIALS[0], CREDENTIALS[1], ACCOUNT, NAME),
        *(world.skill.skill_id, world.smapi.vendor_ids[0], world.smapi.refresh_token),
        *(*world.smapi.client, *world.smapi.access_tokens, host.netloc, "127.0.0.1"),
        *("ada-s-beach-house", "ada@example.com", "lovelace", "203.0.113.7", "2001:db8::17"),
        *(str(world.home), "arn:aws", "simulated"),
        *re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", world.skill.skill_id),
    }
    assert "enablement -> 400" in report
    assert [one for one in hidden if one in report] == []


async def test_a_file_that_cannot_be_written_is_said_before_anything_is_made(
    world: World,
) -> None:
    before = world.state()

    result = await world.create("--report", str(world.home / "none" / "report.txt"))

    assert result.status == 1
    assert "The report cannot be written: No such file or directory." in result.errors
    assert world.state() == before


async def test_destroy_writes_one_too(world: World) -> None:
    await world.create()

    await world.destroy("--report", str(world.home / "report.txt"))

    assert "SMAPI DELETE /v1/skills/<skill> -> 204" in written(world)


async def test_a_run_that_was_stopped_writes_what_there_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("skill.command.functions.code", stop)

    assert "Ended: stopped" in await create(world)


def answered(date: str | None) -> Answer:
    """An answer of Amazon's at that time."""
    return Answer(who="AWS", asked="x", status=200, said="", seconds=0, date=date)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Thu, 99 Nov 2026 00:00:00 GMT"])
def test_an_answer_without_a_time_tells_nothing_of_the_clock(date: str | None) -> None:
    report = Report()

    report.hear(answered(date))

    assert report.ahead is None


def test_an_answer_tells_how_far_this_computers_clock_is_off(freezer: Any) -> None:
    freezer.move_to("2026-11-26 12:10:00")
    report = Report()

    report.hear(answered("Thu, 26 Nov 2026 12:00:00 GMT"))

    assert report.ahead == 600
