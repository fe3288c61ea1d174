"""The skill's Lambda function: hands Alexa's directives to Home Assistant, and its answers back.

Environment: WEBHOOK_URL and SHARED_SECRET, as Home Assistant shows them. Only the standard library
is needed, so this file is the whole function.
"""

import base64
import binascii
import contextlib
from dataclasses import dataclass
import functools
import hashlib
import hmac
import http.client
import ipaddress
import json
import logging
import os
import queue
import re
import select
import socket
import ssl
import threading
import time
from typing import Any
from urllib.parse import urlsplit
import uuid

_LOGGER = logging.getLogger("alexa_doorbell")

# Alexa waits 8 s for everything, the start of this function included. Home Assistant answers an
# AcceptGrant within 6 s.
PATIENCE = 7.0
# What is left for telling Alexa when AWS itself is about to end this function.
RESERVE = 0.4
# A connection that was quiet for longer may have been forgotten by something on its way.
LONGEST_SILENCE = 50.0
LARGEST_ANSWER = 4 * 1024 * 1024

TOO_LATE = "Home Assistant did not answer in time"
BROKEN = "the connection broke before Home Assistant had answered"
# To an address that it does not know, Home Assistant answers an empty 200.
EMPTY = "the answer was empty, so Home Assistant does not know this webhook (now)"
NOT_ALEXA = "what answered is not Home Assistant, or only half of its answer came"
# By status: Alexa's error type, and what happened.
PROBLEMS = {
    400: ("INTERNAL_ERROR", "Home Assistant could not read the directive"),
    401: ("INTERNAL_ERROR", "Home Assistant refused the signature; is SHARED_SECRET its newest?"),
    404: ("INTERNAL_ERROR", "there is no Home Assistant at WEBHOOK_URL"),
    405: ("INTERNAL_ERROR", "what is at WEBHOOK_URL takes no directives"),
    413: ("INTERNAL_ERROR", "the directive was too large for Home Assistant"),
    429: ("BRIDGE_UNREACHABLE", "something on the way to Home Assistant allows no more requests"),
}


# Directives that may come twice: they only ask.
REPEATABLE = {("Alexa.Discovery", "Discover"), ("Alexa", "ReportState")}


class BridgeError(Exception):
    """The directive was not answered by Home Assistant; the text holds no secret."""

    def __init__(self, text: str, error_type: str = "BRIDGE_UNREACHABLE") -> None:
        super().__init__(text)
        self.error_type = error_type


class StaleConnectionError(Exception):
    """A kept connection turned out to be closed before Home Assistant can have read a request."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Where Home Assistant is, and what it knows this function by."""

    scheme: str
    host: str
    port: int | None
    path: str
    key: bytes

    def new_connection(self, timeout: float) -> http.client.HTTPConnection:
        """A connection that is not open yet; certificates are always verified."""
        if self.scheme == "http":
            return http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        return http.client.HTTPSConnection(
            self.host, self.port, timeout=timeout, context=ssl.create_default_context()
        )

    def signed_headers(self, body: bytes) -> dict[str, str]:
        """Headers after Standard Webhooks, with an id that was never used before."""
        message_id = f"msg_{uuid.uuid4().hex}"
        timestamp = str(int(time.time()))
        signed = b".".join((message_id.encode(), timestamp.encode(), body))
        signature = base64.b64encode(hmac.digest(self.key, signed, hashlib.sha256)).decode()
        return {
            "Content-Type": "application/json",
            "User-Agent": "AlexaDoorbell",
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{signature}",
        }


