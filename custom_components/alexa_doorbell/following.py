"""Keeps what runs in line with the entry, and with the entities that it names."""

from dataclasses import replace
from functools import partial
import logging

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_ENTITY_ID, EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.helpers.start import async_at_started

from .accounts.connection import async_connection, is_closed
from .accounts.logins import LoginWatch, logins_signal
from .accounts.registry import accounts_signal
from .alexa.address import async_listen
from .alexa.enrolment import async_function
from .client.messages import is_valid_friendly_name
from .const import CONF_CAMERA, CONF_FRIENDLY_NAME, CONF_WARM_UP, DOMAIN, SUBENTRY_DOORBELL
from .data import AlexaDoorbellConfigEntry, across_reloads
from .doorbells.doorbell import Doorbell
from .doorbells.naming import tidy
from .doorbells.sources import source_entity_id, source_is_made_anew, source_unique_id
from .entity import async_register_doorbell_device, new_doorbell_signal
from .issues import async_update_issues
from .press.watch import DoorbellWatch

_LOGGER = logging.getLogger(__name__)


@callback
def async_apply_connection(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
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
def async_apply_doorbells(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> bool:
    """Touch the doorbells that changed, and no other; True: there was one."""
    data = entry.runtime_data
    _follow_titles(hass, entry)
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
def _follow_titles(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
    """Have Alexa call a doorbell as it was renamed on its page; what she cannot say is undone."""
    for endpoint_id, watch in entry.runtime_data.watches.items():
        subentry, before = entry.subentries.get(endpoint_id), watch.doorbell
        if subentry is None or subentry.title == before.title:
            continue
        name = subentry.data[CONF_FRIENDLY_NAME]
        if name != before.friendly_name:
            continue  # Who changed both has said what Alexa is to say.
        title = tidy(subentry.title)
        if not is_valid_friendly_name(title):
            _LOGGER.warning("Alexa cannot say %s, so %s keeps its name", title, name)
            title = name
        data = {**subentry.data, CONF_FRIENDLY_NAME: title}
        hass.config_entries.async_update_subentry(entry, subentry, data=data, title=title)


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
def async_follow(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
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
def async_follow_what_was_made_anew(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
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
def async_others_renamed(
    hass: HomeAssistant, event: Event[er.EventEntityRegistryUpdatedData]
) -> None:
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
