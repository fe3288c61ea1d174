"""Keeps what Alexa knows of the doorbells equal to what they are."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import batched
import json
import logging
from typing import Any
from weakref import WeakKeyDictionary

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..accounts.account import Health
from ..accounts.linked_account import LinkedAccount
from ..accounts.registry import Accounts
from ..client.messages import Endpoint, add_or_update_report, change_report, delete_report
from ..client.pauses import growing_pauses, spread
from ..const import DOMAIN
from ..doorbells.doorbell import Doorbell
from ..doorbells.steady import Steady
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
# How long the removal of a skill waits for Amazon to hear of it, in seconds.
FAREWELL = 5
# Amazon will not take the same again.
REFUSALS = (400, 413)


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """Reports of one kind for one account: what each says, by endpoint id, and how it is kept."""

    kind: str
    facts: Mapping[str, str]
    build: Callable[[Sequence[str]], Build]
    told: Callable[[Sequence[str]], dict[str, Any]]
    batch: int = BATCH


class EndpointReports:
    """Tells each account of doorbells that came, changed, went, or became unreachable.

    What an account was told is stored with it: after a change, a restart or an outage, what
    differs is what remains to be told. What Amazon refuses rests until the doorbell changes.
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
        self._pauses = growing_pauses(FIRST_PAUSE, longest=LONGEST_PAUSE)
        self._telling = asyncio.Lock()
        told = [each.stored.told_unreachable for each in accounts.all]
        self._unreachable = Steady(hass, HOLD, self.update, frozenset().union(*told))
        self._refused: WeakKeyDictionary[LinkedAccount, dict[tuple[str, str], str]]
        self._refused = WeakKeyDictionary()
        self._listeners: list[Callable[[], None]] = []

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        """The doorbells as Alexa is told of them, by endpoint id."""
        return {
            watch.doorbell.endpoint_id: endpoint_of(self._hass, watch.doorbell)
            for watch in self._watches.values()
        }

    @property
    def unreachable(self) -> frozenset[str]:
        """The endpoint ids of the doorbells that are away, and not for a moment only."""
        return self._unreachable.keys

    @callback
    def listen(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call the listener whenever there may be something to tell, linked accounts or none."""
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)

    @callback
    def start(self) -> None:
        """Tell what there is to tell, from now on."""
        self._stopped = False
        self.update()

    @callback
    def update(self) -> None:
        """Tell what there is to tell, soon."""
        self._pauses = growing_pauses(FIRST_PAUSE, longest=LONGEST_PAUSE)
        self._schedule(AFTER_A_CHANGE)

    @callback
    def source_changed(self, doorbell: Doorbell) -> None:
        """Tell that a doorbell is away or back, if that lasts."""
        if not self._stopped:
            is_away = not is_reachable(self._hass, doorbell)
            self._unreachable.note(doorbell.endpoint_id, holds=is_away)

    @callback
    def stop(self) -> None:
        """Tell nothing more; what remains is told after the next start()."""
        if self._timer is not None:
            self._timer()
            self._timer = None
        self._unreachable.stop()
        self._stopped = True

    async def async_tell_farewell(self) -> None:
        """Take every doorbell out of the Alexa app, as far as Amazon still listens to us."""
        self.stop()
        self._watches = {}
        tasks = [
            self._accounts.tasks.create(self._async_tell(account), "farewell")
            for account in self._accounts.all
        ]
        if tasks:
            await asyncio.wait(tasks, timeout=FAREWELL)

    @callback
    def _schedule(self, delay: float) -> None:
        if self._stopped:
            return
        if self._timer is not None:
            self._timer()
        self._timer = async_call_later(self._hass, delay, self._start)

    @callback
    def _start(self, _now: object) -> None:
        self._timer = None
        for listener in self._listeners:
            listener()
        self._hass.async_create_background_task(self._async_tell_all(), f"{DOMAIN} reports")

    async def _async_tell_all(self) -> None:
        async with self._telling:
            accounts = self._accounts.all
            told = await asyncio.gather(*(self._async_tell(account) for account in accounts))
        if all(told):
            return
        pause = next(self._pauses)
        if pause == FIRST_PAUSE:
            _LOGGER.warning("Alexa could not be told of every doorbell yet; it is tried again")
        # A newer change has its own, earlier turn.
        if self._timer is None:
            self._schedule(spread(pause, 0.8, 1.2))

    async def _async_tell(self, account: LinkedAccount) -> bool:
        """Tell one account what it does not know; return whether nothing is left to be tried."""
        if account.health is Health.RELINK_REQUIRED:
            return True  # Once it is linked again, it is told everything anew.
        for news in self._news(account):
            refused = self._refused.get(account, {})
            left = [
                key for key, fact in news.facts.items() if refused.get((news.kind, key)) != fact
            ]
            for batch in batched(left, news.batch, strict=False):
                if not await self._async_report(account, news, batch):
                    return False
        return True

    def _news(self, account: LinkedAccount) -> Iterator[_News]:
        """Return what an account does not know, each kind once the one before it was told."""
        endpoints = self.endpoints
        digests = {endpoint_id: _digest(endpoint) for endpoint_id, endpoint in endpoints.items()}
        told = account.stored.told_endpoints
        yield _News(
            kind="its name and device",
            facts={key: digest for key, digest in digests.items() if told.get(key) != digest},
            build=lambda keys: partial(add_or_update_report, [endpoints[key] for key in keys]),
            told=lambda keys: {
                "told_endpoints": {
                    **account.stored.told_endpoints,
                    **{key: digests[key] for key in keys},
                }
            },
        )
        told = account.stored.told_endpoints
        yield _News(
            kind="its removal",
            facts=dict.fromkeys(sorted(told.keys() - endpoints.keys()), "removed"),
            build=lambda keys: partial(delete_report, keys),
            told=lambda keys: {
                "told_endpoints": {
                    key: digest
                    for key, digest in account.stored.told_endpoints.items()
                    if key not in keys
                }
            },
        )
        unreachable, known = self._unreachable.keys, set(account.stored.told_unreachable)
        yield _News(
            kind="its health",
            facts={
                key: str(key in unreachable)
                for key in sorted(known ^ unreachable)
                if key in account.stored.told_endpoints
            },
            build=lambda keys: partial(
                change_report,
                endpoint_id=keys[0],
                connectivity=keys[0] not in unreachable,
                sampled_at=dt_util.utcnow(),
            ),
            told=lambda keys: {
                "told_unreachable": sorted(set(account.stored.told_unreachable) ^ set(keys))
            },
            batch=1,
        )

    async def _async_report(self, account: LinkedAccount, news: _News, keys: Sequence[str]) -> bool:
        """Send a report; one that Amazon refuses is sent anew for each of its doorbells."""
        outcome = await self._delivery.async_report(account, news.build(keys))
        if outcome.result is Result.ACCEPTED:
            return account.update(**news.told(keys))
        if outcome.status not in REFUSALS:
            return False
        if len(keys) > 1:
            return all([await self._async_report(account, news, [key]) for key in keys])
        [key] = keys
        _LOGGER.error(
            "Alexa refuses to be told of the doorbell %s (%s): %s %s; it rests until that changes",
            self._name(key),
            news.kind,
            outcome.status,
            outcome.code or "",
        )
        self._refused.setdefault(account, {})[news.kind, key] = news.facts[key]
        return True

    def _name(self, endpoint_id: str) -> str:
        watch = self._watches.get(endpoint_id)
        return watch.doorbell.friendly_name if watch else endpoint_id


def _digest(endpoint: Endpoint) -> str:
    return sha256(json.dumps(endpoint.as_dict(), sort_keys=True).encode()).hexdigest()
