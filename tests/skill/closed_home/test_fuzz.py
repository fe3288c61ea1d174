"""Whatever comes to the Function URL gets a proper answer.

FUZZ_REQUESTS in the environment says how many requests are tried.
"""

import base64
from collections import Counter
from collections.abc import Callable
import json
import os
import random
import secrets
import time
from typing import Any

import pytest

from custom_components.alexa_doorbell.client.signature import signed_headers

from .parts import CLIENT, PUSH, REDIRECT_URI, AlexaApp, ClosedSkill, Home, hidden_fields

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "1200"))
STATUSES = {200, 303, 400, 401, 404, 409, 413}
WORDS = {"clock", "signature", "unknown_home", "enrolment", "malformed", "too_large", "code_taken"}
FORM = "application/x-www-form-urlencoded"


class Fuzz:
    """Requests of every kind: good ones, and good ones with something broken."""

    def __init__(self, home: Home, alexa: AlexaApp, seed: int) -> None:
        self.chance = random.Random(seed)
        self.home = home
        self.alexa = alexa

    def text(self) -> str:
        """Any text at all."""
        kinds = (
            lambda: "",
            lambda: self.chance.choice(
                ["null", "0", "-1", "NaN", "%00", "../", "#", "é", "\ud800"]
            ),
            lambda: "".join(chr(self.chance.randrange(1, 0x2FFF)) for _ in range(8)),
            lambda: "x" * self.chance.choice([1, 22, 43, 64, 300, 5000]),
            lambda: self.home.home_id,
            lambda: self.alexa.tokens["refresh_token"],
            lambda: secrets.token_urlsafe(16),
        )
        return self.chance.choice(kinds)()

    def value(self, depth: int = 0) -> Any:
        """Any JSON at all."""
        if depth > 3 or self.chance.random() < 0.6:
            return self.chance.choice(
                [None, True, 0, -1, 10**30, 1.5, float("nan"), [], {}, self.text(), self.text()]
            )
        if self.chance.random() < 0.5:
            return [self.value(depth + 1) for _ in range(self.chance.randrange(3))]
        return {self.text(): self.value(depth + 1) for _ in range(self.chance.randrange(3))}

    def broken(self, fields: dict[str, Any]) -> dict[str, Any]:
        """The same with something missing, changed or added."""
        result = dict(fields)
        for _ in range(self.chance.choice([0, 1, 1, 2])):
            name = self.chance.choice([*result, self.text()])
            if self.chance.random() < 0.3:
                result.pop(name, None)
            else:
                result[name] = self.text() if self.chance.random() < 0.7 else self.value()
        return result

    def form(self, fields: dict[str, Any]) -> bytes:
        """As a form, perhaps with wounds."""
        text = "&".join(
            f"{name}={value}" if self.chance.random() < 0.2 else f"{_quote(name)}={_quote(value)}"
            for name, value in self.broken(fields).items()
        )
        if self.chance.random() < 0.1:
            text += "&" + text
        return self.wounded(text.encode(errors="replace"))

    def wounded(self, body: bytes) -> bytes:
        """Some bytes of it changed, now and then."""
        wounded = bytearray(body)
        while self.chance.random() < 0.2:
            place = self.chance.randrange(len(wounded) + 1)
            wounded[place : place + self.chance.randrange(3)] = self.chance.randbytes(2)
        return bytes(wounded)

    def message(self) -> tuple[bytes, dict[str, str]]:
        """A message of the home's, mostly signed as it should be."""
        contents: dict[str, Any] = {
            "ping": {"nonce": "n"},
            "push": PUSH["push"],
            "pair": {"code_hash": secrets.token_hex(32), "expires_in": 900},
            "grants": {},
            "acknowledge": {"grants": [secrets.token_urlsafe(16)]},
            "enrol": {"code": secrets.token_urlsafe(16), "secret": self.home.secret},
        }
        what = self.chance.choice(list(contents))
        content = self.broken(contents[what]) if self.chance.random() < 0.7 else self.value()
        body = self.wounded(json.dumps({what: content}).encode())
        if self.chance.random() < 0.05:
            body = b'{"push":' * self.chance.choice([10, 5000, 40_000])
        headers = signed_headers(self.home.secret, body, now=time.time())
        headers |= {"x-home": self.home.home_id}
        if self.chance.random() < 0.3:
            headers = {name: str(value) for name, value in self.broken(headers).items()}
        return body, headers

    def event(self) -> dict[str, Any]:
        """What AWS makes of a request."""
        asked = self.alexa.asked() | {"code": "BCDFGHJKLM"}
        traded = {
            "grant_type": self.chance.choice(["authorization_code", "refresh_token"]),
            "code": f"{self.home.home_id}.{secrets.token_urlsafe(16)}.{'A' * 43}",
            "refresh_token": self.alexa.tokens["refresh_token"],
            "redirect_uri": REDIRECT_URI,
            "client_id": CLIENT[0],
            "client_secret": CLIENT[1],
        }
        kinds: list[Callable[[], tuple[str, str, str, bytes, dict[str, str]]]] = [
            lambda: ("GET", "/authorize", self.form(asked).decode("latin-1"), b"", {}),
            lambda: ("POST", "/authorize", "", self.form(asked), {"content-type": FORM}),
            lambda: ("POST", "/token", "", self.form(traded), {"content-type": FORM}),
            lambda: ("POST", "/home", "", *self.message()),
            lambda: (self.text(), "/" + self.text(), self.text(), self.form({"x": "y"}), {}),
        ]
        method, path, query, body, headers = self.chance.choice(kinds)()
        if self.chance.random() < 0.1:
            headers = {str(name): str(value) for name, value in self.broken(headers).items()}
        if self.chance.random() < 0.2:
            headers = headers | {"accept-language": self.text(), "authorization": self.text()}
        event: dict[str, Any] = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers,
            "requestContext": {"http": {"method": method, "path": path}},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        return self.broken(event) if self.chance.random() < 0.05 else event


