"""Amazon's rules for what a skill sends: the parts that its messages are made of, as schemas."""

from collections.abc import Callable
import json
from typing import Any
import unicodedata

import voluptuous as vol

type Schema = Callable[[Any], Any]

MAX_ENDPOINTS = 300
MAX_BYTES = 256 * 1024


class InvalidMessageError(Exception):
    """A message breaks a rule; the text says where, and which."""


def check(schema: Schema, message: Any) -> None:
    """Raise unless the message keeps to the schema."""
    try:
        schema(message)
    except vol.Invalid as error:
        broken = error.errors[0] if isinstance(error, vol.MultipleInvalid) else error
        where = ".".join(map(str, broken.path)) or "message"
        raise InvalidMessageError(f"{where}: {broken.msg}") from error


def exactly(keys: dict[Any, Any]) -> Schema:
    """An object with these keys, and none that is not named here."""
    schema: Schema = vol.Schema(keys, required=True)
    return schema


def rule(holds: Callable[[Any], bool], says: str) -> Schema:
    """A rule in words of its own, for what is known to be of the right type."""

    def validate(value: Any) -> Any:
        if not holds(value):
            raise vol.Invalid(says)
        return value

    return validate


def every(*rules: Any) -> Schema:
    """All of these rules, the first that is broken counts."""
    schema: Schema = vol.All(*rules)
    return schema


def text(longest: int) -> Schema:
    """A text that is not empty."""
    return every(str, vol.Length(min=1, max=longest))


def signs(pattern: str, says: str) -> Schema:
    """A text that is nothing but the pattern."""
    return every(str, vol.Match(rf"{pattern}\Z", msg=says))


def list_of(item: Schema, shortest: int, longest: int) -> Schema:
    """A list without the same item twice."""
    return every(
        [item],
        vol.Length(min=shortest, max=longest),
        rule(_all_differ, "the same item must not come twice"),
    )


def _all_differ(items: list[Any]) -> bool:
    return len({json.dumps(item, sort_keys=True) for item in items}) == len(items)


MESSAGE_ID = signs(r"[a-zA-Z0-9\-]{1,127}", "must be 1 to 127 letters, digits and hyphens")
ENDPOINT_ID = signs(r"[A-Za-z0-9_\-=#;:?@&]{1,256}", "must be 1 to 256 letters, digits, _-=#;:?@&")
WHOLE_SECONDS = signs(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "must be YYYY-MM-DDThh:mm:ssZ")
TIME_OF_SAMPLE = signs(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z", "must be UTC, with at most 3 decimals and Z"
)
CONNECTIVITIES = ({"value": "OK"}, {"value": "UNREACHABLE"})
SCOPE = exactly({"type": "BearerToken", "token": text(2048)})
CAUSES = "APP_INTERACTION PHYSICAL_INTERACTION PERIODIC_POLL RULE_TRIGGER VOICE_INTERACTION"
CAUSE = exactly({"type": vol.In(CAUSES.split())})
PROPERTY = every(
    exactly(
        {
            "namespace": str,
            "name": str,
            vol.Optional("instance"): str,
            "value": object,
            "timeOfSample": TIME_OF_SAMPLE,
            # To Python, true is a whole number too.
            "uncertaintyInMilliseconds": rule(
                lambda value: type(value) is int and value >= 0, "must be a whole number from 0"
            ),
        }
    ),
    rule(
        lambda it: it["name"] != "connectivity" or it["value"] in CONNECTIVITIES,
        'connectivity must be {"value": "OK"} or {"value": "UNREACHABLE"}',
    ),
)
CAPABILITY = {"type": "AlexaInterface", "interface": str, "version": "3"}
DOORBELL = CAPABILITY | {"interface": "Alexa.DoorbellEventSource", "proactivelyReported": True}
ENDPOINT_HEALTH = CAPABILITY | {
    "properties": exactly(
        {
            "supported": list_of(exactly({"name": "connectivity"}), 1, 1),
            "proactivelyReported": True,
            "retrievable": True,
        }
    )
}
LIVE_VIEW = CAPABILITY | {
    "interface": "Alexa.RTCSessionController",
    "configuration": exactly({"isFullDuplexAudioSupported": bool}),
}
OF_OTHERS = exactly(
    CAPABILITY
    | {
        vol.Optional("instance"): str,
        vol.Optional("proactivelyReported"): bool,
        vol.Optional("properties"): dict,
        vol.Optional("configuration"): dict,
    }
)
OF_INTERFACE = {
    "Alexa.DoorbellEventSource": exactly(DOORBELL),
    "Alexa.EndpointHealth": exactly(ENDPOINT_HEALTH),
    "Alexa.RTCSessionController": exactly(LIVE_VIEW),
}


def _capability(value: Any) -> Any:
    """A capability: the interface says by which of the rules."""
    interface = str(value.get("interface")) if isinstance(value, dict) else ""
    return OF_INTERFACE.get(interface, OF_OTHERS)(value)


def _has_its_category(endpoint: dict[str, Any]) -> bool:
    return DOORBELL not in endpoint["capabilities"] or "DOORBELL" in endpoint["displayCategories"]


def can_be_seen(endpoint: dict[str, Any]) -> bool:
    """Whether it has a live view."""
    interfaces = [capability["interface"] for capability in endpoint["capabilities"]]
    return LIVE_VIEW["interface"] in interfaces


def _is_a_camera_first(endpoint: dict[str, Any]) -> bool:
    return not can_be_seen(endpoint) or endpoint["displayCategories"][0] == "CAMERA"


def _can_be_spoken(name: str) -> bool:
    return all(sign == " " or unicodedata.category(sign)[0] in "LMN" for sign in name)


ATTRIBUTES = "manufacturer model serialNumber firmwareVersion softwareVersion customIdentifier"
ENDPOINT = every(
    exactly(
        {
            "endpointId": ENDPOINT_ID,
            "manufacturerName": text(128),
            "friendlyName": every(
                text(128), rule(_can_be_spoken, "must be letters, digits and spaces")
            ),
            "description": text(128),
            "displayCategories": list_of(text(128), 1, 100),
            "capabilities": list_of(_capability, 1, 100),
            vol.Optional("additionalAttributes"): {vol.In(ATTRIBUTES.split()): text(256)},
            vol.Optional("cookie"): {str: str},
            vol.Optional("connections"): [dict],
        }
    ),
    rule(_has_its_category, "a doorbell's displayCategories must hold DOORBELL"),
    rule(_is_a_camera_first, "the displayCategories of what can be seen must begin with CAMERA"),
)
