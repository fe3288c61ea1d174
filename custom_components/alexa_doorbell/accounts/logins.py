"""The login in Home Assistant that a link stands on: Alexa's own, where it links by one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from homeassistant.auth import EVENT_USER_REMOVED
from homeassistant.auth.models import RefreshToken
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from ..const import DOMAIN

# So long before its end people hear of it. Home Assistant ends one 90 days after its last use.
AHEAD = timedelta(days=14)
LOOKS = timedelta(days=1)


class Outlook(StrEnum):
    """Whether a login goes on."""

    LASTS = "lasts"
    ENDS = "ends"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What Home Assistant says of a login; it ends at a time, or never by itself."""

    outlook: Outlook
    ends_at: datetime | None = None


def logins_signal(entry_id: str) -> SignalType[()]:
    """Return the signal that tells that Alexa came with a login, which renews it."""
    return SignalType(f"{DOMAIN}.{entry_id}.logins")


@callback
def login_of(hass: HomeAssistant, access_token: str | None) -> RefreshToken | None:
    """Return the login that an access token belongs to, None for a token of anybody else's."""
    if access_token is None:
        return None
    try:
        return hass.auth.async_validate_access_token(access_token)
    except Exception:  # noqa: BLE001 - It was made for tokens of its own, and this may be any.
        return None


@callback
def look_at(hass: HomeAssistant, login_id: str) -> Login:
    """Return how long a login goes on, by its refresh token's id."""
    token = hass.auth.async_get_refresh_token(login_id)
    if token is None:
        return Login(outlook=Outlook.ENDED)
    if token.expire_at is None:
        return Login(outlook=Outlook.LASTS)
    ends_at = dt_util.utc_from_timestamp(token.expire_at)
    left = ends_at - dt_util.utcnow()
    if left <= timedelta():
        return Login(outlook=Outlook.ENDED)
    return Login(outlook=Outlook.ENDS if left <= AHEAD else Outlook.LASTS, ends_at=ends_at)


class LoginWatch:
    """Tells when a login may have ended, or is about to."""

    def __init__(self, hass: HomeAssistant, changed: Callable[[], None]) -> None:
        self._hass = hass
        self._changed = changed
        self._followed: dict[str, CALLBACK_TYPE] = {}
        self._others: list[CALLBACK_TYPE] = []

    @callback
    def start(self) -> None:
        """Look every day, and when a user is gone."""

        @callback
        def changed(_: object) -> None:
            self._changed()

        self._others = [
            async_track_time_interval(self._hass, changed, LOOKS),
            # Before 2026.10, deleting a user revokes nothing that we would hear of.
            self._hass.bus.async_listen(EVENT_USER_REMOVED, changed),
        ]

    @callback
    def stop(self) -> None:
        """Look no more."""
        self.follow(())
        while self._others:
            self._others.pop()()

    @callback
    def follow(self, login_ids: Iterable[str]) -> None:
        """Hear at once when one of these is revoked, with its user or alone."""
        wanted = set(login_ids)
        for login_id in self._followed.keys() - wanted:
            self._followed.pop(login_id)()
        for login_id in wanted - self._followed.keys():
            self._followed[login_id] = self._hass.auth.async_register_revoke_token_callback(
                login_id, self._changed
            )
