"""The skill's Lambda function: hands Alexa's directives to Home Assistant, and its answers back.

Environment: WEBHOOK_URL and SHARED_SECRET, as Home Assistant shows them. Only the standard library
is needed, so this file is the whole function.

The command that makes the skill invokes it too, with `ping` or `setup` in the place of `directive`:
then Home Assistant's answer, or the cause why there is none, comes back as it is.

With TABLE in its environment instead, it is the other way: then the folder closed_home, which has
to be beside this file, answers from a table that Home Assistant fills.
"""

import base64
import contextlib
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
import functools
import hashlib
import hmac
import http.client
import importlib
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
from typing import Any, TypeGuard
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
# Home Assistant lets a timestamp be 300 s off; what is less off is the clock of a proxy.
CLOCK_IS_WRONG = 240

# Why there is no answer, without address or secret. docs/skill.md says of each what to do.
CAUSES = {
    "no_address": "WEBHOOK_URL is not the address of a webhook",
    "not_safe": "WEBHOOK_URL must begin with https",
    "no_secret": "SHARED_SECRET is not one of Home Assistant's",
    # On the way.
    "unknown_name": "no name server knows the host name in WEBHOOK_URL (now)",
    "private_address": "the host in WEBHOOK_URL has an address that only its own network can reach",
    "ipv6_only": "the host in WEBHOOK_URL has only IPv6 addresses, and AWS Lambda has no IPv6",
    "nothing_listens": "nothing listens at the address in WEBHOOK_URL",
    "not_reached": "Home Assistant could not be reached",
    "certificate": "Home Assistant's certificate is not good: {reason}",
    "handshake": "Home Assistant's address refuses to speak HTTPS for this host name, or asks for "
    "a certificate",
    "not_https": "Home Assistant's address does not speak HTTPS as it should",
    "too_late": "Home Assistant did not answer in time",
    "broke_off": "the connection broke before Home Assistant had answered",
    "not_http": "what answered does not speak HTTP",
    # What Home Assistant says.
    "clock": "Home Assistant's clock {difference}",
    "signature": "Home Assistant refused the signature: SHARED_SECRET is another",
    "signature_or_clock": "the signature was refused, nobody says why: is SHARED_SECRET the "
    "newest, and Home Assistant's clock right?",
    "malformed": "Home Assistant could not read the message",
    "too_large": "the message is too large for Home Assistant, or for something before it",
    "unknown_webhook": "the answer was empty, so Home Assistant does not know this webhook (now)",
    "untrusted_proxy": "Home Assistant does not trust the proxy before it: trusted_proxies is "
    "missing, or names another",
    "banned": "Home Assistant has banned the address that the message came from",
    # What something before Home Assistant says.
    "asks_for_login": "something before Home Assistant asks for a login (answer {status})",
    "redirected": "something before Home Assistant sends to another address, perhaps to a login "
    "(answer {status})",
    "bot_check": "Cloudflare takes this function for a bot (answer {status})",
    "refused": "something before Home Assistant refused the message (answer {status})",
    "not_found": "there is no Home Assistant at WEBHOOK_URL (answer {status})",
    "rate_limited": "something before Home Assistant allows no more requests (answer {status})",
    "away": "a proxy answers, but does not reach Home Assistant (answer {status})",
    "server_error": "Home Assistant, or a proxy before it, has a fault (answer {status})",
    # Anything else.
    "not_home_assistant": "what answered is not Home Assistant, or only half of its answer came",
    "answer_too_large": "the answer is too large for Alexa",
    "unexpected": "unexpected {kind}",
}
# These may pass by themselves. Alexa is told so; of all others, that something is not set up right.
UNREACHABLE = {
    *("unknown_name", "private_address", "ipv6_only", "nothing_listens", "not_reached"),
    *("certificate", "handshake", "not_https", "too_late", "broke_off", "not_http"),
    *("unknown_webhook", "rate_limited", "away", "server_error", "not_home_assistant"),
}
# The marks of the integration's own refusals: in a header, and in the content type, since that is
# all that Home Assistant Cloud hands through.
MARK = "x-alexa-doorbell"
MARKED_TYPE = "application/vnd.alexa-doorbell."
MARKS = {
    "clock": "clock",
    "signature": "signature",
    "malformed": "malformed",
    "method": "malformed",
    "too_large": "too_large",
}
# An older integration marks nothing.
UNMARKED = {400: "malformed", 401: "signature_or_clock", 413: "too_large"}
# What it answers to `setup`: taken, or nobody waits for it.
TAKEN = {(204, b""), (409, b"")}
# What Home Assistant answers before any integration is asked.
OWN_WORDS = {
    (400, b"400: Bad Request"): "untrusted_proxy",
    (403, b"403: Forbidden"): "banned",
}
BY_STATUS = {404: "not_found", 413: "too_large", 429: "rate_limited", 502: "away", 504: "away"}
# Cloudflare's own, from "web server returned an unknown error" to "origin DNS error".
BY_STATUS |= dict.fromkeys(range(520, 531), "away")

