"""Tests of what the form proposes: likely doorbells, and what foretells a press."""

from typing import Any

from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.util import slugify
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.doorbells.proposals import likely_doorbells, likely_warm_up

from ..flows import DOORBELL_TEXTS, checked, open_doorbell, shown, submit_doorbell
from ..home import set_up


@pytest.fixture
def intercom(hass: HomeAssistant, device_registry: dr.DeviceRegistry) -> dr.DeviceEntry:
    """A device by the door."""
    entry = MockConfigEntry(domain="test")
    entry.add_to_hass(hass)
    return device_registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={("test", "intercom")},
        manufacturer="2N",
        model="IP Verso",
        name="Entrance",
    )


def add(hass: HomeAssistant, entity_id: str, **attributes: Any) -> str:
    """An entity that is in the state machine alone."""
    hass.states.async_set(entity_id, "unknown", attributes)
    return entity_id


def add_to(hass: HomeAssistant, device: dr.DeviceEntry, entity_id: str, **attributes: Any) -> str:
    """An entity of a device."""
    domain, _, object_id = entity_id.partition(".")
    er.async_get(hass).async_get_or_create(
        domain, "test", object_id, suggested_object_id=object_id, device_id=device.id
    )
    return add(hass, entity_id, **attributes)


def proposed(hass: HomeAssistant) -> list[str]:
    """The entities that are proposed, the likeliest first."""
    return [each.entity_id for each in likely_doorbells(hass)]


async def test_events_of_class_doorbell_come_first_then_what_is_called_a_bell(
    hass: HomeAssistant, intercom: dr.DeviceEntry
) -> None:
    add(hass, "light.doorbell")
    by_device = add_to(hass, intercom, "binary_sensor.input_1")
    by_name = add(hass, "binary_sensor.gate", friendly_name="A Türklingel")
    by_types = add(hass, "event.access", event_types=["granted", "doorbell_pressed"])
    by_class = add(hass, "event.zz", device_class="doorbell", event_types=["ring"])
    raw_class = add(hass, "binary_sensor.a_doorbell", device_class="doorbell")

    assert proposed(hass) == [by_class, by_types, by_name, raw_class, by_device]


@pytest.mark.parametrize(
    ("entity_id", "name"),
    [
        ("binary_sensor.reolink_visitor", "Camera Visitor"),
        ("binary_sensor.front_door_ding", "Front door Ding"),
        ("binary_sensor.opener_ring_action", "Opener Ring action"),
        ("sensor.villa_call_state_ringing", "Villa"),
        ("binary_sensor.front_door_bell", "Front door bell"),
        ("binary_sensor.a", "Haustürklingel"),
        ("binary_sensor.a", "Sonnette de l'entrée"),
        ("input_button.a", "Timbre"),
        ("binary_sensor.a", "玄関のドアベル"),
        ("binary_sensor.a", "दरवाज़े की घंटी"),
        ("binary_sensor.a", "جرس الباب"),
    ],
)
async def test_what_is_called_a_bell_is_proposed(
    hass: HomeAssistant, entity_id: str, name: str
) -> None:
    add(hass, entity_id, friendly_name=name)

    assert proposed(hass) == [entity_id]


@pytest.mark.parametrize(
    ("entity_id", "attributes"),
    [
        ("binary_sensor.doorbell_motion", {"device_class": "motion"}),
        ("binary_sensor.doorbell_person", {}),
        ("binary_sensor.doorbell_animal", {}),
        ("binary_sensor.doorbell_battery", {"device_class": "battery"}),
        ("binary_sensor.front_door", {"device_class": "door"}),
        ("binary_sensor.spring_water", {}),
        ("sensor.doorbell_volume", {}),
        ("event.front_bell", {"device_class": "motion", "event_types": ["motion"]}),
        ("sensor.last_ding", {"device_class": "timestamp"}),
        ("switch.doorbell_chime", {}),
        ("event.hue_dial", {"device_class": "button", "event_types": ["press", "release"]}),
    ],
)
async def test_what_rings_no_bell_is_not_proposed(
    hass: HomeAssistant, entity_id: str, attributes: dict[str, Any]
) -> None:
    add(hass, entity_id, **attributes)

    assert proposed(hass) == []


async def test_what_looks_like_a_bell_is_proposed(hass: HomeAssistant) -> None:
    entity_id = add(hass, "binary_sensor.front_door", icon="mdi:doorbell")

    assert proposed(hass) == [entity_id]


async def test_of_a_device_that_tells_twice_only_the_event_is_proposed(
    hass: HomeAssistant, intercom: dr.DeviceEntry
) -> None:
    event = add_to(hass, intercom, "event.ding", device_class="doorbell", event_types=["ring"])
    add_to(hass, intercom, "binary_sensor.ding", device_class="occupancy")

    assert proposed(hass) == [event]


