"""Amazon's rules for what a skill sends: each check raises with the rule that was broken."""

from collections.abc import Iterable
import json
import re
from typing import Any
import unicodedata

MAX_ENDPOINTS = 300
MAX_BYTES = 256 * 1024

_MESSAGE_ID = re.compile(r"[a-zA-Z0-9\-]{1,127}")
_ENDPOINT_ID = re.compile(r"[A-Za-z0-9_\-=#;:?@&]{1,256}")
_WHOLE_SECONDS = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_TIME_OF_SAMPLE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z")
_CAUSES = {
    "APP_INTERACTION",
    "PHYSICAL_INTERACTION",
    "PERIODIC_POLL",
    "RULE_TRIGGER",
    "VOICE_INTERACTION",
}
_ATTRIBUTES = {
    "manufacturer",
    "model",
    "serialNumber",
    "firmwareVersion",
    "softwareVersion",
    "customIdentifier",
}
DOORBELL = {
    "type": "AlexaInterface",
    "interface": "Alexa.DoorbellEventSource",
    "version": "3",
    "proactivelyReported": True,
}


class InvalidMessageError(Exception):
    """A message breaks a rule; the text says which."""


def check(holds: bool, rule: str) -> None:
    """Raise unless the rule holds."""
    if not holds:
        raise InvalidMessageError(rule)


def keys(
    value: Any, required: Iterable[str], optional: Iterable[str] = (), *, where: str
) -> dict[str, Any]:
    """The value, if it is an object with all the required keys and none that is unknown."""
    check(isinstance(value, dict), f"{where} must be an object")
    missing = set(required) - value.keys()
    check(not missing, f"{where} lacks {', '.join(sorted(missing))}")
    unknown = value.keys() - set(required) - set(optional)
    check(not unknown, f"{where} must not have {', '.join(sorted(map(str, unknown)))}")
    result: dict[str, Any] = value
    return result


def text(value: Any, longest: int, *, where: str) -> str:
    """The value, if it is a text of acceptable length."""
    check(
        isinstance(value, str) and 0 < len(value) <= longest,
        f"{where} must be a text of 1 to {longest} characters",
    )
    return str(value)


def array(value: Any, longest: int, *, shortest: int = 0, where: str) -> list[Any]:
    """The value, if it is a list of acceptable length without the same item twice."""
    check(isinstance(value, list), f"{where} must be a list")
    check(shortest <= len(value) <= longest, f"{where} must have {shortest} to {longest} items")
    shown = [json.dumps(item, sort_keys=True) for item in value]
    check(len(set(shown)) == len(shown), f"{where} has the same item twice")
    result: list[Any] = value
    return result


def header(value: Any, namespace: str, name: str, *, correlation: bool = False) -> None:
    """A message's header: nothing missing, nothing more."""
    required = {"namespace", "name", "payloadVersion", "messageId"}
    keys(value, required | ({"correlationToken"} if correlation else set()), where="header")
    check(value["namespace"] == namespace, f"header.namespace must be {namespace}")
    check(value["name"] == name, f"header.name must be {name}")
    check(value["payloadVersion"] == "3", 'header.payloadVersion must be "3"')
    check(
        isinstance(value["messageId"], str) and bool(_MESSAGE_ID.fullmatch(value["messageId"])),
        "header.messageId must be 1 to 127 letters, digits and hyphens",
    )


def endpoint_id(value: Any) -> str:
    """An endpoint's id in the characters that Alexa allows."""
    check(
        isinstance(value, str) and bool(_ENDPOINT_ID.fullmatch(value)),
        "endpointId must be 1 to 256 letters, digits and _-=#;:?@&",
    )
    return str(value)


def bearer(value: Any) -> str:
    """The token of a scope."""
    keys(value, {"type", "token"}, where="scope")
    check(value["type"] == "BearerToken", "scope.type must be BearerToken")
    return text(value["token"], 2048, where="scope.token")


def cause(value: Any) -> None:
    """Why something happened, in Alexa's words."""
    keys(value, {"type"}, where="cause")
    check(value["type"] in _CAUSES, "cause.type must be one of Alexa's causes")


