"""The pages link and discover, and tell at once what the Echos say."""

import asyncio
from collections.abc import AsyncIterator
import json
from typing import Any

import aiohttp
import pytest

from demo.amazon.account import Account
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill
from demo.pages.pages import Pages

from .conftest import endpoint, header, press
from .webhook import SHARED_SECRET, Webhook


@pytest.fixture
async def pages(amazon: SimulatedAmazon, webhook: Webhook) -> AsyncIterator[Pages]:
    pages = Pages(amazon, skill=Skill(amazon, webhook.url, SHARED_SECRET))
    await pages.start()
    yield pages
    await pages.stop()


@pytest.fixture
def url(pages: Pages) -> str:
    return pages.app_url.removesuffix("/app")


async def ring(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, tokens: dict[str, Any]
) -> None:
    token = tokens["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    gateway = f"{amazon.gateway_url()}/v3/events"
    async with session.post(gateway, json=press(token), headers=headers) as response:
        assert response.status == 202


async def next_event(stream: aiohttp.ClientResponse) -> tuple[str, dict[str, Any]]:
    """Id and data of the next server-sent event."""
    async with asyncio.timeout(5):
        number = ""
        async for line in stream.content:
            field, _, value = line.decode().strip().partition(": ")
            if field == "id":
                number = value
            if field == "data":
                return number, json.loads(value)
    raise AssertionError("The stream has ended")


@pytest.mark.parametrize("page", ["app", "echo", "static/app.js", "static/echo.js"])
async def test_every_page_is_there(session: aiohttp.ClientSession, url: str, page: str) -> None:
    async with session.get(f"{url}/{page}") as response:
        assert response.status == 200
        text = await response.text()
    assert "://" not in text, "Pages load nothing from elsewhere"


async def test_the_home_page_is_the_app(session: aiohttp.ClientSession, url: str) -> None:
    async with session.get(url) as response:
        assert response.url.path == "/app"


async def test_an_announcement_arrives_as_it_is_made(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, url: str, tokens: dict[str, Any]
) -> None:
    async with session.get(f"{url}/api/announcements") as stream:
        assert stream.content_type == "text/event-stream"
        await ring(session, amazon, tokens)
        number, said = await next_event(stream)
    assert (number, said["account"]) == ("0", "Ada")
    assert said["text"] == "Someone is at the Front door"


async def test_a_page_that_comes_back_hears_what_it_missed(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, url: str, tokens: dict[str, Any]
) -> None:
    for _ in range(2):
        await ring(session, amazon, tokens)
    last = {"Last-Event-ID": "0"}
    async with session.get(f"{url}/api/announcements", headers=last) as stream:
        assert (await next_event(stream))[0] == "1"


async def test_a_new_page_does_not_repeat_the_past(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, url: str, tokens: dict[str, Any]
) -> None:
    await ring(session, amazon, tokens)
    async with session.get(f"{url}/api/announcements") as stream:
        await ring(session, amazon, tokens)
        assert (await next_event(stream))[0] == "1"


async def test_links_discovers_and_unlinks(
    session: aiohttp.ClientSession, url: str, amazon: SimulatedAmazon, webhook: Webhook
) -> None:
    amazon.add_account("Grace")
    for namespace, name, payload in (
        ("Alexa.Authorization", "AcceptGrant", {}),
        ("Alexa.Discovery", "Discover", {"endpoints": [endpoint()]}),
    ):
        event = {"header": header(namespace, f"{name}.Response"), "payload": payload}
        webhook.answers[name] = {"event": event}
    shown = {}
    for step in ("link", "discover", "unlink"):
        async with session.post(f"{url}/api/{step}", json={"account": "Grace"}) as response:
            assert response.status == 200
            shown[step] = await response.json()
    assert (shown["link"]["linked"], shown["link"]["devices"]) == (True, [])
    assert (shown["discover"]["linked"], shown["discover"]["devices"]) == (True, ["Front door"])
    assert (shown["unlink"]["linked"], shown["unlink"]["devices"]) == (False, [])


async def test_shows_why_a_link_failed(
    session: aiohttp.ClientSession, url: str, amazon: SimulatedAmazon
) -> None:
    amazon.add_account("Grace")
    async with session.post(f"{url}/api/link", json={"account": "Grace"}) as response:
        shown = await response.json()
    assert shown["linked"] is False
    assert shown["notice"].startswith("We were unable to link")


async def test_another_account_gets_an_echo_of_its_own(
    session: aiohttp.ClientSession, url: str, account: Account
) -> None:
    form = {"name": " Grace ", "region": "fe"}
    async with session.post(f"{url}/api/accounts", json=form) as response:
        assert response.status == 200
    async with session.get(f"{url}/api/state") as response:
        names = [(shown["name"], shown["region"]) for shown in (await response.json())["accounts"]]
    assert names == [(account.name, "eu"), ("Grace", "fe")]


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        pytest.param("accounts", {"name": "", "region": "eu"}, 409, id="an account with no name"),
        pytest.param("accounts", {"name": "Ada", "region": "eu"}, 409, id="a name that is taken"),
        pytest.param("accounts", {"name": "Grace"}, 400, id="an account without a home"),
        pytest.param("link", {"account": "Nobody"}, 404, id="a link of nobody's account"),
        pytest.param("link", [], 400, id="a list"),
        pytest.param(
            "link",
            {"account": "Ada", "shared_secret": "whsec_x"},
            400,
            id="a secret that is none",
        ),
    ],
)
async def test_refuses(
    session: aiohttp.ClientSession, url: str, account: Account, path: str, form: Any, status: int
) -> None:
    async with session.post(f"{url}/api/{path}", json=form) as response:
        assert response.status == status
        assert await response.text()


async def test_refuses_a_form_of_another_site(
    session: aiohttp.ClientSession, url: str, account: Account
) -> None:
    async with session.post(f"{url}/api/unlink", data={"account": account.name}) as response:
        assert response.status == 415
