"""How a home into which nothing leads comes to its first announcement, step by step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
import logging
from pathlib import Path
import re
from typing import Any

import aiohttp
from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.alexa_doorbell.accounts import connection
from custom_components.alexa_doorbell.client import function_url
from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon import messages
from demo.amazon.account import Account, Region
from demo.amazon.simulation import SimulatedAmazon

from ..closed_home.test_account_window import accounts, goes_on, open_window
from ..closed_home.test_flow import open_form
from ..flows import submit
from ..home import press, quiet
from .box import Box, Internet
from .closed_home.parts import AlexaApp, Reply, error_type
from .developer import LOGIN
from .test_from_nothing import REPOSITORY
from .world import CREDENTIALS, World, arn

BELL = "binary_sensor.front_door"
LINE = re.compile(r"http://127\.0\.0\.1:\d+/#[A-Za-z0-9_-]{22}")


@pytest.fixture
async def amazon_itself(
    hass: HomeAssistant, amazon: SimulatedAmazon, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The simulated Amazon in the real one's place, for the home and for the function."""
    amazon.login.client_id, amazon.login.client_secret = CREDENTIALS
    monkeypatch.setattr(connection, "LWA_URL", amazon.lwa_url)
    urls = {region.value: amazon.gateway_url(region) for region in Region}
    monkeypatch.setattr(connection, "GATEWAY_URLS", urls)
    # A real function is never on loopback; the simulated one is.
    monkeypatch.setattr(function_url, "is_function_url", lambda url: url.startswith("http://127."))
    # It tells of each of its steps, also once nobody listens any more.
    logging.getLogger("moto").setLevel(logging.INFO)
    world.aws.variables_of_tests["LWA_URL"] = amazon.lwa_url
    hass.states.async_set(BELL, "off")
    await hass.config.async_update(country="DE")


@dataclass
class Deployed:
    """What the command has deployed: its address, and its function by its ARN."""

    world: World
    url: str

    async def ask(self, method: str, path: str, **more: Any) -> Reply:
        """One request to the Function URL."""
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(method, self.url + path, allow_redirects=False, **more) as answer,
        ):
            return Reply(answer.status, answer.headers, await answer.text())

    async def invoke(self, event: dict[str, Any]) -> Any:
        """Invoke the function that the skill names."""
        return await self.world.aws.invoke(self.world.skill.endpoints["EU"], event)


class Alexa(AlexaApp):
    """An Alexa app that knows of the skill what was written down with Amazon.

    Its code is typed by requests alone; others may open the page and type it otherwise.
    """

    def __init__(self, world: World, amazon: SimulatedAmazon, account: Account) -> None:
        linking = world.skill.account_linking
        assert linking is not None
        address, _, path = linking["authorizationUrl"].rpartition("/")
        assert (path, linking["accessTokenUrl"]) == ("authorize", f"{address}/token")
        super().__init__(Deployed(world, address))
        self.amazon, self.account = amazon, account
        self.client = {
            "client_id": linking["clientId"],
            "redirect_uri": f"https://layla.amazon.com/api/skill/link/{world.smapi.vendor_ids[0]}",
        }
        self.secret = linking["clientSecret"]

    async def enable(self, shown: str) -> None:
        """Enable the skill: the page with the code, Alexa's tokens, the grant."""
        address, answer = await self.sent_back(shown)
        assert (address, answer["state"]) == (self.client["redirect_uri"], self.state)
        traded = await self.trade(answer["code"], client_secret=self.secret, **self.client)
        assert traded.status == 200, traded
        self.tokens = traded.json
        granted = await self.grant(self.amazon.login.new_code(self.account))
        assert messages.is_accept_grant_response(granted), granted
        self.amazon.enable(self.account)

    async def sent_back(self, shown: str) -> tuple[str, dict[str, str]]:
        """Type the code that is shown; where the page leads then, and what it takes along."""
        return (await self.type_code(shown, **self.client)).sent_to

    async def find_doorbells(self) -> list[str]:
        """Discover, and return the names."""
        found = messages.discovered(await self.discover())
        self.account.endpoints.update(found)
        return [each["friendlyName"] for each in found.values()]


async def add_skill(hass: HomeAssistant, form: Any, line: str) -> ConfigEntry:
    """Paste the line that the command has printed, and add the front door."""
    added = await submit(hass, form, {"enrolment": line})
    assert added["type"] is FlowResultType.CREATE_ENTRY
    _, doorbell_flow = added["next_flow"]
    # It is pressed more often than visitors do.
    await hass.config_entries.subentries.async_configure(
        doorbell_flow,
        {"entity_id": BELL, "friendly_name": "Front door", "more": {"cooldown": 0}},
    )
    await quiet(hass, 3)
    entry: ConfigEntry = added["result"]
    return entry


