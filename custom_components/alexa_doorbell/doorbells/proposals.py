"""Guesses which entities are doorbells, and which foretell a press, for the form to propose."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, auto

from homeassistant.components.event import ATTR_EVENT_TYPES, DOMAIN as EVENT, EventDeviceClass
from homeassistant.components.sensor import ATTR_STATE_CLASS
from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_ICON, ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant, State, callback, split_entity_id
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util import slugify

from ..const import DOMAIN
from .sources import told_names
from .wording import RING_WORDS, is_press_like, split_words

# The domains whose entities may well be a press, and not merely a doorbell's settings.
PRESS_DOMAINS = (
    "binary_sensor",
    "event",
    "input_boolean",
    "input_button",
    "input_select",
    "sensor",
)
# Whole words, beside those of wording.py.
BELL_WORDS = RING_WORDS | {"bel", "buzzer", "dingdong", "gong", "intercom", "timbre"}
BELL_WORDS |= {"2n", "citofono", "interfone", "portero"}
# Parts of words: some languages write compounds, others signs that part words for Python.
# Helios alone makes ventilation too.
BELL_PARTS = {"doorbell", "klingel", "sprechanlage", "sonnette", "interphone", "carillon"}
BELL_PARTS |= {"campanello", "campainha", "deurbel", "videocitofono", "videoportero", "helios ip"}
BELL_PARTS |= {"visiophone", "ドアベル", "インターホン", "チャイム", "घंटी", "جرس"}
BELL_ICONS = "mdi:doorbell"
# What else such devices tell of.
NO_BELL_WORDS = {"alarm", "animal", "audio", "baby", "battery", "connected", "count", "crying"}
NO_BELL_WORDS |= {"duration", "enabled", "firmware", "last", "led", "light", "message", "motion"}
NO_BELL_WORDS |= {"mute", "muted", "mutation", "noise", "offline", "online", "package", "person"}
NO_BELL_WORDS |= {"pet", "picture", "recording", "ringtone", "signal", "silent", "sound", "tamper"}
NO_BELL_WORDS |= {"tone", "unlock", "vehicle", "volume"}
# Of a doorbell's device, what may be its button, though it does not say so.
PLAIN_WORDS = {"action", "button", "call", "click", "door", "event", "input", "io", "key", "press"}
PLAIN_WORDS |= {"pressed", "push", "trigger"}
# What an input of an intercom may be called by those who do not know what hangs on it;
# "doorbell" is no legal class of a binary sensor, but there.
PRESS_CLASSES = {None, "doorbell", "occupancy", "opening", "running", "sound", "vibration"}
SENSOR_CLASSES = {None, "enum"}
FORETELLING_CLASSES = {"motion", "occupancy", "presence"}
FORETELLING_WORDS = {"motion", "people", "person"}

# Home Assistant has no place of its own for words that a form is filled in with.
_TEXTS = f"component.{DOMAIN}.selector.proposal.options"
PROPOSALS_SHOWN = 5


class Reason(IntEnum):
    """Why an entity may be a doorbell, the surest first; in words below selector.proposal."""

    DOORBELL_EVENT = auto()
    RING_EVENT = auto()
    NAME = auto()
    ICON = auto()
    DEVICE = auto()
    BUTTON = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An entity that may well tell of a press, and why."""

    reason: Reason
    name: str
    entity_id: str
    device: str | None = None


@callback
def likely_doorbells(hass: HomeAssistant) -> list[Proposal]:
    """Return the entities that may well tell of a press, the likeliest first."""
    found = [
        Proposal(
            reason=reason,
            name=state.name,
            entity_id=state.entity_id,
            device=_device_name(_device(hass, state.entity_id)),
        )
        for state in hass.states.async_all(PRESS_DOMAINS)
        if (reason := _reason(hass, state)) is not None
    ]
    # Some devices tell of a press twice.
    sure = [each.entity_id for each in found if each.reason is Reason.DOORBELL_EVENT]
    told = {_device_id(hass, entity_id) for entity_id in sure} - {None}
    found.sort(key=lambda each: (each.reason, each.name, each.entity_id))
    return [
        each
        for each in found
        if each.entity_id in sure or _device_id(hass, each.entity_id) not in told
    ]


@callback
def proposals_in_words(hass: HomeAssistant, proposals: Iterable[Proposal]) -> str:
    """Return the likeliest as a list for the form, each with the reason."""
    texts = async_get_cached_translations(hass, hass.config.language, "selector", DOMAIN)

    def text(key: str) -> str:
        return texts.get(f"{_TEXTS}.{key}", key)

    lines = []
    for each in list(proposals)[:PROPOSALS_SHOWN]:
        key = each.reason.name.lower()
        if each.device and each.reason in {Reason.DOORBELL_EVENT, Reason.DEVICE}:
            key += "_of"
        lines.append(f"- **{each.name}**: {text(key).format(device=each.device)}")
    return "\n".join(lines) or text("none")


@callback
def words_of_closed_home(hass: HomeAssistant) -> str:
    """Return why the form of a closed home asks for no camera."""
    texts = async_get_cached_translations(hass, hass.config.language, "selector", DOMAIN)
    return texts.get(f"{_TEXTS}.closed_home", "")


