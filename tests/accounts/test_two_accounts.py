"""Two accounts, one of them in trouble: the other is announced to as if it were alone."""

import asyncio
from collections.abc import Callable
import time

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.press.press import Outcome, Result
from demo.amazon.account import Account
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import link, press, set_up
from ..simulated_time import simulate_time

pytestmark = [
    pytest.mark.freeze_time("2026-03-20 12:00:00"),
    pytest.mark.usefixtures("without_reports"),
]


def gateway_hangs(amazon: SimulatedAmazon, account: Account) -> None:
    amazon.gateway_faults += [Fault.stall(account=account) for _ in range(99)]


def gateway_resets(amazon: SimulatedAmazon, account: Account) -> None:
    amazon.gateway_faults += [Fault.reset(account=account) for _ in range(99)]


def gateway_is_busy(amazon: SimulatedAmazon, account: Account) -> None:
    busy = Fault(status=429, headers={"Retry-After": "9"}, account=account)
    amazon.gateway_faults += [busy] * 99


def login_hangs(amazon: SimulatedAmazon, account: Account) -> None:
    amazon.expire_access_tokens(account)
    amazon.login_faults += [Fault.stall(account=account) for _ in range(99)]


async def announce(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, name: str
) -> tuple[float, dict[str, Outcome]]:
    """Press, and return after how long the account had its announcement, and all outcomes."""
    (watch,) = entry.runtime_data.watches.values()
    pressed_at = time.time()
    press(hass)
    outcomes = await watch.ring(dt_util.utcnow())
    (announced_at,) = [
        each.at for each in amazon.announcements if each.account == name and each.at >= pressed_at
    ]
    return announced_at - pressed_at, {outcome.name: outcome for outcome in outcomes}


@pytest.mark.parametrize("order", [("Ada", "Bob"), ("Bob", "Ada")], ids=" then ".join)
@pytest.mark.parametrize("trouble", [gateway_hangs, gateway_resets, gateway_is_busy, login_hangs])
async def test_an_account_in_trouble_delays_no_other(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    trouble: Callable[[SimulatedAmazon, Account], None],
    order: tuple[str, str],
) -> None:
    simulate_time(freezer)
    await set_up(hass, entry)
    ada = await link(amazon, skill, "Ada")
    alone, _ = await announce(hass, entry, amazon, "Ada")
    await entry.runtime_data.accounts.async_forget(f"amazon.{ada.user_id}")
    bob = amazon.add_account("Bob")
    for name in order:
        assert await skill.link(amazon.accounts[name])
    await asyncio.sleep(60)

    trouble(amazon, bob)
    together, outcomes = await announce(hass, entry, amazon, "Ada")
    assert together == alone
    assert outcomes["Ada"].latency_ms == alone * 1000
    # While the other one was in trouble until its press was too old.
    assert outcomes["Bob"].result in {Result.EXPIRED, Result.FAILED}
    assert outcomes["Bob"].latency_ms >= 27_000
