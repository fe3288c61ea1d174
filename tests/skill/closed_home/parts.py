"""A skill without an open door: its table in moto, its archive in processes behind an address."""

import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
import hashlib
import json
import re
import secrets
import time
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit
import uuid

import aiohttp
import boto3  # type: ignore[import-untyped]

from custom_components.alexa_doorbell.client.signature import new_secret, signed_headers
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import directive
from demo.developer.aws import SimulatedAws
from demo.developer.function_url import FunctionUrl
from demo.developer.lambda_runtime import LambdaRuntime
from skill.command import package

from .dynamodb import KEYS, REGION, DynamoDB

TABLE = "home-assistant-doorbell"
VENDOR_ID = "M2VENDORVENDOR"
CLIENT = ("alexa-of-this-skill", "secret-of-the-linking+/=%")
REDIRECT_URI = f"https://layla.amazon.com/api/skill/link/{VENDOR_ID}"
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
NAME = "Home Assistant Doorbell"
FRONT_DOOR = {
    "endpointId": "front-door",
    "friendlyName": "Front door",
    "description": "Doorbell connected through Home Assistant",
    "manufacturerName": "Home Assistant",
    "displayCategories": ["DOORBELL"],
    "capabilities": [
        {
            "type": "AlexaInterface",
            "interface": "Alexa.DoorbellEventSource",
            "version": "3",
            "proactivelyReported": True,
        },
        {"type": "AlexaInterface", "interface": "Alexa", "version": "3"},
    ],
}
# A session reads much from the disk, and remembers it.
_SESSION = boto3.Session()
STATE = {"value": "OK", "time": "2026-11-26T12:00:00Z"}
PUSH: dict[str, Any] = {
    "push": {"endpoints": [FRONT_DOOR], "states": {"front-door": STATE}, "complete": True}
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the function's address answered."""

    status: int
    headers: Any
    text: str

    @property
    def json(self) -> Any:
        """The document in it."""
        return json.loads(self.text)

    @property
    def word(self) -> str:
        """Why a home was refused."""
        return str(self.headers.get("x-alexa-doorbell", ""))

    @property
    def sent_to(self) -> tuple[str, dict[str, str]]:
        """Where it leads: the address, and what it takes along."""
        assert self.status == 303, self
        address, _, query = self.headers["Location"].partition("?")
        return address, dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True))


class Function(Protocol):
    """A function, as Alexa and browsers reach it."""

    url: str

    async def ask(self, method: str, path: str, **more: Any) -> Reply:
        """One request to the Function URL."""

    async def invoke(self, event: dict[str, Any]) -> Any:
        """What Alexa does."""


@dataclass
class ClosedSkill:
    """The skill, its function and its table."""

    table: DynamoDB
    rows: Any
    instances: list[LambdaRuntime]
    url: str
    session: aiohttp.ClientSession

    async def ask(self, method: str, path: str, **more: Any) -> Reply:
        """One request to the Function URL."""
        async with self.session.request(
            method, self.url + path, allow_redirects=False, **more
        ) as response:
            return Reply(response.status, response.headers, await response.text())

    async def invoke(self, event: dict[str, Any]) -> Any:
        """What Alexa does."""
        return await self.instances[0].invoke(event)

    def new_code(self, seconds: int = 900) -> str:
        """A one-time code as the command makes it."""
        code = secrets.token_urlsafe(16)
        key = f"enrol#{hashlib.sha256(code.encode()).hexdigest()}"
        self.rows.put_item(Item={"key": key, "ttl": int(time.time()) + seconds})
        return code

    async def enrolled(self) -> Home:
        """A home that has enrolled."""
        home = Home(self)
        assert (await home.enrol(self.new_code())).status == 200
        return home

    def row(self, key: str) -> dict[str, Any] | None:
        """A row of the table."""
        found: dict[str, Any] | None = self.rows.get_item(Key={"key": key}).get("Item")
        return found

    def every_row(self) -> list[dict[str, Any]]:
        """All of them: only a test may look so."""
        found: list[dict[str, Any]] = self.rows.scan()["Items"]
        return sorted(found, key=lambda row: str(row["key"]))

    @property
    def log(self) -> str:
        """What is in CloudWatch."""
        return "".join(instance.log for instance in self.instances)


