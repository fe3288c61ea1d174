"""Tests of AcceptGrant: whose account it is, and in which region."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from homeassistant.const import CONF_REGION
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.alexa_doorbell.accounts.account import Account
from custom_components.alexa_doorbell.accounts.registry import ANONYMOUS
from custom_components.alexa_doorbell.alexa import answers, linking
from custom_components.alexa_doorbell.client.gateway import GATEWAY_URLS
from demo.amazon.account import Region
from demo.amazon.faults import Fault
from demo.amazon.login_with_amazon import TokenKind
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill, directive

from ..home import link, press, set_up


def accounts_of(entry: MockConfigEntry) -> list[Account]:
    """The accounts that presses go to."""
    return [account.stored for account in entry.runtime_data.accounts.all]


async def announced(hass: HomeAssistant, amazon: SimulatedAmazon) -> list[str]:
    """Press, and return whose Echos spoke."""
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    return [announcement.account for announcement in amazon.announcements]


async def test_a_token_of_home_assistant_names_its_user(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    hass_admin_user: MockUser,
    hass_access_token: str,
) -> None:
    await set_up(hass, entry)

    assert await skill.link(amazon.add_account("Ada"), hass_access_token)

    [account] = accounts_of(entry)
    assert account.account_id == f"home_assistant.{hass_admin_user.id}"
    assert account.name == hass_admin_user.name
    assert not [request for request in amazon.requests if request.kind == "profile"]


async def test_a_token_of_login_with_amazon_names_the_customer(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)

    ada = await link(amazon, skill)

    [account] = accounts_of(entry)
    assert (account.account_id, account.name) == (f"amazon.{ada.user_id}", "Ada")


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(status=500), id="a server error"),
        pytest.param(Fault(status=200, body=b"<html>"), id="HTML"),
        pytest.param(Fault(status=200, body=b"{}"), id="nothing"),
        pytest.param(Fault.reset(), id="a reset"),
        pytest.param(Fault.stall(), id="a stall"),
    ],
)
async def test_a_profile_that_does_not_come_is_not_worth_failing_for(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    fault: Fault,
) -> None:
    assert answers.PROFILE_TIMEOUT < answers.ACCEPT_GRANT_TIMEOUT
    await set_up(hass, entry)
    ada, somebody = amazon.add_account("Ada"), amazon.add_account("whose profile is asked for")
    # We ask twice, and aiohttp itself again when a connection turns out to be closed.
    amazon.login_faults += [replace(fault, account=somebody)] * 4

    with patch.object(answers, "PROFILE_TIMEOUT", 0.05):
        assert await skill.link(ada, amazon.linking_token(somebody))

    [account] = accounts_of(entry)
    assert (account.account_id, account.name) == (ANONYMOUS, linking.NAMELESS)


async def test_a_profile_that_comes_at_the_second_try_links_nobody_a_second_time(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    ada, same = amazon.add_account("Ada"), amazon.add_account("whose profile is asked for")
    assert await skill.link(ada, amazon.linking_token(same))
    amazon.login_faults.append(Fault(status=503, account=same))

    assert await skill.link(ada, amazon.linking_token(same))

    [account] = accounts_of(entry)
    assert account.account_id == f"amazon.{same.user_id}"


async def test_a_profile_is_not_waited_for_when_the_code_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    ada, somebody = amazon.add_account("Ada"), amazon.add_account("whose profile is asked for")
    amazon.login_faults.append(Fault.stall(account=somebody))
    amazon.login_faults.append(Fault.login(400, "invalid_grant", account=ada))

    assert not await skill.link(ada, amazon.linking_token(somebody))

    assert "ErrorResponse ACCEPT_GRANT_FAILED" in ada.notice


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("garbage", id="garbage"),
        pytest.param("eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA", id="another server's token"),
        pytest.param("x" * 10_000, id="long"),
    ],
)
async def test_a_stranger_is_anonymous(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, token: str
) -> None:
    await set_up(hass, entry)

    assert await skill.link(amazon.add_account("Ada"), token)

    [account] = accounts_of(entry)
    assert (account.account_id, account.name) == (ANONYMOUS, linking.NAMELESS)


async def test_a_token_without_a_profile_is_anonymous(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    ada = amazon.add_account("Ada")

    assert await skill.link(ada, amazon.login.new_access_token(TokenKind.EVENTS, ada))

    assert [account.name for account in accounts_of(entry)] == ["Amazon account"]


@pytest.mark.parametrize("grantee", [None, {}, {"token": ""}, {"token": 1}], ids=str)
async def test_nobody_is_anonymous(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, grantee: Any
) -> None:
    await set_up(hass, entry)
    code = amazon.login.new_code(amazon.add_account("Ada"))
    payload = {"grant": {"type": "OAuth2.AuthorizationCode", "code": code}, "grantee": grantee}

    answer = await skill.send(directive("Alexa.Authorization", "AcceptGrant", payload))

    assert answer.name == "AcceptGrant.Response"
    assert [account.name for account in accounts_of(entry)] == ["Amazon account"]


async def test_the_same_account_linking_again_replaces_its_tokens(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    ada = await link(amazon, skill)
    [before] = accounts_of(entry)
    amazon.revoke(ada)

    assert await skill.link(ada)
    assert await skill.discover(ada)

    [after] = accounts_of(entry)
    assert after.refresh_token != before.refresh_token
    assert after.access_token != before.access_token
    assert await announced(hass, amazon) == ["Ada"]


async def test_every_account_is_announced_to(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    hass_access_token: str,
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill, "Ada")
    await link(amazon, skill, "Ben")
    eve = amazon.add_account("Eve")
    assert await skill.link(eve, hass_access_token)
    assert await skill.discover(eve)

    assert sorted(await announced(hass, amazon)) == ["Ada", "Ben", "Eve"]


@pytest.fixture
def regional(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon
) -> Iterator[MockConfigEntry]:
    """An entry that knows the gateways of all regions, the simulated ones."""
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_REGION: "auto"})
    urls = {region: amazon.gateway_url(region) for region in Region}
    with patch.dict(GATEWAY_URLS, urls):
        yield entry


@pytest.mark.parametrize("region", Region)
async def test_the_region_is_the_one_of_the_lambda(
    hass: HomeAssistant,
    regional: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    region: Region,
) -> None:
    await set_up(hass, regional)
    await link(amazon, skill, region=region)

    assert [account.region for account in accounts_of(regional)] == [region]
    assert await announced(hass, amazon) == ["Ada"]
    assert [request.region for request in amazon.requests if request.kind == "events"] == [region]


@pytest.mark.parametrize("fixed", Region)
@pytest.mark.parametrize("home", Region)
async def test_the_region_of_the_entry_goes_before_that_of_the_lambda(
    hass: HomeAssistant,
    regional: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    fixed: Region,
    home: Region,
) -> None:
    hass.config_entries.async_update_entry(
        regional, data={**regional.data, CONF_REGION: str(fixed)}
    )
    await set_up(hass, regional)

    await link(amazon, skill, region=home)

    assert [account.region for account in accounts_of(regional)] == [fixed]


@pytest.mark.parametrize("aws_region", [None, "", "eu-central-1"], ids=str)
async def test_the_region_of_a_lambda_elsewhere_is_found_by_the_first_press(
    hass: HomeAssistant,
    regional: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    aws_region: str | None,
) -> None:
    await set_up(hass, regional)
    with patch.dict("demo.amazon.skill.LAMBDA_REGIONS", {Region.FE: aws_region or ""}):
        await link(amazon, skill, region=Region.FE)
    assert [account.region for account in accounts_of(regional)] == ["na"]

    assert await announced(hass, amazon) == ["Ada"]
    assert [account.region for account in accounts_of(regional)] == ["fe"]


async def test_an_entry_with_a_gateway_of_its_own_knows_no_other_region(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)

    assert [account.region for account in accounts_of(entry)] == ["custom"]
