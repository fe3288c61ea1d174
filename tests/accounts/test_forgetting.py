"""An account that is forgotten is gone for good, and one that is not says so."""

from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..flows import open_repair, submit_repair
from ..home import link, press, restart, set_up
from .disk import Disk

pytestmark = pytest.mark.usefixtures("without_reports")


@pytest.fixture
async def _repairs(hass: HomeAssistant) -> None:
    """Home Assistant's page of repairs; its web server takes no more pages once it runs."""
    assert await async_setup_component(hass, "repairs", {})


@pytest.fixture(autouse=True)
async def _ada(
    _repairs: None,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    disk: Disk,
) -> None:
    """An account that is linked and on disk."""
    await set_up(hass, entry)
    await link(amazon, skill)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.fixture
async def bob(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    """Another account, whose grant has ended."""
    amazon.revoke(await link(amazon, skill, "Bob"))
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


def names(entry: MockConfigEntry) -> list[str]:
    """Who is linked."""
    return [account.name for account in entry.runtime_data.accounts.all]


async def forget(entry: MockConfigEntry, name: str) -> None:
    """Forget an account, as the repair does."""
    accounts = entry.runtime_data.accounts
    (account,) = [each for each in accounts.all if each.name == name]
    await accounts.async_forget(account.account_id)


@pytest.mark.usefixtures("bob")
async def test_a_full_disk_keeps_what_it_cannot_forget(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Disk
) -> None:
    disk.is_full = True
    with pytest.raises(HomeAssistantError) as caught:
        await forget(entry, "Ada")
    assert caught.value.translation_key == "account_not_forgotten"
    assert sorted(names(entry)) == ["Ada", "Bob"]


@pytest.mark.usefixtures("bob")
async def test_what_a_full_disk_kept_can_be_forgotten_once_there_is_room(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Disk
) -> None:
    disk.is_full = True
    with pytest.raises(HomeAssistantError):
        await forget(entry, "Ada")
    disk.is_full = False
    await forget(entry, "Ada")
    await restart(hass, entry)
    assert names(entry) == ["Bob"]


async def test_the_only_account_is_forgotten_on_a_full_disk_too(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Disk, storage_folder: Path
) -> None:
    disk.is_full = True
    await forget(entry, "Ada")
    assert not (storage_folder / f"{DOMAIN}.{entry.entry_id}").exists()
    await restart(hass, entry)
    assert names(entry) == []


class TestRepair:
    """The repair of an account whose grant has ended offers to forget it."""

    @pytest.fixture
    async def answer(
        self, hass: HomeAssistant, bob: None, hass_client: ClientSessionGenerator
    ) -> Any:
        """Answers the repair's question whether to forget the account, and returns what comes."""
        client = await hass_client()
        (issue_id,) = [
            issue.issue_id
            for issue in ir.async_get(hass).issues.values()
            if issue.translation_key == "relink_required"
        ]
        flow_id = (await open_repair(client, issue_id))["flow_id"]
        await submit_repair(client, flow_id, {"next_step_id": "forget"})

        async def answer() -> Any:
            return await submit_repair(client, flow_id, {})

        return answer

    async def test_it_says_so_while_the_disk_is_full(self, disk: Disk, answer: Any) -> None:
        disk.is_full = True
        assert (await answer())["errors"] == {"base": "not_forgotten"}

    async def test_it_can_be_tried_again_in_the_same_form(
        self, entry: MockConfigEntry, disk: Disk, answer: Any
    ) -> None:
        disk.is_full = True
        await answer()
        disk.is_full = False
        assert (await answer())["type"] == "create_entry"
        assert names(entry) == ["Ada"]

    async def test_it_ends_while_the_skill_is_not_loaded(
        self, hass: HomeAssistant, entry: MockConfigEntry, answer: Any
    ) -> None:
        await hass.config_entries.async_unload(entry.entry_id)
        ended = await answer()
        assert (ended["type"], ended["reason"]) == ("abort", "not_loaded")

    async def test_what_it_could_not_forget_is_still_linked(
        self, hass: HomeAssistant, entry: MockConfigEntry, answer: Any
    ) -> None:
        await hass.config_entries.async_unload(entry.entry_id)
        await answer()
        await set_up(hass, entry)
        assert sorted(names(entry)) == ["Ada", "Bob"]
