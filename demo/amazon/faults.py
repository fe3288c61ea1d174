"""Planned trouble: what the simulated Amazon answers instead of doing its work."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import socket
import struct
from typing import Self
import uuid

from aiohttp import web

from .account import Account, RecordedRequest, Region

_LINGER_NOT_AT_ALL = struct.pack("ii", 1, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One planned answer, used up by the first request it fits.

    Without a status the connection is stalled (`seconds`; None: until the client gives up), and
    then reset. `account` limits it to one account's requests. `processed`: Amazon did its work
    and only the answer went astray.
    """

    status: int | None = None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = 0
    account: Account | None = None
    processed: bool = False

    @classmethod
    def reset(cls, *, account: Account | None = None, processed: bool = False) -> Self:
        """The connection is reset without an answer."""
        return cls(account=account, processed=processed)

    @classmethod
    def stall(
        cls,
        seconds: float | None = None,
        *,
        account: Account | None = None,
        processed: bool = False,
    ) -> Self:
        """No answer for that long, or until the client gives up."""
        return cls(seconds=seconds, account=account, processed=processed)

    @classmethod
    def gateway(
        cls,
        status: int,
        code: str,
        *,
        headers: Mapping[str, str] | None = None,
        account: Account | None = None,
    ) -> Self:
        """An error in the event gateway's own form."""
        refusal = gateway_refusal(status, code, "Planned.")
        assert isinstance(refusal.body, bytes)  # noqa: S101 - For mypy: a JSON answer has bytes.
        every = {"Content-Type": "application/json", **(headers or {})}
        return cls(status=status, body=refusal.body, headers=every, account=account)

    @classmethod
    def login(cls, status: int, error: str, *, account: Account | None = None) -> Self:
        """An error in Login with Amazon's own form."""
        refusal = login_refusal(status, error, "Planned.")
        assert isinstance(refusal.body, bytes)  # noqa: S101 - For mypy: a JSON answer has bytes.
        every = {"Content-Type": "application/json"}
        return cls(status=status, body=refusal.body, headers=every, account=account)


def gateway_refusal(status: int, code: str, description: str | None) -> web.Response:
    """An error as the event gateway words it."""
    header = {"namespace": "System", "name": "Exception", "messageId": str(uuid.uuid4())}
    payload = {"code": code, "description": description}
    return web.json_response({"header": header, "payload": payload}, status=status)


def login_refusal(status: int, error: str, description: str) -> web.Response:
    """An error as Login with Amazon words it."""
    return web.json_response(
        {
            "error": error,
            "error_description": description,
            "error_index": None,
            "request_id": str(uuid.uuid4()),
        },
        status=status,
    )


@dataclass(frozen=True, slots=True)
class Ledger:
    """Writes requests down, and answers them with their planned fault if there is one."""

    clock: Callable[[], float]
    requests: list[RecordedRequest]
    faults: list[Fault]

    def open(self, kind: str, *, region: Region | None = None, detail: str = "") -> RecordedRequest:
        """A new line for a request that came in."""
        record = RecordedRequest(kind=kind, at=self.clock(), region=region, detail=detail)
        self.requests.append(record)
        return record

    async def answer(
        self,
        request: web.Request,
        record: RecordedRequest,
        account: Account | None,
        work: Callable[[], web.Response],
    ) -> web.Response:
        """Do the work and answer, unless a fault is planned for this request."""
        record.account = account.name if account else None
        fault = self._take_fault(account)
        if fault is None:
            response = work()
            record.status = response.status
            return response
        if fault.processed:
            work()
        if fault.status is not None:
            record.status = fault.status
            record.refusal = "planned"
            return web.Response(status=fault.status, body=fault.body, headers=fault.headers)
        record.refusal = "planned: no answer"
        await (asyncio.Event().wait() if fault.seconds is None else asyncio.sleep(fault.seconds))
        _reset(request)
        return web.Response()

    def _take_fault(self, account: Account | None) -> Fault | None:
        for fault in self.faults:
            if fault.account is None or fault.account is account:
                self.faults.remove(fault)
                return fault
        return None


def _reset(request: web.Request) -> None:
    """Close the connection so that the client sees a reset, not an orderly end."""
    if request.transport is None:
        return
    connection: socket.socket = request.transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT_AT_ALL)
    request.transport.abort()
