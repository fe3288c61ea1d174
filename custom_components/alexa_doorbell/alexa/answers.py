"""What each of Alexa's directives does, and what Alexa hears back (contract section 4)."""

import asyncio
import logging
from typing import Any

from homeassistant.const import CONF_REGION
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..accounts.account import Account
from ..accounts.connection import Connection
from ..client.exceptions import AlexaError, MalformedError, ReauthenticateError, TryAgainError
from ..client.gateway import region_of_lambda
from ..client.incoming import AcceptGrant, Directive, Discover, ReportState
from ..client.lwa import LoginWithAmazon
from ..client.messages import (
    accept_grant_failed,
    accept_grant_response,
    discover_response,
    error_response,
    state_report,
)
from ..data import AlexaDoorbellConfigEntry
from .endpoints import endpoint_of, is_reachable

_LOGGER = logging.getLogger(__name__)

# Alexa waits 8 s for the Lambda, and the contract gives us 6 of them.
ACCEPT_GRANT_TIMEOUT = 5.5
# Who linked is good to know, but not worth failing for.
PROFILE_TIMEOUT = 2.5
ANONYMOUS = ("anonymous", "Amazon account")


async def async_answer(
    hass: HomeAssistant,
    entry: AlexaDoorbellConfigEntry,
    directive: Directive,
    aws_region: str | None,
) -> dict[str, Any]:
    """Return Alexa's answer; aws_region is where its Lambda runs."""
    match directive:
        case AcceptGrant():
            return await _async_accept_grant(hass, entry, directive, aws_region)
        case Discover():
            watches = entry.runtime_data.watches.values()
            return discover_response(endpoint_of(hass, watch.doorbell) for watch in watches)
        case ReportState():
            return _report_state(hass, entry, directive)
    return _refuse(directive, "INVALID_DIRECTIVE", "A doorbell cannot do this.")


async def _async_accept_grant(
    hass: HomeAssistant,
    entry: AlexaDoorbellConfigEntry,
    grant: AcceptGrant,
    aws_region: str | None,
) -> dict[str, Any]:
    try:
        async with asyncio.timeout(ACCEPT_GRANT_TIMEOUT):
            await _async_link(hass, entry, grant, aws_region)
    except ReauthenticateError:
        entry.async_start_reauth(hass)
        failure = "Login with Amazon refuses the skill's messaging credentials"
    except AlexaError as error:
        failure = f"the code could not be traded for tokens: {error}"
    except HomeAssistantError:
        failure = "the tokens could not be stored"
    except TimeoutError:
        failure = "it took too long"
    except Exception:
        # Alexa understands no other error here.
        _LOGGER.exception("A grant could not be handled")
        failure = "Home Assistant's log says why"
    else:
        return accept_grant_response()
    _LOGGER.error(
        "The skill could not be linked, please try it again in the Alexa app: %s", failure
    )
    return accept_grant_failed(f"The skill could not be linked: {failure}.")


async def _async_link(
    hass: HomeAssistant,
    entry: AlexaDoorbellConfigEntry,
    grant: AcceptGrant,
    aws_region: str | None,
) -> None:
    """Return once the account's tokens are on disk."""
    if grant.code is None:
        raise MalformedError("there is none")
    accounts = entry.runtime_data.accounts
    login = accounts.connection.login
    # At the same time: one after the other could take longer than Alexa waits.
    identifying = hass.async_create_task(_async_identify(hass, login, grant.grantee_token))
    try:
        tokens = await login.exchange(grant.code)
        account_id, name = await identifying
    finally:
        identifying.cancel()
    region = _region(entry, accounts.connection, aws_region)
    await accounts.async_link(
        Account.linked(account_id=account_id, name=name, region=region, tokens=tokens)
    )


async def _async_identify(
    hass: HomeAssistant, login: LoginWithAmazon, grantee_token: str | None
) -> tuple[str, str]:
    """Return the id and name of whoever linked (contract section 5)."""
    if grantee_token is None:
        return ANONYMOUS
    if refresh_token := hass.auth.async_validate_access_token(grantee_token):
        user = refresh_token.user
        return f"home_assistant.{user.id}", user.name or ANONYMOUS[1]
    try:
        async with asyncio.timeout(PROFILE_TIMEOUT):
            try:
                profile = await login.profile(grantee_token)
            except TryAgainError:
                # Whoever is known already would be announced to twice as somebody unknown.
                profile = await login.profile(grantee_token)
    except TimeoutError, AlexaError:
        profile = None
    if profile is None:
        return ANONYMOUS
    return f"amazon.{profile.user_id}", profile.name or ANONYMOUS[1]


def _region(entry: AlexaDoorbellConfigEntry, connection: Connection, aws_region: str | None) -> str:
    """Return the entry's region, or with `auto` that of the Lambda, which may be a guess."""
    gateways = connection.gateways
    for region in (entry.data[CONF_REGION], region_of_lambda(aws_region)):
        if region in gateways:
            return region
    return next(iter(gateways))


def _report_state(
    hass: HomeAssistant, entry: AlexaDoorbellConfigEntry, directive: ReportState
) -> dict[str, Any]:
    watch = entry.runtime_data.watches.get(directive.endpoint_id or "")
    if watch is None:
        return _refuse(directive, "NO_SUCH_ENDPOINT", "This doorbell was removed.")
    return state_report(
        endpoint_id=watch.doorbell.endpoint_id,
        correlation_token=directive.correlation_token,
        connectivity=is_reachable(hass, watch.doorbell),
        sampled_at=dt_util.utcnow(),
    )


def _refuse(directive: Directive, error_type: str, message: str) -> dict[str, Any]:
    return error_response(
        error_type,
        message,
        endpoint_id=directive.endpoint_id,
        correlation_token=directive.correlation_token,
    )