def configuration(webhook_url: str, shared_secret: str) -> Configuration:
    """What Home Assistant shows, taken apart; BridgeError when it cannot be used."""
    try:
        url = urlsplit(webhook_url.strip())
        host, port = url.hostname or "", url.port
    except ValueError:
        raise BridgeError("WEBHOOK_URL is not an address", "INTERNAL_ERROR") from None
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    if not host or url.scheme not in {"https", "http"} or not re.fullmatch(r"[!-~]+", path):
        raise BridgeError("WEBHOOK_URL is not the address of a webhook", "INTERNAL_ERROR")
    if url.scheme == "http" and not _is_loopback(host):
        raise BridgeError("WEBHOOK_URL must begin with https", "INTERNAL_ERROR")
    secret = shared_secret.strip()
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if not key or not secret.startswith("whsec_"):
        raise BridgeError("SHARED_SECRET is not one of Home Assistant's", "INTERNAL_ERROR")
    return Configuration(url.scheme, host, port, path, key)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Bridge:
    """The way to Home Assistant; it stays open between invocations of a warm function."""

    def __init__(self) -> None:
        self._configuration: Configuration | None = None
        self._connection: http.client.HTTPConnection | None = None
        self._used_at = 0.0
        self.abandoned = threading.Event()

    def ask(
        self, config: Configuration, body: bytes, *, repeatable: bool, deadline: float
    ) -> tuple[int, bytes]:
        """Post the directive; status and body of the answer. BridgeError when there is none.

        It is sent again, under a new id, only when a kept connection turns out to be closed, and
        then only if that does no harm: see `_exchange`.
        """
        if config != self._configuration:
            self.close()
            self._configuration = config
        if self._is_still_open():
            try:
                return self._exchange(config, body, deadline=deadline, repeatable=repeatable)
            except StaleConnectionError:
                self.close()
        self._connection = config.new_connection(_left(deadline))
        try:
            self._connection.connect()
        except OSError as error:
            raise BridgeError(_why_not_connected(error)) from None
        return self._exchange(config, body, deadline=deadline, fresh=True)

    def close(self) -> None:
        """Forget the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def abandon(self) -> None:
        """Nobody waits any more: send nothing from now on, and let go of what was sent."""
        self.abandoned.set()
        sock = getattr(self._connection, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _is_still_open(self) -> bool:
        """Whether there is a kept connection, as far as can be seen without using it."""
        if self._connection is None or self._connection.sock is None:
            return False
        quiet = time.monotonic() - self._used_at
        # What can be read between two requests is the end, or belongs to neither.
        if quiet < LONGEST_SILENCE and not select.select([self._connection.sock], [], [], 0)[0]:
            return True
        self.close()
        return False

    def _exchange(
        self,
        config: Configuration,
        body: bytes,
        *,
        deadline: float,
        repeatable: bool = False,
        fresh: bool = False,
    ) -> tuple[int, bytes]:
        """One request and its answer. StaleConnectionError: send it again, on a new connection.

        As long as the last byte has not left, Home Assistant cannot have acted. Afterwards it may
        have: then only what is repeatable is repeated. An AcceptGrant's code is good for one use.
        """
        assert self._connection is not None  # noqa: S101 - For mypy: the caller has opened it.
        connection, sent = self._connection, False
        try:
            connection.sock.settimeout(_left(deadline))
            if self.abandoned.is_set():
                raise TimeoutError  # noqa: TRY301 - As if the time had been noticed here.
            connection.putrequest("POST", config.path, skip_accept_encoding=True)
            if region := os.environ.get("AWS_REGION"):
                connection.putheader("x-aws-region", region)
            for name, value in config.signed_headers(body).items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            sent = True
            response = connection.getresponse()
            answer = _read(response, deadline, connection.sock)
        except TimeoutError:
            raise BridgeError(TOO_LATE) from None
        except (OSError, http.client.HTTPException) as error:
            if not fresh and (repeatable or not sent):
                raise StaleConnectionError from None
            broken = isinstance(error, OSError | http.client.IncompleteRead)
            raise BridgeError(BROKEN if broken else "what answered does not speak HTTP") from None
        if response.will_close:
            self.close()
        self._used_at = time.monotonic()
        return response.status, answer


def _read(response: http.client.HTTPResponse, deadline: float, sock: socket.socket | None) -> bytes:
    answer = bytearray()
    while chunk := response.read(64 * 1024):
        answer += chunk
        if len(answer) > LARGEST_ANSWER:
            raise BridgeError("the answer is too large for Alexa", "INTERNAL_ERROR")
        if sock is not None:
            sock.settimeout(_left(deadline))
    if response.length:
        raise http.client.IncompleteRead(bytes(answer), response.length)
    return bytes(answer)


class Asking(threading.Thread):
    """Asks in the background, since neither a name server nor a slow answer heeds a deadline."""

    def __init__(
        self,
        bridge: Bridge,
        config: Configuration,
        body: bytes,
        *,
        repeatable: bool,
        deadline: float,
    ) -> None:
        super().__init__(daemon=True)
        self._bridge = bridge
        self._ask = functools.partial(
            bridge.ask, config, body, repeatable=repeatable, deadline=deadline
        )
        self._deadline = deadline
        self._result: queue.SimpleQueue[tuple[int, bytes] | Exception] = queue.SimpleQueue()

    def run(self) -> None:
        """Put the answer, or why there is none, where `wait` finds it."""
        try:
            self._result.put(self._ask())
        except Exception as error:  # noqa: BLE001 - Raised again where somebody waits.
            self._bridge.close()
            self._result.put(error)

    def wait(self) -> tuple[int, bytes]:
        """The answer; BridgeError when there is none in time."""
        try:
            result = self._result.get(timeout=max(0.0, self._deadline - time.monotonic()))
        except queue.Empty:
            self._bridge.abandon()
            raise BridgeError(TOO_LATE) from None
        if isinstance(result, TimeoutError):
            raise BridgeError(TOO_LATE)
        if isinstance(result, Exception):
            raise result
        return result


def _left(deadline: float) -> float:
    """Seconds until then; TimeoutError when it has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _why_not_connected(error: OSError) -> str:
    """In words that hold neither address nor secret."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Home Assistant's certificate is not good: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "Home Assistant's address does not speak HTTPS as it should"
    if isinstance(error, socket.gaierror):
        return "the host name in WEBHOOK_URL is not known"
    if isinstance(error, TimeoutError):
        return "Home Assistant could not be reached in time"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens at the address in WEBHOOK_URL"
    return "Home Assistant could not be reached"


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Answer a directive: always with an Alexa message, and always in time."""
    deadline = time.monotonic() + _patience(context)
    try:
        return _ask_home_assistant(event, deadline)
    except BridgeError as error:
        _LOGGER.error("%s was not answered: %s", _name(event), error)  # noqa: TRY400 - Said all.
        return _error_response(event, error)
    except Exception as error:  # noqa: BLE001 - Alexa needs an answer, whatever it was.
        # Its text may hold what must not be logged.
        kind = type(error).__name__
        _LOGGER.error("%s was not answered: unexpected %s", _name(event), kind)  # noqa: TRY400
        return _error_response(event, BridgeError(f"unexpected {kind}", "INTERNAL_ERROR"))