# Directives that may come twice: they only ask.
REPEATABLE = (("Alexa.Discovery", "Discover"), ("Alexa", "ReportState"))


class BridgeError(Exception):
    """Home Assistant did not answer as it should; the text holds neither address nor secret."""

    def __init__(self, cause: str, **facts: Any) -> None:
        super().__init__(CAUSES[cause].format(**facts))
        self.cause = cause
        self.facts = facts


class StaleConnectionError(Exception):
    """A kept connection turned out to be closed before Home Assistant can have read a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whatever answered, Home Assistant or something before it."""

    status: int
    headers: Message
    body: bytes
    # The JSON object in the body, if it can be handed on as one.
    document: dict[str, Any] | None


def _document(body: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(body, parse_constant=_refuse)
        # AWS fails at half a surrogate pair.
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def judged(answer: Answer) -> BridgeError | None:
    """Why this is not the integration's answer to what was asked; None when it is."""
    status, body = answer.status, answer.body.strip()
    mark = answer.headers.get_content_type().removeprefix(MARKED_TYPE)
    if cause := MARKS.get(answer.headers.get(MARK, mark)):
        facts = _clock(answer.headers.get("Date", "")) if cause == "clock" else {}
        return BridgeError(cause, **facts)
    if (status, body) in TAKEN or (status == http.HTTPStatus.OK and answer.document is not None):
        return None
    if (status, body) == (http.HTTPStatus.OK, b""):
        return BridgeError("unknown_webhook")
    if status < http.HTTPStatus.MULTIPLE_CHOICES:
        return BridgeError("not_home_assistant")
    return BridgeError(_who_refused(answer, body), status=status)


def _who_refused(answer: Answer, body: bytes) -> str:
    status, headers = answer.status, answer.headers
    if headers.get("cf-mitigated") or _is_blocked_by_cloudflare(answer):
        return "bot_check"
    if headers.get("WWW-Authenticate") or headers.get("Proxy-Authenticate"):
        return "asks_for_login"
    if status < http.HTTPStatus.BAD_REQUEST:
        return "redirected"
    if status == http.HTTPStatus.BAD_REQUEST and b"SSL certificate" in body:
        return "handshake"  # nginx has taken none of ours, and then was too polite to hang up.
    if own := OWN_WORDS.get((status, body)) or (not body and UNMARKED.get(status)):
        return own
    other = "server_error" if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR else "refused"
    return BY_STATUS.get(status, other)


def _is_blocked_by_cloudflare(answer: Answer) -> bool:
    """Whether it refused by itself: it also brings the refusals of others."""
    return (
        answer.status in {403, 503}
        and answer.headers.get("Server", "").lower() == "cloudflare"
        and re.search(rb"cloudflare|\Aerror code: 1\d", answer.body, re.IGNORECASE) is not None
    )


def _clock(date: str) -> dict[str, Any]:
    """By how much Home Assistant's clock is wrong, as far as the answer's date tells."""
    try:
        seconds = round(parsedate_to_datetime(date).timestamp() - time.time())
    except (ValueError, OverflowError):
        seconds = 0
    if abs(seconds) < CLOCK_IS_WRONG:
        return {"difference": "is wrong by more than 5 minutes", "seconds": None}
    size, unit = next(
        (size, unit)
        for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes"))
        if abs(seconds) >= 2 * size
    )
    amount = f"{round(abs(seconds) / size)} {unit}"
    direction = "ahead" if seconds > 0 else "behind"
    return {"difference": f"is {amount} {direction}", "seconds": seconds}


@dataclass(frozen=True, slots=True)
class Configuration:
    """Where Home Assistant is, and what it knows this function by."""

    scheme: str
    host: str
    port: int
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
        region = os.environ.get("AWS_REGION", "")
        return {
            "Content-Type": "application/json",
            "User-Agent": "AlexaDoorbell",
            **({"x-aws-region": region} if _is_text(region, r"[a-z\d-]{1,32}") else {}),
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{signature}",
        }


def configuration(webhook_url: str, shared_secret: str) -> Configuration:
    """What Home Assistant shows, taken apart; BridgeError when it cannot be used."""
    try:
        url = urlsplit(webhook_url.strip())
        host, port = (url.hostname or "").encode("idna").decode(), url.port
    except ValueError:
        raise BridgeError("no_address") from None
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    is_good = re.fullmatch(r"[\w.-]+|[\da-f.:]+(%\w+)?", host) and re.fullmatch(r"[!-~]+", path)
    if not is_good or url.scheme not in {"https", "http"}:
        raise BridgeError("no_address")
    if url.scheme == "http" and not is_loopback(host):
        raise BridgeError("not_safe")
    secret = shared_secret.strip()
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not key or not secret.startswith("whsec_"):
        raise BridgeError("no_secret")
    # Without a port, the standard library takes the end of an IPv6 address for one.
    port = port or (443 if url.scheme == "https" else 80)
    return Configuration(url.scheme, host, port, path, key)


def is_loopback(host: str) -> bool:
    """Whether a host is this very computer."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Bridge:
    """The way to Home Assistant; it stays open between invocations of a warm function."""

    def __init__(self) -> None:
        self._configuration: Configuration | None = None
        self._connection: http.client.HTTPConnection | None = None
        self._addresses: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = []
        self._is_reached = False
        self._used_at = 0.0
        self.abandoned = threading.Event()

    def ask(
        self, config: Configuration, body: bytes, *, repeatable: bool, deadline: float
    ) -> Answer:
        """Post the message; whatever answered. BridgeError when nothing did.

        It is sent again, under a new id, only when a kept connection turns out to be closed, and
        then only if that does no harm: see `_exchange`.
        """
        try:
            if config != self._configuration:
                self.close()
                self._configuration = config
            if self._is_still_open():
                try:
                    return self._exchange(config, body, deadline=deadline, repeatable=repeatable)
                except StaleConnectionError:
                    self.close()
            self._connect(config, deadline)
            return self._exchange(config, body, deadline=deadline, fresh=True)
        except (OSError, http.client.HTTPException) as error:
            reason = self._why(error)
            self.close()
            raise reason from None

    def close(self) -> None:
        """Forget the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def abandon(self) -> BridgeError:
        """Nobody waits any more: send nothing from now on, let go of what was sent, say why."""
        self.abandoned.set()
        reason = self._why(TimeoutError())
        sock = getattr(self._connection, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        return reason

    def _is_still_open(self) -> bool:
        """Whether there is a kept connection, as far as can be seen without using it."""
        if self._connection is None or self._connection.sock is None:
            return False
        # AWS stops this process between invocations, and perhaps its monotonic clock too.
        quiet = time.time() - self._used_at
        # What can be read between two requests is the end, or belongs to neither.
        if quiet < LONGEST_SILENCE and not select.select([self._connection.sock], [], [], 0)[0]:
            return True
        self.close()
        return False

    def _connect(self, config: Configuration, deadline: float) -> None:
        self._connection = config.new_connection(_left(deadline))
        self._addresses, self._is_reached = [], False
        found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)
        if not is_loopback(config.host):
            hosts = (str(address[0]) for *_, address in found)
            self._addresses = [ipaddress.ip_address(host) for host in hosts]
        self._connection.connect()
        self._is_reached = True

    def _why(self, error: Exception) -> BridgeError:
        """Why there is no answer."""
        if isinstance(error, socket.gaierror):
            return BridgeError("unknown_name")
        if not self._is_reached and getattr(self._connection, "sock", None) is None:
            return BridgeError(self._why_not_connected(error))
        if isinstance(error, ssl.SSLCertVerificationError):
            # OpenSSL quotes the host name.
            reason = error.verify_message.partition(" for '")[0]
            return BridgeError("certificate", reason=reason)
        if isinstance(error, TimeoutError):
            return BridgeError("too_late")
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
            was_alert = re.match(r"(SSLV3|TLSV1|TLSV13)_", error.reason or "")
            return BridgeError("handshake" if was_alert else "not_https")
        is_broken = isinstance(error, OSError | http.client.IncompleteRead)
        return BridgeError("broke_off" if is_broken else "not_http")

    def _why_not_connected(self, error: Exception) -> str:
        old = [address for address in self._addresses if address.version == 4]  # noqa: PLR2004
        if self._addresses and not any(one.is_global for one in old or self._addresses):
            return "private_address"
        if isinstance(error, ConnectionRefusedError):
            return "nothing_listens"
        return "ipv6_only" if self._addresses and not old else "not_reached"

    def _exchange(
        self,
        config: Configuration,
        body: bytes,
        *,
        deadline: float,
        repeatable: bool = False,
        fresh: bool = False,
    ) -> Answer:
        """One request and its answer. StaleConnectionError: send it again, on a new connection.

        As long as the last byte has not left, Home Assistant cannot have acted. Afterwards it may
        have: then only what is repeatable is repeated. An AcceptGrant's code is good for one use.
        """
        assert self._connection is not None  # noqa: S101 - For mypy: the caller has opened it.
        connection, sent = self._connection, False
        try:
            connection.sock.settimeout(_left(deadline))
            if self.abandoned.is_set():
                raise TimeoutError
            connection.putrequest("POST", config.path)
            for name, value in config.signed_headers(body).items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            try:
                connection.endheaders(body)
            except ConnectionError:
                # Whoever hangs up may have said why. A kept connection is replaced instead.
                if not fresh:
                    raise
            sent = True
            response = connection.getresponse()
            content = _read(response, deadline, connection.sock)
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, TimeoutError) or fresh or (sent and not repeatable):
                raise
            raise StaleConnectionError from None
        if response.will_close:
            self.close()
        self._used_at = time.time()
        return Answer(
            status=response.status,
            headers=response.headers,
            body=content,
            document=_document(content),
        )


