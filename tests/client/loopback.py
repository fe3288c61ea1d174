"""A server on loopback that notes what it is sent and answers whatever a test wants."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
import json
import socket
import struct
from typing import Any

from aiohttp import web
from pytest_aiohttp import AiohttpServer

type Answerer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    port: int


class Loopback:
    """What the server got, and how it answers."""

    def __init__(self) -> None:
        self.url = ""
        self.received: list[Received] = []
        self.answer: Answerer = reply(HTTPStatus.NOT_IMPLEMENTED)
        self.over = asyncio.Event()

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Note a request and answer it."""
        assert request.transport is not None
        self.received.append(
            Received(
                method=request.method,
                path=request.path_qs,
                headers=dict(request.headers),
                body=await request.read(),
                port=request.transport.get_extra_info("peername")[1],
            )
        )
        return await self.answer(request)

    async def silence(self, _: web.Request) -> web.StreamResponse:
        """Answer nothing until the test is over."""
        await self.over.wait()
        return web.Response()

    def stalls(self, status: int, start: bytes = b"", headers: Any = None) -> Answerer:
        """Answer with a status and the start of a body that then goes no further."""

        async def answer(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(status=status, headers=headers)
            response.content_length = 1000
            await response.prepare(request)
            await response.write(start)
            await self.over.wait()
            return response

        return answer


@asynccontextmanager
async def serving(aiohttp_server: AiohttpServer) -> AsyncIterator[Loopback]:
    """Have such a server for a while."""
    loopback = Loopback()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", loopback.take)
    loopback.url = str((await aiohttp_server(app)).make_url("")).rstrip("/")
    yield loopback
    loopback.over.set()


def reply(
    status: int, body: bytes = b"", headers: dict[str, str] | None = None, **document: Any
) -> Answerer:
    """Answer with these bytes, or with the document as JSON."""
    content = json.dumps(document).encode() if document else body

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=content, headers=headers)

    return answer


def breaks(status: int, start: bytes) -> Answerer:
    """Answer with a status and the start of a body, then reset the connection."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=status)
        response.content_length = 1000
        await response.prepare(request)
        await response.write(start)
        return await reset(request)

    return answer


async def reset(request: web.Request) -> web.StreamResponse:
    """Reset the connection."""
    assert request.transport is not None
    # Without lingering, closing sends a reset and not an orderly end.
    connection = request.transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()
    return web.Response()


def raw(answer: bytes) -> Answerer:
    """Answer with bytes that need not be HTTP, and hang up."""

    async def write(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(answer)
        request.transport.close()
        return web.Response()

    return write


DEEP = b'{"a":' * 100_000
HOSTILE_BODIES = {
    "empty": b"",
    "HTML": b"<!doctype html><title>502 Bad Gateway</title>",
    "half a JSON": b'{"access_token": "Atza|secret", "payload": {"co',
    "not an object": b'["access_token"]',
    "null": b"null",
    "invalid UTF-8": b'{"access_token": "\xff\xfe"}',
    "lone surrogate": b'{"access_token": "\\ud83d"}',
    "giant number": b'{"expires_in": ' + b"9" * 5000 + b"}",
    "absurdly deep": DEEP,
    "one MiB": b'{"access_token": "' + b"x" * 1024 * 1024 + b'"}',
    "wrong types": b'{"access_token": 1, "error": ["x"], "user_id": {}, "payload": [1]}',
    "wrong types further in": b'{"error": {"a": 1}, "payload": {"code": 1, "description": []}}',
}
