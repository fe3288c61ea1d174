"""The skill of a closed home in the demo: what the Alexa app shows of it, and how one links."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import patch

import aiohttp
import pytest

from demo.amazon.account import Account, Enablement
from demo.amazon.simulation import SimulatedAmazon
from demo.developer import closed_skill
from demo.developer.closed_skill import ClosedSkill, Developer, developer
from demo.home_assistant.first_steps import MissingError
from demo.pages.pages import Pages

from ..skill.closed_home.parts import FRONT_DOOR, PUSH, Home, Reply
from .linking import open_linking_page, type_code

# The command takes seconds, and so does a function that is cold each time.
pytestmark = pytest.mark.timeout(120)


class Function:
    """The function's address, for a home that calls it."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    async def ask(self, method: str, path: str, **more: Any) -> Reply:
        """One request."""
        async with self._session.request(method, self.url + path, **more) as answer:
            return Reply(answer.status, answer.headers, await answer.text())


@pytest.fixture
async def amazon(socket_enabled: None) -> AsyncIterator[SimulatedAmazon]:
    """With the clock of this computer: the function's is no other."""
    async with SimulatedAmazon() as amazon:
        yield amazon


@pytest.fixture
async def made(amazon: SimulatedAmazon) -> AsyncIterator[tuple[Developer, str]]:
    """What the command has made, and the line that it printed last."""
    async with developer(amazon) as maker:
        yield maker, await maker.create()


@pytest.fixture
def skill(amazon: SimulatedAmazon, made: tuple[Developer, str]) -> ClosedSkill:
    return ClosedSkill(amazon, made[0])


@pytest.fixture
async def home(made: tuple[Developer, str], session: aiohttp.ClientSession) -> Home:
    """A home that has enrolled, and told of nothing yet."""
    url, _, code = made[1].partition("/#")
    home = Home(Function(url, session))  # type: ignore[arg-type]
    assert (await home.enrol(code)).status == 200
    return home


@pytest.fixture
def grace(amazon: SimulatedAmazon) -> Account:
    return amazon.add_account("Grace")


@pytest.fixture
async def app(amazon: SimulatedAmazon, skill: ClosedSkill) -> AsyncIterator[str]:
    """Where the Alexa app is."""
    pages = Pages(amazon, skill=skill)
    await pages.start()
    yield pages.app_url.removesuffix("/app")
    await pages.stop()


async def test_a_person_links_in_the_app_with_the_code_and_discovers(
    session: aiohttp.ClientSession, app: str, home: Home, grace: Account
) -> None:
    await home.say(PUSH)
    page = await open_linking_page(session, app, grace.name)
    assert (await type_code(session, page, await home.new_pairing()))[0] == "/app"
    async with session.post(f"{app}/api/discover", json={"account": grace.name}) as answer:
        shown = await answer.json()

    assert shown["linked"] is True
    assert shown["devices"] == [FRONT_DOOR["friendlyName"]]


async def test_a_code_that_does_not_fit_can_be_typed_again(
    session: aiohttp.ClientSession, app: str, home: Home, grace: Account
) -> None:
    page = await open_linking_page(session, app, grace.name)
    path, seen = await type_code(session, page, "BCDFG-HJKLM")
    assert (path, grace.enablement) == ("/authorize", Enablement.NEVER)
    assert 'role="alert"' in seen

    assert (await type_code(session, page, await home.new_pairing()))[0] == "/app"
    assert grace.enablement is Enablement.ENABLED


async def test_the_linking_page_is_the_functions_own_in_the_browsers_language(
    session: aiohttp.ClientSession, app: str, skill: ClosedSkill, grace: Account
) -> None:
    dutch = {"Accept-Language": "nl"}
    page = await open_linking_page(session, app, grace.name)
    async with session.get(page, headers=dutch) as answer:
        assert answer.headers["Content-Language"] == "nl"
        assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
        assert 'action="/authorize"' in await answer.text()


async def test_a_linking_page_that_nobody_opened_is_not_there(
    session: aiohttp.ClientSession, app: str
) -> None:
    async with session.get(f"{app}/authorize?state=made-up") as answer:
        assert answer.status == 404


async def test_the_app_shows_of_which_doorbells_the_function_was_told(
    session: aiohttp.ClientSession, app: str, home: Home
) -> None:
    shown = []
    for _ in range(2):
        async with session.get(f"{app}/api/state") as answer:
            shown.append((await answer.json())["skill"])
        await home.say(PUSH)

    assert shown == [{"doorbells": []}, {"doorbells": ["Front door"]}]


async def test_waits_until_the_home_has_told_the_function(skill: ClosedSkill, home: Home) -> None:
    waiting = asyncio.create_task(skill.wait_until_told_of("Front door"))
    reply = await home.new_pairing()
    assert reply
    assert not waiting.done()

    await home.say(PUSH)
    async with asyncio.timeout(10):
        await waiting


async def test_says_what_the_function_was_never_told(skill: ClosedSkill, home: Home) -> None:
    with (
        patch.object(closed_skill, "_PATIENCE", 0.1),
        pytest.raises(MissingError, match="Front door in the function's table"),
    ):
        await skill.wait_until_told_of("Front door")


async def test_a_code_that_nobody_was_shown_links_nothing(
    skill: ClosedSkill, home: Home, grace: Account
) -> None:
    assert await skill.link_with(grace, "BCDFG-HJKLM") is False
    assert grace.notice == "The linking page did not take the code."
