"""Whole messages from a skill: events for the gateway, and responses to directives."""

from typing import Any

import voluptuous as vol

from . import rules
from .rules import InvalidMessageError, Schema, check, every, exactly, list_of, rule


def _header(namespace: str, name: str) -> dict[str, Any]:
    return {
        "namespace": namespace,
        "name": name,
        "payloadVersion": "3",
        "messageId": rules.MESSAGE_ID,
    }


def _response(namespace: str, name: str, payload: dict[str, Any]) -> Schema:
    return exactly(
        {
            vol.Optional("context"): {},
            "event": {"header": _header(namespace, name), "payload": payload},
        }
    )


def _ids_differ(endpoints: list[dict[str, Any]]) -> bool:
    return len({endpoint["endpointId"] for endpoint in endpoints}) == len(endpoints)


def _changes_are_not_in_context(message: dict[str, Any]) -> bool:
    changed = message["event"]["payload"]["change"]["properties"]
    unchanged = message["context"].get("properties", [])
    names = [{(each["namespace"], each["name"]) for each in some} for some in (changed, unchanged)]
    return names[0].isdisjoint(names[1])


_ENDPOINTS = every(
    list_of(rules.ENDPOINT, 0, rules.MAX_ENDPOINTS),
    rule(_ids_differ, "an endpointId must not come twice"),
)
_STATES = exactly({vol.Optional("properties"): list_of(rules.PROPERTY, 0, 100)})
_ADDRESS = exactly({"scope": rules.SCOPE, "endpointId": rules.ENDPOINT_ID})
_ENDPOINT_GONE = exactly({"endpointId": rules.ENDPOINT_ID})
_EVENTS = {
    "DoorbellPress": exactly(
        {
            # Doorbells were once dropped in silence for lack of an empty context.
            "context": {},
            "event": {
                "header": _header("Alexa.DoorbellEventSource", "DoorbellPress"),
                "endpoint": _ADDRESS,
                "payload": {"cause": rules.CAUSE, "timestamp": rules.WHOLE_SECONDS},
            },
        }
    ),
    "ChangeReport": every(
        exactly(
            {
                "context": _STATES,
                "event": {
                    "header": _header("Alexa", "ChangeReport"),
                    "endpoint": _ADDRESS,
                    "payload": {
                        "change": {
                            "cause": rules.CAUSE,
                            "properties": list_of(rules.PROPERTY, 1, 100),
                        }
                    },
                },
            }
        ),
        rule(_changes_are_not_in_context, "a property must not be both in change and in context"),
    ),
    "AddOrUpdateReport": _response(
        "Alexa.Discovery",
        "AddOrUpdateReport",
        {"endpoints": every(_ENDPOINTS, vol.Length(min=1)), "scope": rules.SCOPE},
    ),
    "DeleteReport": _response(
        "Alexa.Discovery",
        "DeleteReport",
        {
            "endpoints": list_of(_ENDPOINT_GONE, 1, rules.MAX_ENDPOINTS),
            "scope": rules.SCOPE,
        },
    ),
}
_ACCEPT_GRANT_RESPONSE = _response("Alexa.Authorization", "AcceptGrant.Response", {})
_DISCOVER_RESPONSE = _response("Alexa.Discovery", "Discover.Response", {"endpoints": _ENDPOINTS})


def _state_report(correlation_token: str) -> Schema:
    return exactly(
        {
            "context": _STATES,
            "event": {
                "header": _header("Alexa", "StateReport") | {"correlationToken": correlation_token},
                "endpoint": {
                    vol.Optional("scope"): rules.SCOPE,
                    vol.Optional("cookie"): {str: str},
                    "endpointId": rules.ENDPOINT_ID,
                },
                "payload": {},
            },
        }
    )


def event_name(message: Any) -> str:
    """What the header calls the event, as far as there is one."""
    try:
        return str(message["event"]["header"]["name"])
    except KeyError, TypeError:
        return ""


def scope_token(message: Any) -> str | None:
    """The token inside an event: in the payload of discovery reports, else at the endpoint."""
    discovery = event_name(message) in ("AddOrUpdateReport", "DeleteReport")
    try:
        return str(message["event"]["payload" if discovery else "endpoint"]["scope"]["token"])
    except KeyError, TypeError:
        return None


def check_event(message: Any) -> None:
    """Raise unless the gateway would take the event."""
    name = event_name(message)
    if name not in _EVENTS:
        raise InvalidMessageError(f"{name or 'a message without a name'} is not an event")
    check(_EVENTS[name], message)


def is_accept_grant_response(message: Any) -> bool:
    """Whether Alexa would take this as the grant being accepted."""
    try:
        check(_ACCEPT_GRANT_RESPONSE, message)
    except InvalidMessageError:
        return False
    return True


def discovered(message: Any) -> dict[str, dict[str, Any]]:
    """The endpoints of a Discover.Response by their id; raises if Alexa would drop it."""
    check(_DISCOVER_RESPONSE, message)
    endpoints: list[dict[str, Any]] = message["event"]["payload"]["endpoints"]
    return {endpoint["endpointId"]: endpoint for endpoint in endpoints}


def check_state_report(message: Any, correlation_token: str) -> None:
    """Raise unless Alexa would take this as the answer to ReportState."""
    check(_state_report(correlation_token), message)