def whole_seconds(value: Any) -> None:
    """A press's time: UTC, no fraction."""
    check(
        isinstance(value, str) and bool(_WHOLE_SECONDS.fullmatch(value)),
        "timestamp must be YYYY-MM-DDThh:mm:ssZ",
    )


def properties(value: Any, *, shortest: int, where: str) -> list[Any]:
    """Reported properties, each with its time and uncertainty."""
    every = array(value, 100, shortest=shortest, where=where)
    for item in every:
        required = {"namespace", "name", "value", "timeOfSample", "uncertaintyInMilliseconds"}
        keys(item, required, {"instance"}, where=f"{where}[]")
        sampled = item["timeOfSample"]
        check(
            isinstance(sampled, str) and bool(_TIME_OF_SAMPLE.fullmatch(sampled)),
            "timeOfSample must be UTC with at most 3 decimals and Z",
        )
        uncertainty = item["uncertaintyInMilliseconds"]
        check(
            type(uncertainty) is int and uncertainty >= 0,
            "uncertaintyInMilliseconds must be a whole number from 0",
        )
        if item["name"] == "connectivity":
            check(
                item["value"] in ({"value": "OK"}, {"value": "UNREACHABLE"}),
                'connectivity must be {"value": "OK"} or {"value": "UNREACHABLE"}',
            )
    return every


def endpoints(value: Any) -> dict[str, dict[str, Any]]:
    """Discovered endpoints by their id: one bad or doubled endpoint spoils them all."""
    found: dict[str, dict[str, Any]] = {}
    for item in array(value, MAX_ENDPOINTS, where="endpoints"):
        _endpoint(item)
        check(item["endpointId"] not in found, f"endpointId {item['endpointId']} comes twice")
        found[item["endpointId"]] = item
    return found


def _endpoint(value: Any) -> None:
    required = {
        "endpointId",
        "manufacturerName",
        "friendlyName",
        "description",
        "displayCategories",
        "capabilities",
    }
    keys(value, required, {"additionalAttributes", "cookie", "connections"}, where="endpoint")
    endpoint_id(value["endpointId"])
    text(value["manufacturerName"], 128, where="manufacturerName")
    text(value["description"], 128, where="description")
    name = text(value["friendlyName"], 128, where="friendlyName")
    check(
        all(sign == " " or unicodedata.category(sign)[0] in "LMN" for sign in name),
        "friendlyName must be letters, digits and spaces",
    )
    categories = array(value["displayCategories"], 100, shortest=1, where="displayCategories")
    capabilities = array(value["capabilities"], 100, shortest=1, where="capabilities")
    for capability in capabilities:
        _capability(capability)
    check(
        DOORBELL not in capabilities or "DOORBELL" in categories,
        "a doorbell's displayCategories must hold DOORBELL",
    )
    for attribute in keys(
        value.get("additionalAttributes", {}), (), _ATTRIBUTES, where="additionalAttributes"
    ).values():
        text(attribute, 256, where="additionalAttributes")
    for word in value.get("cookie", {}).values():
        check(isinstance(word, str), "a cookie's values must be texts")


def _capability(value: Any) -> None:
    known = {"properties", "proactivelyReported", "instance", "configuration"}
    keys(value, {"type", "interface", "version"}, known, where="capability")
    check(value["type"] == "AlexaInterface", "capability.type must be AlexaInterface")
    check(value["version"] == "3", 'capability.version must be "3"')
    interface = value["interface"]
    if interface == DOORBELL["interface"]:
        check(value == DOORBELL, "Alexa.DoorbellEventSource has proactivelyReported and no more")
    if interface == "Alexa.EndpointHealth":
        health = keys(
            value.get("properties"),
            {"supported", "proactivelyReported", "retrievable"},
            where="Alexa.EndpointHealth properties",
        )
        check(
            health["supported"] == [{"name": "connectivity"}],
            "Alexa.EndpointHealth supports connectivity",
        )
