"""Any event and any answer, however odd, end in a proper answer and in time.

FUZZ_INVOCATIONS in the environment says how many pairs of them are tried.
"""

import copy
import json
import os
import random
import socket
import time
from typing import Any

from .conftest import ACCEPT_GRANT, DISCOVER, REPORT_STATE, Invoke
from .server import Request, Server, message

INVOCATIONS = int(os.environ.get("FUZZ_INVOCATIONS", "2000"))
# In seconds.
AWS_ENDS_IT = 10

SCALARS = (
    *(None, True, False, 0, -1, 10**30, 1.5, float("nan"), float("inf"), "", "x" * 300),
    *("\ud800", "\0", "ü", "Alexa", "Alexa.Authorization", "AcceptGrant", "Discover", "3"),
)
EVENTS: tuple[Any, ...] = (
    *(ACCEPT_GRANT, DISCOVER, REPORT_STATE, {}, [], None, "text", 7),
    *({"ping": {"nonce": "1"}}, {"setup": {"client_id": "1"}}, {"ping": {}, "directive": {}}),
)
STATUSES = (
    *("200 OK", "200 OK", "200 OK", "204 No Content", "206 Partial Content", "101 Switching"),
    *("302 Found", "400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found"),
    *("405 No", "407 No", "409 Conflict", "413 No", "429 No", "500 No", "502 No", "522 No"),
    *("999 No", "099 No", "-1 No", "2OO OK", "", "100 Continue"),
)
HEADERS = (
    *("x-alexa-doorbell: clock", "x-alexa-doorbell: signature", "x-alexa-doorbell: ?"),
    *("Date: Thu, 26 Nov 2026 12:00:00 GMT", "Date: Thu, 99 Nov 99999 12:00:00 +9999", "Date:"),
    *("Content-Type: application/vnd.alexa-doorbell.clock", "Content-Type: ;;=", "Content-Type:"),
    *("WWW-Authenticate: Basic", "cf-mitigated: challenge", "Server: cloudflare", "Server: \xfc"),
    *("Transfer-Encoding: chunked", "Transfer-Encoding: gzip", "Content-Length: 9999999"),
    *("Content-Length: -1", "Content-Length: many", "Connection: close", "Location: \x00", ":", ""),
)
BODIES = (
    *(b"", b" \r\n", b"400: Bad Request", b"403: Forbidden", b"error code: 1010", b"<html>"),
    *(b"{}", b"[]", b"[" * 5000, b'{"a":' * 5000, b'{"event": {"header": 1}}', b"\xef\xbb\xbf{}"),
    *(b'{"pong": NaN}', rb'{"pong": "\ud800"}', b"5\r\nhello\r\n0\r\n\r\n", b"zz\r\n", b"1" * 5000),
    *(b"\xff\xfe{\x00}\x00", json.dumps(message()).encode(), json.dumps({"pong": {}}).encode()),
)


def odd_event(chance: random.Random) -> Any:
    """An event in which anything may be in the place of anything."""
    event = copy.deepcopy(chance.choice(EVENTS))
    for _ in range(chance.randrange(4)):
        spot = event
        while isinstance(spot, dict) and spot:
            key = chance.choice([*spot])
            if not isinstance(spot[key], dict) or chance.random() < 0.2:
                spot[key] = copy.deepcopy(chance.choice((*SCALARS, *EVENTS)))
                break
            spot = spot[key]
    return event


def odd_answer(chance: random.Random) -> bytes:
    """What a server may send that has the best, or other, intentions."""
    body = chance.choice(BODIES)
    headers = chance.sample(HEADERS, chance.randrange(4))
    if chance.random() < 0.7:
        headers.append(f"Content-Length: {len(body)}")
    lines = [f"HTTP/1.1 {chance.choice(STATUSES)}", *headers, "", ""]
    answer = bytearray("\r\n".join(lines).encode("latin-1") + body)
    while chance.random() < 0.3:
        place = chance.randrange(len(answer) + 1)
        answer[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
    return bytes(answer)


def check(answer: dict[str, Any]) -> None:
    """See that it is one of the two things that may come back, and that AWS can write it."""
    json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
    if answer.keys() == {"problem"}:
        assert answer["problem"]["cause"] != "unexpected", answer
    elif answer.keys() == {"answer"}:
        assert answer["answer"].keys() == {"status", "document"}
    else:
        event = answer["event"]
        assert event["header"]["messageId"]
        assert "unexpected" not in str(event["payload"])


def test_whatever_comes_from_either_side_the_answer_is_proper_and_in_time(invoke: Invoke) -> None:
    chance = random.Random(2026)
    sent, closes = b"", True

    def reply(connection: socket.socket, _: Request) -> bool:
        connection.sendall(sent)
        return closes

    with Server([reply]) as server:
        for _ in range(INVOCATIONS):
            event, sent = odd_event(chance), odd_answer(chance)
            closes = chance.random() < 0.9
            began = time.monotonic()
            # What waits for more, and gets none, shall not do so for long.
            check(invoke(event, server.url, milliseconds=5000 if closes else 450))
            assert time.monotonic() - began < AWS_ENDS_IT, (event, sent)
