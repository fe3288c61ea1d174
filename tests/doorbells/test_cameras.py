"""Tests of a doorbell's camera: what the form proposes and takes, and what the action does."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.const import CONF_FUNCTION_URL
from custom_components.alexa_doorbell.doorbells.cameras import hindrance, likely_camera

from ..flows import open_doorbell, shown, submit_doorbell as submit
from ..live_view.door import DoorCamera, Provider, add_camera, add_provider
from .forms import (
    add,
    assert_aborts,
    assert_added,
    assert_asks,
    doorbell_of,
    entry as entry,  # noqa: PLC0414 - a fixture.
    open_change,
)
from .test_marking import mark, settings_of

BELL, CAMERA = "event.bell", "camera.door"
GATE, GATE_CAMERA = "binary_sensor.gate", "camera.gate"


@pytest.fixture
def intercom(hass: HomeAssistant, device_registry: dr.DeviceRegistry) -> dr.DeviceEntry:
    """A device by the door, with a doorbell."""
    other = MockConfigEntry(domain="test")
    other.add_to_hass(hass)
    device = device_registry.async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("test", "intercom")}, name="Entrance"
    )
    belongs(hass, BELL, device)
    hass.states.async_set(BELL, "unknown", {"device_class": "doorbell", "event_types": ["ring"]})
    return device


def belongs(hass: HomeAssistant, entity_id: str, device: dr.DeviceEntry) -> None:
    """Let an entity, there or not, be one of a device."""
    domain, _, object_id = entity_id.partition(".")
    er.async_get(hass).async_get_or_create(
        domain, "test", object_id, suggested_object_id=object_id, device_id=device.id
    )


async def add_camera_of(hass: HomeAssistant, device: dr.DeviceEntry) -> DoorCamera:
    """Add a camera that is in a device."""
    camera = await add_camera(hass)
    er.async_get(hass).async_update_entity(CAMERA, device_id=device.id)
    assert isinstance(camera, DoorCamera)
    return camera


# What is proposed.


async def test_the_camera_of_the_doorbells_device_is_filled_in(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: dr.DeviceEntry
) -> None:
    await add_provider(hass, Provider())
    await add_camera_of(hass, intercom)

    form = await open_doorbell(hass, entry)

    assert shown(form).items() >= {"entity_id": BELL, "camera": CAMERA, "talk": False}.items()
    assert_added(await submit(hass, form, **shown(form)))
    assert doorbell_of(entry).data.items() >= {"camera": CAMERA, "talk": False}.items()


async def test_a_camera_that_offers_no_webrtc_is_not_proposed(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: dr.DeviceEntry
) -> None:
    await add_camera_of(hass, intercom)

    assert hindrance(hass, CAMERA) == "no_webrtc"
    assert "camera" not in shown(await open_doorbell(hass, entry))


async def test_the_camera_of_another_device_is_not_proposed(
    hass: HomeAssistant, intercom: dr.DeviceEntry
) -> None:
    await add_provider(hass, Provider())
    await add_camera(hass)

    assert likely_camera(hass, BELL) is None
    assert likely_camera(hass, None) is None


async def test_the_camera_of_the_same_area_is_proposed_where_the_device_has_none(
    hass: HomeAssistant, intercom: dr.DeviceEntry, device_registry: dr.DeviceRegistry
) -> None:
    await add_provider(hass, Provider())
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    device = device_registry.async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("other", "camera")}
    )
    await add_camera_of(hass, device)
    for each in (intercom, device):
        device_registry.async_update_device(each.id, area_id="entrance")

    assert likely_camera(hass, BELL) == CAMERA


@pytest.fixture
def gate(hass: HomeAssistant, device_registry: dr.DeviceRegistry) -> dr.DeviceEntry:
    """Another device, with a bell that does not look like one."""
    other = MockConfigEntry(domain="gate")
    other.add_to_hass(hass)
    device = device_registry.async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("gate", "gate")}
    )
    belongs(hass, GATE, device)
    hass.states.async_set(GATE, "off")
    return device


async def test_a_camera_that_was_proposed_for_one_bell_gives_way_to_that_of_another(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: dr.DeviceEntry, gate: dr.DeviceEntry
) -> None:
    await add_provider(hass, Provider())
    await add_camera_of(hass, intercom)
    await add_camera(hass, DoorCamera(unique_id="gate", entity_id=GATE_CAMERA))
    er.async_get(hass).async_update_entity(GATE_CAMERA, device_id=gate.id)
    form = await open_doorbell(hass, entry)

    assert_added(await submit(hass, form, **shown(form) | {"entity_id": GATE}))

    assert doorbell_of(entry).data["camera"] == GATE_CAMERA


@pytest.mark.parametrize("talk", [True, False], ids=["talking", "silent"])
@pytest.mark.parametrize("bell", [GATE, None], ids=["another bell", "no bell"])
async def test_a_camera_that_was_proposed_for_one_bell_stays_where_another_has_none(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    intercom: dr.DeviceEntry,
    gate: dr.DeviceEntry,
    bell: str | None,
    talk: bool,
) -> None:
    await add_provider(hass, Provider())
    await add_camera_of(hass, intercom)
    form = await open_doorbell(hass, entry)
    fields = shown(form) | {"entity_id": bell, "friendly_name": "Gate", "talk": talk}

    assert_added(await submit(hass, form, **{k: v for k, v in fields.items() if v is not None}))

    assert doorbell_of(entry).data["camera"] == CAMERA


async def test_a_camera_that_was_chosen_after_an_error_is_the_users_word(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: dr.DeviceEntry, gate: dr.DeviceEntry
) -> None:
    await add_provider(hass, Provider())
    await add_camera_of(hass, intercom)
    form = await open_doorbell(hass, entry)
    fields = {key: value for key, value in shown(form).items() if key != "camera"}

    form = await submit(hass, form, **fields | {"entity_id": GATE, "talk": True})
    assert_asks(form, "user", {"camera": "talk_needs_camera"})
    fields |= {"entity_id": GATE, "talk": True, "camera": CAMERA}
    assert_added(await submit(hass, form, **fields))

    assert doorbell_of(entry).data.items() >= {"camera": CAMERA, "talk": True}.items()


async def test_a_hidden_camera_is_not_proposed(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: dr.DeviceEntry
) -> None:
    await add_provider(hass, Provider())
    await add_camera_of(hass, intercom)
    er.async_get(hass).async_update_entity(CAMERA, hidden_by=er.RegistryEntryHider.USER)

    assert "camera" not in shown(await open_doorbell(hass, entry))


async def test_a_doorbell_that_has_had_no_camera_is_proposed_one_when_it_is_changed(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: dr.DeviceEntry
) -> None:
    await add(hass, entry, entity_id=BELL)
    await add_provider(hass, Provider())
    await add_camera_of(hass, intercom)

    form = await open_change(hass, entry)

    assert shown(form)["camera"] == CAMERA
    assert_aborts(await submit(hass, form, **shown(form)), "reconfigure_successful")
    assert doorbell_of(entry).data["camera"] == CAMERA


async def test_a_camera_that_was_refused_once_is_not_proposed_again(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: dr.DeviceEntry
) -> None:
    await add_provider(hass, Provider())
    await add_camera_of(hass, intercom)
    form = await open_doorbell(hass, entry)
    fields = {key: value for key, value in shown(form).items() if key != "camera"}
    assert_added(await submit(hass, form, **fields))

    form = await open_change(hass, entry)

    assert shown(form)["camera"] is None
    fields = {key: value for key, value in shown(form).items() if key != "camera"}
    assert_aborts(await submit(hass, form, **fields), "reconfigure_successful")
    assert doorbell_of(entry).data["camera"] is None


# What is taken.


async def test_a_camera_may_be_chosen_and_taken_away_again(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set(CAMERA, "idle")
    await add(hass, entry, friendly_name="Gate", camera=CAMERA, talk=True)
    form = await open_change(hass, entry)
    assert shown(form).items() >= {"camera": CAMERA, "talk": True}.items()

    fields = {key: value for key, value in shown(form).items() if key != "camera"}
    form = await submit(hass, form, **fields)
    assert_asks(form, "reconfigure", {"camera": "talk_needs_camera"})
    await submit(hass, form, **fields | {"talk": False})

    assert doorbell_of(entry).data["camera"] is None
    assert "talk" not in doorbell_of(entry).data


async def test_a_camera_that_is_not_there_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    form = await add(hass, entry, friendly_name="Gate", camera=CAMERA)

    assert_asks(form, "user", {"camera": "entity_not_found"})


async def test_a_section_that_is_not_sent_keeps_the_say_in_talking(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set(CAMERA, "idle")
    await add(hass, entry, friendly_name="Gate", camera=CAMERA, talk=True)
    form = await open_change(hass, entry)

    configure = hass.config_entries.subentries.async_configure
    await configure(form["flow_id"], {"friendly_name": "Door", "camera": CAMERA})

    assert doorbell_of(entry).data["talk"] is True


# A closed home.


@pytest.fixture
def closed(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Another skill, of a closed home, that is not loaded."""
    closed = MockConfigEntry(
        domain="alexa_doorbell",
        data={**entry.data, CONF_FUNCTION_URL: "https://x.lambda-url.eu-west-1.on.aws/"},
    )
    closed.add_to_hass(hass)
    return closed


