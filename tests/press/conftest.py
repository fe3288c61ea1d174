"""A doorbell without accounts, whose presses are counted on their way out."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import CONF_REGION
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.alexa_doorbell.press.delivery import Delivery
from custom_components.alexa_doorbell.press.press import Outcome, Press, Result

from ..home import doorbell_subentry, set_up

UNREGISTERED = {
    "client_id": "amzn1.application-oa2-client.made-up",
    "client_secret": "made-up",
    "webhook_id": "webhook-of-the-skill",
    "shared_secret": "whsec_bWFkZS11cA==",
}

# Lets so many seconds pass, with all that is due in them.
type Later = Callable[[float], Awaitable[None]]


class Watch(Protocol):
    """Makes an entity a doorbell without a cooldown, or several, each with settings of its own."""

    async def __call__(
        self, entity_id: str, *several: dict[str, Any], **settings: Any
    ) -> MockConfigEntry:
        """Return the loaded entry."""


@pytest.fixture
def presses(monkeypatch: pytest.MonkeyPatch) -> list[Press]:
    """Every press on its way to the accounts; the one there is takes each."""
    seen: list[Press] = []

    async def take(press: Press) -> list[Outcome]:
        result = Result.MUTED if press.muted else Result.ACCEPTED
        return [Outcome(name="Ada", result=result, attempts=1, latency_ms=0)]

    def record(self: Delivery, press: Press) -> asyncio.Task[list[Outcome]]:
        seen.append(press)
        return self._hass.async_create_background_task(take(press), "press")

    monkeypatch.setattr(Delivery, "announce", record)
    return seen


@pytest.fixture
def watch(hass: HomeAssistant, presses: list[Press], freezer: FrozenDateTimeFactory) -> Watch:
    """Make an entity a doorbell; time stands still but for the test's own ticks."""
    freezer.move_to(dt_util.utcnow().replace(microsecond=0))  # States hold milliseconds.

    async def watch(entity_id: str, *several: dict[str, Any], **settings: Any) -> MockConfigEntry:
        subentries = [
            doorbell_subentry(entity_id, **{"cooldown": 0} | settings | each)
            for each in several or ({},)
        ]
        # Only one of several holds on to the entity.
        subentries[1:] = [
            ConfigSubentryData(**each | {"unique_id": None}) for each in subentries[1:]
        ]
        entry = MockConfigEntry(
            domain="alexa_doorbell",
            data=UNREGISTERED | {CONF_REGION: "eu"},
            subentries_data=subentries,
        )
        entry.add_to_hass(hass)
        await set_up(hass, entry)
        return entry

    return watch


@pytest.fixture
def later(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Later:
    """Let time pass."""

    async def later(seconds: float) -> None:
        freezer.tick(seconds)
        async_fire_time_changed(hass)
        await hass.async_block_till_done()

    return later
