"""Each linked account is on the integration's page, and who is deleted there is forgotten."""

import asyncio
import logging
from pathlib import Path

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.alexa_doorbell.accounts.account import Health
from demo.amazon.account import Account
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import link, press, restart, set_up
from .disk import Disk
from .people import delete, linked, people, rename, shown, stored

pytestmark = pytest.mark.usefixtures("without_reports")

NOBODY_KNOWN = "a-token-of-somebody-else"


@pytest.fixture(autouse=True)
async def _set_up(hass: HomeAssistant, entry: MockConfigEntry, disk: Disk) -> None:
    """A skill that nobody linked yet."""
    for page in ("config", "websocket_api"):
        assert await async_setup_component(hass, page, {})
    hass.states.async_set("binary_sensor.front_door", "off")
    await set_up(hass, entry)


@pytest.fixture
async def ada(hass: HomeAssistant, amazon: SimulatedAmazon, skill: Skill) -> Account:
    """An account that is linked, and on the page."""
    ada = await link(amazon, skill)
    await settle(hass)
    return ada


@pytest.fixture
async def bob(hass: HomeAssistant, ada: Account, amazon: SimulatedAmazon, skill: Skill) -> Account:
    """Another account."""
    bob = await link(amazon, skill, "Bob")
    await settle(hass)
    return bob


async def settle(hass: HomeAssistant) -> None:
    """Let everything come to its end."""
    await hass.async_block_till_done(wait_background_tasks=True)


async def announced_to(hass: HomeAssistant, amazon: SimulatedAmazon) -> list[str]:
    """Press, and return whose gateway took it."""
    amazon.events.clear()
    press(hass)
    await settle(hass)
    return sorted(event.account for event in amazon.events)


@pytest.mark.usefixtures("bob")
async def test_each_account_that_links_is_on_the_page(entry: MockConfigEntry) -> None:
    assert shown(entry) == ["Ada", "Bob"]


async def test_an_account_is_known_by_who_linked(entry: MockConfigEntry, ada: Account) -> None:
    (subentry,) = people(entry)
    assert subentry.unique_id == f"amazon.{ada.user_id}"


@pytest.mark.usefixtures("ada")
async def test_the_page_has_no_token(entry: MockConfigEntry) -> None:
    (subentry,) = people(entry)
    assert dict(subentry.data) == {"name": "Ada"}


async def test_a_link_that_failed_is_not_on_the_page(
    entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, disk: Disk
) -> None:
    disk.is_full = True
    assert not await skill.link(amazon.add_account("Ada"))
    assert shown(entry) == []


async def test_an_account_that_links_again_keeps_its_place_on_the_page(
    hass: HomeAssistant, entry: MockConfigEntry, skill: Skill, ada: Account
) -> None:
    before = people(entry)
    assert await skill.link(ada)
    await settle(hass)
    assert people(entry) == before


async def test_two_accounts_of_one_user_are_both_on_the_page(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    hass_access_token: str,
) -> None:
    assert await skill.link(amazon.add_account("Ada"), hass_access_token)
    assert await skill.link(amazon.add_account("Bob"), hass_access_token)
    await settle(hass)
    assert len(people(entry)) == 2


async def test_who_takes_the_place_of_an_ended_grant_takes_it_on_the_page_too(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, ada: Account
) -> None:
    before = people(entry)
    amazon.revoke(ada)
    assert await skill.link(ada, NOBODY_KNOWN)
    await settle(hass)
    assert people(entry) == before


