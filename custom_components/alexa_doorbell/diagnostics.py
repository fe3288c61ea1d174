"""What a bug report needs to know: counts, states and ages, and nothing that is secret."""

from dataclasses import asdict
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_REGION, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State

from .accounts.linked_account import LinkedAccount
from .accounts.logins import look_at
from .alexa.closed_home import ClosedHome
from .data import AlexaDoorbellConfigEntry
from .doorbells.cameras import hindrance
from .doorbells.doorbell import Doorbell
from .live_view.views import LiveViews
from .press.watch import DoorbellWatch


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: AlexaDoorbellConfigEntry
) -> dict[str, Any]:
    """Tell the story of an entry, built up from what is harmless rather than blacked out."""
    if entry.state is not ConfigEntryState.LOADED:
        return {"region": entry.data[CONF_REGION], "state": entry.state.value}
    data = entry.runtime_data
    closed_home = data.closed_home
    function = {} if closed_home is None else {"function": _function(closed_home)}
    return {
        "region": entry.data[CONF_REGION],
        "accounts": [_account(hass, account) for account in data.accounts.all],
        "doorbells": [
            _doorbell(hass, watch) | _live_view(hass, watch.doorbell, data.live_views)
            for watch in data.watches.values()
        ],
        "refused": dict(data.refusals.counts),
    } | function


def _function(closed_home: ClosedHome) -> dict[str, Any]:
    return {"trouble": closed_home.trouble, "sent": dict(closed_home.function.sent)}


def _account(hass: HomeAssistant, account: LinkedAccount) -> dict[str, Any]:
    login = account.stored.login
    return {
        "identified_by": account.stored.identity.partition(".")[0],
        "region": account.stored.region,
        "health": account.health,
        "login": look_at(hass, login).outlook if login else None,
        "token_ends_in_seconds": round(account.token_ends_in),
        "answers": dict(account.answers),
        "last_answer": account.last_answer,
        "trouble": account.trouble,
    }


def _live_view(hass: HomeAssistant, doorbell: Doorbell, views: LiveViews) -> dict[str, Any]:
    """Nothing of an offer or an answer: both have addresses and passwords."""
    if doorbell.camera is None:
        return {}
    last = views.last.get(doorbell.endpoint_id)
    shown = {
        "hindrance_now": hindrance(hass, doorbell.camera),
        "talk": doorbell.talk,
        "last": asdict(last) if last else None,
    }
    return {"live_view": shown}


def _told(doorbell: Doorbell, state: State | None) -> str | None:
    """Free text, as of a telephone, may say who called."""
    if state is None or state.domain not in {"sensor", "select", "input_select"}:
        return state.state if state else None
    if state.state in {STATE_UNAVAILABLE, STATE_UNKNOWN}:
        return state.state
    return "a chosen one" if state.state in doorbell.states else "another one"


def _doorbell(hass: HomeAssistant, watch: DoorbellWatch) -> dict[str, Any]:
    doorbell = watch.doorbell
    state = hass.states.get(doorbell.entity_id) if doorbell.entity_id else None
    return {
        "source": doorbell.entity_id.partition(".")[0] if doorbell.entity_id else "virtual",
        "source_state": _told(doorbell, state),
        "cooldown": doorbell.cooldown,
        "max_age": doorbell.max_age,
        "event_types": sorted(doorbell.event_types),
        "states": len(doorbell.states),
        "attribute": doorbell.attribute,
        "attribute_values": len(doorbell.attribute_values),
        "rings_when": doorbell.rings_when,
        "rings_on_return": doorbell.rings_on_return,
        "warm_up": len(doorbell.warm_up),
        "announcements": not watch.muted,
    }
