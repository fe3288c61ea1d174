"""A server and a session for each test of the client."""

from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web
import pytest
from pytest_aiohttp import AiohttpServer

from .loopback import Loopback


@pytest.fixture
async def server(aiohttp_server: AiohttpServer) -> AsyncIterator[Loopback]:
    loopback = Loopback()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", loopback.take)
    loopback.url = str((await aiohttp_server(app)).make_url("")).rstrip("/")
    yield loopback
    loopback.over.set()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
