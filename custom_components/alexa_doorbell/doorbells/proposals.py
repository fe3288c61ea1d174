"""Guesses which entities are doorbells, and which foretell a press, for the form to propose."""

import re

from homeassistant.components.event import ATTR_EVENT_TYPES, DOMAIN as EVENT, EventDeviceClass
from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_ICON
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import DOMAIN
from .sources import RING_WORDS

# The domains whose entities may well be a press, and not merely a doorbell's settings.
PRESS_DOMAINS = (
    "binary_sensor",
    "event",
    "input_boolean",
    "input_button",
    "input_select",
    "sensor",
)
# Whole words, beside those of sources.py.
BELL_WORDS = RING_WORDS | {"bel", "buzzer", "dingdong", "gong", "helios", "intercom", "timbre"}
BELL_WORDS |= {"2n", "citofono", "interfone", "portero"}
# Parts of words: some languages write compounds, others signs that part words for Python.
BELL_PARTS = {"doorbell", "klingel", "sprechanlage", "sonnette", "interphone", "carillon"}
BELL_PARTS |= {"campanello", "campainha", "deurbel", "videocitofono", "videoportero"}
BELL_PARTS |= {"visiophone", "ドアベル", "インターホン", "チャイム", "घंटी", "جرس"}
# What else such devices tell of.
NO_BELL_WORDS = {"animal", "battery", "connected", "duration", "enabled", "led", "light", "message"}
NO_BELL_WORDS |= {
    "motion",
    "online",
    "package",
    "person",
    "pet",
    "picture",
    "recording",
    "ringtone",
}
NO_BELL_WORDS |= {"silent", "sound", "tamper", "tone", "unlock", "vehicle", "volume", "last"}
# What an input of an intercom may be called by those who do not know what hangs on it;
# "doorbell" is no legal class of a binary sensor, but there.
PRESS_CLASSES = {None, "doorbell", "occupancy", "opening", "sound", "vibration"}
FORETELLING_CLASSES = {"motion", "occupancy", "presence"}
FORETELLING_WORDS = {"motion", "people", "person"}


@callback
def likely_doorbells(hass: HomeAssistant) -> list[str]:
    """Return the entities that may well tell of a press, the likeliest first."""
    ranked = [
        (rank, state.name, state.entity_id)
        for state in hass.states.async_all(PRESS_DOMAINS)
        if (rank := _rank(hass, state)) is not None
    ]
    # Some devices tell of a press twice.
    told = {_device_id(hass, entity_id) for rank, _, entity_id in ranked if rank == 0} - {None}
    return [
        entity_id
        for rank, _, entity_id in sorted(ranked)
        if rank == 0 or _device_id(hass, entity_id) not in told
    ]


@callback
def likely_warm_up(hass: HomeAssistant, entity_id: str | None) -> list[str]:
    """Return the motion and person sensors of an entity's device, or else of its area."""
    if entity_id is None:
        return []
    candidates = [
        state.entity_id
        for state in hass.states.async_all(("binary_sensor", EVENT))
        if state.entity_id != entity_id and not _is_beside_it(hass, state) and _foretells(state)
    ]
    for place_of in (_device_id, _area_id):
        place = place_of(hass, entity_id)
        near = [each for each in candidates if place and place_of(hass, each) == place]
        if near:
            return sorted(near)
    return []


def _rank(hass: HomeAssistant, state: State) -> int | None:
    """Return how sure it is that an entity is a doorbell, 0 the most; None: it seems to be none."""
    if _is_beside_it(hass, state):
        return None
    device_class = state.attributes.get(ATTR_DEVICE_CLASS)
    if state.domain == EVENT:
        if device_class == EventDeviceClass.DOORBELL:
            return 0
        types = state.attributes.get(ATTR_EVENT_TYPES) or ()
        return 1 if any(_words(str(name)) & RING_WORDS for name in types) else None
    words = _words(f"{state.entity_id} {state.name}")
    if device_class not in PRESS_CLASSES or words & NO_BELL_WORDS:
        return None
    # Some give such an entity the picture of a doorbell, if not the name.
    if _says_bell(f"{state.entity_id} {state.name} {state.attributes.get(ATTR_ICON)}"):
        return 2
    return (
        3
        if state.domain == "binary_sensor" and _says_bell(_printed_on_device(hass, state))
        else None
    )


def _is_beside_it(hass: HomeAssistant, state: State) -> bool:
    """Whether an entity is one of our own, or a setting or a diagnosis of its device."""
    registered = er.async_get(hass).async_get(state.entity_id)
    return registered is not None and bool(
        registered.platform == DOMAIN or registered.entity_category
    )


def _foretells(state: State) -> bool:
    device_class = state.attributes.get(ATTR_DEVICE_CLASS)
    if device_class in FORETELLING_CLASSES:
        return True
    return device_class is None and bool(_words(state.entity_id) & FORETELLING_WORDS)


def _says_bell(text: str) -> bool:
    return bool(_words(text) & BELL_WORDS) or any(part in text.casefold() for part in BELL_PARTS)


def _words(text: str) -> set[str]:
    return set(re.split(r"[\W_]+", text.casefold()))


def _printed_on_device(hass: HomeAssistant, state: State) -> str:
    """Return the name, maker and model of the entity's device."""
    device = dr.async_get(hass).async_get(_device_id(hass, state.entity_id) or "")
    if not isinstance(device, dr.DeviceEntry):
        return ""
    return f"{device.name} {device.manufacturer} {device.model}"


def _device_id(hass: HomeAssistant, entity_id: str) -> str | None:
    registered = er.async_get(hass).async_get(entity_id)
    return registered.device_id if registered else None


def _area_id(hass: HomeAssistant, entity_id: str) -> str | None:
    registered = er.async_get(hass).async_get(entity_id)
    if registered is None:
        return None
    device = dr.async_get(hass).async_get(registered.device_id or "")
    return registered.area_id or (device.area_id if device else None)
