"""Brings a press to every linked account, and decides what follows each answer.

The table (docs/design.md, "The delivery table") is next_step(); how often and when is in _OnItsWay.
"""

import asyncio
from enum import Enum, auto
from functools import partial
from itertools import chain, islice
import logging
from typing import Any, Protocol, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..accounts.account import Health
from ..accounts.linked_account import LinkedAccount
from ..accounts.registry import Accounts
from ..client.exceptions import ReauthenticateError, RelinkError, TryAgainError
from ..client.gateway import Answer
from ..client.messages import doorbell_press, new_message_id
from ..client.pauses import growing_pauses, spread
from .press import Outcome, Press, Result

_LOGGER = logging.getLogger(__name__)

# Amazon: "resend up to 3 times, at least 1 s apart".
BUSY_RETRIES = 3
# How long a report is tried at a stretch, in seconds.
REPORT_PATIENCE = 60


class Build(Protocol):
    """Makes the event anew for each access token: Amazon wants the token inside it too."""

    def __call__(self, *, access_token: str) -> dict[str, Any]:
        """Return the event."""


class Step(Enum):
    """What follows an answer of the event gateway."""

    DONE = auto()
    REFRESH = auto()
    OTHER_REGION = auto()
    ASK_FOR_PERMISSION = auto()
    ASK_TO_LINK_AGAIN = auto()
    GIVE_UP = auto()
    RETRY_A_FEW_TIMES = auto()
    RETRY = auto()


def next_step(answer: Answer) -> Step:  # noqa: PLR0911 - a row of the table each.
    """Read the table; a 403 or 404 without a code of Amazon's is somebody else's on the way."""
    if answer.accepted:
        return Step.DONE
    match answer.status:
        case 401:
            return Step.REFRESH
        case 403 | 404 if answer.code is None:
            return Step.RETRY_A_FEW_TIMES
        case 403 if answer.code == "INSUFFICIENT_PERMISSION_EXCEPTION":
            return Step.ASK_FOR_PERMISSION
        case 403:
            return Step.OTHER_REGION
        case 404:
            return Step.ASK_TO_LINK_AGAIN
        case 429 | 500 | 503:
            return Step.RETRY_A_FEW_TIMES
        case 408 | 421 | 425:  # HTTP's own words for: say it again on another connection.
            return Step.RETRY
        case status if status in range(501, 600):
            return Step.RETRY
        case _:
            return Step.GIVE_UP


HEALTH_AFTER = {
    Step.OTHER_REGION: Health.SKILL_DISABLED,
    Step.ASK_TO_LINK_AGAIN: Health.SKILL_NOT_FOUND,
    Step.ASK_FOR_PERMISSION: Health.MISSING_PERMISSION,
}


class Delivery:
    """Brings events to the accounts of one skill."""

    def __init__(self, hass: HomeAssistant, accounts: Accounts) -> None:
        self._hass = hass
        self._accounts = accounts

    @callback
    def announce(self, press: Press) -> asyncio.Task[list[Outcome]]:
        """Start on the way to all accounts at once; the task never raises."""
        age = max((dt_util.utcnow() - press.pressed_at).total_seconds(), 0)
        deadline = self._hass.loop.time() + press.doorbell.max_age - age
        return self._accounts.tasks.create(self._async_announce(press, deadline), "press")

    async def async_report(self, account: LinkedAccount, build: Build) -> Outcome:
        """Bring an account an event that may come late; its failure alone marks nothing."""
        deadline = self._hass.loop.time() + REPORT_PATIENCE
        return await _OnItsWay(self._accounts, account, build, deadline).run()

    async def _async_announce(self, press: Press, deadline: float) -> list[Outcome]:
        if press.muted:
            return [
                Outcome(name=account.name, result=Result.MUTED, attempts=0, latency_ms=0)
                for account in self._accounts.all
            ]
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(
                    _PressOnItsWay(self._accounts, account, press, deadline).run(),
                    # On an open connection the press is written before anybody else has a turn.
                    eager_start=True,
                )
                for account in self._accounts.all
            ]
        return [task.result() for task in tasks]


