"""Announces the doorbells of Home Assistant on Alexa's Echo devices.

A press goes out: press/watch.py -> press/delivery.py -> client/gateway.py -> client/messages.py.
Alexa's directives come in: alexa/webhook.py -> alexa/answers.py -> accounts/ -> client/lwa.py.
An Echo that shows a door: alexa/answers.py -> alexa/live_view.py -> live_view/views.py.
In a closed home nothing comes in: alexa/closed_home.py -> client/function_url.py.
"""

from dataclasses import replace
from functools import partial

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import (
    CONF_ENTITY_ID,
    CONF_WEBHOOK_ID,
    EVENT_CORE_CONFIG_UPDATE,
    Platform,
)
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType

from .accounts.connection import async_connection, is_closed
from .accounts.logins import LoginWatch, logins_signal
from .accounts.registry import Accounts, accounts_signal
from .accounts.shown import ShownAccounts
from .accounts.storage import AccountStorage
from .alexa.address import async_delete_cloudhook, async_listen
from .alexa.answers import Answers
from .alexa.closed_home import ClosedHome
from .alexa.enrolment import async_forget_home, async_function
from .alexa.refusals import Refusals
from .alexa.reports import HOLD, EndpointReports
from .alexa.webhook import async_register_webhook
from .const import CONF_CAMERA, CONF_WARM_UP, DOMAIN, SUBENTRY_DOORBELL
from .data import AlexaDoorbellConfigEntry, AlexaDoorbellData, across_reloads
from .doorbells.doorbell import Doorbell
from .doorbells.sources import source_entity_id, source_is_made_anew, source_unique_id
from .doorbells.steady import Steady
from .entity import async_register_doorbell_device, async_register_skill_device, new_doorbell_signal
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
    hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, partial(_others_renamed, hass))
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
    _apply_connection(hass, entry)
    _follow_what_was_made_anew(hass, entry)
    _apply_doorbells(hass, entry)
    data.accounts.start_refreshing()
    data.live_views.start()
    for watch in data.watches.values():
        watch.start()
    _follow(hass, entry)
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
    _apply_connection(hass, entry)
    entry.runtime_data.shown.update()
    if _apply_doorbells(hass, entry):
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


