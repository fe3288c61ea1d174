"""A webhook that keeps what it is sent and answers what the test put there."""

from dataclasses import dataclass, field
import json
from typing import Any

from aiohttp import web

SHARED_SECRET = "whsec_" + "c2VjcmV0" * 4


@dataclass
class Webhook:
    """`answers` by the directive's name; without one: 401, as to a wrong signature."""

    url: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    requests: list[tuple[dict[str, str], str]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        text = await request.text()
        self.requests.append((dict(request.headers), text))
        name = json.loads(text)["directive"]["header"]["name"]
        if name not in self.answers:
            return web.Response(status=401)
        answer = self.answers[name]
        if callable(answer):
            answer = answer(json.loads(text)["directive"])
        return web.json_response(answer)
