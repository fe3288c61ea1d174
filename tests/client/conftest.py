"""A server and a session for each test of the client."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from pytest_aiohttp import AiohttpServer

from .loopback import Loopback, serving


@pytest.fixture
async def server(aiohttp_server: AiohttpServer) -> AsyncIterator[Loopback]:
    async with serving(aiohttp_server) as loopback:
        yield loopback


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
