"""From nothing to the first announcement, with a home into which nothing leads, and back.

The line is run as it is shown; what it deploys runs behind its own address and table.
"""

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
from ..home import press
from .box import Box, Internet
from .closed_home.parts import AlexaApp, Reply, error_type
from .developer import LOGIN
from .test_from_nothing import REPOSITORY
from .world import CREDENTIALS, World, arn

BELL = "binary_sensor.front_door"
LINE = re.compile(r"http://127\.0\.0\.1:\d+/#[A-Za-z0-9_-]{22}")


@pytest.fixture(autouse=True)
async def _amazon_itself(
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
    """An Alexa app that knows of the skill what was written down with Amazon."""

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
        address, answer = (await self.type_code(shown, **self.client)).sent_to
        assert (address, answer["state"]) == (self.client["redirect_uri"], self.state)
        traded = await self.trade(answer["code"], client_secret=self.secret, **self.client)
        assert traded.status == 200, traded
        self.tokens = traded.json
        granted = await self.grant(self.amazon.login.new_code(self.account))
        assert messages.is_accept_grant_response(granted), granted
        self.amazon.enable(self.account)

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
    await hass.config_entries.subentries.async_configure(
        doorbell_flow, {"entity_id": BELL, "friendly_name": "Front door"}
    )
    await later(hass, 3)
    entry: ConfigEntry = added["result"]
    return entry


async def later(hass: HomeAssistant, seconds: float) -> None:
    """Let some time pass, and all that it brings come to its end."""
    await hass.async_block_till_done(wait_background_tasks=True)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done(wait_background_tasks=True)


def waiting(world: World) -> list[str]:
    """The grants that wait in the table for their home."""
    rows = [row for row in world.rows() if row["key"].startswith("grant#")]
    return [name for row in rows for name in row if name.startswith("grant_")]


async def test_a_home_into_which_nothing_leads_announces_a_press_and_leaves_nothing_behind(
    hass: HomeAssistant,
    amazon: SimulatedAmazon,
    world: World,
    shell: Box,
    internet: Internet,
    storage_folder: Path,
) -> None:
    form = await open_form(hass)
    shown = form["description_placeholders"]["command"]
    assert shown.endswith(" create --closed --region eu")
    line = shown.replace(REPOSITORY, internet.url)
    made = await shell.run(line, *LOGIN)
    assert made.status == 0, made.screen
    world.no_secret_in(made.screen)
    (enrolment,) = LINE.findall(made.screen)
    entry = await add_skill(hass, form, enrolment)

    window: Any = await open_window(hass, entry)
    alexa = Alexa(world, amazon, amazon.add_account("Ada"))
    await alexa.enable(window["description_placeholders"]["code"])
    assert len(waiting(world)) == 1
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=6))
    linked = await goes_on(hass, window)
    assert linked["type"] is FlowResultType.CREATE_ENTRY
    assert [each.title for each in accounts(entry)] == ["Amazon account"]
    assert "Atzr|" in (storage_folder / f"alexa_doorbell.{entry.entry_id}").read_text()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert waiting(world) == []

    assert await alexa.find_doorbells() == ["Front door"]
    press(hass)
    assert (await amazon.wait_for_announcement()).text == "Someone is at the Front door"
    assert not hass.data.get(webhook.DOMAIN), "Nothing leads in"

    amazon.revoke(alexa.account)
    (account,) = entry.runtime_data.accounts.all
    assert not await account.async_has_grant()
    await hass.config_entries.async_remove(entry.entry_id)
    assert error_type(await alexa.discover()) == "INVALID_AUTHORIZATION_CREDENTIAL"
    assert not (storage_folder / f"alexa_doorbell.{entry.entry_id}").exists()

    destroyed = await shell.run(line.replace("create --closed --region eu", "destroy --yes"))
    assert destroyed.status == 0, destroyed.screen
    assert not world.smapi.skills
    assert not world.tables()
    assert world.aws.function(arn("eu")) is None


async def test_an_account_that_links_while_home_assistant_is_away_is_there_after_its_start(
    hass: HomeAssistant, amazon: SimulatedAmazon, world: World, storage_folder: Path
) -> None:
    form = await open_form(hass)
    made = await world.create_closed()
    (enrolment,) = LINE.findall(made.out)
    entry = await add_skill(hass, form, enrolment)
    window: Any = await open_window(hass, entry)
    # A stopped Home Assistant has neither windows nor anything in its memory.
    hass.config_entries.subentries.async_abort(window["flow_id"])
    assert await hass.config_entries.async_unload(entry.entry_id)
    hass.data[DOMAIN].skills.clear()

    alexa = Alexa(world, amazon, amazon.add_account("Ada"))
    await alexa.enable(window["description_placeholders"]["code"])
    assert await alexa.find_doorbells() == ["Front door"]
    assert len(waiting(world)) == 1

    await hass.config_entries.async_setup(entry.entry_id)
    await later(hass, 3)
    assert [each.title for each in accounts(entry)] == ["Amazon account"]
    assert waiting(world) == []
    press(hass)
    assert (await amazon.wait_for_announcement()).text == "Someone is at the Front door"
