"""A skill for a closed home: made by the command, linked by a code, and asked by its ARN."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
import os
from pathlib import Path
import re
import secrets
import sys
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs

import aiohttp

from ..amazon.account import Account, Region
from ..amazon.simulation import SimulatedAmazon
from ..amazon.skill import Answer, Skill
from ..home_assistant.first_steps import MissingError
from .aws import SimulatedAws
from .skill_management import SimulatedSkillManagement

_COMMAND = Path(__file__).parent.parent.parent / "skill" / "create_skill.py"
_LINE = re.compile(r"^http://127\.0\.0\.1:\d+/#[A-Za-z0-9_-]{22}$", re.MULTILINE)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


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

    async def send(self, message: dict[str, Any], region: Region = Region.EU) -> Answer:
        """Invoke the function of the customer's region, else the default one."""
        arn = self._arns.get(region.upper(), self._arns["default"])
        return Answer(200, await self._aws.invoke(arn, message))

    async def link_with(self, account: Account, code: str) -> bool:
        """Type the code into the linking page, and enable the skill."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            given = await self._type(session, code)
            form = {
                "grant_type": "authorization_code",
                "code": given,
                "redirect_uri": self._redirect_uri,
                "client_id": self._linking["clientId"],
                "client_secret": self._linking["clientSecret"],
            }
            async with session.post(self._linking["accessTokenUrl"], data=form) as answer:
                if not answer.ok:
                    raise MissingError(f"tokens for Alexa: {await answer.text()}")
                self._tokens[account.name] = (await answer.json())["access_token"]
        return await self.link(account)

    async def _type(self, session: aiohttp.ClientSession, code: str) -> str:
        """What the page hands to Alexa for the code that Home Assistant shows."""
        state = secrets.token_urlsafe()
        query = {
            "response_type": "code",
            "client_id": self._linking["clientId"],
            "redirect_uri": self._redirect_uri,
            "state": state,
            "scope": " ".join(self._linking["scopes"]),
        }
        page = self._linking["authorizationUrl"]
        async with session.get(page, params=query) as answer:
            hidden = {name: unescape(value) for name, value in _HIDDEN.findall(await answer.text())}
        fields = hidden | {"code": code}
        async with session.post(page, data=fields, allow_redirects=False) as answer:
            address, _, result = answer.headers.get("Location", "").partition("?")
        handed = parse_qs(result)
        if address != self._redirect_uri or handed.get("state") != [state]:
            raise MissingError(f"the way back to Alexa, at {address or 'no address'}.")
        return handed["code"][0]

    def linking_token(self, account: Account) -> str:
        """The function's own token, which the account got when it linked."""
        return self._tokens[account.name]
