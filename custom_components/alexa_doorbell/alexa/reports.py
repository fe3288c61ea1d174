"""Keeps what Alexa knows of the doorbells equal to what they are (contract sections 2 and 4)."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import batched
import json
import logging
import random
from typing import Any

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..accounts.account import Account, Health
from ..accounts.registry import Accounts
from ..client.messages import Endpoint, add_or_update_report, change_report, delete_report
from ..const import DOMAIN
from ..doorbells.doorbell import Doorbell
from ..press.delivery import Build, Delivery
from ..press.press import Result
from ..press.watch import DoorbellWatch
from .endpoints import endpoint_of, is_reachable

_LOGGER = logging.getLogger(__name__)

# Amazon allows 300 endpoints a report, but large reports have been seen to fail.
BATCH = 30
# A doorbell that is away for less than this, in seconds, was never away.
HOLD = 30
# Just after linking Amazon may not know yet that the skill is enabled; in seconds.
AFTER_A_CHANGE = 2
# Between tries of what Amazon did not take, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 60, 3600


class EndpointReports:
    """Tells each account of doorbells that came, changed, went, or became unreachable.

    What an account was told is stored with it: after a change, a restart or an outage, what
    differs is what remains to be told.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        accounts: Accounts,
        delivery: Delivery,
        watches: Mapping[str, DoorbellWatch],
    ) -> None:
        self._hass = hass
        self._accounts = accounts
        self._delivery = delivery
        self._watches = watches
        self._stopped = False
        self._timer: CALLBACK_TYPE | None = None
        self._pause: float = FIRST_PAUSE
        self._telling = asyncio.Lock()
        # Those that were away for longer than HOLD, and those that may have come or gone.
        self._unreachable = {
            endpoint_id
            for account in self._accounts.all
            for endpoint_id in account.told_unreachable
        }
        self._holds: dict[str, CALLBACK_TYPE] = {}

    @callback
    def start(self) -> None:
        """Tell what there is to tell, from now on."""
        self._stopped = False
        self.update()

    @callback
    def update(self) -> None:
        """Tell what there is to tell, soon."""
        self._pause = FIRST_PAUSE
        self._schedule(AFTER_A_CHANGE)

    @callback
    def source_changed(self, doorbell: Doorbell) -> None:
        """Tell that a doorbell is away or back, if that lasts."""
        endpoint_id = doorbell.endpoint_id
        is_news = is_reachable(self._hass, doorbell) is (endpoint_id in self._unreachable)
        if not is_news and (cancel := self._holds.pop(endpoint_id, None)) is not None:
            cancel()
        if is_news and not self._stopped and endpoint_id not in self._holds:
            settle = partial(self._settle, endpoint_id)
            self._holds[endpoint_id] = async_call_later(self._hass, HOLD, settle)

    @callback
    def stop(self) -> None:
        """Tell nothing more; what remains is told after the next start()."""
        for cancel in (self._timer, *self._holds.values()):
            if cancel is not None:
                cancel()
        self._timer = None
        self._holds.clear()
        self._stopped = True

    @callback
    def _settle(self, endpoint_id: str, _now: datetime) -> None:
        del self._holds[endpoint_id]
        self._unreachable ^= {endpoint_id}
        self.update()

    @callback
    def _schedule(self, delay: float) -> None:
        if self._stopped:
            return
        if self._timer is not None:
            self._timer()
        self._timer = async_call_later(self._hass, delay, self._start)

    @callback
    def _start(self, _now: datetime) -> None:
        self._timer = None
        self._hass.async_create_background_task(self._async_tell_all(), f"{DOMAIN} reports")

    async def _async_tell_all(self) -> None:
        async with self._telling:
            accounts = self._accounts.all
            told = await asyncio.gather(*(self._async_tell(account) for account in accounts))
        if all(told):
            return
        if self._pause == FIRST_PAUSE:
            _LOGGER.warning("Alexa could not be told of every doorbell yet; it is tried again")
        # A newer change has its own, earlier turn.
        if self._timer is None:
            self._schedule(self._pause * random.uniform(0.8, 1.2))  # noqa: S311 - no secret.
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    async def _async_tell(self, account: Account) -> bool:
        """Tell one account what it does not know; return whether it knows everything now."""
        if account.health is Health.RELINK_REQUIRED:
            return True  # Once it is linked again, it is told everything anew.
        endpoints = {
            watch.doorbell.endpoint_id: endpoint_of(self._hass, watch.doorbell)
            for watch in self._watches.values()
        }
        digests = {endpoint_id: _digest(endpoint) for endpoint_id, endpoint in endpoints.items()}
        told = dict(account.told_endpoints)
        changed = [key for key, digest in digests.items() if told.get(key) != digest]
        for batch in batched(changed, BATCH, strict=False):
            report = partial(add_or_update_report, [endpoints[key] for key in batch])
            told |= {key: digests[key] for key in batch}
            if not await self._async_report(account, report, told_endpoints=dict(told)):
                return False
        for batch in batched(sorted(told.keys() - endpoints.keys()), BATCH, strict=False):
            told = {key: digest for key, digest in told.items() if key not in batch}
            report = partial(delete_report, batch)
            if not await self._async_report(account, report, told_endpoints=dict(told)):
                return False
        return await self._async_tell_health(account, endpoints.keys())

    async def _async_tell_health(self, account: Account, known: Iterable[str]) -> bool:
        told = set(account.told_unreachable)
        for endpoint_id in sorted((told ^ self._unreachable) & set(known)):
            report = partial(
                change_report,
                endpoint_id=endpoint_id,
                connectivity=endpoint_id not in self._unreachable,
                sampled_at=dt_util.utcnow(),
            )
            told ^= {endpoint_id}
            if not await self._async_report(account, report, told_unreachable=sorted(told)):
                return False
        return True

    async def _async_report(self, account: Account, report: Build, **told: Any) -> bool:
        """Send a report, and remember it if Amazon took it and the link is still the same."""
        result = await self._delivery.async_report(account, report)
        return result is Result.ACCEPTED and await self._accounts.async_update(
            account.account_id, linked_at=account.linked_at, **told
        )


def _digest(endpoint: Endpoint) -> str:
    return sha256(json.dumps(endpoint.as_dict(), sort_keys=True).encode()).hexdigest()
