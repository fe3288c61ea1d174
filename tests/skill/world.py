"""Amazon as the command meets it, and a Home Assistant that waits for its message."""

import asyncio
from dataclasses import dataclass, field
import json
import os
from pathlib import Path
import sys
from typing import Any
from unittest.mock import patch

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from demo.developer.aws import ACCOUNT, SimulatedAws
from demo.developer.skill_management import SimulatedSkill, SimulatedSkillManagement
from skill.command.main import main
from skill.command.progress import Patience
from skill.command.settings import AWS_REGIONS

from .server import SHARED_SECRET, WEBHOOK_ID

CREDENTIALS = ("amzn1.application-oa2-client.messaging", "amzn1.oa2-cs.v1.messaging")
NAME = "home-assistant-doorbell"


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
    """The webhook of the integration, `waiting` while its config flow does."""

    url: str = ""
    waiting: bool = True
    answer: tuple[int, str] | None = None
    setups: list[dict[str, Any]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Answer as the integration does."""
        if self.answer is not None:
            return web.Response(status=self.answer[0], text=self.answer[1])
        try:
            message = Webhook(SHARED_SECRET).verify(await request.read(), dict(request.headers))
        except WebhookVerificationError:
            return web.Response(status=401)
        setup = message.get("setup")
        if not isinstance(setup, dict):
            return web.Response(status=400)
        if not self.waiting:
            return web.Response(status=409)
        self.setups.append(setup)
        self.waiting = False
        return web.Response(status=204)

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
        self.no_secret_in(out.decode() + errors.decode())
        return Result(process.returncode, out.decode(), errors.decode())

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
        assert not [secret for secret in secrets if secret in text]

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
        state = {
            "skills": skills,
            "functions": {
                region: function and [function.get_configuration(), function.policy.statements]
                for region, function in functions.items()
            },
        }
        copy: dict[str, Any] = json.loads(json.dumps(state, default=str))
        return copy
