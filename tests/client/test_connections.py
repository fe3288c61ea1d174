"""Tests of connections that notice when nobody is there any more."""

import socket

import aiohttp
import pytest

from custom_components.alexa_doorbell.client.connections import Connections, open_socket

pytestmark = pytest.mark.usefixtures("socket_enabled")
ADDRESS = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 443))


def test_a_socket_asks_whether_its_connection_lives() -> None:
    with open_socket(ADDRESS) as opened:
        assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 2000


def test_a_system_that_knows_no_such_options_can_open_sockets_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(socket, "TCP_USER_TIMEOUT")

    with open_socket(ADDRESS) as opened:
        assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


async def test_requests_share_a_session_until_it_is_given_up() -> None:
    connections = Connections(aiohttp.ClientSession)
    async with connections.session() as first:
        pass
    async with connections.session() as second:
        connections.give_up(second)
        async with connections.session() as third:
            pass
    await connections.close()

    assert first is second is not third
    assert second.closed
    assert third.closed


async def test_what_was_given_up_already_takes_no_new_session_with_it() -> None:
    connections = Connections(aiohttp.ClientSession)
    async with connections.session() as old:
        connections.give_up(old)
        async with connections.session() as new:
            connections.give_up(old)
        async with connections.session() as next_one:
            assert next_one is new
    await connections.close()
