"""Connections to the event gateways that stay open between presses, and how a dead one shows."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import socket

import aiohttp

# A router that forgot a connection answers nothing, and both ends think it open. Unanswered data
# ends a connection within 3 s; an idle one is asked every 30 s whether it lives.
_SOCKET_OPTIONS = {
    "TCP_USER_TIMEOUT": 2000,  # Milliseconds, from the first retransmission on.
    "TCP_KEEPIDLE": 30,  # Seconds, as below.
    "TCP_KEEPINTVL": 1,
    "TCP_KEEPCNT": 2,
}


def open_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """Return a socket that notices within 3 s that nobody is there, where the system can."""
    family, kind, protocol, _, _ = address
    opened = socket.socket(family=family, type=kind, proto=protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _SOCKET_OPTIONS.items():
        if (option := getattr(socket, name, None)) is not None:
            opened.setsockopt(socket.IPPROTO_TCP, option, value)
    return opened


class Connections:
    """A session with its open connections, all given up once one of them proved dead.

    Whatever made one die made others die that idled beside it, and each would cost a try.
    """

    def __init__(self, new_session: Callable[[], aiohttp.ClientSession]) -> None:
        self._new_session = new_session
        self._session: aiohttp.ClientSession | None = None
        self._requests: Counter[aiohttp.ClientSession] = Counter()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Lend the session for one request."""
        if self._session is None:
            self._session = self._new_session()
        session = self._session
        self._requests[session] += 1
        try:
            yield session
        finally:
            self._requests[session] -= 1
            if not self._requests[session]:
                del self._requests[session]
                if session is not self._session:
                    await session.close()

    def give_up(self, session: aiohttp.ClientSession) -> None:
        """Use no connection of this session again; requests that are on their way go on."""
        if session is self._session:
            self._session = None

    async def close(self) -> None:
        """Close everything."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
