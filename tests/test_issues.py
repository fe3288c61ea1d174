"""Repair issues: each is there exactly while its cause is (docs/design.md, "Repair issues")."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import cloud
from homeassistant.components.cloud import SIGNAL_CLOUD_CONNECTION_STATE
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alexa_doorbell import repairs
from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.account import Account
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .flows import open_repair, submit_doorbell, submit_repair
from .home import add_doorbell, doorbell_subentry, doorbells, link, press, set_up
from .simulated_time import simulate_time

pytestmark = pytest.mark.usefixtures("without_reports")


def ours(hass: HomeAssistant) -> list[ir.IssueEntry]:
    """The issues of this integration."""
    registry = ir.async_get(hass)
    return [issue for issue in registry.issues.values() if issue.domain == DOMAIN]


def issues(hass: HomeAssistant) -> set[str | None]:
    """What the user is asked to mend."""
    return {issue.translation_key for issue in ours(hass)}


@pytest.fixture(autouse=True)
async def _at_home(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """A Home Assistant that Amazon can reach, with a front door; time stands still."""
    assert await async_setup_component(hass, "repairs", {})
    await hass.config.async_update(external_url="https://home.example.com")
    hass.states.async_set("binary_sensor.front_door", "off")


@pytest.fixture
async def account(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> Account:
    """An account that linked and discovered the front door."""
    await set_up(hass, entry)
    return await link(amazon, skill)


async def ring(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Press the doorbell, and wait for the end of it."""
    freezer.tick(60)
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


def _noting(
    seen: list[Event[ir.EventIssueRegistryUpdatedData]],
) -> Callable[[Event[ir.EventIssueRegistryUpdatedData]], None]:
    """A listener that keeps what it hears."""

    @callback
    def note(event: Event[ir.EventIssueRegistryUpdatedData]) -> None:
        seen.append(event)

    return note


async def pass_time(hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float) -> None:
    """Let time pass, and what is due then happen."""
    await hass.async_block_till_done()
    freezer.tick(seconds)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def test_a_skill_that_is_linked_and_works_has_nothing_to_mend(
    hass: HomeAssistant, account: Account, freezer: FrozenDateTimeFactory
) -> None:
    await ring(hass, freezer)
    assert issues(hass) == set()