def _read(response: http.client.HTTPResponse, deadline: float, sock: socket.socket | None) -> bytes:
    answer = bytearray()
    while chunk := response.read(64 * 1024):
        answer += chunk
        if len(answer) > LARGEST_ANSWER:
            raise BridgeError("answer_too_large")
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
        self._result: queue.SimpleQueue[Answer | Exception] = queue.SimpleQueue()

    def run(self) -> None:
        """Put the answer, or why there is none, where `wait` finds it."""
        try:
            self._result.put(self._ask())
        except Exception as error:  # noqa: BLE001 - Raised again where somebody waits.
            self._bridge.close()
            self._result.put(error)

    def wait(self) -> Answer:
        """The answer; BridgeError when there is none in time."""
        try:
            result = self._result.get(timeout=max(0.0, self._deadline - time.monotonic()))
        except queue.Empty:
            raise self._bridge.abandon() from None
        if isinstance(result, Exception):
            raise result
        return result


def _left(deadline: float) -> float:
    """Seconds until then; TimeoutError when it has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


# Here, since AWS hurries only while a function starts.
_closed_home = importlib.import_module("closed_home") if os.environ.get("TABLE") else None


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Answer a directive: always with an Alexa message, and always in time."""
    if _closed_home is not None:
        answered: dict[str, Any] = _closed_home.answer(event, context)
        return answered
    try:
        answer = _ask_home_assistant(event, time.monotonic() + _patience(context))
        if _own_name(event):
            return {"answer": {"status": answer.status, "document": answer.document}}
        return _message(answer)
    except BridgeError as error:
        problem = error
    except Exception as error:  # noqa: BLE001 - Alexa needs an answer, whatever it was.
        # Its text may hold what must not be logged.
        problem = BridgeError("unexpected", kind=type(error).__name__)
    # Whoever keeps log lines would keep the connection with the error.
    words = str(problem)
    _LOGGER.error("%s was not answered: %s", _name(event), words)
    if _own_name(event):
        return {"problem": {"cause": problem.cause, "message": words, "facts": problem.facts}}
    return _error_response(event, problem)