async def test_our_own_entities_are_not_proposed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)

    assert proposed(hass) == []


async def test_what_foretells_a_press_is_of_the_same_device_or_else_area(
    hass: HomeAssistant,
    intercom: dr.DeviceEntry,
    area_registry: ar.AreaRegistry,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
) -> None:
    porch = area_registry.async_create("Porch")
    device_registry.async_update_device(intercom.id, area_id=porch.id)
    bell = add_to(hass, intercom, "binary_sensor.bell", device_class="occupancy")
    entity_registry.async_get_or_create("binary_sensor", "test", "m", suggested_object_id="porch")
    entity_registry.async_update_entity("binary_sensor.porch", area_id=porch.id)
    porch_motion = add(hass, "binary_sensor.porch", device_class="motion")
    add(hass, "binary_sensor.cellar", device_class="motion")

    assert likely_warm_up(hass, bell) == [porch_motion]

    own_person = add_to(hass, intercom, "binary_sensor.entrance_person")
    add_to(hass, intercom, "binary_sensor.entrance_tamper", device_class="tamper")
    add_to(hass, intercom, "binary_sensor.motion_detection")
    entity_registry.async_update_entity(
        "binary_sensor.motion_detection", entity_category=EntityCategory.DIAGNOSTIC
    )

    assert likely_warm_up(hass, bell) == [own_person]
    assert likely_warm_up(hass, None) == []


# What real devices have.


def add_device(
    hass: HomeAssistant, name: str, maker: str = "Maker", model: str = "Model"
) -> dr.DeviceEntry:
    """A device as its integration describes it."""
    entry = MockConfigEntry(domain="test")
    entry.add_to_hass(hass)
    return dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={("test", name)},
        manufacturer=maker,
        model=model,
        name=name,
    )


@pytest.mark.parametrize("device_name", ["Front Doorbell", "Gate"])
async def test_a_doorbell_by_its_name_only_lends_it_to_none_of_its_other_entities(
    hass: HomeAssistant, device_name: str
) -> None:
    device = add_device(hass, device_name, "Dahua", "DHI-VTO2202F")
    ids = slugify(device_name)
    for name in ("Audio Mutation", "Noise", "Connection"):
        entity_id = f"binary_sensor.{ids}_{slugify(name)}"
        add_to(hass, device, entity_id, friendly_name=f"{device_name} {name}", device_class="sound")
    pressed = add_to(
        hass,
        device,
        f"binary_sensor.{ids}_button_pressed",
        friendly_name=f"{device_name} Button Pressed",
        device_class="sound",
    )

    assert proposed(hass) == [pressed]


@pytest.mark.parametrize("device_name", ["Doorbell", "Gate"])
async def test_of_a_doorbells_entities_the_visitor_comes_first(
    hass: HomeAssistant, device_name: str
) -> None:
    device = add_device(hass, device_name, "Reolink", "Reolink Video Doorbell PoE")
    names = ("Baby crying", "IO input 1", "Visitor")
    baby, plain_input, visitor = (
        add_to(
            hass,
            device,
            f"binary_sensor.{slugify(f'{device_name} {name}')}",
            friendly_name=f"{device_name} {name}",
        )
        for name in names
    )

    assert proposed(hass) == [visitor, plain_input]
    assert baby not in proposed(hass)


async def test_a_device_that_was_renamed_since_does_not_speak_through_its_old_ids(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry
) -> None:
    device = add_device(hass, "Front Doorbell")
    device_registry.async_update_device(device.id, name_by_user="Entrance")
    add_to(hass, device, "binary_sensor.front_doorbell_item", friendly_name="Entrance Item")
    add_to(hass, device, "binary_sensor.side_doorbell_item", friendly_name="Entrance Item")

    assert proposed(hass) == []


@pytest.mark.parametrize("device_class", ["button", None], ids=str)
@pytest.mark.parametrize(
    ("name", "types"),
    [
        pytest.param("Front doorbell Button 0", ["single_push", "btn_down"], id="Shelly"),
        pytest.param("Türklingel Action", ["single", "double", "hold"], id="Zigbee2MQTT"),
        pytest.param("HmIP-DBB Klingel", ["press_short", "press_long"], id="Homematic"),
        pytest.param("Doorbell Button", ["multi_press_1", "multi_press_2"], id="Matter"),
        pytest.param("Sonnette", ["KeyPressed", "KeyReleased"], id="Z-Wave"),
        pytest.param("Panel Door ringing sensor", ["activated"], id="free@home"),
    ],
)
async def test_the_event_of_a_plain_button_is_proposed_if_its_name_says_doorbell(
    hass: HomeAssistant, name: str, types: list[str], device_class: str | None
) -> None:
    entity_id = add(
        hass,
        f"event.{slugify(name)}",
        friendly_name=name,
        event_types=types,
        device_class=device_class,
    )

    assert proposed(hass) == [entity_id]


