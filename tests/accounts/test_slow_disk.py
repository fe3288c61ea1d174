"""A disk that takes its time, as an SD card during a backup: nothing is lost, nobody waits."""

import asyncio
import json
from pathlib import Path
from typing import Any

from homeassistant.core import Event, HomeAssistant, callback
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.alexa import answers
from custom_components.alexa_doorbell.const import DOMAIN, EVENT_ANNOUNCEMENT
from demo.amazon.account import Account
from demo.amazon.login_with_amazon import RefreshTokenAnswer
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import link, press, restart, set_up
from .disk import Disk

pytestmark = pytest.mark.usefixtures("without_reports")


@pytest.fixture(autouse=True)
async def _ada(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, disk: Disk
) -> None:
    """An account that is linked and on disk."""
    await set_up(hass, entry)
    await link(amazon, skill)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.fixture
async def bob(
    hass: HomeAssistant,
    amazon: SimulatedAmazon,
    skill: Skill,
    disk: Disk,
    monkeypatch: pytest.MonkeyPatch,
) -> Account:
    """An account that tried to link while the disk took longer than Alexa waits."""
    # Otherwise a test would take as long as Alexa.
    monkeypatch.setattr(answers, "ACCEPT_GRANT_TIMEOUT", 0.3)
    disk.stall()
    bob = amazon.add_account("Bob")
    assert not await skill.link(bob)
    return bob


async def settle(hass: HomeAssistant, disk: Disk) -> None:
    """Let the disk finish, and whoever waits for it."""
    disk.go_on()
    await hass.async_block_till_done(wait_background_tasks=True)


def on_disk(storage_folder: Path, entry: MockConfigEntry) -> dict[str, Any]:
    """The refresh tokens in the file, by account."""
    stored = json.loads((storage_folder / f"{DOMAIN}.{entry.entry_id}").read_text())
    return {each["name"]: each["refresh_token"] for each in stored["data"]["accounts"]}


def in_memory(entry: MockConfigEntry) -> dict[str, Any]:
    """The refresh tokens that are used, by account."""
    return {each.name: each.stored.refresh_token for each in entry.runtime_data.accounts.all}


async def refresh(entry: MockConfigEntry) -> None:
    """Refresh Ada's token, as when Amazon has refused it."""
    (ada,) = entry.runtime_data.accounts.all
    await ada.async_token(refused=ada.stored.access_token)


async def test_a_grant_that_alexa_gave_up_is_not_kept(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Disk, bob: Account, storage_folder: Path
) -> None:
    await settle(hass, disk)
    assert list(in_memory(entry)) == list(on_disk(storage_folder, entry)) == ["Ada"]


async def test_a_grant_that_alexa_gave_up_is_not_announced_to_after_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, disk: Disk, bob: Account
) -> None:
    await settle(hass, disk)
    await restart(hass, entry)
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [event.account for event in amazon.events] == ["Ada"]


async def test_a_grant_that_alexa_gave_up_destroys_no_newer_tokens(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    disk: Disk,
    bob: Account,
    storage_folder: Path,
) -> None:
    amazon.login.refresh_token_answer = RefreshTokenAnswer.NEW
    before = in_memory(entry)
    await refresh(entry)
    await settle(hass, disk)
    assert on_disk(storage_folder, entry) == in_memory(entry) != before


async def test_an_account_whose_grant_alexa_gave_up_can_be_linked_afterwards(
    hass: HomeAssistant, entry: MockConfigEntry, skill: Skill, disk: Disk, bob: Account
) -> None:
    await settle(hass, disk)
    assert await skill.link(bob)
    assert list(in_memory(entry)) == ["Ada", "Bob"]


async def test_what_became_of_a_press_is_told_while_the_disk_is_still_writing(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Disk
) -> None:
    told = asyncio.Queue[dict[str, Any]]()

    @callback
    def tell(event: Event) -> None:
        told.put_nowait(dict(event.data))

    hass.bus.async_listen(EVENT_ANNOUNCEMENT, tell)
    disk.stall()
    async with asyncio.timeout(5):
        await refresh(entry)
        press(hass)
        assert (await told.get())["result"] == "accepted"
    await settle(hass, disk)