@dataclass
class Home:
    """A Home Assistant that only calls out."""

    skill: ClosedSkill
    home_id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    secret: str = field(default_factory=new_secret)

    async def say(self, message: Any, **more: Any) -> Reply:
        """Sign and send a message."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return await self.send(body, self.headers(body, **more))

    def headers(self, body: bytes, *, ahead: float = 0, **more: Any) -> dict[str, str]:
        """What a message carries."""
        headers = signed_headers(self.secret, body, now=time.time() + ahead, **more)
        return {"Content-Type": "application/json", "x-home": self.home_id} | headers

    async def send(self, body: bytes, headers: dict[str, str]) -> Reply:
        """Send what was signed before."""
        return await self.skill.ask("POST", "/home", data=body, headers=headers)

    async def enrol(self, code: str) -> Reply:
        """Enrol with the command's one-time code."""
        return await self.say({"enrol": {"code": code, "secret": self.secret}})

    async def new_pairing(self, seconds: int = 900, **more: Any) -> str:
        """A code for a person to type."""
        code = "".join(secrets.choice(LETTERS) for _ in range(10))
        hashed = hashlib.sha256(code.encode()).hexdigest()
        pairing = {"code_hash": hashed, "expires_in": seconds, **more}
        reply = await self.say({"pair": pairing})
        assert reply.status == 200, reply
        return code

    async def grants(self) -> list[dict[str, Any]]:
        """Collect what waits."""
        found: list[dict[str, Any]] = (await self.say({"grants": {}})).json["grants"]
        return found


@dataclass
class AlexaApp:
    """What Alexa does to link an account, and what it then says to the skill."""

    skill: Function
    state: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    verifier: str = ""
    tokens: dict[str, Any] = field(default_factory=dict)

    def asked(self, **more: str | None) -> dict[str, str]:
        """What it opens the page with; None leaves something out."""
        challenge = {}
        if self.verifier:
            hashed = hashlib.sha256(self.verifier.encode()).digest()
            challenge = {
                "code_challenge": base64.urlsafe_b64encode(hashed).decode().rstrip("="),
                "code_challenge_method": "S256",
            }
        every = {
            "response_type": "code",
            "client_id": CLIENT[0],
            "redirect_uri": REDIRECT_URI,
            "state": self.state,
            "scope": "smart_home",
            **challenge,
            **more,
        }
        return {name: value for name, value in every.items() if value is not None}

    async def open_page(self, **more: str | None) -> Reply:
        """Open the linking page."""
        return await self.skill.ask("GET", "/authorize", params=self.asked(**more))

    async def type_code(self, code: str, **more: str | None) -> Reply:
        """Send the page's form."""
        page = await self.open_page(**more)
        assert page.status == 200, page
        return await self.submit(hidden_fields(page.text) | {"code": code})

    async def submit(self, fields: dict[str, str]) -> Reply:
        """Send a form to the page."""
        return await self.skill.ask("POST", "/authorize", data=fields)

    async def code(self, pairing: str) -> str:
        """The code that the page sends to Alexa."""
        address, answer = (await self.type_code(pairing)).sent_to
        assert address == REDIRECT_URI
        assert answer["state"] == self.state
        return answer["code"]

    async def trade(self, code: str, **more: str | None) -> Reply:
        """Trade the code for tokens."""
        proof = {"code_verifier": self.verifier} if self.verifier else {}
        form = {"code": code, "redirect_uri": REDIRECT_URI, **proof, **more}
        return await self.ask_for_tokens(grant_type="authorization_code", **form)

    async def refresh(self, **more: str | None) -> Reply:
        """Trade the refresh token for a new access token."""
        form = {"refresh_token": self.tokens["refresh_token"], **more}
        return await self.ask_for_tokens(grant_type="refresh_token", **form)

    async def ask_for_tokens(self, **form: str | None) -> Reply:
        """Ask with the skill's client, unless the form says otherwise."""
        every = {"client_id": CLIENT[0], "client_secret": CLIENT[1]} | form
        given = {name: value for name, value in every.items() if value is not None}
        return await self.skill.ask("POST", "/token", data=given)

    async def link(self, pairing: str) -> None:
        """Go the whole way from the typed code to tokens."""
        reply = await self.trade(await self.code(pairing))
        assert reply.status == 200, reply
        self.tokens = reply.json

    @property
    def scope(self) -> dict[str, str]:
        """Whose directive it is."""
        return {"type": "BearerToken", "token": self.tokens["access_token"]}

    async def grant(self, code: str) -> Any:
        """Bring a grant."""
        grant = {"type": "OAuth2.AuthorizationCode", "code": code}
        payload = {"grant": grant, "grantee": self.scope}
        return await self.skill.invoke(directive("Alexa.Authorization", "AcceptGrant", payload))

    async def discover(self) -> Any:
        """Look for devices."""
        payload = {"scope": self.scope}
        return await self.skill.invoke(directive("Alexa.Discovery", "Discover", payload))

    async def report_state(self, endpoint_id: str = "front-door") -> Any:
        """Ask how a doorbell is."""
        header = {"correlationToken": uuid.uuid4().hex}
        endpoint = {"endpointId": endpoint_id, "scope": self.scope, "cookie": {}}
        message = directive("Alexa", "ReportState", {}, header=header, endpoint=endpoint)
        return await self.skill.invoke(message)