async def test_the_only_button_of_a_device_that_is_called_a_doorbell_is_proposed(
    hass: HomeAssistant,
) -> None:
    device = add_device(hass, "Türklingel", "Shelly", "Plus i4")
    button = add_to(
        hass,
        device,
        "event.turklingel_button_0",
        friendly_name="Türklingel Button 0",
        device_class="button",
        event_types=["single_push"],
    )

    assert proposed(hass) == [button]


@pytest.mark.parametrize(
    ("entity_id", "attributes"),
    [
        pytest.param(
            "sensor.intercom_call_state",
            {"device_class": "enum", "options": ["idle", "ringing"]},
            id="the state of its calls",
        ),
        pytest.param("binary_sensor.doorbell_press", {"device_class": "running"}, id="it runs"),
    ],
)
async def test_a_class_may_be_that_of_a_call_or_of_a_bell_that_runs(
    hass: HomeAssistant, entity_id: str, attributes: dict[str, Any]
) -> None:
    add(hass, entity_id, **attributes)

    assert proposed(hass) == [entity_id]


async def test_what_only_sounds_like_a_doorbell_is_not_proposed(hass: HomeAssistant) -> None:
    ventilation = add_device(hass, "KWL", "Helios", "KWL EC 500W")
    add_to(
        hass,
        ventilation,
        "binary_sensor.kwl_bypass",
        friendly_name="KWL bypass",
        device_class="opening",
    )
    add_to(hass, ventilation, "binary_sensor.kwl_input_1", friendly_name="KWL Input 1")
    jewellery = add_device(hass, "Oura Ring", "Oura", "Gen3")
    add_to(hass, jewellery, "sensor.oura_ring_sleep_score", state_class="measurement")
    add(hass, "sensor.oura_ring_steps", unit_of_measurement="steps")
    add(hass, "binary_sensor.push_service", icon="mdi:bell-badge")
    add(hass, "binary_sensor.siedle", device_class="connectivity", friendly_name="Türklingel")

    assert proposed(hass) == []


async def test_a_helios_intercom_is_no_ventilation(hass: HomeAssistant) -> None:
    device = add_device(hass, "Entrance", "2N", "Helios IP Verso")
    button = add_to(hass, device, "binary_sensor.entrance_input_1", friendly_name="Input 1")

    assert proposed(hass) == [button]


async def test_each_proposal_says_why(hass: HomeAssistant, no_doorbells: MockConfigEntry) -> None:
    intercom = add_device(hass, "Entrance", "2N", "IP Verso")
    add_to(hass, intercom, "binary_sensor.entrance_input_1", friendly_name="Input 1")
    add(hass, "event.bell", friendly_name="Yard", device_class="doorbell", event_types=["ring"])
    add(hass, "event.lock", friendly_name="Lock", event_types=["opened", "doorbell"])
    add(hass, "binary_sensor.bell", friendly_name="Garden")
    add(hass, "binary_sensor.porch", friendly_name="Porch", icon="mdi:doorbell-video")

    form = await open_doorbell(hass, no_doorbells)

    assert form["description_placeholders"]["proposals"].splitlines() == [
        "- **Yard**: doorbell event",
        "- **Lock**: has an event that sounds like a ring",
        "- **Garden**: its name or ID says so",
        "- **Porch**: has the icon of a doorbell",
        "- **Input 1**: input of Entrance, which looks like a doorbell",
    ]


