"""What the user has to mend: each repair issue is there exactly while its cause is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from homeassistant.const import CONF_REGION
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .accounts.account import Health
from .accounts.linked_account import LinkedAccount
from .accounts.logins import Outlook, look_at
from .alexa.address import address_error, external_address, origin_of
from .alexa.closed_home import ClosedHome
from .alexa.setup_message import closed_skill_command
from .client.exceptions import Trouble
from .const import DOMAIN, REGION_CUSTOM
from .data import AlexaDoorbellConfigEntry
from .doorbells.cameras import Hindrance
from .doorbells.choice import TypesGone, types_gone
from .doorbells.doorbell import Doorbell

EVENT_TYPES_GONE = "event_types_gone"
NOT_LINKED = "not_linked"
NOT_LINKED_CLOSED = "not_linked_closed"
# One text for each of what may be in the way: see Hindrance.
NO_LIVE_VIEW = "no_live_view"
NO_EXTERNAL_URL = "no_external_url"
SAME_USER_TWICE = "same_user_twice"
SOURCE_MISSING = "source_missing"
LOGIN_ENDED, LOGIN_ENDS = "login_ended", "login_ends"
FUNCTION_GONE, FUNCTION_REFUSES, CLOCK_OFF = "function_gone", "function_refuses", "clock_off"
FUNCTION_ISSUES = {
    Trouble.GONE: FUNCTION_GONE,
    Trouble.REFUSED: FUNCTION_REFUSES,
    Trouble.CLOCK: CLOCK_OFF,
}
# Who moved a skill to another stage has to link it again, as whoever disabled it.
ISSUE_OF = {Health.SKILL_NOT_FOUND: Health.SKILL_DISABLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Issue:
    """A cause that was found; those with data have a fix flow in repairs.py."""

    translation_key: str
    kind: str = ""
    """What it is, where there are several texts for it."""
    severity: ir.IssueSeverity = ir.IssueSeverity.ERROR
    about: str = ""
    placeholders: dict[str, str] = field(default_factory=dict)
    data: dict[str, str | int | float | None] | None = None


@callback
def async_update_issues(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
    """Create the issues whose cause is there now, and delete those whose cause is gone."""
    wanted = {_issue_id(entry, issue): issue for issue in _find(hass, entry)}
    for issue_id, issue in wanted.items():
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            data=issue.data,
            is_fixable=issue.data is not None,
            severity=issue.severity,
            translation_key=issue.translation_key,
            translation_placeholders={"skill": entry.title, **issue.placeholders},
        )
    for issue_id in _existing(hass, entry) - wanted.keys():
        ir.async_delete_issue(hass, DOMAIN, issue_id)


@callback
def async_delete_issues(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> None:
    """Delete every issue of an entry that is gone."""
    for issue_id in _existing(hass, entry):
        ir.async_delete_issue(hass, DOMAIN, issue_id)


def _find(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> Iterator[_Issue]:
    data = entry.runtime_data
    if not data.accounts.all:
        yield from _nobody_linked(hass, entry)
    yield from _function(hass, data.closed_home)
    for account in data.accounts.all:
        if account.health is not Health.LINKED:
            yield _Issue(
                translation_key=ISSUE_OF.get(account.health, account.health),
                about=account.account_id,
                placeholders={"account": account.name},
                data={"entry_id": entry.entry_id, "account_id": account.account_id},
            )
        elif account.stored.login is not None:
            yield from _login(hass, account, account.stored.login)
    for identity, name in data.accounts.shared_identities.items():
        yield _Issue(
            translation_key=SAME_USER_TWICE,
            severity=ir.IssueSeverity.WARNING,
            about=identity,
            placeholders={"user": name},
        )
    yield from _doorbells(hass, entry)


def _doorbells(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> Iterator[_Issue]:
    data = entry.runtime_data
    for watch in data.watches.values():
        if (gone := types_gone(hass, watch.doorbell)) is not None:
            yield _types_gone(entry, watch.doorbell, gone)
    for endpoint_id, hindrance in data.live_views.hindrances.items():
        yield _no_live_view(data.watches[endpoint_id].doorbell, hindrance)
    for endpoint_id in data.missing.keys:
        doorbell = data.watches[endpoint_id].doorbell
        if doorbell.entity_id is not None:
            yield _Issue(
                translation_key=SOURCE_MISSING,
                about=doorbell.endpoint_id,
                placeholders={"doorbell": doorbell.friendly_name, "entity": doorbell.entity_id},
            )


def _nobody_linked(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> Iterator[_Issue]:
    if entry.runtime_data.closed_home is not None:
        yield _Issue(
            translation_key=NOT_LINKED_CLOSED, kind=NOT_LINKED, severity=ir.IssueSeverity.WARNING
        )
        return
    yield _Issue(translation_key=NOT_LINKED, severity=ir.IssueSeverity.WARNING)
    # Whoever was linked has shown that Amazon finds the way in.
    address = external_address(hass)
    if address_error(address, loopback=entry.data[CONF_REGION] == REGION_CUSTOM):
        yield _Issue(
            translation_key=NO_EXTERNAL_URL,
            severity=ir.IssueSeverity.WARNING,
            placeholders={"address": origin_of(address)},
        )


def _function(hass: HomeAssistant, closed_home: ClosedHome | None) -> Iterator[_Issue]:
    """The function of a closed home, which presses do not need, but Alexa's app does."""
    if closed_home is None or closed_home.trouble not in FUNCTION_ISSUES:
        return
    ahead = closed_home.seconds_ahead
    placeholders = {
        "command": closed_skill_command(hass),
        "minutes": ">5" if ahead is None else str(round(abs(ahead) / 60)),
    }
    translation_key = FUNCTION_ISSUES[closed_home.trouble]
    yield _Issue(translation_key=translation_key, placeholders=placeholders)


