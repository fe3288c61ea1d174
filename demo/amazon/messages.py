"""Whole messages from a skill: events for the gateway, and responses to directives."""

from typing import Any

from . import rules
from .rules import InvalidMessageError, check, keys

EVENTS = {
    "DoorbellPress": "Alexa.DoorbellEventSource",
    "AddOrUpdateReport": "Alexa.Discovery",
    "DeleteReport": "Alexa.Discovery",
    "ChangeReport": "Alexa",
}


def event_name(message: Any) -> str:
    """What the header calls the event, as far as there is one."""
    try:
        return str(message["event"]["header"]["name"])
    except KeyError, TypeError:
        return ""


def scope_token(message: Any) -> str | None:
    """The token inside an event: in the payload of discovery reports, else at the endpoint."""
    try:
        event = message["event"]
        in_payload = EVENTS.get(event_name(message)) == "Alexa.Discovery"
        return str(event["payload" if in_payload else "endpoint"]["scope"]["token"])
    except KeyError, TypeError:
        return None


def check_event(message: Any) -> None:
    """Raise unless the gateway would take the event."""
    name = event_name(message)
    check(name in EVENTS, f"{name or 'a message without a name'} is not an event")
    event = message["event"]
    rules.header(event["header"], EVENTS[name], name)
    if name == "DoorbellPress":
        _doorbell_press(message)
    elif name == "ChangeReport":
        _change_report(message)
    else:
        _discovery_report(message, name)


def _doorbell_press(message: Any) -> None:
    keys(message, {"context", "event"}, where="message")
    # Doorbells were once dropped in silence for lack of an empty context.
    check(message["context"] == {}, "context must be {}")
    event = keys(message["event"], {"header", "endpoint", "payload"}, where="event")
    _endpoint_of(event)
    payload = keys(event["payload"], {"cause", "timestamp"}, where="payload")
    rules.cause(payload["cause"])
    rules.whole_seconds(payload["timestamp"])


def _change_report(message: Any) -> None:
    keys(message, {"context", "event"}, where="message")
    event = keys(message["event"], {"header", "endpoint", "payload"}, where="event")
    _endpoint_of(event)
    change = keys(event["payload"], {"change"}, where="payload")["change"]
    keys(change, {"cause", "properties"}, where="change")
    rules.cause(change["cause"])
    changed = rules.properties(change["properties"], shortest=1, where="change.properties")
    unchanged = _context_properties(message)
    both = {(p["namespace"], p["name"]) for p in changed} & {
        (p["namespace"], p["name"]) for p in unchanged
    }
    check(not both, "a property must not be both in change and in context")


def _discovery_report(message: Any, name: str) -> None:
    keys(message, {"event"}, {"context"}, where="message")
    check(message.get("context", {}) == {}, "context must be {} or absent")
    event = keys(message["event"], {"header", "payload"}, where="event")
    payload = keys(event["payload"], {"endpoints", "scope"}, where="payload")
    rules.bearer(payload["scope"])
    check(bool(payload["endpoints"]), "endpoints must not be empty")
    if name == "AddOrUpdateReport":
        rules.endpoints(payload["endpoints"])
        return
    for item in rules.array(payload["endpoints"], rules.MAX_ENDPOINTS, where="endpoints"):
        keys(item, {"endpointId"}, where="endpoint")
        rules.endpoint_id(item["endpointId"])


def _endpoint_of(event: dict[str, Any]) -> None:
    endpoint = keys(event["endpoint"], {"scope", "endpointId"}, where="endpoint")
    rules.bearer(endpoint["scope"])
    rules.endpoint_id(endpoint["endpointId"])


def _context_properties(message: Any) -> list[Any]:
    context = keys(message["context"], (), {"properties"}, where="context")
    return rules.properties(context.get("properties", []), shortest=0, where="context.properties")


def is_accept_grant_response(message: Any) -> bool:
    """Whether Alexa would take this as the grant being accepted."""
    try:
        event = _event_of_response(message, "Alexa.Authorization", "AcceptGrant.Response")
        check(event["payload"] == {}, "payload must be {}")
    except InvalidMessageError:
        return False
    return True


def discovered(message: Any) -> dict[str, dict[str, Any]]:
    """The endpoints of a Discover.Response by their id; raises if Alexa would drop it."""
    event = _event_of_response(message, "Alexa.Discovery", "Discover.Response")
    return rules.endpoints(keys(event["payload"], {"endpoints"}, where="payload")["endpoints"])


def check_state_report(message: Any, correlation_token: str) -> None:
    """Raise unless Alexa would take this as the answer to ReportState."""
    keys(message, {"context", "event"}, where="message")
    event = keys(message["event"], {"header", "endpoint", "payload"}, where="event")
    rules.header(event["header"], "Alexa", "StateReport", correlation=True)
    check(
        event["header"]["correlationToken"] == correlation_token,
        "correlationToken must be the directive's",
    )
    endpoint = keys(event["endpoint"], {"endpointId"}, {"scope", "cookie"}, where="endpoint")
    rules.endpoint_id(endpoint["endpointId"])
    check(event["payload"] == {}, "payload must be {}")
    _context_properties(message)


def _event_of_response(message: Any, namespace: str, name: str) -> dict[str, Any]:
    keys(message, {"event"}, {"context"}, where="message")
    check(message.get("context", {}) == {}, "context must be {} or absent")
    event = keys(message["event"], {"header", "payload"}, where="event")
    rules.header(event["header"], namespace, name)
    return event
