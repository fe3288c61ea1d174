"""A STUN server on loopback that may be slow or dead, and a question to it."""

import asyncio
from dataclasses import dataclass
import re
from typing import Self, cast

from aioice import stun

from .connection import HOST

# Where it says that everybody is: another address of this machine, as a router has one.
SEEN_FROM_OUTSIDE = "127.0.0.7"
_PATIENCE = 5
_ON_LOOPBACK = re.compile(rf"stun:{re.escape(HOST)}:(\d+)")


@dataclass(kw_only=True, slots=True)
class StunServer:
    """Answers after `seconds`; None: never."""

    seconds: float | None = 0
    asked: int = 0
    _transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Answering(self), local_addr=(HOST, 0)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._transport is not None:
            self._transport.close()

    @property
    def url(self) -> str:
        """As Home Assistant's configuration wants it."""
        if self._transport is None:
            raise RuntimeError("The STUN server has not been started yet")
        return f"stun:{HOST}:{self._transport.get_extra_info('sockname')[1]}"

    def answer(self, data: bytes, address: tuple[str, int]) -> None:
        """Tell the asker where it is, or stay silent."""
        try:
            request = stun.parse_message(data)
        except ValueError:
            return
        self.asked += 1
        if self.seconds is None or self._transport is None:
            return
        response = stun.Message(
            message_method=stun.Method.BINDING,
            message_class=stun.Class.RESPONSE,
            transaction_id=request.transaction_id,
        )
        response.attributes["XOR-MAPPED-ADDRESS"] = (SEEN_FROM_OUTSIDE, address[1])
        asyncio.get_running_loop().call_later(
            self.seconds, self._transport.sendto, bytes(response), address
        )


@dataclass(frozen=True, slots=True)
class _Answering(asyncio.DatagramProtocol):
    server: StunServer

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.server.answer(data, addr)


@dataclass(frozen=True, slots=True)
class _Asking(asyncio.DatagramProtocol):
    answer: asyncio.Future[bytes]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self.answer.done():
            self.answer.set_result(data)


async def ask(url: str) -> tuple[str, int] | None:
    """Where the server sees a fresh socket; None: it does not say, or is not on loopback."""
    if not (found := _ON_LOOPBACK.fullmatch(url)):
        return None
    answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Asking(answer), remote_addr=(HOST, int(found[1]))
    )
    try:
        transport.sendto(bytes(request))
        async with asyncio.timeout(_PATIENCE):
            response = stun.parse_message(await answer)
        return cast("tuple[str, int]", response.attributes["XOR-MAPPED-ADDRESS"])
    except TimeoutError, ValueError:
        return None
    finally:
        transport.close()