def _quote(value: Any) -> str:
    return "".join(f"%{byte:02x}" for byte in str(value).encode(errors="replace"))


def check(answer: Any, event: dict[str, Any], private: list[str]) -> int:
    """See that the answer is one that AWS can send, and that nothing is in it that must not be."""
    told = json.dumps(answer)
    if "requestContext" not in event:
        # Then it is no request, and Alexa's answer is the right one.
        assert answer["event"]["header"]["name"] == "ErrorResponse"
        return 0
    assert answer.keys() == {"statusCode", "headers", "body"}, event
    assert answer["statusCode"] in STATUSES, (answer, event)
    assert isinstance(answer["body"], str)
    assert all(isinstance(value, str) for value in answer["headers"].values())
    assert not any(sign in value for value in answer["headers"].values() for sign in "\r\n\0")
    assert not [secret for secret in private if secret in told], event
    if answer["statusCode"] == 303:
        assert answer["headers"]["Location"].startswith(REDIRECT_URI + "?"), event
        assert "code=" not in answer["headers"]["Location"], event
    if word := answer["headers"].get("x-alexa-doorbell"):
        assert word in WORDS
    return int(answer["statusCode"])


@pytest.mark.timeout(3600)
async def test_any_request_gets_a_proper_answer(
    skill: ClosedSkill, home: Home, alexa: AlexaApp
) -> None:
    config = skill.row("config")
    assert config is not None
    private = [config["signing_key"], config["client_secret"], home.secret, CLIENT[1]]
    seed = int(os.environ.get("FUZZ_SEED", "2026"))
    fuzz, statuses = Fuzz(home, alexa, seed), Counter[int]()
    before = skill.row(f"home#{home.home_id}")
    assert before is not None
    for _ in range(REQUESTS):
        event = fuzz.event()
        statuses[check(await skill.invoke(event), event, private)] += 1

    # Every kind of answer came, so that not all was refused at the door.
    assert {200, 303, 400, 401, 404} <= statuses.keys(), statuses
    assert "nexpected" not in skill.log
    assert (skill.row(f"home#{home.home_id}") or {})["secret"] == before["secret"]
    assert hidden_fields((await alexa.open_page()).text)
    assert (await alexa.refresh()).status == 200