def _patience(context: Any) -> float:
    """Seconds until Alexa must have its answer."""
    try:
        return min(PATIENCE, float(context.get_remaining_time_in_millis()) / 1000 - RESERVE)
    except AttributeError:
        return PATIENCE


_bridge = Bridge()


def _ask_home_assistant(event: Any, deadline: float) -> dict[str, Any]:
    global _bridge  # noqa: PLW0603 - It outlives an invocation: that is its point.
    config = configuration(os.environ.get("WEBHOOK_URL", ""), os.environ.get("SHARED_SECRET", ""))
    header = _header(event)
    repeatable = (header.get("namespace"), header.get("name")) in REPEATABLE
    body = json.dumps(event).encode()
    asking = Asking(_bridge, config, body, repeatable=repeatable, deadline=deadline)
    asking.start()
    try:
        status, body = asking.wait()
    finally:
        if _bridge.abandoned.is_set():
            _bridge = Bridge()
    if status != http.HTTPStatus.OK:
        raise _problem(status)
    return _message(body)


def _problem(status: int) -> BridgeError:
    if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return BridgeError(f"Home Assistant, or a proxy before it, answered {status}")
    error_type, text = PROBLEMS.get(
        status, ("INTERNAL_ERROR", "what is at WEBHOOK_URL takes no directives")
    )
    return BridgeError(f"{text} (answer {status})", error_type)


def _message(body: bytes) -> dict[str, Any]:
    """The Alexa message in the body; BridgeError when there is none."""
    if not body.strip():
        raise BridgeError(EMPTY)
    try:
        message = json.loads(body)
        header = message["event"]["header"]
        complete = all(header[key] for key in ("namespace", "name", "messageId", "payloadVersion"))
        complete = complete and isinstance(message["event"]["payload"], dict)
    except (ValueError, LookupError, TypeError, RecursionError):
        complete = False
    if not complete:
        raise BridgeError(NOT_ALEXA)
    answer: dict[str, Any] = message
    return answer


def _error_response(event: Any, error: BridgeError) -> dict[str, Any]:
    """What Alexa is told; to AcceptGrant in that interface's own words."""
    directive = _dict(_dict(event).get("directive"))
    asked = _header(event)
    is_grant = (asked.get("namespace"), asked.get("name")) == ("Alexa.Authorization", "AcceptGrant")
    header = {
        "namespace": "Alexa.Authorization" if is_grant else "Alexa",
        "name": "ErrorResponse",
        "messageId": str(uuid.uuid4()),
        "payloadVersion": "3",
    }
    answer: dict[str, Any] = {
        "header": header,
        "payload": {
            "type": "ACCEPT_GRANT_FAILED" if is_grant else error.error_type,
            "message": str(error),
        },
    }
    if not is_grant and isinstance(asked.get("correlationToken"), str):
        header["correlationToken"] = asked["correlationToken"]
    endpoint_id = _dict(directive.get("endpoint")).get("endpointId")
    if isinstance(endpoint_id, str):
        answer["endpoint"] = {"endpointId": endpoint_id}
    return {"event": answer}


def _name(event: Any) -> str:
    """The directive's name, for the log."""
    name = _header(event).get("name")
    return name if isinstance(name, str) and re.fullmatch(r"\w{1,64}", name) else "A message"


def _header(event: Any) -> dict[str, Any]:
    return _dict(_dict(_dict(event).get("directive")).get("header"))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
