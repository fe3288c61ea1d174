"""Tests of reading JSON from strangers."""

from typing import Any

import pytest

from custom_components.alexa_doorbell.client.documents import read_object, text_at
from custom_components.alexa_doorbell.client.exceptions import MalformedError

from .loopback import DEEP


def test_an_object_is_read() -> None:
    assert read_object(b'{"a": ["\\ud83d\\udd14", 1]}') == {"a": ["🔔", 1]}


def test_numbers_that_json_does_not_know_are_read() -> None:
    assert read_object(b'{"a": Infinity}') == {"a": float("inf")}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00", id="zero byte"),
        pytest.param(b"{", id="half"),
        pytest.param(b"[]", id="array"),
        pytest.param(b'"text"', id="text"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"a": "\xff"}', id="invalid UTF-8"),
        pytest.param(b'{"\\ud800": 1}', id="lone surrogate"),
        pytest.param(b'{"a": ' + b"1" * 5000 + b"}", id="giant number"),
        pytest.param(DEEP, id="deep objects"),
        pytest.param(b"[" * 100_000, id="deep arrays"),
        pytest.param(DEEP + b"1" + b"}" * 100_000, id="deep and complete"),
    ],
)
def test_anything_else_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_object(body)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        pytest.param({"a": {"b": "text"}}, "text", id="there"),
        pytest.param({"a": {"b": ""}}, None, id="empty"),
        pytest.param({"a": {"b": 1}}, None, id="number"),
        pytest.param({"a": {}}, None, id="missing"),
        pytest.param({"a": ["b"]}, None, id="array on the way"),
        pytest.param({"a": "b"}, None, id="text on the way"),
        pytest.param({}, None, id="nothing on the way"),
        pytest.param(None, None, id="null"),
    ],
)
def test_text_is_found_only_where_it_is_text(document: Any, text: str | None) -> None:
    assert text_at(document, "a", "b") == text