async def test_all_whose_place_one_takes_are_off_the_page(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    hass_access_token: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("Ada", "Bob", "Eve"):
        assert await skill.link(amazon.add_account(name), hass_access_token)
    for account in amazon.accounts.values():
        amazon.revoke(account)
    assert await skill.link(amazon.accounts["Ada"], hass_access_token)
    await settle(hass)
    assert len(people(entry)) == len(linked(entry)) == 1
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


async def test_two_whom_nobody_knows_are_both_on_the_page(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    assert await skill.link(amazon.add_account("Ada"), NOBODY_KNOWN)
    assert await skill.link(amazon.add_account("Bob"), NOBODY_KNOWN)
    await settle(hass)
    assert shown(entry) == ["Amazon account", "Amazon account"]


@pytest.mark.usefixtures("ada")
async def test_an_account_that_has_to_link_again_is_still_on_the_page(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    (account,) = entry.runtime_data.accounts.all
    account.update(health=Health.RELINK_REQUIRED)
    await settle(hass)
    assert shown(entry) == ["Ada"]


@pytest.mark.usefixtures("bob")
async def test_who_was_forgotten_elsewhere_is_not_on_the_page(
    hass: HomeAssistant, entry: MockConfigEntry, ada: Account
) -> None:
    await entry.runtime_data.accounts.async_forget(f"amazon.{ada.user_id}")
    assert shown(entry) == ["Bob"]


@pytest.mark.usefixtures("bob")
async def test_an_account_whose_forgetting_nobody_waits_for_is_not_on_the_page(
    hass: HomeAssistant, entry: MockConfigEntry, ada: Account, disk: Disk
) -> None:
    disk.stall()
    forgetting = asyncio.create_task(
        entry.runtime_data.accounts.async_forget(f"amazon.{ada.user_id}")
    )
    await asyncio.sleep(0)
    forgetting.cancel()
    await asyncio.wait([forgetting])
    assert shown(entry) == ["Bob"]
    disk.go_on()


@pytest.mark.usefixtures("bob")
async def test_the_page_is_the_same_after_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    before = dict(entry.subentries)
    await restart(hass, entry)
    await settle(hass)
    assert dict(entry.subentries) == before


@pytest.mark.usefixtures("bob")
async def test_the_page_brings_no_device_and_no_entity(
    hass: HomeAssistant, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    of_accounts = {each.subentry_id for each in people(entry)}
    entities = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    assert not of_accounts & {each.config_subentry_id for each in entities}
    assert len(entry.runtime_data.watches) == 1


class TestDeletion:
    """The user deletes an account on the page."""

    @pytest.mark.usefixtures("bob")
    async def test_it_is_announced_to_no_more(
        self, hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon
    ) -> None:
        delete(hass, entry, "Ada")
        assert await announced_to(hass, amazon) == ["Bob"]

    @pytest.mark.usefixtures("bob")
    async def test_its_tokens_are_off_the_disk(
        self, hass: HomeAssistant, entry: MockConfigEntry, storage_folder: Path
    ) -> None:
        delete(hass, entry, "Ada")
        await settle(hass)
        assert stored(storage_folder, entry) == ["Bob"]

    @pytest.mark.usefixtures("ada")
    async def test_the_page_of_home_assistant_does_it(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        storage_folder: Path,
        hass_ws_client: WebSocketGenerator,
    ) -> None:
        (subentry,) = people(entry)
        client = await hass_ws_client()
        await client.send_json_auto_id(
            {
                "type": "config_entries/subentries/delete",
                "entry_id": entry.entry_id,
                "subentry_id": subentry.subentry_id,
            }
        )
        assert (await client.receive_json())["success"]
        await settle(hass)
        assert linked(entry) == stored(storage_folder, entry) == []

    @pytest.mark.usefixtures("ada")
    async def test_it_may_link_again_afterwards(
        self, hass: HomeAssistant, entry: MockConfigEntry, skill: Skill, ada: Account
    ) -> None:
        delete(hass, entry, "Ada")
        await settle(hass)
        assert await skill.link(ada)
        await settle(hass)
        assert shown(entry) == linked(entry) == ["Ada"]

    async def test_it_may_link_again_while_it_is_being_forgotten(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        skill: Skill,
        ada: Account,
        bob: Account,
        disk: Disk,
        storage_folder: Path,
    ) -> None:
        disk.stall()
        delete(hass, entry, "Ada")
        linking = asyncio.create_task(skill.link(ada))
        await asyncio.sleep(0.2)
        disk.go_on()
        assert await linking
        await settle(hass)
        assert shown(entry) == linked(entry) == stored(storage_folder, entry) == ["Ada", "Bob"]

    @pytest.mark.usefixtures("bob")
    async def test_who_cannot_be_taken_off_the_disk_is_back_on_the_page(
        self, hass: HomeAssistant, entry: MockConfigEntry, disk: Disk
    ) -> None:
        disk.is_full = True
        delete(hass, entry, "Ada")
        await settle(hass)
        assert shown(entry) == linked(entry) == ["Ada", "Bob"]

    @pytest.mark.usefixtures("bob")
    async def test_the_log_says_why_an_account_is_back(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        disk: Disk,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        disk.is_full = True
        delete(hass, entry, "Ada")
        await settle(hass)
        (told,) = [
            each
            for each in caplog.records
            if each.levelno == logging.WARNING and "is back" in each.message
        ]
        assert "Ada" in told.message
        assert "Is the disk full?" in told.message

    @pytest.mark.usefixtures("bob")
    async def test_who_is_back_can_be_deleted_once_there_is_room(
        self, hass: HomeAssistant, entry: MockConfigEntry, disk: Disk, storage_folder: Path
    ) -> None:
        disk.is_full = True
        delete(hass, entry, "Ada")
        await settle(hass)
        disk.is_full = False
        delete(hass, entry, "Ada")
        await settle(hass)
        assert shown(entry) == linked(entry) == stored(storage_folder, entry) == ["Bob"]

    @pytest.mark.parametrize("restarted", [False, True], ids=["enabled again", "after a restart"])
    async def test_while_the_skill_is_disabled_it_counts_from_the_next_load_on(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        ada: Account,
        storage_folder: Path,
        *,
        restarted: bool,
    ) -> None:
        by_user = ConfigEntryDisabler.USER
        await hass.config_entries.async_set_disabled_by(entry.entry_id, by_user)
        delete(hass, entry, "Ada")
        if restarted:
            hass.data["alexa_doorbell"].skills.clear()
        await hass.config_entries.async_set_disabled_by(entry.entry_id, None)
        await settle(hass)
        assert shown(entry) == linked(entry) == stored(storage_folder, entry) == []

    @pytest.mark.usefixtures("bob")
    async def test_all_may_be_deleted_at_once(
        self, hass: HomeAssistant, entry: MockConfigEntry, storage_folder: Path
    ) -> None:
        delete(hass, entry, "Ada")
        delete(hass, entry, "Bob")
        await settle(hass)
        assert shown(entry) == linked(entry) == stored(storage_folder, entry) == []


class TestNames:
    """What an account is called, on the page and off it."""

    @pytest.fixture
    def renamed(self, amazon: SimulatedAmazon, ada: Account) -> Account:
        """Ada, who has another name at Amazon by now."""
        ada.name = "Ada Lovelace"
        return ada

    async def test_another_name_at_amazon_is_the_one_on_the_page(
        self, hass: HomeAssistant, entry: MockConfigEntry, skill: Skill, renamed: Account
    ) -> None:
        (before,) = people(entry)
        assert await skill.link(renamed)
        await settle(hass)
        (after,) = people(entry)
        assert (after.subentry_id, after.title) == (before.subentry_id, "Ada Lovelace")

    async def test_one_that_the_user_gave_is_kept(
        self, hass: HomeAssistant, entry: MockConfigEntry, skill: Skill, renamed: Account
    ) -> None:
        rename(hass, entry, "Ada", "Kitchen")
        assert await skill.link(renamed)
        await settle(hass)
        assert shown(entry) == linked(entry) == ["Kitchen"]

    @pytest.mark.usefixtures("ada")
    async def test_one_that_the_user_gave_is_that_of_the_account_everywhere(
        self, hass: HomeAssistant, entry: MockConfigEntry
    ) -> None:
        rename(hass, entry, "Ada", "Kitchen")
        await settle(hass)
        sensor = hass.states.get("sensor.alexa_doorbell_linked_accounts")
        assert sensor is not None
        assert sensor.attributes["accounts"] == ["Kitchen"]

    async def test_one_that_the_user_gave_is_kept_after_a_restart(
        self, hass: HomeAssistant, entry: MockConfigEntry, skill: Skill, renamed: Account
    ) -> None:
        rename(hass, entry, "Ada", "Kitchen")
        await settle(hass)
        await restart(hass, entry)
        assert await skill.link(renamed)
        await settle(hass)
        assert shown(entry) == linked(entry) == ["Kitchen"]

    @pytest.mark.usefixtures("ada")
    async def test_one_that_the_user_gave_may_be_taken_back(
        self, hass: HomeAssistant, entry: MockConfigEntry
    ) -> None:
        rename(hass, entry, "Ada", "Kitchen")
        rename(hass, entry, "Kitchen", "Ada")
        await settle(hass)
        assert shown(entry) == linked(entry) == ["Ada"]

    @pytest.mark.usefixtures("ada")
    async def test_an_empty_one_is_none(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        rename(hass, entry, "Ada", "")
        await settle(hass)
        assert shown(entry) == linked(entry) == ["Ada"]


class TestPresses:
    """What changes on the page costs nobody a press."""

    async def test_nothing_is_reloaded_when_an_account_links(
        self, hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
    ) -> None:
        before = entry.runtime_data
        (watch,) = before.watches.values()
        await link(amazon, skill)
        await settle(hass)
        assert entry.runtime_data is before
        assert list(before.watches.values()) == [watch]

    @pytest.mark.usefixtures("bob")
    async def test_a_press_on_its_way_goes_on_while_another_account_is_deleted(
        self, hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon
    ) -> None:
        amazon.gateway_faults.append(Fault.stall(0.2))
        press(hass)
        await asyncio.sleep(0.05)
        delete(hass, entry, "Ada")
        await settle(hass)
        assert "Bob" in {event.account for event in amazon.events}

    @pytest.mark.usefixtures("ada")
    async def test_a_press_in_the_very_moment_of_a_link_is_announced(
        self, hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
    ) -> None:
        linking = asyncio.create_task(link(amazon, skill, "Bob"))
        while len(people(entry)) < 2:  # noqa: ASYNC110 - a record.
            await asyncio.sleep(0)
        press(hass)
        await linking
        await settle(hass)
        assert {event.account for event in amazon.events} == {"Ada", "Bob"}