def _patience(context: Any) -> float:
    """Seconds until Alexa must have its answer."""
    try:
        return min(PATIENCE, float(context.get_remaining_time_in_millis()) / 1000 - RESERVE)
    except (AttributeError, TypeError, ValueError):
        return PATIENCE


_bridge = Bridge()


def _ask_home_assistant(event: Any, deadline: float) -> Answer:
    global _bridge  # noqa: PLW0603 - It outlives an invocation: that is its point.
    config = configuration(os.environ.get("WEBHOOK_URL", ""), os.environ.get("SHARED_SECRET", ""))
    header = _header(event)
    name = (header.get("namespace"), header.get("name"))
    repeatable = name in REPEATABLE or _own_name(event) == "ping"
    asking = Asking(_bridge, config, _body(event), repeatable=repeatable, deadline=deadline)
    asking.start()
    try:
        answer = asking.wait()
    finally:
        if _bridge.abandoned.is_set():
            _bridge = Bridge()
    if problem := judged(answer):
        raise problem
    return answer


def _body(event: Any) -> bytes:
    """What is posted; BridgeError when Home Assistant would not read it."""
    try:
        return json.dumps(event, allow_nan=False).encode()
    except (ValueError, TypeError, RecursionError):
        raise BridgeError("malformed") from None


