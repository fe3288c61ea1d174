"""Two weeks at the door, on simulated time: presses, tokens, faults and outages."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
import logging
import math
import random
import time
from typing import Self

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.press.press import Outcome, Result
from demo.amazon.account import Account
from demo.amazon.faults import Fault, Ledger
from demo.amazon.login_with_amazon import RefreshTokenAnswer
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import link, press, set_up
from ..simulated_time import open_sockets, pending_timers, simulate_time

pytestmark = [
    pytest.mark.freeze_time("2026-03-20 12:00:00"),
    pytest.mark.usefixtures("without_reports"),
]

SEED = 3
DAYS = 14
FAULTY = 0.2
MAX_AGE = 30
HOUR, DAY = 3600, 86400
# Between presses, in seconds: more than a press may take, so that no two share an answer.
GAPS = (MAX_AGE + 30, 540)
# The background refresh comes back within this after an outage, in seconds.
RECOVERY = HOUR
# When an outage begins, in days, how long it lasts, in hours, and what one sees of it.
OUTAGES = [(2.3, 5, "unreachable"), (6.1, 4, "unavailable"), (10.7, 6, "silent")]
# When Login with Amazon says invalid_grant once, in days; the user needs a while to relink.
GRANTS_GONE = [4.2, 8.6]
RELINKED_AFTER = 3 * HOUR


def in_seconds(seconds: float) -> dict[str, str]:
    return {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=seconds))}


GATEWAY_FAULTS: dict[str, Callable[[], Fault]] = {
    "400": lambda: Fault.gateway(400, "INVALID_REQUEST_EXCEPTION"),
    "401": lambda: Fault.gateway(401, "INVALID_ACCESS_TOKEN_EXCEPTION"),
    "403 never": lambda: Fault.gateway(403, "SKILL_NEVER_ENABLED_EXCEPTION"),
    "403 disabled": lambda: Fault.gateway(403, "SKILL_DISABLED_EXCEPTION"),
    "403 permission": lambda: Fault.gateway(403, "INSUFFICIENT_PERMISSION_EXCEPTION"),
    "404": lambda: Fault.gateway(404, "SKILL_NOT_FOUND_EXCEPTION"),
    "413": lambda: Fault.gateway(413, "REQUEST_ENTITY_TOO_LARGE_EXCEPTION"),
    "429": lambda: Fault.gateway(429, "THROTTLING_EXCEPTION"),
    "429 for 3 s": lambda: Fault(status=429, headers={"Retry-After": "3"}),
    "429 until a date": lambda: Fault(status=429, headers=in_seconds(5)),
    "429 too long": lambda: Fault(status=429, headers={"Retry-After": "86400"}),
    "500": lambda: Fault.gateway(500, "INTERNAL_SERVICE_EXCEPTION"),
    "502": lambda: Fault(status=502, body=b"<html>Bad Gateway</html>"),
    "503": lambda: Fault.gateway(503, "SERVICE_UNAVAILABLE_EXCEPTION"),
    "504": lambda: Fault(status=504),
    "reset": Fault.reset,
    "slow reset": lambda: Fault.stall(3),
    "stall": Fault.stall,
}
LOGIN_FAULTS: dict[str, Callable[[], Fault]] = {
    "login 200, half a JSON": lambda: Fault(status=200, body=b'{"access_tok'),
    "login 429 for 30 s": lambda: Fault(status=429, headers={"Retry-After": "30"}),
    "login 500": lambda: Fault.login(500, "ServerError"),
    "login 502": lambda: Fault(status=502, body=b"<html>Bad Gateway</html>"),
    "login 503": lambda: Fault.login(503, "ServiceUnavailable"),
    "login reset": Fault.reset,
    "login stall": Fault.stall,
}
OUTAGE_FAULTS: dict[str, Callable[[], Fault]] = {
    "unavailable": lambda: Fault(status=503),
    "silent": Fault.stall,
}


@dataclass
class Weather:
    """Decides which answers go wrong: some at random, all of them in an outage."""

    amazon: SimulatedAmazon
    rate: float = 0
    outage: str | None = None
    settled_from: float = 0
    drawn: Counter[str] = field(default_factory=Counter)
    dice: dict[tuple[str, bool], random.Random] = field(default_factory=dict)

    def fault(self, ledger: Ledger, account: Account | None) -> Fault | None:
        """Stand in for Ledger._take_fault. Each account has its own dice: their order is free."""
        if self.outage in OUTAGE_FAULTS:
            return OUTAGE_FAULTS[self.outage]()
        if account is None or ledger.requests[-1].kind == "profile":
            return None
        if ledger.faults:
            return ledger.faults.pop()
        at_login = ledger.faults is self.amazon.login_faults
        key = (account.name, at_login)
        dice = self.dice.setdefault(key, random.Random(f"{SEED} {key}"))
        if dice.random() >= self.rate:
            return None
        faults = LOGIN_FAULTS if at_login else GATEWAY_FAULTS
        kind = dice.choice(list(faults))
        self.drawn[kind] += 1
        return faults[kind]()

    async def outages(self, began: float) -> None:
        """Let each outage come and go."""
        for day, hours, kind in OUTAGES:
            await asyncio.sleep(began + day * DAY - time.time())
            self.outage = kind
            if kind == "unreachable":
                await self.amazon.stop()
            await asyncio.sleep(hours * HOUR)
            if kind == "unreachable":
                await self.amazon.start()
            self.outage = None
            self.settled_from = time.time() + RECOVERY

    @property
    def settled(self) -> bool:
        """Whether no outage is or was just now."""
        return self.outage is None and time.time() >= self.settled_from


def verdict(statuses: list[int | None], *, grant_gone: bool) -> Result:
    """Judge by the delivery table what these answers make of a press; None is no answer."""
    refused = busy = 0
    for status in statuses:
        match status:
            case 202:
                return Result.ACCEPTED
            case 401:
                refused += 1
            case 429 | 500 | 503:
                busy += 1
            case 403 | 502 | 504 | None:
                pass
            case _:
                return Result.FAILED
    is_disabled = bool(statuses) and statuses[-1] == HTTPStatus.FORBIDDEN
    is_over = refused > 1 or busy > 3 or grant_gone or is_disabled
    return Result.FAILED if is_over else Result.EXPIRED


@dataclass
class Books:
    """Holds each outcome against what Amazon wrote down."""

    amazon: SimulatedAmazon
    results: Counter[str] = field(default_factory=Counter)
    refreshes: Counter[int | None] = field(default_factory=Counter)
    attempts: int = 0
    # When an account's grant was refused.
    gone: dict[str, float] = field(default_factory=dict)

    def settle(self, outcome: Outcome, pressed_at: float, *, settled: bool) -> None:
        """Check what became, for one account, of the press of a moment ago."""
        answers = [
            each
            for each in self.amazon.requests
            if each.kind == "events" and each.account == outcome.name and each.at >= pressed_at
        ]
        events = [each for each in self.amazon.events if each.account == outcome.name]
        self._note_grants()
        gone_at = self.gone.get(outcome.name, math.inf)
        story = (outcome, pressed_at, gone_at, answers)
        # A grant that went meanwhile may have been noticed by this press, or not.
        verdicts = {
            verdict([each.status for each in answers], grant_gone=gone_at <= moment)
            for moment in (pressed_at, time.time())
        }
        assert outcome.result in verdicts, story
        # A disabled skill is asked about until the press is too old.
        sooner = [each.status for each in answers[:-1] if each.status != HTTPStatus.FORBIDDEN]
        before_the_last = verdict(sooner, grant_gone=False)
        assert before_the_last is Result.EXPIRED, f"It should have ended sooner: {story}"
        assert len(events) == (outcome.result is Result.ACCEPTED), story
        assert all(each.at <= pressed_at + MAX_AGE for each in answers), story
        if outcome.result is Result.EXPIRED:
            assert outcome.latency_ms == pytest.approx(MAX_AGE * 1000, abs=1), story
        if settled and gone_at > pressed_at:
            assert answers[0].at == pressed_at, f"It waited for a token: {story}"
        self.results[outcome.result] += 1
        self.attempts += outcome.attempts

    def _note_grants(self) -> None:
        for each in self.amazon.requests:
            if each.kind == "token" and each.status == 400 and each.account:
                self.gone.setdefault(each.account, each.at)

    def close(self) -> None:
        """Forget the requests until now: what follows belongs to the next press."""
        self._note_grants()
        self.refreshes.update(
            each.status for each in self.amazon.requests if each.detail == "refresh_token"
        )
        self.amazon.requests.clear()
        self.amazon.events.clear()
        self.amazon.announcements.clear()


@dataclass(frozen=True)
class Footprint:
    """What is under way in the running loop."""

    tasks: int
    timers: int
    sockets: int

    @classmethod
    def now(cls) -> Self:
        return cls(len(asyncio.all_tasks()), len(pending_timers()), open_sockets())


@pytest.fixture
def weather(amazon: SimulatedAmazon, monkeypatch: pytest.MonkeyPatch) -> Weather:
    """The weather at the simulated Amazon, fair at first; the integration's dice are seeded."""
    weather = Weather(amazon)

    def take_fault(ledger: Ledger, account: Account | None) -> Fault | None:
        return weather.fault(ledger, account)

    monkeypatch.setattr(Ledger, "_take_fault", take_fault)
    monkeypatch.setattr(random, "uniform", random.Random(SEED).uniform)
    return weather


