"""What follows each of Amazon's answers to a press (docs/design.md, "The delivery table")."""

import asyncio
from datetime import timedelta
import random
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.accounts.account import Health
from custom_components.alexa_doorbell.accounts.linked_account import LinkedAccount
from custom_components.alexa_doorbell.client.exceptions import RelinkError
from custom_components.alexa_doorbell.press.press import Outcome, Result
from demo.amazon.account import Account, Region
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import link, set_up

pytestmark = pytest.mark.usefixtures("without_reports")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch, freezer: FrozenDateTimeFactory) -> list[float]:
    """The pauses between tries, which pass at once."""
    asked: list[float] = []
    sleep = asyncio.sleep

    async def pause(seconds: float, *result: Any) -> Any:
        if seconds:
            asked.append(seconds)
            freezer.tick(seconds)
        return await sleep(0, *result)

    monkeypatch.setattr(asyncio, "sleep", pause)
    monkeypatch.setattr(random, "uniform", lambda low, _high: low)
    return asked


@pytest.fixture
async def account(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,  # First, since it changes what the loop's time counts from.
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
) -> Account:
    """An account that linked and discovered the front door; time stands still from now on."""
    await set_up(hass, entry)
    return await link(amazon, skill)


async def ring(entry: MockConfigEntry, age: float = 0) -> list[Outcome]:
    """Ring the front door, as of some seconds ago, and wait for the end of it."""
    (watch,) = entry.runtime_data.watches.values()
    outcomes: list[Outcome] = await watch.ring(dt_util.utcnow() - timedelta(seconds=age))
    return outcomes


def presses(amazon: SimulatedAmazon) -> list[Any]:
    """Every request to the event gateway with a press."""
    return [each for each in amazon.requests if each.kind == "events"]


async def test_an_accepted_press_tells_how_it_went(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account
) -> None:
    (outcome,) = await ring(entry)
    assert (outcome.name, outcome.result, outcome.attempts) == ("Ada", Result.ACCEPTED, 1)
    assert (outcome.status, outcome.code) == (202, None)
    assert [each.text for each in amazon.announcements] == ["Someone is at the Front door"]


async def test_a_press_carries_its_own_time(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to("2026-12-24T18:00:09.700+00:00")
    await ring(entry, age=8)
    (event,) = [each.message for each in amazon.events if each.name == "DoorbellPress"]
    assert event["event"]["payload"]["timestamp"] == "2026-12-24T18:00:01Z"


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_any_success_is_done(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, status: int
) -> None:
    amazon.gateway_faults.append(Fault(status=status))
    (outcome,) = await ring(entry)
    assert (outcome.result, outcome.attempts) == (Result.ACCEPTED, 1)


async def test_a_refused_token_is_refreshed_once_and_the_press_sent_again(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account
) -> None:
    amazon.expire_access_tokens()
    (outcome,) = await ring(entry)
    assert (outcome.result, outcome.attempts) == (Result.ACCEPTED, 2)


async def test_a_token_refused_twice_is_not_sent_a_third_time(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account
) -> None:
    refused = Fault.gateway(401, "INVALID_ACCESS_TOKEN_EXCEPTION")
    amazon.gateway_faults.extend([refused] * 5)
    (outcome,) = await ring(entry)
    assert (outcome.result, outcome.attempts) == (Result.FAILED, 2)
    assert (outcome.status, outcome.code) == (401, "INVALID_ACCESS_TOKEN_EXCEPTION")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (429, "THROTTLING_EXCEPTION"),
        (500, "INTERNAL_SERVICE_EXCEPTION"),
        (503, "SERVICE_UNAVAILABLE_EXCEPTION"),
    ],
)
async def test_a_busy_amazon_is_asked_three_more_times_each_time_later(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    pauses: list[float],
    status: int,
    code: str,
) -> None:
    amazon.gateway_faults.extend([Fault.gateway(status, code)] * 9)
    (outcome,) = await ring(entry)
    assert (outcome.result, outcome.attempts) == (Result.FAILED, 4)
    assert (outcome.status, outcome.code) == (status, code)
    assert pauses == [1, 2, 4]


