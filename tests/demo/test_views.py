"""The Echo page asks for a live view, and tells how it began and ended."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from demo.amazon.account import Account
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill
from demo.pages.pages import Pages

from .test_live_view import ANSWER, answered, sdp
from .test_offers import OWN
from .webhook import SHARED_SECRET, Webhook


@pytest.fixture
def told() -> list[str]:
    """What the demo's own window says."""
    return []


@pytest.fixture
async def url(
    amazon: SimulatedAmazon, webhook: Webhook, account: Account, told: list[str]
) -> AsyncIterator[str]:
    skill = Skill(amazon, webhook.url, SHARED_SECRET)
    pages = Pages(amazon, skill=skill, told=told.append)
    await pages.start()
    yield pages.app_url.removesuffix("/app") + "/api/views"
    await pages.stop()


def asked(**changes: str) -> dict[str, str]:
    return {"account": "Ada", "endpoint_id": "front-door", "offer": OWN, **changes}


async def test_the_browsers_offer_is_answered_in_the_browsers_own_names(
    session: aiohttp.ClientSession, url: str, webhook: Webhook, told: list[str]
) -> None:
    named = ANSWER.replace("\nm=video", "\na=mid:audio0\nm=video") + "a=mid:video0\n"
    webhook.answers["InitiateSessionWithOffer"] = sdp(named)

    async with session.post(url, json=asked()) as response:
        assert response.status == 200
        shown = await response.json()

    assert "a=group:BUNDLE 0 1" in shown["answer"]
    assert "a=mid:1" in shown["answer"]
    assert told[0].startswith("Ada's Echo shows the Front door, answered in ")


async def test_a_door_that_is_not_shown_is_told_with_the_reason(
    session: aiohttp.ClientSession, url: str, webhook: Webhook, told: list[str]
) -> None:
    error = {"type": "ENDPOINT_UNREACHABLE", "message": "The camera is off."}
    webhook.answers["InitiateSessionWithOffer"] = answered("ErrorResponse", error, "Alexa")

    async with session.post(url, json=asked()) as response:
        assert response.status == 409
        assert await response.text() == (
            "The door is not shown. The skill answered ENDPOINT_UNREACHABLE"
        )
    assert told == ["Ada's Echo stays dark. The skill answered ENDPOINT_UNREACHABLE"]


async def test_alexa_is_told_when_pictures_come_and_when_nobody_looks_any_more(
    session: aiohttp.ClientSession, url: str, webhook: Webhook
) -> None:
    webhook.answers["InitiateSessionWithOffer"] = sdp(ANSWER)
    async with session.post(url, json=asked()) as response:
        view = f"{url}/{(await response.json())['session']}"
    for step, name in (("connected", "SessionConnected"), ("disconnected", "SessionDisconnected")):
        async with session.post(f"{view}/{step}", json={}) as response:
            assert response.status == 200
        assert f'"name": "{name}"' in webhook.requests[-1][1]

    async with session.post(f"{view}/connected", json={}) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"account": "Grace"}, 404, id="nobody's Echo"),
        pytest.param({"endpoint_id": "back-door"}, 404, id="a door that Alexa does not know"),
        pytest.param({"offer": OWN.replace("H264", "VP9")}, 400, id="a browser without H.264"),
    ],
)
async def test_refuses(
    session: aiohttp.ClientSession, url: str, changes: dict[str, str], status: int
) -> None:
    async with session.post(url, json=asked(**changes)) as response:
        assert response.status == status
        assert await response.text()
