"""Read JSON that others wrote, without trusting any of it."""

import json
from typing import Any

from .exceptions import MalformedError


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object, or raise MalformedError whatever else the bytes are."""
    try:
        document = json.loads(body)
        # An escaped half of a surrogate pair parses, but whoever stores it later would fail.
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise MalformedError("not JSON") from error
    if not isinstance(document, dict):
        raise MalformedError("not a JSON object")
    return document


def text_at(document: object, *path: str) -> str | None:
    """Return the text below these keys; None when it is missing, empty or something else."""
    for key in path:
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document if isinstance(document, str) and document else None