@callback
def likely_warm_up(hass: HomeAssistant, entity_id: str | None) -> list[str]:
    """Return the motion and person sensors of an entity's device, or else of its area."""
    if entity_id is None:
        return []
    candidates = [
        state.entity_id
        for state in hass.states.async_all(("binary_sensor", EVENT))
        if state.entity_id != entity_id
        and not is_aside(hass, state.entity_id)
        and _foretells(state)
    ]
    return nearest(hass, entity_id, candidates)


@callback
def nearest(hass: HomeAssistant, entity_id: str, candidates: Iterable[str]) -> list[str]:
    """Return those that are in an entity's device, or else in its area."""
    candidates = sorted(candidates)
    for place_of in (_device_id, _area_id):
        place = place_of(hass, entity_id)
        near = [each for each in candidates if place and place_of(hass, each) == place]
        if near:
            return near
    return []


@callback
def is_aside(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether an entity is one of our own, hidden, or a setting or a diagnosis of its device."""
    registered = er.async_get(hass).async_get(entity_id)
    return registered is not None and bool(
        registered.platform == DOMAIN or registered.entity_category or registered.hidden_by
    )


def _reason(hass: HomeAssistant, state: State) -> Reason | None:
    """Return why an entity may be a doorbell; None: it seems to be none."""
    if is_aside(hass, state.entity_id) or _is_measured(state):
        return None
    device_class = state.attributes.get(ATTR_DEVICE_CLASS)
    if state.domain == EVENT:
        if device_class == EventDeviceClass.DOORBELL:
            return Reason.DOORBELL_EVENT
        if device_class == EventDeviceClass.MOTION:
            return None
        types = told_names(hass, state.entity_id, ATTR_EVENT_TYPES)
        if any(set(split_words(name)) & RING_WORDS for name in types):
            return Reason.RING_EVENT
    elif device_class not in (SENSOR_CLASSES if state.domain == "sensor" else PRESS_CLASSES):
        return None
    return _reason_by_name(hass, state)


def _reason_by_name(hass: HomeAssistant, state: State) -> Reason | None:
    """Judge an entity by its own name; that of its device only says where it is."""
    device = _device(hass, state.entity_id)
    own = _own_name(state, device)
    words = set(split_words(own))
    if words & NO_BELL_WORDS:
        return None
    if _says_bell(own):
        return Reason.NAME
    # Some give such an entity the picture of a doorbell, if not the name.
    if str(state.attributes.get(ATTR_ICON)).startswith(BELL_ICONS):
        return Reason.ICON
    if state.domain not in {"binary_sensor", EVENT}:
        return None
    plain = all(word in PLAIN_WORDS or word.isdecimal() for word in words)
    if device and plain and _says_bell(_printed_on(device)):
        return Reason.DEVICE
    return Reason.BUTTON if state.domain != EVENT and is_press_like(own) else None


def _own_name(state: State, device: dr.DeviceEntry | None) -> str:
    """Return what an entity is called within its device, in words and in its id."""
    _, object_id = split_entity_id(state.entity_id)
    if device is None:
        return f"{object_id} {state.name}"
    names = [name for name in (device.name_by_user, device.name) if name]
    own = state.name
    for name in names:
        if own.casefold().startswith(name.casefold()):
            own = own[len(name) :]
            break
    # Of a device that was renamed since, it may hold the name of before.
    for prefix in map(slugify, names):
        if object_id.startswith(f"{prefix}_"):
            return f"{object_id.removeprefix(prefix)} {own}"
    return own


def _is_measured(state: State) -> bool:
    return ATTR_UNIT_OF_MEASUREMENT in state.attributes or ATTR_STATE_CLASS in state.attributes


def _foretells(state: State) -> bool:
    device_class = state.attributes.get(ATTR_DEVICE_CLASS)
    if device_class in FORETELLING_CLASSES:
        return True
    return device_class is None and bool(set(split_words(state.entity_id)) & FORETELLING_WORDS)


def _says_bell(text: str) -> bool:
    folded = text.casefold()
    return bool(set(split_words(text)) & BELL_WORDS) or any(part in folded for part in BELL_PARTS)


def _printed_on(device: dr.DeviceEntry) -> str:
    return f"{_device_name(device)} {device.manufacturer} {device.model}"


def _device_name(device: dr.DeviceEntry | None) -> str | None:
    return device.name_by_user or device.name if device else None


def _device(hass: HomeAssistant, entity_id: str) -> dr.DeviceEntry | None:
    device = dr.async_get(hass).async_get(_device_id(hass, entity_id) or "")
    return device if isinstance(device, dr.DeviceEntry) else None


def _device_id(hass: HomeAssistant, entity_id: str) -> str | None:
    registered = er.async_get(hass).async_get(entity_id)
    return registered.device_id if registered else None


def _area_id(hass: HomeAssistant, entity_id: str) -> str | None:
    registered = er.async_get(hass).async_get(entity_id)
    if registered is None:
        return None
    device = dr.async_get(hass).async_get(registered.device_id or "")
    return registered.area_id or (device.area_id if device else None)
