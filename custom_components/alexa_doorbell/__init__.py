"""Announces the doorbells of Home Assistant on Alexa's Echo devices.

A press goes out: press/watch.py -> press/delivery.py -> client/gateway.py -> client/messages.py.
Alexa's directives come in: alexa/webhook.py -> alexa/answers.py -> accounts/ -> client/lwa.py.
"""

from dataclasses import replace
from functools import partial

from homeassistant.const import (
    CONF_ENTITY_ID,
    CONF_WEBHOOK_ID,
    EVENT_CORE_CONFIG_UPDATE,
    Platform,
)
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType
from homeassistant.util.hass_dict import HassKey

from .accounts.connection import async_connect
from .accounts.registry import Accounts, accounts_signal
from .alexa.address import async_delete_cloudhook
from .alexa.reports import EndpointReports
from .alexa.webhook import async_register_webhook
from .const import CONF_WARM_UP, DOMAIN, SUBENTRY_DOORBELL
from .data import AlexaDoorbellConfigEntry, AlexaDoorbellData
from .doorbells.doorbell import Doorbell
from .doorbells.sources import source_entity_id, source_unique_id
from .entity import async_register_doorbell_device, async_register_skill_device, new_doorbell_signal
from .issues import async_delete_issues, async_update_issues
from .lasting_tasks import async_setup_lasting_tasks
from .press.delivery import Delivery
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
# By entry id. It outlives a reload, and with it what has rung, and tokens that are being refreshed.
_DATA: HassKey[dict[str, AlexaDoorbellData]] = HassKey(f"{DOMAIN}.data")


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what all entries share."""
    hass.data[_DATA] = {}
    async_setup_lasting_tasks(hass)
    async_setup_services(hass)
    # For all entries, loaded or not: what foretells a press is known by its name alone.
    hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, partial(_warm_up_renamed, hass))
    return True


async def async_setup_entry(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> bool:
    """Set up a skill. Nothing here waits for Amazon: a press works from now on."""
    entry.runtime_data = await _async_data(hass, entry)
    # First, so that a setup that fails half way leaves nothing running either.
    entry.async_on_unload(partial(_stop, entry.runtime_data))
    _apply(hass, entry)
    _follow(hass, entry)
    async_register_webhook(hass, entry)
    entry.async_on_unload(entry.add_update_listener(_async_entry_updated))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> bool:
    """Stop watching, by what setup left to be done on unload; presses on their way go on."""
    if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        return False
    if entry.disabled_by is not None:
        async_delete_issues(hass, entry)
    return True


async def async_remove_entry(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
    """Leave nothing behind: neither tokens nor a way in."""
    async_delete_issues(hass, entry)
    # Home Assistant sets up no domain whose entries are all disabled.
    data = hass.data.get(_DATA, {}).pop(entry.entry_id, None)
    accounts = data.accounts if data else Accounts(hass, entry, async_connect(hass, entry))
    await accounts.async_remove()
    await async_delete_cloudhook(hass, entry.data[CONF_WEBHOOK_ID])


async def _async_data(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> AlexaDoorbellData:
    """Return what an earlier load of the entry left, or start from what is stored."""
    if (data := hass.data[_DATA].get(entry.entry_id)) is not None:
        return data
    accounts = Accounts(hass, entry, async_connect(hass, entry))
    await accounts.async_load()
    delivery, watches = Delivery(hass, accounts), dict[str, DoorbellWatch]()
    reports = EndpointReports(hass, accounts, delivery, watches)
    data = AlexaDoorbellData(
        accounts=accounts,
        delivery=delivery,
        reports=reports,
        watches=watches,
        warm_up=WarmUp(hass, accounts),
    )
    hass.data[_DATA][entry.entry_id] = data
    return data


async def _async_entry_updated(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
    _apply(hass, entry)


@callback
def _stop(data: AlexaDoorbellData) -> None:
    data.accounts.stop_refreshing()
    data.reports.stop()
    data.warm_up.stop()
    for watch in data.watches.values():
        watch.stop()


@callback
def _apply(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
    """Bring what runs in line with the entry, without a reload that could miss a press."""
    data = entry.runtime_data
    data.accounts.connection = async_connect(hass, entry)
    data.accounts.start_refreshing()
    async_register_skill_device(hass, entry)
    doorbells = _doorbells(hass, entry)
    for endpoint_id in data.watches.keys() - doorbells.keys():
        data.watches.pop(endpoint_id).stop()
    for endpoint_id, doorbell in doorbells.items():
        async_register_doorbell_device(hass, entry, doorbell)
        if (watch := data.watches.get(endpoint_id)) is None:
            watch = DoorbellWatch(
                hass, doorbell, data.delivery, partial(_source_changed, hass, entry)
            )
            data.watches[endpoint_id] = watch
            async_dispatcher_send(hass, new_doorbell_signal(entry), watch)
        watch.update(doorbell)
        watch.start()
        if hass.state is CoreState.running:  # Before that, entities may still come.
            data.reports.source_changed(doorbell)
    data.warm_up.follow(doorbells.values())
    async_update_issues(hass, entry)
    data.reports.start()


@callback
def _follow(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
    """Look again at repair issues and reports whenever what they depend on may have changed."""
    data = entry.runtime_data

    @callback
    def issues(*_: object) -> None:
        async_update_issues(hass, entry)

    @callback
    def accounts() -> None:
        async_update_issues(hass, entry)
        data.reports.update()

    @callback
    def started(_hass: HomeAssistant) -> None:
        async_update_issues(hass, entry)
        for watch in data.watches.values():
            data.reports.source_changed(watch.doorbell)

    signal = accounts_signal(entry.entry_id)
    entry.async_on_unload(async_dispatcher_connect(hass, signal, accounts))
    entry.async_on_unload(hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, issues))
    entry.async_on_unload(async_at_started(hass, started))
    if "cloud" in hass.config.components:
        from homeassistant.components import cloud  # noqa: PLC0415 - only loaded where it is used.

        entry.async_on_unload(cloud.async_listen_connection_change(hass, issues))


@callback
def _doorbells(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> dict[str, Doorbell]:
    """Return the doorbells by endpoint id, their entities under the names of today."""
    return {
        subentry.subentry_id: replace(
            Doorbell.from_subentry(subentry), entity_id=source_entity_id(hass, subentry)
        )
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_DOORBELL
    }


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
    async_update_issues(hass, entry)
    entry.runtime_data.reports.source_changed(doorbell)


@callback
def _warm_up_renamed(hass: HomeAssistant, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
    """Keep the new name of an entity that foretells presses."""
    if event.data["action"] != "update" or "entity_id" not in event.data["changes"]:
        return
    old, new = event.data["old_entity_id"], event.data["entity_id"]
    for entry in hass.config_entries.async_entries(DOMAIN):
        for subentry in list(entry.subentries.values()):
            warm_up = subentry.data.get(CONF_WARM_UP, [])
            if old in warm_up:
                renamed = [new if each == old else each for each in warm_up]
                hass.config_entries.async_update_subentry(
                    entry, subentry, data={**subentry.data, CONF_WARM_UP: renamed}
                )
