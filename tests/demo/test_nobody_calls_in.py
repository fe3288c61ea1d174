"""The demo of a closed home: who calls Home Assistant, whom it calls, and where it can be called.

The person at the browser is told from everybody else by an address of the loopback network that
nobody else calls from.
"""

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
import sys
from typing import cast
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_socket

from demo.amazon.simulation import Region, SimulatedAmazon
from demo.closed import closed_home
from demo.developer.closed_skill import ClosedSkill
from demo.home_assistant import on_loopback
from demo.home_assistant.client import HomeAssistantClient
from demo.home_assistant.connections import Connection, Direction, recorded
from demo.home_assistant.process import PASSWORD, USERNAME, HomeAssistant
from demo.pages.pages import Pages
from demo.story import doorbell_that_alexa_knows, press

from .open_ports import OpenPort, open_ports

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(sys.platform != "linux", reason="Looks into /proc"),
]

PERSON = "127.0.0.2"
ANYBODY = "127.0.0.1"
# With it, Home Assistant's own HTTP client finds the names of devices that end in ".local".
MULTICAST_DNS = ("udp", 5353)


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What the story left to be seen; `callers` by address, also after a stranger has called."""

    own_page: int
    function: int
    amazon: set[int]
    ports: set[OpenPort]
    connections: list[Connection]
    callers_after_a_stranger: set[str]


def callers(connections: list[Connection]) -> set[str]:
    """From where Home Assistant was called."""
    return {each.host for each in connections if each.direction is Direction.IN}


def called(connections: list[Connection]) -> set[tuple[str, int]]:
    """What Home Assistant called."""
    return {(each.host, each.port) for each in connections if each.direction is Direction.OUT}


async def story(folder: Path) -> Seen:
    """From nothing to an announced press, and then somebody calls in."""
    file = folder / "connections"
    home_assistant = HomeAssistant(folder / "home")
    url = home_assistant.url
    home_assistant.client = HomeAssistantClient(url, USERNAME, PASSWORD, source=PERSON)
    home_assistant.environment[on_loopback.CONNECTIONS] = str(file)
    async with SimulatedAmazon() as amazon:
        pages = Pages(amazon)
        told: list[str] = []
        async with doorbell_that_alexa_knows(
            closed_home, amazon, home_assistant, pages, told.append
        ):
            await press(amazon, home_assistant, told.append)
            ports, connections = open_ports(home_assistant.pid), recorded(file)
            async with aiohttp.ClientSession() as stranger, stranger.get(url):
                pass
            gateways = [amazon.gateway_url(region) for region in Region]
            return Seen(
                own_page=home_assistant.port,
                function=urlsplit(cast(ClosedSkill, pages.skill).url).port or 0,
                amazon={urlsplit(each).port or 0 for each in (amazon.lwa_url, *gateways)},
                ports=ports,
                connections=connections,
                callers_after_a_stranger=callers(recorded(file)),
            )


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """One story is enough for all of these tests."""
    pytest_socket.enable_socket()
    return asyncio.run(story(tmp_path_factory.mktemp("closed")))


def test_only_the_person_at_the_browser_calls_home_assistant(seen: Seen) -> None:
    assert callers(seen.connections) == {PERSON}


def test_a_stranger_who_calls_would_be_seen(seen: Seen) -> None:
    assert seen.callers_after_a_stranger == {PERSON, ANYBODY}


def test_home_assistant_calls_the_function_and_amazon_alone(seen: Seen) -> None:
    known = {(ANYBODY, port) for port in (seen.function, *seen.amazon)}

    assert called(seen.connections) <= known
    assert (ANYBODY, seen.function) in called(seen.connections), "else nothing was seen"


def test_nothing_listens_in_home_assistant_but_its_own_page_on_loopback(seen: Seen) -> None:
    own_page = OpenPort(protocol="tcp", address=ip_address(ANYBODY), port=seen.own_page)

    assert {each for each in seen.ports if (each.protocol, each.port) != MULTICAST_DNS} == {
        own_page
    }
