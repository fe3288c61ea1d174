"""JSON documents from outside."""

import json
from typing import Any


def dict_of(value: Any) -> dict[str, Any]:
    """The value, or an empty one."""
    return value if isinstance(value, dict) else {}


def document(body: bytes) -> dict[str, Any] | None:
    """The JSON object in the body, None when there is none that could be handed on."""
    try:
        found = json.loads(body, parse_constant=_refuse)
        # Half a surrogate pair can be read, but not be written; 1e999 is read as infinity.
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def compact(value: Any) -> str:
    """As JSON, in as few bytes as that takes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _refuse(constant: str) -> None:
    raise ValueError(constant)
