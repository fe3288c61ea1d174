"""Two doorbells whose entities take each other's id go on ringing for their own doors."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.press.press import Press

from ..home import add_doorbell, restart, set_up
from .conftest import Watch
from .entities import Contact, add_entities

FRONT, BACK = "binary_sensor.front", "binary_sensor.back"
SPARE = "binary_sensor.spare"


@pytest.fixture
def contacts() -> tuple[Contact, Contact]:
    """The contacts of the bells at the front and at the back."""
    return Contact("front"), Contact("back")


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    watch: Watch,
    contacts: tuple[Contact, Contact],
) -> MockConfigEntry:
    """A skill with a doorbell for each, as the form makes them."""
    await add_entities(hass, *contacts)
    entry = await watch(FRONT, friendly_name="Front")
    add_doorbell(hass, entry, BACK, "Back", cooldown=0)
    for doorbell in list(entry.subentries.values()):
        registered = entity_registry.async_get(doorbell.data["entity_id"])
        assert registered is not None
        hass.config_entries.async_update_subentry(entry, doorbell, unique_id=registered.id)
    await hass.async_block_till_done()
    return entry


async def swap(hass: HomeAssistant, *, step_by_step: bool) -> None:
    """Give each entity the id of the other, as a user who mixed them up does."""
    registry = er.async_get(hass)
    for old, new in ((FRONT, SPARE), (BACK, FRONT), (SPARE, BACK)):
        registry.async_update_entity(old, new_entity_id=new)
        if step_by_step:
            await hass.async_block_till_done()
    await hass.async_block_till_done()


async def push(hass: HomeAssistant, *contacts: Contact) -> None:
    """Press the bells, one after the other."""
    for contact in contacts:
        contact.be(False)
        contact.be(True)
        await hass.async_block_till_done()


def rung(presses: list[Press]) -> list[str]:
    """The doorbells that rang."""
    return [press.doorbell.friendly_name for press in presses]


in_one_moment_or_not = pytest.mark.parametrize(
    "step_by_step", [False, True], ids=["in one moment", "step by step"]
)


@in_one_moment_or_not
async def test_entities_that_swap_their_ids_ring_for_their_own_doors(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    contacts: tuple[Contact, Contact],
    presses: list[Press],
    step_by_step: bool,
) -> None:
    await swap(hass, step_by_step=step_by_step)
    await push(hass, *contacts)
    assert rung(presses) == ["Front", "Back"]


@in_one_moment_or_not
async def test_a_swap_of_ids_holds_over_a_restart(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    contacts: tuple[Contact, Contact],
    presses: list[Press],
    step_by_step: bool,
) -> None:
    await swap(hass, step_by_step=step_by_step)
    await restart(hass, entry)
    await push(hass, *contacts)
    assert rung(presses) == ["Front", "Back"]


@in_one_moment_or_not
async def test_a_swap_of_ids_that_nobody_watched_is_noticed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    contacts: tuple[Contact, Contact],
    presses: list[Press],
    step_by_step: bool,
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    await swap(hass, step_by_step=step_by_step)
    await set_up(hass, entry)
    await push(hass, *contacts)
    assert rung(presses) == ["Front", "Back"]


async def test_a_swap_of_ids_rings_nothing_by_itself(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    contacts: tuple[Contact, Contact],
    presses: list[Press],
) -> None:
    contacts[1].be(True)
    await hass.async_block_till_done()
    await swap(hass, step_by_step=False)
    assert rung(presses) == ["Back"]