def _message(answer: Answer) -> dict[str, Any]:
    """The Alexa message in the body; BridgeError when there is none."""
    message = answer.document or {}
    event = _dict(message.get("event"))
    header = _dict(event.get("header"))
    needed = ("namespace", "name", "messageId", "payloadVersion")
    if not all(header.get(key) for key in needed) or not isinstance(event.get("payload"), dict):
        raise BridgeError("not_home_assistant")
    return message


def _error_response(event: Any, error: BridgeError) -> dict[str, Any]:
    """What Alexa is told; to AcceptGrant in that interface's own words."""
    directive = _dict(_dict(event).get("directive"))
    asked = _header(event)
    error_type = "BRIDGE_UNREACHABLE" if error.cause in UNREACHABLE else "INTERNAL_ERROR"
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
            "type": "ACCEPT_GRANT_FAILED" if is_grant else error_type,
            "message": str(error),
        },
    }
    # What nobody but a forger sends is not sent back: Amazon would refuse the whole message.
    token = asked.get("correlationToken")
    if not is_grant and _is_text(token, r"[!-~]{1,8192}"):
        header["correlationToken"] = token
    endpoint_id = _dict(directive.get("endpoint")).get("endpointId")
    if _is_text(endpoint_id, r"[\w\-=#;:?@&]{1,256}"):
        answer["endpoint"] = {"endpointId": endpoint_id}
    return {"event": answer}


def _name(event: Any) -> str:
    """The message's name, for the log."""
    name = _own_name(event) or _header(event).get("name")
    return name if _is_text(name, r"\w{1,64}") else "A message"


def _is_text(value: Any, pattern: str) -> TypeGuard[str]:
    return isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) is not None


def _own_name(event: Any) -> str | None:
    """What the command asks; None of what Alexa asks."""
    message = _dict(event)
    return next((name for name in ("ping", "setup") if {*message} == {name}), None)


def _header(event: Any) -> dict[str, Any]:
    return _dict(_dict(_dict(event).get("directive")).get("header"))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
