"""Announces the doorbells of Home Assistant on Alexa's Echo devices.

A press goes out: press/watch.py -> press/delivery.py -> client/gateway.py -> client/messages.py.
Alexa's directives come in: alexa/webhook.py -> alexa/answers.py -> accounts/ -> client/lwa.py.
An Echo that shows a door: alexa/answers.py -> alexa/live_view.py -> live_view/views.py.
In a closed home nothing comes in: alexa/closed_home.py -> client/function_url.py.
"""

from functools import partial

from homeassistant.const import CONF_WEBHOOK_ID, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.typing import ConfigType

from .accounts.connection import async_connection, is_closed
from .accounts.registry import Accounts
from .accounts.shown import ShownAccounts
from .accounts.storage import AccountStorage
from .alexa.address import async_delete_cloudhook
from .alexa.answers import Answers
from .alexa.closed_home import ClosedHome
from .alexa.enrolment import async_forget_home, async_function
from .alexa.refusals import Refusals
from .alexa.reports import HOLD, EndpointReports
from .alexa.webhook import async_register_webhook
from .const import DOMAIN
from .data import AlexaDoorbellConfigEntry, AlexaDoorbellData, across_reloads
from .doorbells.steady import Steady
from .entity import async_register_skill_device
from .following import (
    async_apply_connection,
    async_apply_doorbells,
    async_follow,
    async_follow_what_was_made_anew,
    async_others_renamed,
)
from .issues import async_delete_issues, async_update_issues
from .live_view.views import LiveViews
from .migration import async_migrate
from .press.delivery import Delivery
from .press.muted import MutedDoorbells
from .press.warm_up import WarmUp
from .press.watch import DoorbellWatch
from .services import async_setup_services

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.SWITCH,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what all entries share."""
    await across_reloads(hass).replay_memory.async_load()
    async_setup_services(hass)
    # For all entries, loaded or not: cameras and heralds of a press are known by name alone.
    hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, partial(async_others_renamed, hass))
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> bool:
    """Bring an entry of an earlier version into today's form; one of a later major one is not."""
    if entry.version > 1:
        return False
    if entry.minor_version < 2:  # noqa: PLR2004 - the step from 1.1 to 1.2.
        await async_migrate(hass, entry)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> bool:
    """Set up a skill. Nothing here waits for Amazon: a press works from now on."""
    data = entry.runtime_data = await _async_data(hass, entry)
    # First, so that a setup that fails half way leaves nothing running either.
    entry.async_on_unload(partial(_stop, data))
    async_register_skill_device(hass, entry)
    async_apply_connection(hass, entry)
    async_follow_what_was_made_anew(hass, entry)
    async_apply_doorbells(hass, entry)
    data.accounts.start_refreshing()
    data.live_views.start()
    for watch in data.watches.values():
        watch.start()
    async_follow(hass, entry)
    data.shown.update()
    if data.closed_home is None:
        answers = Answers(hass, data.accounts, data.watches, data.live_views)
        replay_memory = across_reloads(hass).replay_memory
        async_register_webhook(hass, entry, replay_memory, data.refusals, answers)
    entry.async_on_unload(entry.add_update_listener(_async_entry_updated))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    async_update_issues(hass, entry)
    data.reports.start()
    if data.closed_home is not None:
        data.closed_home.start()
    return True


async def async_unload_entry(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> bool:
    """Stop watching, by what setup left to be done on unload; presses on their way go on."""
    if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        return False
    if entry.disabled_by is not None:
        async_delete_issues(hass, entry)
    return True


async def async_remove_entry(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
    """Leave nothing behind: neither tokens nor a way in, nor doorbells in the Alexa app."""
    async_delete_issues(hass, entry)
    try:
        data = await _async_data(hass, entry)
    except ConfigEntryNotReady:  # Tokens that nobody can read are nobody's.
        await AccountStorage(hass, entry.entry_id).async_remove()
    else:
        data.shown.stop()
        await data.reports.async_tell_farewell()
        await data.accounts.async_remove()
        del across_reloads(hass).skills[entry.entry_id]
    await MutedDoorbells(hass, entry.entry_id).async_remove()
    if is_closed(entry.data):
        await async_forget_home(async_function(hass, entry.data))
    if (webhook_id := entry.data.get(CONF_WEBHOOK_ID)) is not None:
        await async_delete_cloudhook(hass, webhook_id)


async def _async_data(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> AlexaDoorbellData:
    """Return what an earlier load of the entry left, or start from what is stored."""
    shared = across_reloads(hass)
    if (data := shared.skills.get(entry.entry_id)) is not None:
        return data
    connection = async_connection(hass, entry.data, shared.connections)
    accounts = Accounts(hass, entry, connection, shared.tasks)
    await accounts.async_load()
    muted = MutedDoorbells(hass, entry.entry_id)
    await muted.async_load()
    delivery, watches = Delivery(hass, accounts), dict[str, DoorbellWatch]()
    reports = EndpointReports(hass, accounts, delivery, watches)
    look_at_issues = partial(async_update_issues, hass, entry)
    closed_home = None
    if is_closed(entry.data):
        function = async_function(hass, entry.data)
        closed_home = ClosedHome(hass, accounts, reports, function, look_at_issues)
    data = shared.skills[entry.entry_id] = AlexaDoorbellData(
        accounts=accounts,
        shown=ShownAccounts(hass, entry, accounts),
        delivery=delivery,
        refusals=Refusals(hass),
        reports=reports,
        watches=watches,
        muted=muted,
        missing=Steady(hass, HOLD, look_at_issues),
        warm_up=WarmUp(hass, accounts, muted),
        live_views=LiveViews(hass, look_at_issues),
        closed_home=closed_home,
    )
    return data


async def _async_entry_updated(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
    """Bring what runs in line with the entry, without a reload that could miss a press."""
    async_register_skill_device(hass, entry)
    async_apply_connection(hass, entry)
    entry.runtime_data.shown.update()
    if async_apply_doorbells(hass, entry):
        entry.runtime_data.reports.update()
    async_update_issues(hass, entry)


@callback
def _stop(data: AlexaDoorbellData) -> None:
    if data.closed_home is not None:
        data.closed_home.stop()
    data.accounts.stop_refreshing()
    data.reports.stop()
    data.missing.stop()
    data.warm_up.stop()
    data.live_views.stop()
    for watch in data.watches.values():
        watch.stop()