def _login(hass: HomeAssistant, account: LinkedAccount, login_id: str) -> Iterator[_Issue]:
    """An account that needs another link anyway gets another login by that."""
    login = look_at(hass, login_id)
    if login.outlook is Outlook.LASTS:
        return
    date = "" if login.ends_at is None else dt_util.as_local(login.ends_at).date().isoformat()
    yield _Issue(
        translation_key=LOGIN_ENDS if login.outlook is Outlook.ENDS else LOGIN_ENDED,
        severity=ir.IssueSeverity.WARNING,
        about=account.account_id,
        placeholders={"account": account.name, "date": date},
    )


def _no_live_view(doorbell: Doorbell, hindrance: Hindrance) -> _Issue:
    return _Issue(
        translation_key=f"{NO_LIVE_VIEW}_{hindrance}",
        kind=NO_LIVE_VIEW,
        severity=ir.IssueSeverity.WARNING,
        about=doorbell.endpoint_id,
        placeholders={"doorbell": doorbell.friendly_name, "camera": str(doorbell.camera)},
    )


def _types_gone(entry: AlexaDoorbellConfigEntry, doorbell: Doorbell, gone: TypesGone) -> _Issue:
    return _Issue(
        translation_key=EVENT_TYPES_GONE,
        severity=ir.IssueSeverity.WARNING,
        about=doorbell.endpoint_id,
        placeholders={
            "doorbell": doorbell.friendly_name,
            "entity": str(doorbell.entity_id),
            "chosen": ", ".join(sorted(doorbell.event_types)),
            "offered": ", ".join(gone.offered),
            "fallback": ", ".join(gone.ringing) or "-",
        },
        data={"entry_id": entry.entry_id, "endpoint_id": doorbell.endpoint_id},
    )


def _issue_id(entry: AlexaDoorbellConfigEntry, issue: _Issue) -> str:
    # Issue ids show in the log and the browser; who linked is nobody's business there.
    about = f"_{sha256(issue.about.encode()).hexdigest()[:16]}" if issue.about else ""
    return f"{issue.kind or issue.translation_key}_{entry.entry_id}{about}"


def _existing(hass: HomeAssistant, entry: AlexaDoorbellConfigEntry) -> set[str]:
    return {
        issue_id
        for domain, issue_id in ir.async_get(hass).issues
        if domain == DOMAIN and entry.entry_id in issue_id
    }
