"""What a loaded entry holds, and what outlives its reloads."""

from dataclasses import dataclass, field

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .accounts.connection import new_gateway_session
from .accounts.registry import Accounts
from .accounts.shown import ShownAccounts
from .alexa.closed_home import ClosedHome
from .alexa.refusals import Refusals
from .alexa.replay import StoredReplayMemory
from .alexa.reports import EndpointReports
from .alexa.unfinished import UnfinishedSetups
from .client.connections import Connections
from .const import DOMAIN
from .doorbells.steady import Steady
from .lasting_tasks import LastingTasks
from .live_view.views import LiveViews
from .press.delivery import Delivery
from .press.muted import MutedDoorbells
from .press.warm_up import WarmUp
from .press.watch import DoorbellWatch


@dataclass(frozen=True, slots=True, kw_only=True)
class AlexaDoorbellData:
    """One skill: its accounts, the ways to them, and its doorbells, by endpoint id."""

    accounts: Accounts
    shown: ShownAccounts
    delivery: Delivery
    refusals: Refusals
    reports: EndpointReports
    watches: dict[str, DoorbellWatch]
    muted: MutedDoorbells
    missing: Steady
    warm_up: WarmUp
    live_views: LiveViews
    closed_home: ClosedHome | None
    """None where Alexa's directives come in by a webhook."""


type AlexaDoorbellConfigEntry = ConfigEntry[AlexaDoorbellData]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrossReloads:
    """What outlives a reload of its entry."""

    tasks: LastingTasks
    """A press on its way must not end with the entry that it came from."""
    connections: Connections
    """Open ones, that all entries share: the first press after a reload is as fast as any."""
    replay_memory: StoredReplayMemory
    """A reload must not let a replay in; nor must a restart."""
    setups: UnfinishedSetups
    """Those that are under way, whose webhooks no entry knows yet."""
    skills: dict[str, AlexaDoorbellData] = field(default_factory=dict)
    """By entry id: tokens that are being refreshed, and what has rung already."""


_ACROSS_RELOADS: HassKey[AcrossReloads] = HassKey(DOMAIN)


@callback
def across_reloads(hass: HomeAssistant) -> AcrossReloads:
    """Return what outlives reloads; made by whoever asks first, an entry or a flow."""
    if (made := hass.data.get(_ACROSS_RELOADS)) is not None:
        return made
    tasks, connections = LastingTasks(hass), Connections(new_gateway_session)

    async def close(_event: Event) -> None:
        await connections.close()

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, close)
    made = hass.data[_ACROSS_RELOADS] = AcrossReloads(
        tasks=tasks,
        connections=connections,
        replay_memory=StoredReplayMemory(hass, tasks),
        setups=UnfinishedSetups(hass),
    )
    return made