@callback
def _apply_connection(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
    """Go on with the entry's credentials, and where it says that Amazon is."""
    accounts = entry.runtime_data.accounts
    connection = async_connection(hass, entry.data, across_reloads(hass).connections)
    if connection != accounts.connection:
        accounts.reconnect(connection)
    if (closed_home := entry.runtime_data.closed_home) is not None:
        function = async_function(hass, entry.data)
        if function.home != closed_home.function.home:
            closed_home.reconnect(function)


@callback
def _apply_doorbells(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> bool:
    """Touch the doorbells that changed, and no other; True: there was one."""
    data = entry.runtime_data
    doorbells = _doorbells(hass, entry)
    gone = data.watches.keys() - doorbells.keys()
    for endpoint_id in gone:
        data.watches.pop(endpoint_id).stop()
        data.missing.drop(endpoint_id)
    changed = [
        doorbell
        for endpoint_id, doorbell in doorbells.items()
        if endpoint_id not in data.watches or data.watches[endpoint_id].doorbell != doorbell
    ]
    for doorbell in changed:
        _apply_doorbell(hass, entry, doorbell)
    data.warm_up.follow(doorbells.values())
    data.live_views.follow(doorbells.values())
    data.live_views.look()
    return bool(gone or changed)


@callback
def _apply_doorbell(
    hass: HomeAssistant, entry: AlexaDoorbellConfigEntry, doorbell: Doorbell
) -> None:
    data = entry.runtime_data
    async_register_doorbell_device(hass, entry, doorbell)
    if (watch := data.watches.get(doorbell.endpoint_id)) is None:
        changed = partial(_source_changed, hass, entry)
        watch = DoorbellWatch(hass, doorbell, data.delivery, data.muted, changed)
        data.watches[doorbell.endpoint_id] = watch
        async_dispatcher_send(hass, new_doorbell_signal(entry), watch)
    watch.update(doorbell)
    watch.start()
    _look_for_source(hass, entry, doorbell)


@callback
def _look_for_source(
    hass: HomeAssistant, entry: AlexaDoorbellConfigEntry, doorbell: Doorbell
) -> None:
    """Note whether a doorbell's entity is there, once all have had time to come."""
    if hass.state is not CoreState.running:
        return
    data = entry.runtime_data
    data.reports.source_changed(doorbell)
    if doorbell.entity_id is not None and hass.states.get(doorbell.entity_id) is None:
        data.missing.note(doorbell.endpoint_id, holds=True)
    else:
        data.missing.drop(doorbell.endpoint_id)


@callback
def _follow(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
    """Look again at repair issues and reports whenever what they depend on may have changed."""
    data = entry.runtime_data

    @callback
    def issues(*_: object) -> None:
        async_update_issues(hass, entry)

    logins = LoginWatch(hass, issues)

    @callback
    def accounts() -> None:
        logins.follow(data.accounts.logins)
        data.shown.update()
        async_update_issues(hass, entry)
        data.reports.update()

    @callback
    def started(_hass: HomeAssistant) -> None:
        for watch in data.watches.values():
            _look_for_source(hass, entry, watch.doorbell)
        data.live_views.look()
        async_update_issues(hass, entry)

    logins.start()
    logins.follow(data.accounts.logins)
    entry.async_on_unload(logins.stop)
    came = logins_signal(entry.entry_id)
    entry.async_on_unload(async_dispatcher_connect(hass, came, issues))
    signal = accounts_signal(entry.entry_id)
    entry.async_on_unload(async_dispatcher_connect(hass, signal, accounts))
    entry.async_on_unload(hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, issues))
    entry.async_on_unload(async_at_started(hass, started))
    entry.async_on_unload(async_listen(hass, issues))


@callback
def _doorbells(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> dict[str, Doorbell]:
    """Return the doorbells by endpoint id, their entities under the names of today."""
    return {
        subentry.subentry_id: _doorbell(hass, entry, subentry)
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_DOORBELL
    }


@callback
def _doorbell(
    hass: HomeAssistant, entry: AlexaDoorbellConfigEntry, subentry: ConfigSubentry
) -> Doorbell:
    doorbell = Doorbell.from_subentry(subentry)
    doorbell = replace(doorbell, entity_id=source_entity_id(hass, subentry))
    # Into a closed home no offer comes.
    return replace(doorbell, camera=None, talk=False) if is_closed(entry.data) else doorbell


@callback
def _follow_what_was_made_anew(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
    """Know entities that were deleted and made again while nobody watched by their new ids."""
    for subentry in list(entry.subentries.values()):
        if subentry.subentry_type == SUBENTRY_DOORBELL and source_is_made_anew(hass, subentry):
            entity_id = subentry.data[CONF_ENTITY_ID]
            unique_id = source_unique_id(hass, entry, entity_id, subentry.subentry_id)
            hass.config_entries.async_update_subentry(entry, subentry, unique_id=unique_id)


@callback
def _source_changed(
    hass: HomeAssistant, entry: AlexaDoorbellConfigEntry, doorbell: Doorbell
) -> None:
    """Keep a renamed entity's new name, and tell of one that went or came back."""
    subentry = entry.subentries[doorbell.endpoint_id]
    hass.config_entries.async_update_subentry(
        entry,
        subentry,
        data={**subentry.data, CONF_ENTITY_ID: doorbell.entity_id},
        unique_id=source_unique_id(hass, entry, doorbell.entity_id, subentry.subentry_id),
    )
    _look_for_source(hass, entry, doorbell)
    async_update_issues(hass, entry)


@callback
def _others_renamed(hass: HomeAssistant, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
    """Keep the new name of a camera, and of an entity that foretells presses."""
    if event.data["action"] != "update" or "entity_id" not in event.data["changes"]:
        return
    old, new = event.data["old_entity_id"], event.data["entity_id"]
    for entry in hass.config_entries.async_entries(DOMAIN):
        for subentry in list(entry.subentries.values()):
            renamed = dict(subentry.data)
            if old in renamed.get(CONF_WARM_UP, []):
                warm_up = [new if each == old else each for each in renamed[CONF_WARM_UP]]
                renamed[CONF_WARM_UP] = warm_up
            if renamed.get(CONF_CAMERA) == old:
                renamed[CONF_CAMERA] = new
            hass.config_entries.async_update_subentry(entry, subentry, data=renamed)
