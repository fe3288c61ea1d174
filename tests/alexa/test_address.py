"""Which addresses Amazon can use is known before anybody runs anything."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.alexa_doorbell.alexa.address import (
    address_error,
    external_address,
    is_usable,
    origin_of,
)

USABLE = {
    "a name": "https://home.example.com",
    "its port named": "https://home.example.com:443",
    "a path": "https://home.example.com/api/webhook/1",
    "letters of any language": "https://tür.example",
    "capitals": "https://HOME.Example.COM",
    "a dot at the end": "https://home.example.com.",
    "an IPv4 address": "https://203.0.114.5",
    "a cloudhook": "https://hooks.nabu.casa/unguessable",
    "home within a name": "https://home.lan.example",
    "home before a name": "https://mylocal.net",
}
UNUSABLE = {
    "no https": "http://home.example.com",
    "another port": "https://home.example.com:8123",
    "http's port": "https://home.example.com:80",
    "a private address": "https://192.168.1.2",
    "another private one": "https://10.0.0.2",
    "a provider's inner address": "https://100.64.0.1",
    "a link-local address": "https://169.254.1.1",
    "many at once": "https://224.0.1.1",
    "nobody": "https://0.0.0.0",
    "IPv6": "https://[2001:4860:4860::8888]",
    "IPv6 of the link": "https://[fe80::1]",
    "IPv4 within IPv6": "https://[::ffff:8.8.8.8]",
    "no dot": "https://homeassistant",
    ".local": "https://homeassistant.local",
    ".local and a dot": "https://homeassistant.LOCAL.",
    ".lan": "https://ha.lan",
    ".home": "https://ha.home",
    ".internal": "https://ha.internal",
    ".home.arpa": "https://ha.home.arpa",
    "home.arpa itself": "https://home.arpa",
    ".localhost": "https://ha.localhost",
    "an empty label": "https://home..example",
    "half an IPv4 address": "https://192.168.1",
    "no address": "home.example.com",
    "nothing": "",
    "an impossible port": "https://home.example.com:99999",
}
LOOPBACK = {
    "a name": "http://localhost:8123",
    "IPv4": "http://127.0.0.1:8123",
    "IPv6": "http://[::1]:8123",
}


@pytest.mark.parametrize("url", USABLE.values(), ids=USABLE)
def test_an_address_that_all_the_internet_knows_is_usable(url: str) -> None:
    assert is_usable(url, loopback=False)


@pytest.mark.parametrize("loopback", [False, True], ids=["for Amazon", "for tests"])
@pytest.mark.parametrize("url", UNUSABLE.values(), ids=UNUSABLE)
def test_an_address_that_amazon_cannot_use_is_known_as_one(url: str, loopback: bool) -> None:
    assert not is_usable(url, loopback=loopback)


@pytest.mark.parametrize("url", LOOPBACK.values(), ids=LOOPBACK)
def test_loopback_is_usable_for_tests_alone(url: str) -> None:
    assert is_usable(url, loopback=True)
    assert not is_usable(url, loopback=False)


def test_no_address_and_an_unusable_one_are_two_errors() -> None:
    assert address_error(None, loopback=False) == "no_external_url"
    assert address_error("http://home.example", loopback=False) == "unreachable_url"
    assert address_error("https://home.example", loopback=False) is None


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        pytest.param("https://home.example/api/webhook/secret", "https://home.example", id="path"),
        pytest.param("https://a:b@home.example:8123/x", "https://home.example:8123", id="login"),
        pytest.param("https://home.example:99999/secret", "-", id="impossible"),
        pytest.param(None, "-", id="none"),
    ],
)
def test_an_address_is_shown_without_what_is_secret_in_it(url: str | None, origin: str) -> None:
    assert origin_of(url) == origin


async def test_without_an_external_url_there_is_no_address(hass: HomeAssistant) -> None:
    await hass.config.async_update(internal_url="http://home.local:8123")
    assert external_address(hass) is None

    await hass.config.async_update(external_url="https://home.example")
    assert external_address(hass) == "https://home.example"
