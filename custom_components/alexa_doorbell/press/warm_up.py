"""Gets the way to Amazon ready while somebody walks up to the door."""

from collections.abc import Container, Iterable

from homeassistant.components.event import DOMAIN as EVENT_DOMAIN
from homeassistant.const import STATE_ON
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers.event import async_track_state_change_event

from ..accounts.account import Health
from ..accounts.linked_account import LinkedAccount
from ..accounts.registry import Accounts
from ..client.exceptions import AlexaError
from ..const import DOMAIN
from ..doorbells.doorbell import GAPS, Doorbell

# At most this often, in seconds: a sensor at a busy street must not have a home knock at Amazon's
# door all day, and a server keeps an idle connection for about as long.
PAUSE = 60


def foretells(old: State | None, new: State | None) -> bool:
    """Whether a change means that somebody came near."""
    if old is None or new is None or old.state == new.state:
        return False
    if old.state in GAPS or new.state in GAPS:
        return False
    return new.domain == EVENT_DOMAIN or new.state == STATE_ON


class WarmUp:
    """Follows the entities that foretell a press; then the press itself is one trip to Amazon."""

    def __init__(self, hass: HomeAssistant, accounts: Accounts, muted: Container[str]) -> None:
        self._hass = hass
        self._accounts = accounts
        self._muted = muted
        self._doorbells: list[Doorbell] = []
        self._followed: frozenset[str] = frozenset()
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._warmed_at: float | None = None

    @callback
    def follow(self, doorbells: Iterable[Doorbell]) -> None:
        """Follow what foretells a press of these doorbells, and nothing else."""
        self._doorbells = list(doorbells)
        followed = frozenset().union(*(each.warm_up for each in self._doorbells))
        if followed == self._followed:
            return
        self.stop()
        self._followed = followed
        if followed:
            self._unsubscribe = [
                async_track_state_change_event(self._hass, followed, self._state_changed),
            ]

    @callback
    def stop(self) -> None:
        """Follow nothing."""
        self._followed = frozenset()
        while self._unsubscribe:
            self._unsubscribe.pop()()

    @callback
    def _state_changed(self, event: Event[EventStateChangedData]) -> None:
        now = self._hass.loop.time()
        if not self._is_wanted(event.data["entity_id"]):
            return
        if self._warmed_at is not None and now - self._warmed_at < PAUSE:
            return
        if foretells(event.data["old_state"], event.data["new_state"]):
            self._warmed_at = now
            for account in self._accounts.all:
                if account.health is Health.LINKED:
                    self._hass.async_create_background_task(
                        self._async_warm_up(account), f"{DOMAIN} warm-up"
                    )

    def _is_wanted(self, entity_id: str) -> bool:
        """Whether a press that it foretells would be announced."""
        return any(
            entity_id in each.warm_up and each.endpoint_id not in self._muted
            for each in self._doorbells
        )

    async def _async_warm_up(self, account: LinkedAccount) -> None:
        """Have a token that works, and a connection to carry it."""
        connection = self._accounts.connection
        gateway = connection.gateways[connection.region_of(account.stored)]
        try:
            token = await account.async_token()
            if not await gateway.takes(token):
                await account.async_token(refused=token)
        except AlexaError:
            return  # Nobody has pressed: if it still fails then, the press tells.
