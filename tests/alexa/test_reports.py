"""What Alexa knows of the doorbells stays equal to what they are."""

from collections.abc import Awaitable, Callable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from demo.amazon.account import Account
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import add_doorbell, doorbells, restart, set_up

BELL = "binary_sensor.front_door"

type Advance = Callable[[float], Awaitable[None]]


@pytest.fixture(autouse=True)
def _bell(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """A bell at the front door; time stands still."""
    hass.states.async_set(BELL, "off")


@pytest.fixture
def advance(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Advance:
    """Let time pass second by second, and what is due then happen."""

    async def advance(seconds: float) -> None:
        for _ in range(int(seconds)):
            freezer.tick(1)
            async_fire_time_changed(hass)
            await hass.async_block_till_done(wait_background_tasks=True)

    return advance


@pytest.fixture
async def account(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    advance: Advance,
) -> Account:
    """An account that linked, was told of the front door, and never discovered by itself."""
    await set_up(hass, entry)
    account = amazon.add_account("Ada")
    assert await skill.link(account)
    await advance(3)
    return account


def names(account: Account) -> set[str]:
    """The doorbells in the Alexa app."""
    return {endpoint["friendlyName"] for endpoint in account.endpoints.values()}


def reports(amazon: SimulatedAmazon) -> list[str]:
    """What Amazon was told, apart from presses."""
    return [event.name for event in amazon.events if event.name != "DoorbellPress"]


async def test_an_account_that_links_is_told_of_every_doorbell(
    amazon: SimulatedAmazon, account: Account
) -> None:
    assert names(account) == {"Front door"}
    assert reports(amazon) == ["AddOrUpdateReport"]


async def test_a_press_is_announced_without_any_discovery(
    hass: HomeAssistant, amazon: SimulatedAmazon, account: Account
) -> None:
    hass.states.async_set(BELL, "on")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [each.text for each in amazon.announcements] == ["Someone is at the Front door"]


async def test_a_doorbell_that_is_added_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, account: Account, advance: Advance
) -> None:
    add_doorbell(hass, entry, None)
    await advance(3)
    assert names(account) == {"Front door", "Back door"}


async def test_a_new_name_is_told_and_the_endpoint_stays(
    hass: HomeAssistant, entry: MockConfigEntry, account: Account, advance: Advance
) -> None:
    before = list(account.endpoints)
    (subentry,) = doorbells(entry).values()
    data = {**subentry.data, "friendly_name": "Garden gate"}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    await advance(3)
    assert names(account) == {"Garden gate"}
    assert list(account.endpoints) == before


async def test_a_doorbell_that_is_removed_goes_from_the_alexa_app(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
) -> None:
    hass.config_entries.async_remove_subentry(entry, *doorbells(entry))
    await advance(3)
    assert names(account) == set()
    assert reports(amazon)[-1] == "DeleteReport"


async def test_what_alexa_cannot_see_is_not_told(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
) -> None:
    (subentry,) = doorbells(entry).values()
    data = {**subentry.data, "cooldown": 60}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    await advance(3)
    assert reports(amazon) == ["AddOrUpdateReport"]


async def test_after_a_restart_nothing_is_told_twice(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
) -> None:
    await restart(hass, entry)
    await advance(3)
    assert reports(amazon) == ["AddOrUpdateReport"]


async def test_what_could_not_be_told_is_told_after_a_restart(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
) -> None:
    await amazon.stop()
    add_doorbell(hass, entry, None)
    (front_door, _) = doorbells(entry)
    hass.config_entries.async_remove_subentry(entry, front_door)
    await hass.async_block_till_done()
    await restart(hass, entry)
    await amazon.start()
    await advance(3)
    assert names(account) == {"Back door"}


async def test_what_amazon_did_not_take_is_told_again_later(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
    caplog: pytest.LogCaptureFixture,
) -> None:
    refused = Fault.gateway(403, "SKILL_NEVER_ENABLED_EXCEPTION")
    amazon.gateway_faults.extend([refused] * 2)
    add_doorbell(hass, entry, None)
    await advance(3)
    assert names(account) == {"Front door"}
    await advance(220)
    assert names(account) == {"Front door", "Back door"}
    assert caplog.text.count("Alexa could not be told of every doorbell yet") == 1


async def test_a_refused_report_alone_does_not_count_as_a_disabled_skill(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
) -> None:
    amazon.gateway_faults.append(Fault.gateway(403, "SKILL_DISABLED_EXCEPTION"))
    add_doorbell(hass, entry, None)
    await advance(3)
    (linked,) = entry.runtime_data.accounts.all
    assert linked.health == "linked"


async def test_an_account_that_links_again_is_told_everything_again(
    hass: HomeAssistant,
    amazon: SimulatedAmazon,
    account: Account,
    skill: Skill,
    advance: Advance,
) -> None:
    amazon.revoke(account)
    assert await skill.link(account)
    await advance(3)
    assert names(account) == {"Front door"}


async def test_an_account_that_must_be_linked_again_is_told_nothing(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
) -> None:
    amazon.revoke(account)
    hass.states.async_set(BELL, "on")
    await hass.async_block_till_done(wait_background_tasks=True)
    amazon.requests.clear()
    add_doorbell(hass, entry, None)
    await advance(3)
    assert not amazon.requests


async def test_every_account_is_told(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    skill: Skill,
    advance: Advance,
) -> None:
    grace = amazon.add_account("Grace")
    await skill.link(grace)
    amazon.gateway_faults.extend([Fault(status=400, account=account)] * 9)
    add_doorbell(hass, entry, None)
    await advance(3)
    assert names(grace) == {"Front door", "Back door"}
    assert names(account) == {"Front door"}


async def test_many_doorbells_are_told_in_batches(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
) -> None:
    for _ in range(70):
        add_doorbell(hass, entry, None)
    await advance(3)
    assert len(account.endpoints) == 71
    sizes = [
        len(event.message["event"]["payload"]["endpoints"])
        for event in amazon.events
        if event.name == "AddOrUpdateReport"
    ]
    assert sizes == [1, 30, 30, 10]


def connectivity(amazon: SimulatedAmazon) -> list[str]:
    """What Amazon was told of who is there."""
    return [
        event.message["event"]["payload"]["change"]["properties"][0]["value"]["value"]
        for event in amazon.events
        if event.name == "ChangeReport"
    ]


class TestHealth:
    """A doorbell whose entity is unavailable is shown as not responding."""

    @pytest.mark.parametrize("gone", ["unavailable", None], ids=str)
    async def test_a_doorbell_that_is_away_for_long_is_told_and_when_it_is_back(
        self,
        hass: HomeAssistant,
        amazon: SimulatedAmazon,
        account: Account,
        advance: Advance,
        gone: str | None,
    ) -> None:
        if gone is None:
            hass.states.async_remove(BELL)
        else:
            hass.states.async_set(BELL, gone)
        await advance(29)
        assert connectivity(amazon) == []
        await advance(5)
        assert connectivity(amazon) == ["UNREACHABLE"]
        hass.states.async_set(BELL, "off")
        await advance(34)
        assert connectivity(amazon) == ["UNREACHABLE", "OK"]

    async def test_a_short_gap_says_nothing(
        self, hass: HomeAssistant, amazon: SimulatedAmazon, account: Account, advance: Advance
    ) -> None:
        for _ in range(5):
            hass.states.async_set(BELL, "unavailable")
            await advance(20)
            hass.states.async_set(BELL, "off")
            await advance(20)
        assert connectivity(amazon) == []

    async def test_what_was_told_is_remembered_over_a_restart(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        amazon: SimulatedAmazon,
        account: Account,
        advance: Advance,
    ) -> None:
        hass.states.async_set(BELL, "unavailable")
        await advance(34)
        await restart(hass, entry)
        await advance(60)
        assert connectivity(amazon) == ["UNREACHABLE"]
        hass.states.async_set(BELL, "off")
        await advance(34)
        assert connectivity(amazon) == ["UNREACHABLE", "OK"]

    async def test_while_home_assistant_starts_a_doorbell_may_still_come(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        amazon: SimulatedAmazon,
        account: Account,
        advance: Advance,
    ) -> None:
        await hass.config_entries.async_unload(entry.entry_id)
        hass.states.async_remove(BELL)
        hass.set_state(CoreState.starting)
        await set_up(hass, entry)
        await advance(120)
        assert connectivity(amazon) == []
        hass.set_state(CoreState.running)
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
        await hass.async_block_till_done()
        await advance(34)
        assert connectivity(amazon) == ["UNREACHABLE"]


async def test_an_endpoint_names_the_device_behind_the_doorbell(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
) -> None:
    intercoms = MockConfigEntry(domain="intercoms")
    intercoms.add_to_hass(hass)
    device = device_registry.async_get_or_create(
        config_entry_id=intercoms.entry_id,
        identifiers={("intercoms", "1")},
        manufacturer="2N",
        model="IP Verso",
        sw_version="2.45",
        serial_number="52-1234-5678",
    )
    bell = entity_registry.async_get_or_create(
        "binary_sensor", "intercoms", "1", device_id=device.id, config_entry=intercoms
    )
    added = add_doorbell(hass, entry, bell.entity_id)
    await advance(3)
    assert account.endpoints[added.subentry_id]["additionalAttributes"] == {
        "manufacturer": "2N",
        "model": "IP Verso",
        "softwareVersion": "2.45",
        "serialNumber": "52-1234-5678",
    }


def stored(hass_storage: dict[str, Any], entry: MockConfigEntry) -> Any:
    """The only account, as it is on disk."""
    (account,) = hass_storage[f"alexa_doorbell.{entry.entry_id}"]["data"]["accounts"]
    return account


async def test_what_alexa_was_told_is_on_disk(
    entry: MockConfigEntry, account: Account, hass_storage: dict[str, Any]
) -> None:
    assert set(stored(hass_storage, entry)["told_endpoints"]) == set(doorbells(entry))


@pytest.mark.parametrize("other", [None, "binary_sensor.other"])
async def test_a_doorbell_with_another_entity_that_is_there_is_reachable_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
    other: str | None,
) -> None:
    hass.states.async_set("binary_sensor.other", "off")
    hass.states.async_remove(BELL)
    await advance(40)
    assert connectivity(amazon) == ["UNREACHABLE"]
    (doorbell,) = doorbells(entry).values()
    hass.config_entries.async_update_subentry(
        entry, doorbell, data={**doorbell.data, "entity_id": other}
    )
    await advance(40)
    assert connectivity(amazon) == ["UNREACHABLE", "OK"]


async def test_a_doorbell_that_is_away_when_it_is_added_is_unreachable(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    advance: Advance,
) -> None:
    hass.states.async_set("binary_sensor.gate", "unavailable")
    add_doorbell(hass, entry, "binary_sensor.gate", "Gate")
    await advance(40)
    assert connectivity(amazon) == ["UNREACHABLE"]
