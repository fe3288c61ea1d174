"""Amazon as the command meets it, and a Home Assistant that waits for its message."""

import asyncio
import copy
from dataclasses import dataclass, field
from email.utils import formatdate
import json
import os
from pathlib import Path
import sys
import time
from typing import Any
from unittest.mock import patch

from aiohttp import web
from moto.awslambda.models import FunctionUrlConfig
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.iam.models import iam_backends
from standardwebhooks import Webhook, WebhookVerificationError

from demo.developer.aws import ACCOUNT, SimulatedAws
from demo.developer.skill_management import SimulatedSkill, SimulatedSkillManagement
from skill.command.main import main
from skill.command.progress import Patience
from skill.command.settings import AWS_REGIONS

from .server import SHARED_SECRET, WEBHOOK_ID

CREDENTIALS = ("amzn1.application-oa2-client.messaging", "amzn1.oa2-cs.v1.messaging")
NAME = "home-assistant-doorbell"
SECRET_COLUMNS = ("signing_key", "client_secret", "link_client_secret")


def arn(region: str, name: str = NAME) -> str:
    """The function's ARN."""
    return f"arn:aws:lambda:{AWS_REGIONS[region]}:{ACCOUNT}:function:{name}"


class NoPatience(Patience):
    """Never waits, and keeps count of how long it would have."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Do not."""
        self.slept.append(seconds)


