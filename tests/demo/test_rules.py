"""One endpoint that breaks a rule spoils a whole discovery."""

from collections.abc import Callable
from typing import Any

import pytest

from demo.amazon.messages import discovered
from demo.amazon.rules import InvalidMessageError

from .conftest import endpoint, header

type Endpoint = dict[str, Any]


def response(*endpoints: Endpoint) -> dict[str, Any]:
    payload = {"endpoints": list(endpoints)}
    return {"event": {"header": header("Alexa.Discovery", "Discover.Response"), "payload": payload}}


def with_value(key: str, value: Any) -> Callable[[Endpoint], None]:
    def change(found: Endpoint) -> None:
        found[key] = value

    return change


def without(key: str) -> Callable[[Endpoint], None]:
    def change(found: Endpoint) -> None:
        del found[key]

    return change


def doorbell_with(key: str, value: Any) -> Callable[[Endpoint], None]:
    def change(found: Endpoint) -> None:
        found["capabilities"][1][key] = value

    return change


def health(**changes: Any) -> Callable[[Endpoint], None]:
    properties = {
        "supported": [{"name": "connectivity"}],
        "proactivelyReported": True,
        "retrievable": True,
        **changes,
    }

    def change(found: Endpoint) -> None:
        found["capabilities"].append(
            {
                "type": "AlexaInterface",
                "interface": "Alexa.EndpointHealth",
                "version": "3",
                "properties": properties,
            }
        )

    return change


def seen(
    categories: list[str] | None = None, configuration: dict[str, Any] | None = None
) -> Callable[[Endpoint], None]:
    """A doorbell with a camera."""

    def change(found: Endpoint) -> None:
        found["displayCategories"] = categories or ["CAMERA", "DOORBELL"]
        found["capabilities"].append(
            {
                "type": "AlexaInterface",
                "interface": "Alexa.RTCSessionController",
                "version": "3",
                "configuration": configuration or {"isFullDuplexAudioSupported": False},
            }
        )

    return change


def test_finds_a_doorbell_with_a_camera() -> None:
    good = endpoint()
    seen()(good)

    assert discovered(response(good)).keys() == {"front-door"}


def test_finds_good_endpoints() -> None:
    good = endpoint()
    health()(good)
    good["additionalAttributes"] = {"manufacturer": "Home Assistant"}
    good["cookie"] = {"a": "b"}
    found = discovered(response(good, endpoint("back-door", "Hintertür 2")))
    assert found.keys() == {"front-door", "back-door"}


def test_finds_nothing_in_an_empty_list() -> None:
    assert discovered(response()) == {}


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(without("description"), id="no description"),
        pytest.param(with_value("description", "x" * 129), id="a long description"),
        pytest.param(with_value("manufacturerName", ""), id="an empty manufacturer"),
        pytest.param(with_value("friendlyName", "Front door!"), id="a name with punctuation"),
        pytest.param(with_value("friendlyName", "x" * 129), id="a long name"),
        pytest.param(with_value("endpointId", "a.b"), id="an id with a dot"),
        pytest.param(with_value("endpointId", "x" * 257), id="a long id"),
        pytest.param(with_value("displayCategories", []), id="no category"),
        pytest.param(with_value("displayCategories", ["OTHER"]), id="a doorbell as something else"),
        pytest.param(with_value("displayCategories", ["DOORBELL"] * 2), id="a category twice"),
        pytest.param(with_value("capabilities", []), id="no capability"),
        pytest.param(with_value("capabilities", "Alexa"), id="capabilities that are no list"),
        pytest.param(with_value("additionalAttributes", {"colour": "red"}), id="other attributes"),
        pytest.param(with_value("cookie", {"a": 1}), id="a cookie with a number"),
        pytest.param(with_value("reportable", True), id="an unknown key"),
        pytest.param(doorbell_with("version", "3.1"), id="another version"),
        pytest.param(doorbell_with("proactivelyReported", False), id="a doorbell that is silent"),
        pytest.param(doorbell_with("properties", {}), id="a doorbell with properties"),
        pytest.param(health(supported=[]), id="health of nothing"),
        pytest.param(health(extra=1), id="health with more in it"),
        pytest.param(health(retrievable=False), id="health that nobody may ask for"),
        pytest.param(with_value("connections", {}), id="connections that are no list"),
        pytest.param(seen(["DOORBELL", "CAMERA"]), id="a camera in the second place"),
        pytest.param(seen(configuration={"talk": True}), id="a camera that is set up otherwise"),
    ],
)
def test_drops_everything_for(spoil: Callable[[Endpoint], None]) -> None:
    bad = endpoint("back-door")
    spoil(bad)
    with pytest.raises(InvalidMessageError):
        discovered(response(endpoint(), bad))


def test_says_where_a_rule_is_broken_and_which() -> None:
    bad = endpoint("back-door", "Back door!")
    words = r"^event\.payload\.endpoints\.1\.friendlyName: must be letters, digits and spaces$"
    with pytest.raises(InvalidMessageError, match=words):
        discovered(response(endpoint(), bad))


def test_drops_everything_for_an_id_that_comes_twice() -> None:
    with pytest.raises(InvalidMessageError, match="twice"):
        discovered(response(endpoint(), endpoint(name="Back door")))


@pytest.mark.parametrize("message", [None, [], {}, {"event": None}, "text"])
def test_drops_what_is_no_response(message: Any) -> None:
    with pytest.raises(InvalidMessageError):
        discovered(message)