async def test_two_weeks_lose_no_press_and_leave_nothing_behind(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    weather: Weather,
    caplog: pytest.LogCaptureFixture,
) -> None:
    simulate_time(freezer)
    caplog.set_level(logging.WARNING)
    amazon.login.refresh_token_answer = RefreshTokenAnswer.NEW
    await set_up(hass, entry)
    accounts = {name: await link(amazon, skill, name) for name in ("Ada", "Bob")}
    (watch,) = entry.runtime_data.watches.values()
    books = Books(amazon)
    grants_gone = [time.time() + day * DAY for day in GRANTS_GONE]
    gaps = random.Random(SEED)
    await asyncio.sleep(HOUR)
    before = Footprint.now()
    most = [0, 0, 0]  # In the fields of a footprint.

    began = time.time()
    changes = hass.async_create_background_task(weather.outages(began), "outages")
    weather.rate = FAULTY
    while time.time() < began + DAYS * DAY:
        await asyncio.sleep(gaps.uniform(*GAPS))
        books.close()
        settled, pressed_at = weather.settled, time.time()
        press(hass)
        for outcome in await watch.ring(dt_util.utcnow()):
            books.settle(outcome, pressed_at, settled=settled)
        footprint = Footprint.now()
        most = [max(*pair) for pair in zip(most, astuple(footprint), strict=True)]
        if grants_gone and time.time() >= grants_gone[0]:
            grants_gone.pop(0)
            amazon.login_faults.append(Fault.login(400, "invalid_grant"))
        for name, gone_at in list(books.gone.items()):
            if time.time() >= gone_at + RELINKED_AFTER and await skill.link(accounts[name]):
                del books.gone[name]
    weather.rate = 0
    await changes
    await asyncio.sleep(HOUR)

    print(  # noqa: T201 - Whoever runs it, or sees it fail, may repeat it.
        f"Seed {SEED}: {books.results}, {books.attempts} attempts, refreshes {books.refreshes}\n"
        f"Faults: {weather.drawn}\n"
        f"At first {before}, at most {most}, at last {Footprint.now()}"
    )
    # The trial was one: every fault came, and every end.
    assert weather.drawn.keys() == GATEWAY_FAULTS.keys() | LOGIN_FAULTS.keys()
    assert books.results.keys() == {Result.ACCEPTED, Result.FAILED, Result.EXPIRED}
    assert books.refreshes[200] < 1.5 * len(accounts) * DAYS * DAY / HOUR
    assert Footprint.now() == before
    assert all(there <= bound for there, bound in zip(most, (20, 20, 30), strict=True))
