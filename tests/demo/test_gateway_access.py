"""The event gateway lets in who has the right token, the skill, and its home there."""

import aiohttp
import pytest

from demo.amazon.account import Account, Enablement, Region
from demo.amazon.login_with_amazon import TokenKind
from demo.amazon.simulation import SimulatedAmazon

from .conftest import Clock, press, send


async def test_refuses_another_token_in_the_body_than_in_the_header(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account, token: str
) -> None:
    other = amazon.login.new_access_token(TokenKind.EVENTS, account)
    answer = await send(session, amazon, press(other), token)
    assert answer == (401, "INVALID_ACCESS_TOKEN_EXCEPTION")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (TokenKind.SKILL_MESSAGING, "INSUFFICIENT_PERMISSION_EXCEPTION"),
        (TokenKind.ACCOUNT_LINKING, "INSUFFICIENT_PERMISSION_EXCEPTION"),
    ],
)
async def test_refuses_a_token_for_something_else(
    session: aiohttp.ClientSession,
    amazon: SimulatedAmazon,
    account: Account,
    kind: TokenKind,
    code: str,
) -> None:
    token = amazon.login.new_access_token(kind, account)
    assert await send(session, amazon, press(token), token) == (403, code)


async def test_refuses_a_token_nobody_gave(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon
) -> None:
    answer = await send(session, amazon, press("Atza|x"), "Atza|x")
    assert answer == (401, "INVALID_ACCESS_TOKEN_EXCEPTION")


async def test_refuses_a_token_after_its_hour(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str, clock: Clock
) -> None:
    clock.now += 3600
    answer = await send(session, amazon, press(token), token)
    assert answer == (401, "INVALID_ACCESS_TOKEN_EXCEPTION")


async def test_refuses_tokens_that_were_ended(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account, token: str
) -> None:
    amazon.expire_access_tokens(account)
    answer = await send(session, amazon, press(token), token)
    assert answer == (401, "INVALID_ACCESS_TOKEN_EXCEPTION")


@pytest.mark.parametrize("region", [Region.NA, Region.FE])
async def test_a_gateway_far_from_home_knows_no_skill(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str, region: Region
) -> None:
    answer = await send(session, amazon, press(token), token, region)
    assert answer == (403, "SKILL_NEVER_ENABLED_EXCEPTION")


async def test_refuses_a_disabled_account_until_it_is_enabled(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account, token: str
) -> None:
    amazon.disable(account)
    answer = await send(session, amazon, press(token), token)
    assert answer == (403, "SKILL_DISABLED_EXCEPTION")
    amazon.enable(account)
    assert await send(session, amazon, press(token), token) == (202, "")


async def test_refuses_an_account_that_never_enabled_the_skill(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account, token: str
) -> None:
    account.enablement = Enablement.NEVER
    answer = await send(session, amazon, press(token), token)
    assert answer == (403, "SKILL_NEVER_ENABLED_EXCEPTION")


async def test_refuses_a_skill_that_may_not_send_events(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account, token: str
) -> None:
    account.may_send_events = False
    answer = await send(session, amazon, press(token), token)
    assert answer == (403, "INSUFFICIENT_PERMISSION_EXCEPTION")


async def test_says_where_the_accounts_gateway_is(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str
) -> None:
    url = f"{amazon.gateway_url(Region.NA)}/v1/alexaApiEndpoint"
    async with session.get(url, headers={"Authorization": f"Bearer {token}"}) as response:
        assert await response.json() == {"endpoints": [amazon.gateway_url(Region.EU)]}


async def test_says_nothing_about_gateways_to_strangers(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon
) -> None:
    async with session.get(f"{amazon.gateway_url()}/v1/alexaApiEndpoint") as response:
        assert response.status == 401
