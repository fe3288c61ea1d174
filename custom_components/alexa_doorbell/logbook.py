"""Says in the logbook how each press ended, and who looked at a door."""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

# Home Assistant up to 2026.10 passes these on without saying so.
from homeassistant.components.logbook import (  # type: ignore[attr-defined, unused-ignore]
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.const import ATTR_NAME
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN, EVENT_ANNOUNCEMENT, EVENT_SHOWN
from .press.press import Result

# Home Assistant has no place of its own for the texts of a logbook.
_TEXTS = f"component.{DOMAIN}.selector.logbook.options"


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, str]]], None],
) -> None:
    """Teach the logbook how an announcement and a live view read."""

    @callback
    def describe(event: Event) -> dict[str, str]:
        message = _shown if event.event_type == EVENT_SHOWN else _announced
        return {
            LOGBOOK_ENTRY_NAME: event.data[ATTR_NAME],
            LOGBOOK_ENTRY_MESSAGE: message(hass, event.data),
        }

    async_describe_event(DOMAIN, EVENT_ANNOUNCEMENT, describe)
    async_describe_event(DOMAIN, EVENT_SHOWN, describe)


def _shown(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    return _text(hass, "shown" if data["picture"] else "heard", seconds=_seconds(hass, data))


def _announced(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    accounts: list[dict[str, Any]] = data["accounts"]
    key = data["result"]
    if key == Result.ACCEPTED and len(accounts) == 1:
        key = "accepted_by_one"
    elif key == Result.FAILED and not accounts:
        key = "not_linked"

    def listed(some: str, another: str) -> str:
        return _text(hass, "list", some=some, another=another)

    missed = [each["name"] for each in accounts if each["result"] == data["result"]]
    return _text(
        hass,
        key,
        accounts=len(accounts),
        missed=reduce(listed, missed) if missed else "",
        seconds=_seconds(hass, data),
    )


def _text(hass: HomeAssistant, key: str, **values: object) -> str:
    texts = async_get_cached_translations(hass, hass.config.language, "selector", DOMAIN)
    return texts.get(f"{_TEXTS}.{key}", key).format(**values)


def _seconds(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Two digits tell enough, of milliseconds as of minutes."""
    seconds = data["latency_ms"] / 1000
    digits = f"{seconds:.2g}" if seconds < 10 else f"{seconds:.0f}"  # noqa: PLR2004
    whole, _, fraction = digits.partition(".")
    return _text(hass, "decimal", whole=whole, fraction=fraction) if fraction else whole
