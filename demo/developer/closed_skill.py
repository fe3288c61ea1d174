"""A skill for a closed home: made by the command, linked by a code, and asked by its ARN."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from html import unescape
import json
import os
from pathlib import Path
import re
import sys
from tempfile import TemporaryDirectory
from typing import Any

from ..amazon.account import Account, Region
from ..amazon.linking_page import LinkingPage
from ..amazon.simulation import SimulatedAmazon
from ..amazon.skill import Answer, Skill
from ..home_assistant.first_steps import MissingError
from .aws import SimulatedAws
from .aws_tables import rows
from .skill_management import SimulatedSkillManagement

_COMMAND = Path(__file__).parent.parent.parent / "skill" / "create_skill.py"
_LINE = re.compile(r"^http://127\.0\.0\.1:\d+/#[A-Za-z0-9_-]{22}$", re.MULTILINE)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
# In seconds; Home Assistant gathers what has changed before it tells.
_PATIENCE = 30


class Developer:
    """Amazon and AWS as the command meets them, with nothing made yet."""

    def __init__(self, aws: SimulatedAws, smapi: SimulatedSkillManagement) -> None:
        self.aws = aws
        self.smapi = smapi

    async def create(self) -> str:
        """Run `create --closed`; the line that it prints last."""
        with TemporaryDirectory() as home:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, str(_COMMAND), "create", "--closed", "--region", "eu"),
                env={
                    "PATH": os.defpath,
                    "HOME": home,
                    **self.aws.environment(),
                    **self.smapi.environment(),
                },
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            told = (await process.communicate())[0].decode()
        found = _LINE.search(told)
        if process.returncode or found is None:
            raise MissingError(f"the skill. The command says:\n{told}")
        return found[0]


@asynccontextmanager
async def developer(amazon: SimulatedAmazon) -> AsyncIterator[Developer]:
    """A developer with an empty AWS account, whose functions find the simulated Amazon."""
    credentials = (amazon.client_id, amazon.client_secret)
    with SimulatedAws() as aws:
        aws.reset()
        aws.variables_of_tests["LWA_URL"] = amazon.lwa_url
        async with SimulatedSkillManagement(aws.may_alexa_call, credentials) as smapi:
            smapi.build_polls = 0
            yield Developer(aws, smapi)


class ClosedSkill(Skill):
    """What Alexa knows of a skill once the command has made it: an ARN, and where accounts link."""

    def __init__(self, amazon: SimulatedAmazon, developer: Developer) -> None:
        self._amazon = amazon
        self._aws = developer.aws
        (skill,) = developer.smapi.skills.values()
        self._arns = skill.endpoints
        self._linking: dict[str, Any] = skill.account_linking or {}
        vendor_id = developer.smapi.vendor_ids[0]
        self._redirect_uri = f"https://layla.amazon.com/api/skill/link/{vendor_id}"
        self._tokens: dict[str, str] = {}

    @property
    def url(self) -> str:
        """Where its function is."""
        return str(self._linking["authorizationUrl"]).removesuffix("/authorize")

    async def send(self, message: dict[str, Any], region: Region = Region.EU) -> Answer:
        """Invoke the function of the customer's region, else the default one."""
        arn = self._arns.get(region.upper(), self._arns["default"])
        return Answer(200, await self._aws.invoke(arn, message))

    def shown(self) -> dict[str, Any]:
        """The doorbells that the function has been told of: these are what Alexa discovers."""
        return {"doorbells": self._doorbells()}

    def linking_page(self, account: Account) -> LinkingPage:
        """The function's own, on which the customer types the home's code."""
        link = partial(self._link_as, account)
        return LinkingPage(account, self._linking, self._redirect_uri, link)

    async def link_with(self, account: Account, code: str) -> bool:
        """Type the code into the linking page, and enable the skill."""
        page = self.linking_page(account)
        if (opened := await page.open()) is None:
            return False
        hidden = {name: unescape(value) for name, value in _HIDDEN.findall(opened.body.decode())}
        if await page.submit(hidden | {"code": code}) is not None:
            account.notice = "The linking page did not take the code."
        return page.is_linked

    async def wait_until_told_of(self, doorbell: str) -> None:
        """Wait until the home has told the function of a doorbell of that name."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while True:
                    if doorbell in self._doorbells():
                        return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise MissingError(f"{doorbell} in the function's table.") from None

    def linking_token(self, account: Account) -> str:
        """The function's own token, which the account got when it linked."""
        return self._tokens[account.name]

    async def _link_as(self, account: Account, token: str) -> bool:
        self._tokens[account.name] = token
        return await self.link(account)

    def _doorbells(self) -> list[str]:
        lists = [json.loads(row.get("list") or "[]") for row in rows("home#")]
        return [str(endpoint["friendlyName"]) for each in lists for endpoint in each]
