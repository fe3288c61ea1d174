"""A router on the way forgets connections: both ends think them open, and nothing arrives."""

import asyncio
import contextlib
import os
from pathlib import Path
import socket
from typing import Any

from aiohttp import web
from homeassistant.core import HomeAssistant
import pytest
from pytest_aiohttp import AiohttpServer
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from benchmarks import router
from custom_components.alexa_doorbell.const import CONF_GATEWAY_URL
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import add_doorbell, link, set_up
from ..test_services import device_id_of, ring

# A press that is not accepted in so many seconds is given up; less than one try may take.
MAX_AGE = 8
# A dead connection has to be noticed within 3 s; a busy machine gets its share.
NOTICED = 5


@pytest.fixture(autouse=True)
def _filters(socket_enabled: None) -> None:
    """Only Linux drops packets for everybody who asks."""
    with socket.socket() as some:
        try:
            router.forget(some)
        except OSError as error:
            pytest.skip(f"packets cannot be dropped here: {error.strerror}")


@pytest.fixture
async def bells(hass: HomeAssistant, entry: MockConfigEntry, without_reports: None) -> list[str]:
    """The devices of three doorbells that can be pressed again and again."""
    subentries = [
        add_doorbell(hass, entry, None, name, cooldown=0, max_age=MAX_AGE)
        for name in ("Front gate", "Back gate", "Side gate")
    ]
    await set_up(hass, entry)
    return [device_id_of(hass, entry, each.subentry_id) for each in subentries]


def forget_connections(url: str) -> int:
    """Let a router forget all connections to a server of this process; how many there were."""
    forgotten = 0
    for descriptor in list(Path("/proc/self/fd").iterdir()):
        with (
            contextlib.suppress(OSError),  # Most are no connections.
            socket.socket(fileno=os.dup(int(descriptor.name))) as connection,
        ):
            connection.getpeername()
            if connection.family is socket.AF_INET and connection.getsockname()[1] == URL(url).port:
                router.forget(connection)
                forgotten += 1
    return forgotten


async def outcomes(hass: HomeAssistant, *devices: str) -> list[dict[str, Any]]:
    """Press these bells at once; what became of each with the one account."""
    return [doorbell["accounts"][0] for doorbell in await ring(hass, *devices)]


@pytest.mark.parametrize("connections", [1, 3])
async def test_a_press_is_soon_announced_after_a_router_forgot(
    hass: HomeAssistant,
    amazon: SimulatedAmazon,
    skill: Skill,
    bells: list[str],
    connections: int,
) -> None:
    await link(amazon, skill)
    await outcomes(hass, *bells[:connections])
    amazon.events.clear()
    assert forget_connections(amazon.gateway_url()) == connections

    [outcome] = await outcomes(hass, bells[0])

    assert outcome["result"] == "accepted"
    assert outcome["attempts"] <= 2
    assert outcome["latency_ms"] < NOTICED * 1000
    assert [event.name for event in amazon.events] == ["DoorbellPress"]


async def test_presses_at_once_are_all_soon_announced_after_a_router_forgot(
    hass: HomeAssistant, amazon: SimulatedAmazon, skill: Skill, bells: list[str]
) -> None:
    await link(amazon, skill)
    await outcomes(hass, *bells)
    amazon.events.clear()
    assert forget_connections(amazon.gateway_url()) == len(bells)

    found = await outcomes(hass, *bells)

    assert [outcome["result"] for outcome in found] == ["accepted"] * len(bells)
    assert max(outcome["attempts"] for outcome in found) <= 2
    assert max(outcome["latency_ms"] for outcome in found) < NOTICED * 1000
    assert [event.name for event in amazon.events] == ["DoorbellPress"] * len(bells)


async def test_each_press_is_soon_announced_after_a_router_forgot(
    hass: HomeAssistant, amazon: SimulatedAmazon, skill: Skill, bells: list[str]
) -> None:
    await link(amazon, skill)
    await outcomes(hass, *bells)
    assert forget_connections(amazon.gateway_url()) == len(bells)

    for bell in bells:
        [outcome] = await outcomes(hass, bell)

        assert outcome["result"] == "accepted"
        assert outcome["attempts"] <= 2
        assert outcome["latency_ms"] < NOTICED * 1000


async def test_a_gateway_that_takes_its_time_is_not_taken_for_a_dead_connection(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    bells: list[str],
    aiohttp_server: AiohttpServer,
) -> None:
    presses = []

    async def take_time(request: web.Request) -> web.Response:
        presses.append(await request.json())
        await asyncio.sleep(NOTICED)
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/v3/events", take_time)
    await link(amazon, skill)
    url = str((await aiohttp_server(app)).make_url(""))
    hass.config_entries.async_update_entry(entry, data=entry.data | {CONF_GATEWAY_URL: url})
    await hass.config_entries.async_reload(entry.entry_id)

    [outcome] = await outcomes(hass, bells[0])

    assert (outcome["result"], outcome["attempts"]) == ("accepted", 1)
    assert len(presses) == 1
