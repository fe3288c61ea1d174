"""What the command makes for a closed home, looked at and broken through AWS's own interfaces."""

from collections.abc import Awaitable, Callable
import json
import re
import secrets
import time
from typing import Any

import aiohttp
import boto3  # type: ignore[import-untyped]

from custom_components.alexa_doorbell.client.signature import new_secret, signed_headers

from .world import NAME, Result, World

LINE = re.compile(r"^(http://127\.0\.0\.1:\d+)/#([A-Za-z0-9_-]{22})$", re.MULTILINE)
_SESSION = boto3.Session()

type Breakage = Callable[[World], Awaitable[None] | None]


def client(world: World, service: str, region: str = "eu-west-1") -> Any:
    """A client of AWS's, as a person at the console has."""
    return _SESSION.client(
        service,
        endpoint_url=world.aws.url,
        region_name=region,
        aws_access_key_id="person",
        aws_secret_access_key="person",
    )


def line(result: Result) -> tuple[str, str]:
    """Address and code of the one line that was printed."""
    assert result.status == 0, str(result)
    ((address, code),) = LINE.findall(result.out)
    return address, code


async def enrol(address: str, code: str) -> tuple[int, Any]:
    """What a new Home Assistant is answered to the code."""
    secret, home = new_secret(), secrets.token_urlsafe(16)
    body = json.dumps({"enrol": {"code": code, "secret": secret}}).encode()
    headers = signed_headers(secret, body, now=time.time()) | {
        "x-home": home,
        "Content-Type": "application/json",
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{address}/home", data=body, headers=headers) as answer,
    ):
        return answer.status, json.loads(await answer.text() or "null")


def statement(world: World, name: str) -> None:
    """Take that statement out of the function's policy."""
    client(world, "lambda").remove_permission(FunctionName=NAME, StatementId=name)


def row(world: World, key: str = "config", **values: str) -> None:
    """Change attributes of a row; an empty one is taken out."""
    table = client(world, "dynamodb")
    for name, value in values.items():
        expression = "SET #n = :v" if value else "REMOVE #n"
        more = {"ExpressionAttributeValues": {":v": {"S": value}}} if value else {}
        table.update_item(
            TableName=NAME,
            Key={"key": {"S": key}},
            UpdateExpression=expression,
            ExpressionAttributeNames={"#n": name},
            **more,
        )