def waiting(world: World) -> list[str]:
    """The grants that wait in the table for their home."""
    rows = [row for row in world.rows() if row["key"].startswith("grant#")]
    return [name for row in rows for name in row if name.startswith("grant_")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A home with nothing yet, the shell of whoever lives there, and Amazon."""

    hass: HomeAssistant
    amazon: SimulatedAmazon
    world: World
    shell: Box
    internet: Internet
    storage_folder: Path

    async def is_told(self, app: Callable[[World, SimulatedAmazon, Account], Alexa]) -> None:
        """From nothing to a press that is announced, and back to nothing."""
        form = await open_form(self.hass)
        shown = form["description_placeholders"]["command"]
        assert shown.endswith(" create --closed --region eu")
        line = shown.replace(REPOSITORY, self.internet.url)
        entry = await self._set_up(form, line)
        alexa = await self._link(entry, app)
        await self._announce(alexa)
        await self._revoke(entry, alexa)
        await self._remove(entry, alexa, line)

    async def _set_up(self, form: Any, line: str) -> ConfigEntry:
        """Run the line as it is shown, and paste what it prints."""
        made = await self.shell.run(line, *LOGIN)
        assert made.status == 0, made.screen
        self.world.no_secret_in(made.screen)
        (enrolment,) = LINE.findall(made.screen)
        return await add_skill(self.hass, form, enrolment)

    async def _link(
        self, entry: ConfigEntry, app: Callable[[World, SimulatedAmazon, Account], Alexa]
    ) -> Alexa:
        """Type the code that the window shows; the window becomes the account."""
        window: Any = await open_window(self.hass, entry)
        alexa = app(self.world, self.amazon, self.amazon.add_account("Ada"))
        await alexa.enable(window["description_placeholders"]["code"])
        assert len(waiting(self.world)) == 1
        async_fire_time_changed(self.hass, dt_util.utcnow() + timedelta(seconds=6))
        linked = await goes_on(self.hass, window)
        assert linked["type"] is FlowResultType.CREATE_ENTRY
        assert [each.title for each in accounts(entry)] == ["Amazon account"]
        assert "Atzr|" in (self.storage_folder / f"alexa_doorbell.{entry.entry_id}").read_text()
        await self.hass.async_block_till_done(wait_background_tasks=True)
        assert waiting(self.world) == []
        return alexa

    async def _announce(self, alexa: Alexa) -> None:
        """Find the doorbell, and ring it."""
        assert await alexa.find_doorbells() == ["Front door"]
        press(self.hass)
        assert (await self.amazon.wait_for_announcement()).text == "Someone is at the Front door"
        assert not self.hass.data.get(webhook.DOMAIN), "Nothing leads in"
        await self.hass.async_block_till_done(wait_background_tasks=True)
        assert (self._outcome(), self._issues()) == ("accepted", set())

    async def _revoke(self, entry: ConfigEntry, alexa: Alexa) -> None:
        """Disable the skill: a press reaches nobody, and the home says why."""
        heard = len(self.amazon.announcements)
        self.amazon.revoke(alexa.account)
        press(self.hass)
        await self.hass.async_block_till_done(wait_background_tasks=True)
        assert len(self.amazon.announcements) == heard
        assert (self._outcome(), self._issues()) == ("failed", {"relink_required"})
        (account,) = entry.runtime_data.accounts.all
        assert not await account.async_has_grant()

    async def _remove(self, entry: ConfigEntry, alexa: Alexa, line: str) -> None:
        """Remove the home, then the skill: nothing of either is left."""
        await self.hass.config_entries.async_remove(entry.entry_id)
        assert error_type(await alexa.discover()) == "INVALID_AUTHORIZATION_CREDENTIAL"
        assert not (self.storage_folder / f"alexa_doorbell.{entry.entry_id}").exists()
        assert self._issues() == set()

        destroy = line.replace("create --closed --region eu", "destroy --yes")
        destroyed = await self.shell.run(destroy)
        assert destroyed.status == 0, destroyed.screen
        assert not self.world.smapi.skills
        assert not self.world.tables()
        assert self.world.aws.function(arn("eu")) is None

    def _outcome(self) -> str:
        """How the last announcement ended."""
        announcement = self.hass.states.get("event.front_door_announcement")
        assert announcement is not None
        return str(announcement.attributes["event_type"])

    def _issues(self) -> set[str | None]:
        """What the home says must be mended."""
        every = ir.async_get(self.hass).issues.values()
        return {each.translation_key for each in every if each.domain == DOMAIN}


@pytest.fixture
def story(
    hass: HomeAssistant,
    amazon: SimulatedAmazon,
    world: World,
    shell: Box,
    internet: Internet,
    storage_folder: Path,
    amazon_itself: None,
) -> Story:
    """Where the whole way begins."""
    return Story(
        hass=hass,
        amazon=amazon,
        world=world,
        shell=shell,
        internet=internet,
        storage_folder=storage_folder,
    )
