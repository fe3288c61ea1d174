"""What was so for a while: an entity that is away for a moment was never away."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later


class Steady:
    """The keys that something has held for, for at least so many seconds.

    Calls changed() when a key comes or goes; going takes as long as coming.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        seconds: float,
        changed: Callable[[], None],
        keys: Iterable[str] = (),
    ) -> None:
        self._hass = hass
        self._seconds = seconds
        self._changed = changed
        self._keys = set(keys)
        self._timers: dict[str, CALLBACK_TYPE] = {}

    @property
    def keys(self) -> frozenset[str]:
        """The keys that it holds for."""
        return frozenset(self._keys)

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    @callback
    def note(self, key: str, *, holds: bool) -> None:
        """Say whether it holds now."""
        if holds is (key in self._keys):
            self._forget_timer(key)
        elif key not in self._timers:
            settle = partial(self._settle, key)
            self._timers[key] = async_call_later(self._hass, self._seconds, settle)

    @callback
    def drop(self, key: str) -> None:
        """Forget a key that is no more."""
        self._forget_timer(key)
        self._keys.discard(key)

    @callback
    def stop(self) -> None:
        """Let everything stay as it is."""
        for key in list(self._timers):
            self._forget_timer(key)

    @callback
    def _settle(self, key: str, _now: datetime) -> None:
        del self._timers[key]
        self._keys ^= {key}
        self._changed()

    @callback
    def _forget_timer(self, key: str) -> None:
        if (cancel := self._timers.pop(key, None)) is not None:
            cancel()