def hidden_fields(page: str) -> dict[str, str]:
    """What the form takes along."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return dict(found)


def error_type(response: Any) -> str:
    """The type of an ErrorResponse."""
    assert response["event"]["header"]["name"] == "ErrorResponse", response
    return str(response["event"]["payload"]["type"])


def config_row(amazon: SimulatedAmazon) -> dict[str, str]:
    """What the command writes."""
    return {
        "key": "config",
        "signing_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "client_id": amazon.client_id,
        "client_secret": amazon.client_secret,
        "vendor_id": VENDOR_ID,
        "link_client_id": CLIENT[0],
        "link_client_secret": CLIENT[1],
        "skill_name": NAME,
    }


def new_table(aws: SimulatedAws) -> Any:
    """An empty table as the command makes it."""
    dynamodb = _SESSION.resource(
        "dynamodb",
        endpoint_url=aws.url,
        region_name=REGION,
        aws_access_key_id=KEYS[0],
        aws_secret_access_key=KEYS[1],
    )
    return dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def environment(table_url: str, lwa_url: str) -> dict[str, str]:
    """What the function is told."""
    return {
        "TABLE": TABLE,
        "TABLE_REGION": REGION,
        "AWS_ENDPOINT_URL_DYNAMODB": table_url,
        "LWA_URL": lwa_url,
        "AWS_ACCESS_KEY_ID": KEYS[0],
        "AWS_SECRET_ACCESS_KEY": KEYS[1],
        "AWS_SESSION_TOKEN": "simulated-session",
    }


@asynccontextmanager
async def deployed(
    aws: SimulatedAws, amazon: SimulatedAmazon, *, instances: int = 1
) -> AsyncIterator[ClosedSkill]:
    """A skill as the command leaves it, with so many warm instances of its function."""
    rows = new_table(aws)
    rows.put_item(Item=config_row(amazon))
    async with AsyncExitStack() as stack:
        table = await stack.enter_async_context(DynamoDB(aws.url))
        given = environment(table.url, amazon.lwa_url)
        runtimes = [LambdaRuntime(package.code(), given) for _ in range(instances)]
        for runtime in runtimes:
            await stack.enter_async_context(runtime)
        address = await stack.enter_async_context(FunctionUrl(runtimes))
        session = await stack.enter_async_context(
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        )
        yield ClosedSkill(table, rows, runtimes, address.url, session)


def netloc(address: str) -> str:
    """The host of an address."""
    return urlsplit(address).netloc