async def test_the_form_of_a_closed_home_asks_for_no_camera_and_says_why(
    hass: HomeAssistant, closed: MockConfigEntry
) -> None:
    form = await open_doorbell(hass, closed)

    assert list(form["data_schema"].schema) == ["entity_id", "friendly_name", "more"]
    assert "talk" not in shown(form)
    assert form["description_placeholders"]["live_view"].startswith("This home is closed")


# Automations.


@pytest.fixture
async def loaded(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """The skill, and a bell at the back door with a camera beside it."""
    hass.states.async_set("binary_sensor.back_door_bell", "off")
    hass.states.async_set(CAMERA, "idle")
    return entry


async def test_an_automation_gives_and_takes_a_camera(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    first = await mark(hass, camera=f" {CAMERA.upper()} ", talk="on")
    assert settings_of(loaded, first).items() >= {"camera": CAMERA, "talk": True}.items()

    await mark(hass, cooldown=9)
    assert settings_of(loaded, first).items() >= {"camera": CAMERA, "talk": True}.items()

    await mark(hass, camera="")
    assert settings_of(loaded, first).items() >= {"camera": None, "talk": False}.items()


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        pytest.param({"camera": "light.lamp"}, "no_such_camera", id="a lamp"),
        pytest.param({"camera": "camera.other"}, "no_such_camera", id="not there"),
        pytest.param({"camera": [CAMERA, CAMERA + "2"]}, "no_such_camera", id="two"),
        pytest.param({"camera": {"a": 1}}, "not_texts", id="an object"),
        pytest.param({"camera": CAMERA, "talk": "perhaps"}, "not_one_of", id="perhaps"),
        pytest.param({"talk": True}, "talk_needs_camera", id="no camera"),
        pytest.param({"camera": "", "talk": True}, "talk_needs_camera", id="none any more"),
    ],
)
async def test_an_automation_is_told_what_is_wrong_with_a_camera(
    hass: HomeAssistant, loaded: MockConfigEntry, settings: dict[str, Any], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as error:
        await mark(hass, **settings)

    assert error.value.translation_key == key
    assert not loaded.subentries


async def test_an_automation_is_told_that_a_closed_home_shows_nothing(
    hass: HomeAssistant, closed: MockConfigEntry, loaded: MockConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError) as error:
        await mark(hass, camera=CAMERA, config_entry_id=closed.entry_id)

    assert error.value.translation_key == "closed_home_shows_nothing"
