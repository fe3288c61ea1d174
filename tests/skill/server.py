"""A web server that does with each connection just what the test says."""

from collections.abc import Callable
import contextlib
from dataclasses import dataclass, field
import json
from pathlib import Path
import socket
import ssl
import threading
from typing import Any, Self

TLS_HANDSHAKE = b"\x16"

type Reply = Callable[[socket.socket, "Request"], bool | None]


@dataclass(frozen=True, slots=True)
class Request:
    """What came; header names in lower case."""

    connection: int
    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """Answers request after request with `replies`, the last of them again and again.

    A reply that returns True closes the connection.
    """

    replies: list[Reply]
    certificate: Path | None = None
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        scheme = "https" if self.certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self.port}/api/webhook/{WEBHOOK_ID}"
        self._open: dict[int, socket.socket] = {}
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.close_connections()
        for thread in self._threads:
            thread.join()

    def close_connections(self) -> None:
        """Close what clients keep open, as a server does that is tired of waiting."""
        for number in list(self._open):
            self._end(number)

    def _end(self, number: int) -> None:
        if connection := self._open.pop(number, None):
            with connection, contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            # A duplicate can end the connection, whatever became of the original.
            self._open[self.connections] = connection.dup()
            thread = threading.Thread(target=self._serve, args=(connection, self.connections))
            self._threads = [one for one in self._threads if one.is_alive()] + [thread]
            thread.start()

    def _serve(self, plain: socket.socket, number: int) -> None:
        try:
            self._answer(plain, number)
        finally:
            self._end(number)

    def _answer(self, plain: socket.socket, number: int) -> None:
        connection = plain
        try:
            if self.certificate:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.certificate)
                connection = context.wrap_socket(plain, server_side=True)
            elif plain.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE:
                plain.sendall(http("400 Bad Request"))
                raise ConnectionAbortedError
        except OSError:
            with plain, contextlib.suppress(OSError):
                plain.shutdown(socket.SHUT_RDWR)
            return
        with connection, connection.makefile("rb") as stream, contextlib.suppress(OSError):
            while line := stream.readline():
                headers = {}
                while (header := stream.readline().strip()) != b"":
                    name, _, value = header.decode().partition(": ")
                    headers[name.lower()] = value
                body = stream.read(int(headers.get("content-length", 0)))
                request = Request(number, line.decode().strip(), headers, body)
                reply = self.replies[min(len(self.requests), len(self.replies) - 1)]
                self.requests.append(request)
                if reply(connection, request):
                    connection.shutdown(socket.SHUT_RDWR)
                    return


WEBHOOK_ID = "the-webhooks-own-secret-id"
SHARED_SECRET = "whsec_" + "c2VjcmV0" * 4


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def answer(status: str = "200 OK", body: bytes = b"", *headers: str) -> Reply:
    """Reply with this, and keep the connection."""

    def reply(connection: socket.socket, _: Request) -> None:
        connection.sendall(http(status, body, *headers))

    return reply


def raw(data: bytes) -> Reply:
    """Reply with these bytes, and close the connection."""

    def reply(connection: socket.socket, _: Request) -> bool:
        connection.sendall(data)
        return True

    return reply


def message(name: str = "Response", namespace: str = "Alexa") -> dict[str, Any]:
    """A message that Alexa understands."""
    header = {"namespace": namespace, "name": name, "messageId": "1", "payloadVersion": "3"}
    return {"event": {"header": header, "payload": {}}}


def good(name: str = "Response") -> Reply:
    """Reply as Home Assistant does."""
    return answer("200 OK", json.dumps(message(name)).encode())