async def test_nobody_linked_until_somebody_links(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    assert issues(hass) == {"not_linked"}
    await link(amazon, skill)
    assert issues(hass) == set()


async def test_no_external_url_until_there_is_one(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await hass.config.async_update(external_url=None)
    await set_up(hass, entry)
    assert issues(hass) == {"not_linked", "no_external_url"}
    await hass.config.async_update(external_url="https://home.example.com")
    await hass.async_block_till_done()
    assert issues(hass) == {"not_linked"}


async def test_an_external_url_that_amazon_cannot_use_is_as_good_as_none(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await hass.config.async_update(external_url="https://home.example.com:8123")
    await set_up(hass, entry)
    assert issues(hass) == {"not_linked", "no_external_url"}
    (issue,) = [
        each
        for each in ir.async_get(hass).issues.values()
        if each.translation_key == "no_external_url"
    ]
    assert (issue.translation_placeholders or {})["address"] == "https://home.example.com:8123"
    await hass.config.async_update(external_url="https://home.example.com")
    await hass.async_block_till_done()
    assert issues(hass) == {"not_linked"}


@pytest.mark.parametrize(("region", "told"), [("custom", False), ("auto", True)])
async def test_loopback_is_an_address_for_another_server_alone(
    hass: HomeAssistant, entry: MockConfigEntry, region: str, told: bool
) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, "region": region})
    await hass.config.async_update(external_url="http://127.0.0.1:8123")
    await set_up(hass, entry)
    assert ("no_external_url" in issues(hass)) is told


async def test_a_cloudhook_is_as_good_as_an_external_url(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await hass.config.async_update(external_url=None)
    hass.config.components.add("cloud")
    with patch("homeassistant.components.cloud.async_active_subscription", return_value=True):
        await set_up(hass, entry)
        assert issues(hass) == {"not_linked"}
    hass.config.components.remove("cloud")


async def test_whoever_was_linked_has_shown_that_amazon_finds_the_way(
    hass: HomeAssistant, account: Account
) -> None:
    await hass.config.async_update(external_url=None)
    await hass.async_block_till_done()
    assert issues(hass) == set()


async def test_a_grant_that_is_gone_until_it_is_linked_again(
    hass: HomeAssistant,
    amazon: SimulatedAmazon,
    account: Account,
    skill: Skill,
    freezer: FrozenDateTimeFactory,
) -> None:
    amazon.revoke(account)
    await ring(hass, freezer)
    assert issues(hass) == {"relink_required"}
    assert await skill.link(account)
    assert issues(hass) == set()


@pytest.mark.freeze_time("2026-11-26 12:00:00")
@pytest.mark.parametrize(
    ("status", "code", "issue"),
    [
        (403, "SKILL_DISABLED_EXCEPTION", "skill_disabled"),
        (403, "SKILL_NEVER_ENABLED_EXCEPTION", "skill_disabled"),
        (404, "SKILL_NOT_FOUND_EXCEPTION", "skill_disabled"),
        (403, "INSUFFICIENT_PERMISSION_EXCEPTION", "missing_permission"),
    ],
)
async def test_a_refusal_until_a_press_is_accepted(
    hass: HomeAssistant,
    amazon: SimulatedAmazon,
    account: Account,
    freezer: FrozenDateTimeFactory,
    status: int,
    code: str,
    issue: str,
) -> None:
    simulate_time(freezer)
    amazon.gateway_faults.extend([Fault.gateway(status, code)] * 20)
    await ring(hass, freezer)
    assert issues(hass) == {issue}
    amazon.gateway_faults.clear()
    await ring(hass, freezer)
    assert issues(hass) == set()


async def test_an_issue_of_an_account_is_still_there_after_a_restart(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    freezer: FrozenDateTimeFactory,
) -> None:
    amazon.revoke(account)
    await ring(hass, freezer)
    ir.async_get(hass).issues.clear()
    hass.data[DOMAIN].skills.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    assert issues(hass) == {"relink_required"}


async def test_issues_name_the_account_but_their_ids_do_not(
    hass: HomeAssistant, amazon: SimulatedAmazon, account: Account, freezer: FrozenDateTimeFactory
) -> None:
    amazon.revoke(account)
    await ring(hass, freezer)
    (issue,) = ours(hass)
    assert issue.translation_placeholders == {"account": "Ada", "skill": "Alexa Doorbell"}
    assert account.user_id not in issue.issue_id


async def test_an_entity_that_is_gone_until_it_is_back(
    hass: HomeAssistant, account: Account, freezer: FrozenDateTimeFactory
) -> None:
    hass.states.async_remove("binary_sensor.front_door")
    await pass_time(hass, freezer, 29)
    assert issues(hass) == set()
    await pass_time(hass, freezer, 2)
    assert issues(hass) == {"source_missing"}
    hass.states.async_set("binary_sensor.front_door", "off")
    await hass.async_block_till_done()
    assert issues(hass) == set()


async def test_an_entity_that_is_made_anew_was_never_missing(
    hass: HomeAssistant, account: Account, freezer: FrozenDateTimeFactory
) -> None:
    seen: list[Event[ir.EventIssueRegistryUpdatedData]] = []
    async_listen = hass.bus.async_listen
    async_listen(ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, _noting(seen))
    for _ in range(3):
        hass.states.async_remove("binary_sensor.front_door")
        hass.states.async_set("binary_sensor.front_door", "off")
    await pass_time(hass, freezer, 31)
    assert not seen


async def test_an_entity_that_is_gone_until_the_doorbell_is_removed(
    hass: HomeAssistant, entry: MockConfigEntry, account: Account, freezer: FrozenDateTimeFactory
) -> None:
    hass.states.async_remove("binary_sensor.front_door")
    await pass_time(hass, freezer, 31)
    hass.config_entries.async_remove_subentry(entry, *doorbells(entry))
    await hass.async_block_till_done()
    assert issues(hass) == set()


async def test_while_home_assistant_starts_entities_may_still_come(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    hass.states.async_remove("binary_sensor.front_door")
    hass.set_state(CoreState.starting)
    await set_up(hass, entry)
    assert issues(hass) == {"not_linked"}
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await pass_time(hass, freezer, 31)
    assert issues(hass) == {"not_linked", "source_missing"}


async def test_a_virtual_doorbell_misses_no_entity(
    hass: HomeAssistant, entry: MockConfigEntry, account: Account
) -> None:
    hass.states.async_remove("binary_sensor.front_door")
    (subentry,) = doorbells(entry).values()
    data = dict(doorbell_subentry(None)["data"])
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    await hass.async_block_till_done()
    assert issues(hass) == set()


async def test_a_removed_entry_leaves_no_issue(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await set_up(hass, entry)
    await hass.config_entries.async_remove(entry.entry_id)
    assert issues(hass) == set()


async def test_a_disabled_entry_asks_for_nothing(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    assert issues(hass) == set()


class TestRepair:
    """The flow behind the issue of an account."""

    @pytest.fixture(autouse=True)
    async def _broken(
        self,
        hass: HomeAssistant,
        amazon: SimulatedAmazon,
        account: Account,
        freezer: FrozenDateTimeFactory,
        hass_client: ClientSessionGenerator,
    ) -> None:
        amazon.revoke(account)
        await ring(hass, freezer)
        self.client = await hass_client()

    async def start(self, hass: HomeAssistant) -> Any:
        """Open the issue."""
        (issue,) = ours(hass)
        return await open_repair(self.client, issue.issue_id)

    async def go_on(self, flow_id: str, data: dict[str, Any]) -> Any:
        """Choose or submit."""
        return await submit_repair(self.client, flow_id, data)

    async def test_it_waits_until_the_account_is_linked_again(
        self, hass: HomeAssistant, account: Account, skill: Skill
    ) -> None:
        step = await self.start(hass)
        assert step["menu_options"] == ["link_again", "forget"]
        step = await self.go_on(step["flow_id"], {"next_step_id": "link_again"})
        assert step["description_placeholders"] == {"account": "Ada"}
        step = await self.go_on(step["flow_id"], {})
        assert step["errors"] == {"base": "not_yet"}
        assert await skill.link(account)
        step = await self.go_on(step["flow_id"], {})
        assert step["type"] == "create_entry"
        assert issues(hass) == set()

    async def test_the_account_can_be_forgotten(
        self, hass: HomeAssistant, entry: MockConfigEntry
    ) -> None:
        step = await self.start(hass)
        step = await self.go_on(step["flow_id"], {"next_step_id": "forget"})
        assert step["description_placeholders"] == {"account": "Ada"}
        step = await self.go_on(step["flow_id"], {})
        assert step["type"] == "create_entry"
        assert entry.runtime_data.accounts.all == []
        assert issues(hass) == {"not_linked"}

    async def test_an_account_that_is_gone_already_needs_no_repair(
        self, hass: HomeAssistant, entry: MockConfigEntry
    ) -> None:
        flows = [await self.start(hass) for _ in range(2)]
        (account,) = entry.runtime_data.accounts.all
        await entry.runtime_data.accounts.async_forget(account.account_id)
        for flow, choice in zip(flows, ("link_again", "forget"), strict=True):
            step = await self.go_on(flow["flow_id"], {"next_step_id": choice})
            assert step["type"] == "create_entry"

    @pytest.mark.parametrize("choice", ["init", "link_again", "forget"])
    @pytest.mark.parametrize("gone", ["disabled", "removed"])
    async def test_an_open_repair_ends_when_its_skill_goes(
        self, hass: HomeAssistant, entry: MockConfigEntry, gone: str, choice: str
    ) -> None:
        step = await self.start(hass)
        if choice != "init":
            step = await self.go_on(step["flow_id"], {"next_step_id": choice})
        if gone == "removed":
            await hass.config_entries.async_remove(entry.entry_id)
        else:
            await hass.config_entries.async_set_disabled_by(
                entry.entry_id, ConfigEntryDisabler.USER
            )
        chosen = {"next_step_id": "forget"} if choice == "init" else {}
        step = await self.go_on(step["flow_id"], chosen)
        kept = choice != "link_again" and gone == "disabled"
        assert step["type"] == ("abort" if kept else "create_entry")


async def test_forgetting_twice_is_forgetting_once(
    hass: HomeAssistant, entry: MockConfigEntry, account: Account
) -> None:
    accounts = entry.runtime_data.accounts
    (linked,) = accounts.all
    await accounts.async_forget(linked.account_id)
    await accounts.async_forget(linked.account_id)
    assert issues(hass) == {"not_linked"}


async def test_an_entity_that_is_deleted_while_it_is_unavailable_is_missing(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    await set_up(hass, entry)
    # As when the integration behind it is deleted.
    hass.states.async_set("binary_sensor.front_door", "unavailable")
    await hass.async_block_till_done()
    hass.states.async_remove("binary_sensor.front_door")
    await pass_time(hass, freezer, 31)
    assert "source_missing" in issues(hass)


async def test_an_entity_that_comes_back_unavailable_is_not_missing(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    hass.states.async_remove("binary_sensor.front_door")
    await set_up(hass, entry)
    await pass_time(hass, freezer, 31)
    assert "source_missing" in issues(hass)
    hass.states.async_set("binary_sensor.front_door", "unavailable")
    await hass.async_block_till_done()
    assert "source_missing" not in issues(hass)


async def test_an_unavailable_entity_that_is_renamed_is_not_missing(
    hass: HomeAssistant, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    hass.states.async_remove("binary_sensor.front_door")
    entity_registry.async_get_or_create(
        "binary_sensor", "test", "1", suggested_object_id="front_door"
    )
    hass.states.async_set("binary_sensor.front_door", "unavailable")
    await set_up(hass, entry)
    # In Home Assistant's order: the old state goes after the registry has the new name.
    entity_registry.async_update_entity(
        "binary_sensor.front_door", new_entity_id="binary_sensor.gate"
    )
    hass.states.async_remove("binary_sensor.front_door")
    hass.states.async_set("binary_sensor.gate", "unavailable")
    await hass.async_block_till_done()
    assert "source_missing" not in issues(hass)


async def test_signing_in_to_the_cloud_gives_amazon_a_way_in(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hass.config.async_update(external_url=None)
    monkeypatch.setattr(hass.config, "components", {*hass.config.components, "cloud"})
    monkeypatch.setattr(cloud, "async_active_subscription", lambda _hass: False)
    await set_up(hass, entry)
    assert "no_external_url" in issues(hass)

    monkeypatch.setattr(cloud, "async_active_subscription", lambda _hass: True)
    async_dispatcher_send(
        hass, SIGNAL_CLOUD_CONNECTION_STATE, cloud.CloudConnectionState.CLOUD_CONNECTED
    )
    await hass.async_block_till_done()
    assert "no_external_url" not in issues(hass)


class TestRenamedTypes:
    """An integration that calls its events otherwise after an update."""

    BELL = "event.bell"

    @pytest.fixture(autouse=True)
    async def _bell(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self.offer(hass, "press_short", "press_long")
        add_doorbell(hass, entry, self.BELL, "Bell", event_types=["press_short"])
        await set_up(hass, entry)

    def offer(self, hass: HomeAssistant, *types: str) -> None:
        """Let the entity offer these types from now on."""
        hass.states.async_set(self.BELL, "unknown", {"event_types": list(types)})

    async def test_the_repair_is_there_while_none_of_the_chosen_is_left(
        self, hass: HomeAssistant
    ) -> None:
        assert issues(hass) == {"not_linked"}
        self.offer(hass, "ring", "motion")
        await hass.async_block_till_done()
        assert issues(hass) == {"not_linked", "event_types_gone"}
        self.offer(hass, "press_short", "ring")
        await hass.async_block_till_done()
        assert issues(hass) == {"not_linked"}

    async def test_it_says_what_was_chosen_what_there_is_and_what_rings(
        self, hass: HomeAssistant
    ) -> None:
        self.offer(hass, "ring", "motion")
        await hass.async_block_till_done()
        (issue,) = (each for each in ours(hass) if each.translation_key == "event_types_gone")
        assert issue.translation_placeholders == {
            "skill": "Alexa Doorbell",
            "doorbell": "Bell",
            "entity": self.BELL,
            "chosen": "press_short",
            "offered": "ring, motion",
            "fallback": "ring",
        }

    async def test_an_entity_that_offers_nothing_is_not_one_that_was_renamed(
        self, hass: HomeAssistant
    ) -> None:
        hass.states.async_set(self.BELL, "unavailable")
        await hass.async_block_till_done()
        assert issues(hass) == {"not_linked"}

    async def test_its_repair_says_where_the_form_is_where_it_cannot_open_it(
        self,
        hass: HomeAssistant,
        hass_client: ClientSessionGenerator,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(repairs, "LEADS_ON", False)
        self.offer(hass, "ring", "motion")
        await hass.async_block_till_done()
        (issue,) = (each for each in ours(hass) if each.translation_key == "event_types_gone")
        client = await hass_client()
        step = await open_repair(client, issue.issue_id)
        done = await submit_repair(client, step["flow_id"], {})
        assert (done["type"], done["reason"]) == ("abort", "choose_in_form")
        assert done["description_placeholders"] == {"doorbell": "Bell", "skill": "Alexa Doorbell"}
        assert "event_types_gone" in issues(hass)

    async def test_its_repair_ends_when_the_doorbell_is_removed_meanwhile(
        self, hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
    ) -> None:
        self.offer(hass, "ring", "motion")
        await hass.async_block_till_done()
        (issue,) = (each for each in ours(hass) if each.translation_key == "event_types_gone")
        client = await hass_client()
        step = await open_repair(client, issue.issue_id)
        (bell,) = (each for each in doorbells(entry).values() if each.title == "Bell")
        hass.config_entries.async_remove_subentry(entry, bell.subentry_id)
        await hass.async_block_till_done()
        done = await submit_repair(client, step["flow_id"], {})
        assert done["type"] == "create_entry"
        assert issues(hass) == {"not_linked"}

    @pytest.mark.skipif(not repairs.LEADS_ON, reason="This Home Assistant cannot open the form")
    async def test_its_repair_leads_into_the_form_with_the_types_of_today(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        hass_client: ClientSessionGenerator,
    ) -> None:
        self.offer(hass, "ring", "motion")
        await hass.async_block_till_done()
        (issue,) = (each for each in ours(hass) if each.translation_key == "event_types_gone")
        client = await hass_client()
        step = await open_repair(client, issue.issue_id)
        assert step["step_id"] == "confirm"
        done = await submit_repair(client, step["flow_id"], {})

        kind, flow_id = done["next_flow"]
        assert kind == "config_subentries_flow"
        form = hass.config_entries.subentries.async_get(flow_id)
        assert form["step_id"] == "reconfigure"
        form = await submit_doorbell(hass, form, entity_id=self.BELL, friendly_name="Bell")
        assert form["step_id"] == "event_types"
        done = await submit_doorbell(hass, form, event_types=["ring"])
        await hass.async_block_till_done()
        assert issues(hass) == {"not_linked"}
