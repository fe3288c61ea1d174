"""DynamoDB as the function meets it: moto's, with signatures that count, and trouble on demand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
import json
import re
from typing import Any, Self

import aiohttp
from aiohttp import web
from botocore.auth import SigV4Auth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]
from moto.dynamodb.models import dynamodb_backends

from demo.developer.aws import ACCOUNT
from demo.server import Server

REGION = "eu-west-1"
KEYS = ("simulated-key", "simulated-secret")

type Fault = Callable[[], web.Response | None]


def is_signed(request: web.Request, body: bytes) -> bool:
    """Whether botocore would have signed it with the same letters."""
    given = request.headers.get("Authorization", "")
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/([\w-]+)/dynamodb/aws4_request, "
        r"SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})",
        given,
    )
    if found is None:
        return False
    key_id, region, names, signature = found.groups()
    headers = {name: request.headers[name] for name in names.split(";")}
    expected = AWSRequest("POST", str(request.url), headers=headers, data=body)
    expected.context["timestamp"] = request.headers["X-Amz-Date"]
    signer = SigV4Auth(Credentials(*KEYS), "dynamodb", region)
    text = signer.string_to_sign(expected, signer.canonical_request(expected))
    needed = {"host", "x-amz-date", "x-amz-target"}
    return (
        key_id == KEYS[0]
        and needed <= headers.keys()
        and signer.signature(text, expected) == signature
    )


def lost_answer() -> None:
    """DynamoDB does its work, and its answer goes astray."""


def server_error() -> web.Response:
    """What DynamoDB answers when it has a fault of its own."""
    return refusal(500, "InternalServerError")


def throttled() -> web.Response:
    """What DynamoDB answers when there was too much of it."""
    return refusal(400, "ThrottlingException")


def denied() -> web.Response:
    """What AWS answers to a role that may not."""
    return refusal(400, "AccessDeniedException")


def not_dynamodb() -> web.Response:
    """What something else answers."""
    return web.Response(status=502, text="<html>Bad gateway</html>")


def refusal(status: int, kind: str) -> web.Response:
    """An error in DynamoDB's form."""
    content = {"__type": f"com.amazonaws.dynamodb.v20120810#{kind}", "message": "Planned."}
    return web.json_response(content, status=status)


def _read(asked: dict[str, Any]) -> web.Response:
    """What moto has in that row; by its server that would take ten times as long."""
    backend = dynamodb_backends[ACCOUNT][REGION]
    found = backend.get_item(asked["TableName"], asked["Key"])
    content = {"Item": found.to_json()["Attributes"]} if found else {}
    return web.json_response(content, content_type="application/x-amz-json-1.0")


@dataclass
class DynamoDB:
    """Hands requests to moto, one at a time: there, unlike here, a condition is no lock.

    `trouble` says what goes wrong with the call of that number; `calls` are those that came, by
    action and kind of row. `delay` is how long each takes.
    """

    upstream: str
    delay: float = 0
    trouble: Callable[[int], Fault | None] = lambda _: None
    calls: list[str] = field(default_factory=list)

    def begin(self, trouble: Callable[[int], Fault | None] = lambda _: None) -> None:
        """Count calls from here."""
        self.calls.clear()
        self.trouble = trouble

    async def __aenter__(self) -> Self:
        self._one_at_a_time = asyncio.Lock()
        self._session = aiohttp.ClientSession()
        self._server = Server(self._app)
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop()
        await self._session.close()

    async def restart(self) -> None:
        """Close every connection."""
        await self._server.stop()
        await self._server.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return self._server.url

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=2**21)
        app.router.add_post("/", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        fault = self.trouble(len(self.calls))
        action = request.headers["X-Amz-Target"].rpartition(".")[2]
        key = json.loads(body).get("Key") or json.loads(body).get("Item") or {}
        self.calls.append(f"{action} {key.get('key', {}).get('S', '?').partition('#')[0]}")
        await asyncio.sleep(self.delay)
        if not is_signed(request, body):
            return refusal(400, "InvalidSignatureException")
        if fault and (refused := fault()):
            return refused
        is_read = action == "GetItem"
        answer = _read(json.loads(body)) if is_read else await self._forward(request, body)
        if fault and request.transport:
            request.transport.abort()
        return answer

    async def _forward(self, request: web.Request, body: bytes) -> web.Response:
        async with (
            self._one_at_a_time,
            self._session.post(self.upstream, data=body, headers=request.headers) as response,
        ):
            content: Any = await response.read()
            return web.Response(
                status=response.status, body=content, content_type="application/x-amz-json-1.0"
            )
