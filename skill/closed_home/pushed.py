"""What Home Assistant pushes: the endpoints as Alexa discovers them, and the state of each."""

import re
from typing import Any

from .documents import compact, dict_of
from .table import Row

MOST_ENDPOINTS = 300
# A row of DynamoDB's holds 400 KB.
LARGEST_LIST = 256 * 1024
ENDPOINT_ID = r"[\w\-=#;:?@& ]{1,256}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z"


def pushed_row(content: dict[str, Any]) -> Row | None:
    """The attributes of the home's row, None when Alexa could not be answered with it."""
    endpoints, states = content.get("endpoints"), dict_of(content.get("states"))
    if content.get("complete") is not True or not isinstance(endpoints, list):
        return None
    ids = [dict_of(endpoint).get("endpointId") for endpoint in endpoints]
    is_good = len(ids) <= MOST_ENDPOINTS and all(map(_is_endpoint_id, ids))
    # One that comes twice would void the whole discovery.
    if not is_good or len(set(ids)) < len(ids) or states.keys() != set(ids):
        return None
    if not all(map(_is_state, states.values())):
        return None
    text = compact(endpoints)
    if len(text.encode()) > LARGEST_LIST:
        return None
    kept = {key: {name: state[name] for name in ("value", "time")} for key, state in states.items()}
    return {"list": text, "states": compact(kept)}


def _is_endpoint_id(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(ENDPOINT_ID, value, re.ASCII) is not None


def _is_state(state: Any) -> bool:
    state = dict_of(state)
    time = state.get("time")
    return (
        state.get("value") in ("OK", "UNREACHABLE")
        and isinstance(time, str)
        and re.fullmatch(TIME, time, re.ASCII) is not None
    )
