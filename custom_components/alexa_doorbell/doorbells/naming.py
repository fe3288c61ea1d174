"""What Alexa may call a doorbell: a name that makes a sentence."""

from collections.abc import Iterable, Set as AbstractSet
import unicodedata

from homeassistant.const import ATTR_FRIENDLY_NAME
from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er

from ..client.messages import NAME_LIMIT, VOWEL_SIGNS

# Apostrophes, and what only tells how an emoji is drawn.
SILENT_CHARACTERS = "'\u2019\ufe0f"
# At the end of an entity's name they say what it is, and not where.
KIND_WORDS = {"ding", "ring", "rings", "ringing", "visitor", "button", "press", "pressed"}
KIND_WORDS |= {"push", "pushed", "action", "event", "call", "state", "status", "sensor"}
KIND_WORDS |= {"klingeln", "klingelt", "besucher", "taste", "gedrückt", "bezoeker", "visiteur"}
KIND_WORDS |= {"visitante", "visitatore", "来客", "訪問者", "आगंतुक", "زائر"}
# These do too behind the name of a place; elsewhere they may be all that tells doors apart.
BELL_WORDS = {"doorbell", "bell", "chime", "klingel", "türklingel", "sonnette", "bel", "deurbel"}
BELL_WORDS |= {"timbre", "campanello", "campainha", "ドアベル", "डोरबेल", "घंटी", "جرس"}


def tidy(name: str) -> str:
    """Return a name without superfluous blanks."""
    return " ".join(name.split())


@callback
def source_name(hass: HomeAssistant, entity_id: str) -> str:
    """Return the entity's name as far as Alexa can say it.

    One that only says what the entity is gives way to that of its device or area.
    """
    state = hass.states.get(entity_id)
    registered = er.async_get(hass).async_get(entity_id)
    own = (
        state and state.attributes.get(ATTR_FRIENDLY_NAME),
        registered and (registered.name or registered.original_name),
        # Always sayable, once its underscores are gone.
        split_entity_id(entity_id)[1],
    )
    name = next(said for each in own if (said := _sayable(str(each or ""))))
    places = [said for each in _place_names(hass, registered) if (said := _sayable(each))]
    found = [place for each in (name, *places) if (place := _place(each, places))]
    telling = (place for place in found if _without(BELL_WORDS, place))
    return next(telling, next(iter(found), name))


def _place_names(hass: HomeAssistant, registered: er.RegistryEntry | None) -> list[str]:
    """Return what the device and the area of an entity are called."""
    if registered is None:
        return []
    device = dr.async_get(hass).async_get(registered.device_id or "")
    area_id = registered.area_id or (device.area_id if device else None)
    area = ar.async_get(hass).async_get_area(area_id or "")
    return [
        (device.name_by_user or device.name or "") if isinstance(device, dr.DeviceEntry) else "",
        area.name if area else "",
    ]


def _place(name: str, places: Iterable[str]) -> str:
    """Return a name without what only says that there is a bell."""
    words, known = name.split(), set(map(str.casefold, places))
    while words and words.pop().casefold() in KIND_WORDS | BELL_WORDS:
        if (place := " ".join(words)).casefold() in known:
            return place
    return _without(KIND_WORDS, name)


def _without(kinds: AbstractSet[str], name: str) -> str:
    words = name.split()
    while words and words[-1].casefold() in kinds:
        words.pop()
    return " ".join(words)


def _sayable(name: str) -> str:
    """Return the letters, digits and spaces of a name; all else parts words."""
    said = "".join(
        character if character.isalnum() or unicodedata.category(character) in VOWEL_SIGNS else " "
        for character in name
        if character not in SILENT_CHARACTERS
    )
    words = [word for word in said.split() if any(map(str.isalnum, word))]
    return " ".join(words)[:NAME_LIMIT].strip()