async def test_the_reasons_are_in_the_language_of_the_home(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.config.language = "de"
    await set_up(hass, entry)
    add(hass, "binary_sensor.bell", friendly_name="Garten")

    form = await open_doorbell(hass, entry)

    assert form["description_placeholders"]["proposals"].splitlines() == [
        "- **Garten**: Name oder ID sprechen dafür",
    ]


# The form.


@pytest.fixture
async def no_doorbells(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """A skill that is set up and has no doorbell yet."""
    await set_up(hass, entry)
    (doorbell,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, doorbell)
    return entry


def data_of(entry: MockConfigEntry) -> dict[str, Any]:
    """What is stored of the only doorbell."""
    (doorbell,) = entry.subentries.values()
    return dict(doorbell.data)


async def test_the_likeliest_doorbell_is_filled_in_and_the_others_are_named(
    hass: HomeAssistant, no_doorbells: MockConfigEntry, intercom: dr.DeviceEntry
) -> None:
    event = add_to(hass, intercom, "event.ding", device_class="doorbell", event_types=["ring"])
    motion = add_to(hass, intercom, "binary_sensor.motion", device_class="motion")
    add(hass, "binary_sensor.garden_bell", friendly_name="Garden")

    form = await open_doorbell(hass, no_doorbells)

    assert shown(form).items() >= {"entity_id": event}.items()
    assert shown(form)["warm_up"] == [motion]
    assert form["description_placeholders"] == {
        "proposals": (
            "- **ding**: doorbell event of Entrance\n- **Garden**: its name or ID says so"
        ),
        "live_view": "",
    }


async def test_a_doorbell_of_the_skill_is_not_proposed_again(
    hass: HomeAssistant, no_doorbells: MockConfigEntry
) -> None:
    bell = add(hass, "binary_sensor.garden_bell")
    await submit_doorbell(hass, await open_doorbell(hass, no_doorbells), entity_id=bell)

    form = await open_doorbell(hass, no_doorbells)

    assert "entity_id" not in shown(form)
    assert form["description_placeholders"] == {"proposals": "none found", "live_view": ""}


async def test_a_proposal_that_the_user_empties_makes_a_virtual_doorbell(
    hass: HomeAssistant, no_doorbells: MockConfigEntry
) -> None:
    add(hass, "binary_sensor.garden_bell")

    form = await open_doorbell(hass, no_doorbells)
    await submit_doorbell(hass, form, friendly_name="Gate")

    assert "entity_id" not in data_of(no_doorbells)


async def test_what_was_proposed_for_another_door_does_not_stay(
    hass: HomeAssistant, no_doorbells: MockConfigEntry, intercom: dr.DeviceEntry
) -> None:
    add_to(hass, intercom, "event.ding", device_class="doorbell", event_types=["ring"])
    motion = add_to(hass, intercom, "binary_sensor.motion", device_class="motion")
    other = add(hass, "binary_sensor.garden_bell")

    form = await open_doorbell(hass, no_doorbells)
    await submit_doorbell(hass, form, entity_id=other, warm_up=[motion])

    assert data_of(no_doorbells)["warm_up"] == []


async def test_a_doorbell_without_warm_up_gets_none_that_nobody_saw_come(
    hass: HomeAssistant, no_doorbells: MockConfigEntry, intercom: dr.DeviceEntry
) -> None:
    event = add_to(hass, intercom, "event.ding", device_class="doorbell", event_types=["ring"])
    await submit_doorbell(hass, await open_doorbell(hass, no_doorbells), entity_id=event)
    add_to(hass, intercom, "binary_sensor.motion", device_class="motion")
    (doorbell,) = no_doorbells.subentries

    form = await no_doorbells.start_subentry_reconfigure_flow(hass, doorbell)
    await submit_doorbell(hass, form, **shown(checked(form, DOORBELL_TEXTS)))

    assert "warm_up" not in data_of(no_doorbells)


async def test_a_choice_of_no_warm_up_stays(
    hass: HomeAssistant, no_doorbells: MockConfigEntry, intercom: dr.DeviceEntry
) -> None:
    event = add_to(hass, intercom, "event.ding", device_class="doorbell", event_types=["ring"])
    await submit_doorbell(hass, await open_doorbell(hass, no_doorbells), entity_id=event)
    add_to(hass, intercom, "binary_sensor.motion", device_class="motion")
    (doorbell,) = no_doorbells.subentries

    form = await no_doorbells.start_subentry_reconfigure_flow(hass, doorbell)
    await submit_doorbell(hass, form, entity_id=event, warm_up=[])
    form = await no_doorbells.start_subentry_reconfigure_flow(hass, doorbell)

    assert shown(form)["warm_up"] == []


async def test_an_entity_marked_while_the_form_is_open_is_no_second_doorbell(
    hass: HomeAssistant, no_doorbells: MockConfigEntry
) -> None:
    hass.states.async_set("event.gate", "unknown", {"event_types": ["a", "b"]})
    form = await submit_doorbell(
        hass, await open_doorbell(hass, no_doorbells), entity_id="event.gate"
    )
    await hass.services.async_call(
        "alexa_doorbell",
        "mark_doorbell",
        {"entity_id": "event.gate", "event_types": ["a"]},
        blocking=True,
    )

    result = await submit_doorbell(hass, form, event_types=["a"])

    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert len(no_doorbells.subentries) == 1


async def test_the_switch_used_while_the_form_is_open_stays_off(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    (doorbell,) = entry.subentries
    form = await entry.start_subentry_reconfigure_flow(hass, doorbell)
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.front_door_announcements"}, blocking=True
    )

    await submit_doorbell(hass, form, friendly_name="Gate")

    assert doorbell in entry.runtime_data.muted