@dataclass
class HomeAssistant:
    """The webhook of the integration, `waiting` while its config flow does.

    `answer` is what anybody gets instead, `answer_from_aws` what only functions get. One that is
    `old` knows no ping, and never says why it refuses.
    """

    url: str = ""
    waiting: bool = True
    old: bool = False
    answer: tuple[int, str] | None = None
    answer_from_aws: web.Response | None = None
    clock: float = 0
    pings: list[bool] = field(default_factory=list)
    setups: list[dict[str, Any]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Answer as the integration does, or as whatever is before it."""
        is_from_aws = "x-aws-region" in request.headers
        if self.answer is not None:
            return web.Response(status=self.answer[0], text=self.answer[1])
        if self.answer_from_aws is not None and is_from_aws:
            return copy.copy(self.answer_from_aws)
        if abs(self._now() - int(request.headers["webhook-timestamp"])) > 300:
            return self._refusal(401, "clock")
        try:
            message = Webhook(SHARED_SECRET).verify(await request.read(), dict(request.headers))
        except WebhookVerificationError:
            return self._refusal(401, "signature")
        if "ping" in message and not self.old:
            self.pings.append(is_from_aws)
            pong = {"nonce": message["ping"]["nonce"], "version": "0.1.0", "time": int(self._now())}
            return web.json_response({"pong": pong})
        return self._take_setup(message.get("setup"))

    def _take_setup(self, setup: Any) -> web.Response:
        if not isinstance(setup, dict):
            return self._refusal(400, "malformed")
        if not self.waiting:
            return self._refusal(409, "not_waiting")
        self.setups.append(setup)
        self.waiting = False
        return web.Response(status=204)

    def _now(self) -> float:
        return time.time() + self.clock

    def _refusal(self, status: int, reason: str) -> web.Response:
        date = {"Date": formatdate(self._now(), usegmt=True)}
        return web.Response(
            status=status, headers=date | ({} if self.old else {"x-alexa-doorbell": reason})
        )

    async def ignore(self, _: web.Request) -> web.Response:
        """Answer as Home Assistant does at an address that it does not know."""
        return web.Response()


@dataclass
class Result:
    """What the command printed, and how it ended."""

    status: int
    out: str
    errors: str

    def __str__(self) -> str:
        return f"{self.status}\n{self.out}\n{self.errors}"


@dataclass
class World:
    """Everything around the command; `environment` is the whole of its own."""

    aws: SimulatedAws
    smapi: SimulatedSkillManagement
    home_assistant: HomeAssistant
    home: Path
    capture: Any
    environment: dict[str, str] = field(default_factory=dict)
    patience: NoPatience = field(default_factory=NoPatience)

    async def create(self, *more: str, region: str = "eu") -> Result:
        """Run `create`."""
        url = self.home_assistant.url
        regions = region.split()
        return await self.run("create", "--webhook-url", url, "--region", *regions, *more)

    async def create_closed(self, *more: str, region: str = "eu") -> Result:
        """Run `create --closed`."""
        return await self.run("create", "--closed", "--region", *region.split(), *more)

    async def destroy(self, *more: str) -> Result:
        """Run `destroy`."""
        return await self.run("destroy", "--yes", *more)

    async def run(self, *arguments: str) -> Result:
        """Run the command in this process."""
        self.capture.readouterr()
        with patch.dict(os.environ, self.environment, clear=True):
            status = await asyncio.to_thread(main, list(arguments), self.patience)
        out, errors = self.capture.readouterr()
        self.no_secret_in(out + errors)
        return Result(status, out, errors)

    async def run_script(self, *arguments: str, secret: str = SHARED_SECRET) -> Result:
        """Run the script as a user does, with the secret on its standard input."""
        script = Path(__file__).parent.parent.parent / "skill" / "create_skill.py"
        environment = self.environment | {"PATH": os.defpath}
        environment.pop("ALEXA_DOORBELL_SECRET", None)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(script), *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            cwd=self.home,
        )
        out, errors = await process.communicate(f"{secret}\n".encode())
        assert process.returncode is not None
        told, complaints = out.decode(errors="replace"), errors.decode(errors="replace")
        self.no_secret_in(told + complaints)
        return Result(process.returncode, told, complaints)

    def no_secret_in(self, text: str) -> None:
        """Whatever happens, nothing secret is printed, and nothing stored."""
        secrets = {
            SHARED_SECRET,
            WEBHOOK_ID,
            CREDENTIALS[1],
            self.smapi.refresh_token,
            self.smapi.client[1],
            *self.smapi.access_tokens,
        }
        secrets |= {row[name] for row in self.rows() for name in SECRET_COLUMNS if name in row}
        assert not [secret for secret in secrets if secret in text]

    def tables(self) -> dict[str, Table]:
        """DynamoDB's tables, by Alexa's region."""
        backends = dynamodb_backends[ACCOUNT]
        return {
            region: table
            for region, aws_region in AWS_REGIONS.items()
            for table in backends[aws_region].tables.values()
        }

    def rows(self) -> list[dict[str, str]]:
        """What is in the tables; numbers are texts here."""
        return [
            {name: str(value.value) for name, value in item.attrs.items()}
            for table in self.tables().values()
            for item in table.all_items()
        ]

    @property
    def config(self) -> dict[str, str]:
        """What the closed home's function was told."""
        (row,) = [row for row in self.rows() if row["key"] == "config"]
        return row

    @property
    def skill(self) -> SimulatedSkill:
        """The one skill that there is."""
        (skill,) = self.smapi.skills.values()
        return skill

    def state(self) -> dict[str, Any]:
        """Everything that the command could change."""
        skills = {
            skill.skill_id: [skill.manifest, skill.account_linking, skill.is_enabled, skill.version]
            for skill in self.smapi.skills.values()
        }
        functions = {region: self.aws.function(arn(region)) for region in AWS_REGIONS}
        roles = iam_backends[ACCOUNT]["aws"].roles
        state = {
            "skills": skills,
            "functions": {
                region: function
                and [
                    function.get_configuration(),
                    sorted(function.policy.statements, key=_name),
                ]
                for region, function in functions.items()
            },
            "addresses": {
                region: function and function.url_config and _address(function.url_config)
                for region, function in functions.items()
            },
            "tables": {region: _described(table) for region, table in self.tables().items()},
            "roles": {role.name: role.policies for role in roles.values()},
            "rows": [row for row in self.rows() if not row["key"].startswith("enrol#")],
        }
        copy: dict[str, Any] = json.loads(json.dumps(state, default=str))
        return copy


def _name(statement: Any) -> str:
    return str(statement["Sid"])


def _address(config: FunctionUrlConfig) -> list[str]:
    return [config.url, config.config["AuthType"]]


def _described(table: Table) -> list[Any]:
    """The table itself, without how full it is."""
    description = dict(table.describe()["TableDescription"])
    for name in ("ItemCount", "TableSizeBytes", "ProvisionedThroughput"):
        description.pop(name, None)
    return [description, table.tags, table.ttl]


async def failed(world: World, *more: str) -> str:
    """Run `create`, which must fail, and say what to do; what it said."""
    result = await world.create(*more)
    assert result.status == 1, str(result)
    assert "It did not work: " in result.errors
    assert "What to do: " in result.errors
    return result.errors


async def refused(world: World, *more: str) -> str:
    """Run `create`, which must fail without having changed anything; what it said."""
    before = world.state()
    errors = await failed(world, *more)
    assert world.state() == before
    return errors
