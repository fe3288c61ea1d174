"""HTTP connections that are kept between the invocations of a warm function."""

from collections import defaultdict
from collections.abc import Mapping
import functools
import http.client
import ipaddress
import ssl
import threading
import time
from urllib.parse import urlsplit

from .background import TroubleError

LARGEST_ANSWER = 2 * 1024 * 1024
# A connection that was quiet for longer may have been forgotten by something on its way. By the
# clock, since AWS stops this process between invocations.
LONGEST_SILENCE = 20.0

type Answer = tuple[int, bytes]


class NotSentError(TroubleError):
    """The request cannot have been read by anybody."""


@functools.cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def is_allowed(url: str) -> bool:
    """Whether secrets may go there: over HTTPS, or to this very machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    try:
        return parts.scheme == "http" and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Connections:
    """A few connections to each origin, for as many threads."""

    def __init__(self) -> None:
        self._idle: dict[str, list[tuple[http.client.HTTPConnection, float]]] = defaultdict(list)
        self._lock = threading.Lock()

    def post(self, url: str, headers: Mapping[str, str], body: bytes, *, timeout: float) -> Answer:
        """Status and body of the answer; TroubleError when there is none."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        connection = self._kept(origin) or self._connected(origin, timeout)
        try:
            if connection.sock is not None:
                connection.sock.settimeout(timeout)
            connection.request("POST", parts.path or "/", body, dict(headers))
            response = connection.getresponse()
            answer = response.read(LARGEST_ANSWER + 1)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self._forget(origin)
            raise TroubleError(f"no answer ({type(error).__name__})") from None
        if len(answer) > LARGEST_ANSWER:
            connection.close()
            raise TroubleError("the answer is too large")
        if not response.will_close:
            with self._lock:
                self._idle[origin].append((connection, time.time()))
        return response.status, answer

    def _kept(self, origin: str) -> http.client.HTTPConnection | None:
        with self._lock:
            while self._idle[origin]:
                connection, used_at = self._idle[origin].pop()
                if abs(time.time() - used_at) < LONGEST_SILENCE:
                    return connection
                connection.close()
        return None

    def _forget(self, origin: str) -> None:
        """Where one connection broke, the others are likely to be broken too."""
        with self._lock:
            for connection, _ in self._idle.pop(origin, []):
                connection.close()

    def _connected(self, origin: str, timeout: float) -> http.client.HTTPConnection:
        parts = urlsplit(origin)
        host = parts.hostname or ""
        connection = (
            http.client.HTTPConnection(host, parts.port, timeout=timeout)
            if parts.scheme == "http"
            else http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=_trust())
        )
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise NotSentError(f"no connection ({type(error).__name__})") from None
        return connection