async def test_a_retry_keeps_the_message_id_and_another_press_has_its_own(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, pauses: list[float]
) -> None:
    amazon.gateway_faults.append(Fault.reset(processed=True))
    await ring(entry)
    pauses.clear()
    await asyncio.sleep(60)
    await ring(entry)
    ids = [
        each.message["event"]["header"]["messageId"]
        for each in amazon.events
        if each.name == "DoorbellPress"
    ]
    assert len(ids) == 3
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("asked", ["7", "Thu, 24 Dec 2026 18:00:07 GMT"], ids=["seconds", "date"])
async def test_retry_after_is_obeyed(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    pauses: list[float],
    freezer: FrozenDateTimeFactory,
    asked: str,
) -> None:
    freezer.move_to("2026-12-24T18:00:00+00:00")
    amazon.gateway_faults.append(Fault(status=429, headers={"Retry-After": asked}))
    (outcome,) = await ring(entry)
    assert outcome.result is Result.ACCEPTED
    assert pauses == [7]


async def test_retry_after_does_not_make_a_press_late(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, pauses: list[float]
) -> None:
    amazon.gateway_faults.append(Fault(status=503, headers={"Retry-After": "3600"}))
    (outcome,) = await ring(entry)
    assert (outcome.result, outcome.attempts) == (Result.EXPIRED, 1)
    assert not amazon.announcements


@pytest.mark.parametrize(
    "fault",
    [
        Fault.reset(),
        Fault(status=502),
        Fault(status=504, body=b"<html>"),
        Fault(status=599),
        Fault(status=408),
        Fault(status=421),
        Fault(status=425),
    ],
    ids=["reset", "502", "504", "599", "408", "421", "425"],
)
async def test_an_unreachable_amazon_is_tried_at_once_then_later_and_later(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    pauses: list[float],
    fault: Fault,
) -> None:
    amazon.gateway_faults.extend([fault] * 4)
    (outcome,) = await ring(entry)
    assert (outcome.result, outcome.attempts) == (Result.ACCEPTED, 5)
    assert pauses == [1, 2, 4]
    assert len(presses(amazon)) == 5


async def test_a_press_that_nobody_takes_in_time_expires(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, pauses: list[float]
) -> None:
    amazon.gateway_faults.extend([Fault(status=502)] * 99)
    (outcome,) = await ring(entry)
    assert outcome.result is Result.EXPIRED
    assert pauses == [1, 2, 4, 8, 16]


async def test_the_deadline_counts_from_the_press(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, pauses: list[float]
) -> None:
    amazon.gateway_faults.extend([Fault(status=502)] * 99)
    (outcome,) = await ring(entry, age=28)
    assert outcome.result is Result.EXPIRED
    assert pauses == [1, 2]


async def test_a_press_that_is_too_old_already_is_not_sent(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account
) -> None:
    (outcome,) = await ring(entry, age=31)
    assert (outcome.result, outcome.attempts) == (Result.EXPIRED, 0)
    assert not presses(amazon)


