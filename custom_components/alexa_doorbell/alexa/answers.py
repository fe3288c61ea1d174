"""What each of Alexa's directives does, and what Alexa hears back."""

import asyncio
from collections.abc import Mapping
from functools import partial
import logging
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..accounts.account import Linker
from ..accounts.logins import login_of
from ..accounts.registry import AMAZON, ANONYMOUS, HOME_ASSISTANT, Accounts
from ..client.exceptions import AlexaError, MalformedError, ReauthenticateError, TryAgainError
from ..client.incoming import (
    AcceptGrant,
    Directive,
    Discover,
    InitiateSession,
    ReportState,
    SessionConnected,
    SessionDisconnected,
)
from ..client.lwa import Profile
from ..client.messages import (
    accept_grant_failed,
    accept_grant_response,
    discover_response,
    error_response,
    state_report,
)
from ..doorbells.doorbell import Doorbell
from ..live_view.views import LiveViews
from ..press.watch import DoorbellWatch
from .endpoints import endpoint_of, is_reachable
from .linking import NAMELESS, async_link
from .live_view import answer_session, async_answer_offer

_LOGGER = logging.getLogger(__name__)

# Alexa waits 8 s for the Lambda, which leaves us 6 of them.
ACCEPT_GRANT_TIMEOUT = 5.5
# Who linked is good to know, but not worth failing for.
PROFILE_TIMEOUT = 2.5


class Answers:
    """Answers the directives of one skill."""

    def __init__(
        self,
        hass: HomeAssistant,
        accounts: Accounts,
        watches: Mapping[str, DoorbellWatch],
        live_views: LiveViews,
    ) -> None:
        self._hass = hass
        self._accounts = accounts
        self._watches = watches
        self._live_views = live_views

    async def async_answer(self, directive: Directive, aws_region: str | None) -> dict[str, Any]:
        """Return Alexa's answer; aws_region is where its Lambda runs."""
        if not isinstance(directive, AcceptGrant):
            self._note_login(directive)
        match directive:
            case AcceptGrant():
                return await self._async_accept_grant(directive, aws_region)
            case Discover():
                doorbells = [watch.doorbell for watch in self._watches.values()]
                return discover_response(endpoint_of(self._hass, each) for each in doorbells)
            case ReportState():
                return self._report_state(directive)
            case InitiateSession() | SessionConnected() | SessionDisconnected():
                return await self._async_live_view(directive)
        return _refuse_impossible(directive)

    def _note_login(self, directive: Directive) -> None:
        """Learn which login Alexa comes with, also of accounts that were linked long ago."""
        if (login := login_of(self._hass, directive.token)) is not None:
            self._accounts.note_login(login.user.id, login.id)

    async def _async_accept_grant(
        self, grant: AcceptGrant, aws_region: str | None
    ) -> dict[str, Any]:
        try:
            async with asyncio.timeout(ACCEPT_GRANT_TIMEOUT):
                await self._async_link(grant, aws_region)
        except ReauthenticateError:
            self._accounts.credentials_refused()
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

    async def _async_link(self, grant: AcceptGrant, aws_region: str | None) -> None:
        """Return once the account's tokens are on disk."""
        if grant.code is None:
            raise MalformedError("there is none")
        connection = self._accounts.connection
        # At the same time: one after the other could take longer than Alexa waits.
        identifying = self._hass.async_create_task(self._async_identify(grant.token))
        try:
            tokens = await connection.login.exchange(grant.code)
            linker = await identifying
        finally:
            identifying.cancel()
        await async_link(self._accounts, connection, linker, tokens, aws_region)

    async def _async_identify(self, grantee_token: str | None) -> Linker:
        """Return who linked, as far as the token says it."""
        nobody = Linker(account_id=ANONYMOUS, name=NAMELESS)
        if grantee_token is None:
            return nobody
        if (known := login_of(self._hass, grantee_token)) is not None:
            user = known.user
            account_id, name = f"{HOME_ASSISTANT}{user.id}", user.name or NAMELESS
            return Linker(account_id=account_id, name=name, login=known.id)
        if (profile := await self._async_profile(grantee_token)) is None:
            return nobody
        return Linker(account_id=f"{AMAZON}{profile.user_id}", name=profile.name or NAMELESS)

    async def _async_profile(self, grantee_token: str) -> Profile | None:
        login = self._accounts.connection.login
        try:
            async with asyncio.timeout(PROFILE_TIMEOUT):
                try:
                    return await login.profile(grantee_token)
                except TryAgainError:
                    # Whoever is known already would be announced to twice as somebody unknown.
                    return await login.profile(grantee_token)
        except TimeoutError, AlexaError:
            return None

    def _report_state(self, directive: ReportState) -> dict[str, Any]:
        if (doorbell := self._doorbell(directive)) is None:
            return _refuse_unknown(directive)
        return state_report(
            endpoint_id=doorbell.endpoint_id,
            correlation_token=directive.correlation_token,
            connectivity=is_reachable(self._hass, doorbell),
            sampled_at=dt_util.utcnow(),
        )

    async def _async_live_view(
        self, directive: InitiateSession | SessionConnected | SessionDisconnected
    ) -> dict[str, Any]:
        if (doorbell := self._doorbell(directive)) is None:
            return _refuse_unknown(directive)
        if doorbell.camera is None:
            return _refuse_impossible(directive)
        refuse = partial(_refuse, directive)
        if isinstance(directive, InitiateSession):
            return await async_answer_offer(self._live_views, doorbell, directive, refuse)
        return answer_session(self._live_views, doorbell, directive, refuse)

    def _doorbell(self, directive: Directive) -> Doorbell | None:
        watch = self._watches.get(directive.endpoint_id or "")
        return watch.doorbell if watch else None


def _refuse_impossible(directive: Directive) -> dict[str, Any]:
    return _refuse(directive, "INVALID_DIRECTIVE", "A doorbell cannot do this.")


def _refuse_unknown(directive: Directive) -> dict[str, Any]:
    return _refuse(directive, "NO_SUCH_ENDPOINT", "This doorbell was removed.")


def _refuse(directive: Directive, error_type: str, message: str) -> dict[str, Any]:
    return error_response(
        error_type,
        message,
        endpoint_id=directive.endpoint_id,
        correlation_token=directive.correlation_token,
    )