class _OnItsWay:
    """One event on its way to one account, by the connection that was there when it set out."""

    # A report has longer pauses of its own.
    waits_until_enabled = False

    def __init__(
        self, accounts: Accounts, account: LinkedAccount, build: Build, deadline: float
    ) -> None:
        self._connection = accounts.connection
        self._account = account
        self._build = build
        self._deadline = deadline
        self._attempts = 0
        self._answer: Answer | None = None
        self._last_step: Step | None = None
        self._obstacle = "nothing was tried in time"
        self._refused_token: str | None = None
        self._token = ""
        self._home_region = self._region = self._connection.region_of(account.stored)
        self._other_regions = iter(
            [region for region in self._connection.gateways if region != self._home_region]
        )
        self._busy_pauses = islice(growing_pauses(1), BUSY_RETRIES)
        self._disabled_pauses = growing_pauses(1)
        self._unreachable_pauses = chain([0], growing_pauses(1))

    async def run(self) -> Outcome:
        """Return how it ended, at the deadline at the latest."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            async with asyncio.timeout_at(self._deadline):
                step = await self._until_settled()
            result = self._settle(step)
        except TimeoutError:
            result = self._time_is_up()
        except (RelinkError, ReauthenticateError) as error:
            result = Result.FAILED
            self._trouble(f"Login with Amazon answers {error}")
        except Exception:
            # One account's surprise must not take the others' announcement with it.
            _LOGGER.exception("%s: an event could not be sent", self._account.name)
            result = Result.FAILED
        return Outcome(
            name=self._account.name,
            result=result,
            attempts=self._attempts,
            latency_ms=round((loop.time() - started) * 1000),
            status=self._answer.status if self._answer else None,
            code=self._answer.code if self._answer else None,
        )

    async def _until_settled(self) -> Step:
        """Ask until an answer leaves nothing more to try."""
        if self._account.health is Health.RELINK_REQUIRED:
            raise RelinkError("invalid_grant")
        while True:
            try:
                answer = self._answer = await self._post()
            except TryAgainError as error:
                self._last_step, self._obstacle = None, error.reason
                await asyncio.sleep(max(next(self._unreachable_pauses), error.retry_after or 0))
                continue
            self._obstacle = (
                f"the event gateway answers {answer.status} {answer.code or ''}".strip()
            )
            asked_pause = answer.retry_after or 0
            self._last_step = next_step(answer)
            match self._last_step:
                case Step.REFRESH if self._refused_token is None:
                    self._refused_token = self._token
                case Step.OTHER_REGION if region := next(self._other_regions, None):
                    self._region = region
                case Step.OTHER_REGION if self.waits_until_enabled:
                    # Just after linking, Amazon needs seconds to know that the skill is enabled.
                    self._region = self._home_region
                    await asyncio.sleep(max(next(self._disabled_pauses), asked_pause))
                case Step.RETRY_A_FEW_TIMES if pause := next(self._busy_pauses, None):
                    await asyncio.sleep(max(spread(pause, 1, 2), asked_pause))
                case Step.RETRY:
                    await asyncio.sleep(max(next(self._unreachable_pauses), asked_pause))
                case step:
                    return step

    async def _post(self) -> Answer:
        self._token = await self._account.async_token(refused=self._refused_token)
        if asyncio.get_running_loop().time() >= self._deadline:
            raise TimeoutError  # The timeout ends only what waits, and a warm socket does not.
        self._attempts += 1
        gateway = self._connection.gateways[self._region]
        try:
            answer = await gateway.post(self._build(access_token=self._token), self._token)
        except TryAgainError as error:
            self._account.note_answer(error.reason)
            raise
        self._account.note_answer(f"{answer.status} {answer.code or ''}".strip())
        return answer

    def _settle(self, step: Step) -> Result:
        """Keep what the last answer taught about the account."""
        if step is not Step.DONE:
            return Result.FAILED
        self._account.note_success()
        self._account.update(
            health=Health.LINKED,
            region=self._region,
            chosen_region=self._connection.chosen_region,
        )
        return Result.ACCEPTED

    def _time_is_up(self) -> Result:
        if self._last_step is Step.OTHER_REGION:
            return self._settle(Step.OTHER_REGION)
        self._trouble(f"a press was too old before Amazon took it ({self._obstacle})")
        return Result.EXPIRED

    def _trouble(self, trouble: str) -> None:
        """Tell what kept the event from its account; a report may still come late."""


class _PressOnItsWay(_OnItsWay):
    """A press on its way: what keeps it from being announced is worth telling."""

    waits_until_enabled = True

    def __init__(
        self, accounts: Accounts, account: LinkedAccount, press: Press, deadline: float
    ) -> None:
        build = partial(
            doorbell_press,
            endpoint_id=press.doorbell.endpoint_id,
            # Kept over the retries, so that Amazon can tell them from a second press.
            message_id=new_message_id(),
            pressed_at=press.pressed_at,
        )
        super().__init__(accounts, account, build, deadline)
        self._press = press

    @override
    def _settle(self, step: Step) -> Result:
        if (health := HEALTH_AFTER.get(step)) is not None:
            self._account.update(health=health)
        if step is Step.GIVE_UP:
            _LOGGER.error(
                "A press of %s is lost: %s. %s",
                self._press.doorbell.friendly_name,
                self._obstacle,
                (self._answer.description if self._answer else None) or "",
            )
        elif step is not Step.DONE:
            self._trouble(self._obstacle)
        return super()._settle(step)

    @override
    def _trouble(self, trouble: str) -> None:
        self._account.note_trouble(trouble)