async def test_the_wait_for_a_token_counts_towards_the_deadline(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    pauses: list[float],
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.tick(3600)
    amazon.login_faults.extend([Fault(status=503)] * 99)
    (outcome,) = await ring(entry)
    assert (outcome.result, outcome.attempts) == (Result.EXPIRED, 0)
    assert pauses == [1, 2, 4, 8, 16]


@pytest.mark.parametrize("status", [301, 400, 402, 405, 413, 418])
async def test_what_cannot_get_better_is_given_up_and_logged_with_its_code(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    amazon.gateway_faults.append(Fault.gateway(status, "INVALID_REQUEST_EXCEPTION"))
    (outcome,) = await ring(entry)
    assert (outcome.result, outcome.attempts) == (Result.FAILED, 1)
    assert f"{status} INVALID_REQUEST_EXCEPTION" in caplog.text


async def test_a_press_without_accounts_ends_at_once(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    assert await ring(entry) == []


@pytest.fixture
def regions(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Let the entry's region be found out, with the simulated gateways in Amazon's place."""
    data = {key: value for key, value in entry.data.items() if not key.endswith("_url")}
    hass.config_entries.async_update_entry(entry, data=data | {"region": "auto"})
    package = "custom_components.alexa_doorbell.accounts.connection"
    monkeypatch.setattr(f"{package}.LWA_URL", amazon.lwa_url)
    urls = {region.value: amazon.gateway_url(region) for region in Region}
    monkeypatch.setattr(f"{package}.GATEWAY_URLS", urls)


def stored(entry: MockConfigEntry) -> Any:
    """The only account, as it is stored."""
    return linked(entry).stored


def linked(entry: MockConfigEntry) -> LinkedAccount:
    """The only account."""
    accounts: list[LinkedAccount] = entry.runtime_data.accounts.all
    (account,) = accounts
    return account


@pytest.mark.usefixtures("regions")
class TestRegions:
    """A 403 is how Amazon says that an account lives elsewhere."""

    async def test_the_region_that_accepts_is_kept(
        self, entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account
    ) -> None:
        account.region = Region.FE  # Linked through the Lambda of another region.
        (outcome,) = await ring(entry)
        assert (outcome.result, outcome.attempts) == (Result.ACCEPTED, 3)
        assert stored(entry).region == "fe"

    async def test_a_skill_disabled_everywhere_is_asked_for_elsewhere_once_a_region(
        self,
        entry: MockConfigEntry,
        amazon: SimulatedAmazon,
        account: Account,
        pauses: list[float],
    ) -> None:
        amazon.disable(account)
        (outcome,) = await ring(entry)
        assert outcome.result is Result.FAILED
        first, *others = [each.region for each in presses(amazon)[:3]]
        assert {first, *others} == set(Region)
        assert {each.region for each in presses(amazon)[3:]} == {first}
        assert pauses == [1, 2, 4, 8, 16]
        assert stored(entry).health == "skill_disabled"
        assert stored(entry).region == "eu"

    async def test_a_skill_that_is_enabled_again_is_announced_to_and_healed(
        self,
        entry: MockConfigEntry,
        amazon: SimulatedAmazon,
        account: Account,
        freezer: FrozenDateTimeFactory,
        pauses: list[float],
    ) -> None:
        amazon.disable(account)
        await ring(entry)
        assert stored(entry).health == "skill_disabled"
        amazon.enable(account)
        freezer.tick(60)
        (outcome,) = await ring(entry)
        assert outcome.result is Result.ACCEPTED
        assert stored(entry).health == "linked"


async def test_with_a_custom_gateway_there_is_no_other_region(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, pauses: list[float]
) -> None:
    amazon.disable(account)
    (outcome,) = await ring(entry)
    assert outcome.result is Result.FAILED
    assert (outcome.status, outcome.code) == (403, "SKILL_DISABLED_EXCEPTION")
    assert {each.region for each in presses(amazon)} == {Region.EU}
    assert stored(entry).health == "skill_disabled"


async def test_a_skill_that_amazon_knows_to_be_enabled_only_seconds_later_is_announced_to(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, pauses: list[float]
) -> None:
    refused = Fault.gateway(403, "SKILL_NEVER_ENABLED_EXCEPTION")
    amazon.gateway_faults.extend([refused] * 3)
    (outcome,) = await ring(entry)
    assert outcome.result is Result.ACCEPTED
    assert pauses == [1, 2, 4]
    assert stored(entry).health == "linked"


@pytest.mark.parametrize("status", [403, 404])
async def test_a_refusal_without_a_code_of_amazons_is_somebody_elses(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    pauses: list[float],
    status: int,
) -> None:
    amazon.gateway_faults.append(Fault(status=status, body=b"<html>Request blocked</html>"))
    (outcome,) = await ring(entry)
    assert outcome.result is Result.ACCEPTED
    assert stored(entry).health == "linked"


@pytest.mark.parametrize(
    ("status", "code", "health"),
    [
        (403, "INSUFFICIENT_PERMISSION_EXCEPTION", "missing_permission"),
        (404, "SKILL_NOT_FOUND_EXCEPTION", "skill_not_found"),
        (404, "ACCOUNT_NOT_FOUND_EXCEPTION", "skill_not_found"),
    ],
)
async def test_what_the_user_must_mend_is_not_retried_and_marks_the_account(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    status: int,
    code: str,
    health: str,
) -> None:
    amazon.gateway_faults.append(Fault.gateway(status, code))
    (outcome,) = await ring(entry)
    assert (outcome.result, outcome.attempts) == (Result.FAILED, 1)
    assert stored(entry).health == health


async def test_an_account_whose_grant_is_gone_is_marked_and_not_asked_again(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    freezer: FrozenDateTimeFactory,
) -> None:
    amazon.revoke(account)
    (outcome,) = await ring(entry)
    assert (outcome.result, outcome.status) == (Result.FAILED, 401)
    assert stored(entry).health == "relink_required"
    amazon.requests.clear()
    freezer.tick(60)
    (outcome,) = await ring(entry)
    assert (outcome.result, outcome.attempts) == (Result.FAILED, 0)
    assert not amazon.requests


async def test_linking_again_heals(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    skill: Skill,
    freezer: FrozenDateTimeFactory,
) -> None:
    amazon.revoke(account)
    await ring(entry)
    assert await skill.link(account)
    await skill.discover(account)
    freezer.tick(60)
    (outcome,) = await ring(entry)
    assert outcome.result is Result.ACCEPTED
    assert stored(entry).health == "linked"


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client"])
async def test_refused_credentials_ask_the_user_for_new_ones(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    error: str,
) -> None:
    amazon.expire_access_tokens()
    amazon.login_faults.append(Fault.login(401, error))
    (outcome,) = await ring(entry)
    assert outcome.result is Result.FAILED
    await hass.async_block_till_done()
    assert [flow["step_id"] for flow in hass.config_entries.flow.async_progress()] == [
        "reauth_confirm"
    ]
    assert stored(entry).health == "linked"


async def test_every_account_is_announced_to(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, skill: Skill
) -> None:
    await link(amazon, skill, "Grace")
    outcomes = await ring(entry)
    assert [(each.name, each.result) for each in outcomes] == [
        ("Ada", Result.ACCEPTED),
        ("Grace", Result.ACCEPTED),
    ]
    assert sorted(each.account for each in amazon.announcements) == ["Ada", "Grace"]


async def test_a_broken_account_does_not_touch_the_others(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account, skill: Skill
) -> None:
    await link(amazon, skill, "Grace")
    amazon.revoke(account)
    outcomes = await ring(entry)
    assert [each.result for each in outcomes] == [Result.FAILED, Result.ACCEPTED]


async def test_a_surprise_in_one_account_does_not_touch_the_others(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    skill: Skill,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await link(amazon, skill, "Grace")
    (broken, _) = entry.runtime_data.accounts.all

    async def surprise(**options: Any) -> str:
        raise ArithmeticError

    monkeypatch.setattr(broken, "async_token", surprise)
    outcomes = await ring(entry)
    assert [each.result for each in outcomes] == [Result.FAILED, Result.ACCEPTED]
    assert "Ada: an event could not be sent" in caplog.text


BODIES = {
    "empty": b"",
    "html": b"<html><body>Bad gateway</body></html>",
    "truncated": b'{"payload": {"code": "THROTTL',
    "wrong types": b'{"payload": {"code": ["x"], "description": 7}, "header": null}',
    "a list": b"[1, 2]",
    "1 MiB": b'{"payload": {"code": "' + b"A" * 2**20 + b'"}}',
    "not UTF-8": b"\xff\xfe{}",
}
ROWS = {
    200: Result.ACCEPTED,
    202: Result.ACCEPTED,
    302: Result.FAILED,
    400: Result.FAILED,
    401: Result.FAILED,
    403: Result.FAILED,
    404: Result.FAILED,
    413: Result.FAILED,
    429: Result.FAILED,
    500: Result.FAILED,
    502: Result.EXPIRED,
    503: Result.FAILED,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize(("status", "result"), ROWS.items(), ids=map(str, ROWS))
async def test_every_answer_counts_by_its_status_whatever_its_body_is(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    pauses: list[float],
    caplog: pytest.LogCaptureFixture,
    status: int,
    result: Result,
    body: bytes,
) -> None:
    amazon.gateway_faults.extend([Fault(status=status, body=body)] * 50)
    (outcome,) = await ring(entry)
    assert (outcome.result, outcome.status) == (result, status)
    lines = [each for each in caplog.records if each.levelname in ("WARNING", "ERROR")]
    ours = [each for each in lines if "custom_components" in each.name]
    assert len(ours) == (result is not Result.ACCEPTED)
    assert not any(each.exc_info for each in lines)


async def test_an_account_that_goes_bad_and_recovers_is_logged_once_each(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    freezer: FrozenDateTimeFactory,
    pauses: list[float],
    caplog: pytest.LogCaptureFixture,
) -> None:
    for faults in (99, 99, 0, 0):
        amazon.gateway_faults[:] = [Fault(status=502)] * faults
        await ring(entry)
        freezer.tick(60)
    assert caplog.text.count("cannot be announced to the Amazon account Ada") == 1
    assert caplog.text.count("announced to the Amazon account Ada again") == 1


async def test_a_retry_that_helps_is_not_worth_a_line_in_the_log(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    caplog: pytest.LogCaptureFixture,
) -> None:
    amazon.gateway_faults.append(Fault.reset())
    await ring(entry)
    assert "cannot be announced" not in caplog.text


async def test_an_account_that_is_forgotten_meanwhile_ends_the_press_quietly(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    amazon.gateway_faults.append(Fault.gateway(401, "INVALID_ACCESS_TOKEN_EXCEPTION"))
    (watch,) = entry.runtime_data.watches.values()
    ringing = watch.ring(dt_util.utcnow())
    await entry.runtime_data.accounts.async_forget(stored(entry).account_id)
    assert [each.result for each in await ringing] == [Result.FAILED]
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


async def test_a_press_still_accepted_does_not_hide_that_the_grant_is_gone(
    entry: MockConfigEntry, amazon: SimulatedAmazon, account: Account
) -> None:
    amazon.revoke(account)
    with pytest.raises(RelinkError):
        await linked(entry).async_token(refused=stored(entry).access_token)
    linked(entry).update(health=Health.LINKED, region="custom")
    assert stored(entry).health == "relink_required"


async def test_a_trouble_that_became_another_one_is_told(
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    account: Account,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for status, code in (
        (404, "SKILL_NOT_FOUND_EXCEPTION"),
        (403, "INSUFFICIENT_PERMISSION_EXCEPTION"),
    ):
        amazon.gateway_faults.append(Fault.gateway(status, code))
        await ring(entry)
        freezer.tick(60)
    assert "INSUFFICIENT_PERMISSION_EXCEPTION" in str(linked(entry).trouble)
    assert "INSUFFICIENT_PERMISSION_EXCEPTION" in caplog.text


async def test_a_surprise_after_the_answer_of_one_account_leaves_the_others_alone(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await link(amazon, skill, "Ben")
    (ada, _) = entry.runtime_data.accounts.all

    def fail(**changes: Any) -> bool:
        raise ValueError("a surprise")

    monkeypatch.setattr(ada, "update", fail)
    outcomes = await ring(entry)
    assert [outcome.result for outcome in outcomes] == [Result.FAILED, Result.ACCEPTED]
