"""A request to the Function URL and its response, in AWS's payload format 2.0."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl

from .documents import compact, dict_of

FORM = "application/x-www-form-urlencoded"
LARGEST_FORM = 16 * 1024
MOST_FIELDS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What came; header names in lower case, and a header that came twice joined by commas."""

    method: str
    path: str
    query: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @classmethod
    def of(cls, event: dict[str, Any]) -> Self:
        """Read the event; ValueError when it is none of a Function URL's."""
        http = dict_of(dict_of(event.get("requestContext")).get("http"))
        headers = dict_of(event.get("headers"))
        body = event.get("body")
        text = body if isinstance(body, str) else ""
        return cls(
            method=str(http.get("method", "")),
            path=str(event.get("rawPath", "")),
            query=str(event.get("rawQueryString", "")),
            headers={str(name).lower(): str(value) for name, value in headers.items()},
            body=base64.b64decode(text) if event.get("isBase64Encoded") else text.encode(),
        )

    def header(self, name: str) -> str:
        """The header, empty when it is missing."""
        return self.headers.get(name, "")

    @property
    def media_type(self) -> str:
        """What the body says to be."""
        return self.header("content-type").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What goes back; nobody keeps any of it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = field(default="", repr=False)

    def as_event(self) -> dict[str, Any]:
        """In AWS's form."""
        headers = {
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
            **self.headers,
        }
        return {"statusCode": self.status, "headers": headers, "body": self.body}


def json_response(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON document."""
    every = {"Content-Type": "application/json", **(headers or {})}
    return Response(status=status, headers=every, body=compact(content))


def fields(text: str) -> dict[str, str] | None:
    """The fields of a query or a form, None when it is none, or names one twice."""
    if len(text) > LARGEST_FORM:
        return None
    try:
        found = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    named = dict(found)
    return named if len(named) == len(found) else None


def form(request: Request) -> dict[str, str] | None:
    """The fields of the form in the body, None when there is none."""
    if request.media_type != FORM or len(request.body) > LARGEST_FORM:
        return None
    try:
        return fields(request.body.decode("ascii"))
    except ValueError:
        return None
