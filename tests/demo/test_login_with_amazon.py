"""Login with Amazon hands tokens to whom it should, and to nobody else."""

from typing import Any

import aiohttp
import pytest

from demo.amazon.account import Account
from demo.amazon.login_with_amazon import CODE_LIFETIME, RefreshTokenAnswer, TokenKind
from demo.amazon.simulation import SimulatedAmazon

from .conftest import Clock, ask_for_token


async def test_a_code_gives_tokens_that_look_like_amazons(tokens: dict[str, Any]) -> None:
    assert tokens["access_token"].startswith("Atza|")
    assert 350 <= len(tokens["access_token"]) <= 2048
    assert tokens["refresh_token"].startswith("Atzr|")
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 3600)


async def test_client_credentials_name_no_customer(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon
) -> None:
    form = {"grant_type": "client_credentials", "scope": "alexa:skill_messaging"}
    status, token = await ask_for_token(session, amazon, form)
    assert status == 200
    assert "refresh_token" not in token
    known = amazon.login.access_token(token["access_token"])
    assert known is not None
    assert known.kind is TokenKind.SKILL_MESSAGING


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        pytest.param({"client_secret": "wrong"}, 401, "invalid_client", id="a wrong client secret"),
        pytest.param({"client_id": "wrong"}, 401, "invalid_client", id="an unknown client id"),
        pytest.param({"client_secret": ""}, 400, "invalid_request", id="no client secret"),
        pytest.param({"grant_type": ""}, 400, "invalid_request", id="no grant type"),
        pytest.param(
            {"grant_type": "password"}, 400, "unsupported_grant_type", id="an unknown grant type"
        ),
        pytest.param({"grant_type": "authorization_code"}, 400, "invalid_request", id="no code"),
        pytest.param(
            {"grant_type": "authorization_code", "code": "made-up"},
            400,
            "invalid_grant",
            id="a made-up code",
        ),
        pytest.param(
            {"grant_type": "refresh_token", "refresh_token": "Atzr|made-up"},
            400,
            "invalid_grant",
            id="a made-up refresh token",
        ),
        pytest.param(
            {"grant_type": "client_credentials", "scope": "profile"},
            400,
            "invalid_scope",
            id="a scope that is not the skill's",
        ),
    ],
)
async def test_refuses(
    session: aiohttp.ClientSession,
    amazon: SimulatedAmazon,
    form: dict[str, str],
    status: int,
    error: str,
) -> None:
    basis = {"grant_type": "client_credentials", "scope": "alexa:skill_messaging"}
    answered, body = await ask_for_token(session, amazon, basis | form)
    assert (answered, body["error"]) == (status, error)
    assert body.keys() == {"error", "error_description", "error_index", "request_id"}
    assert amazon.requests[-1].status == status


async def test_refuses_a_body_that_is_not_a_form(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon
) -> None:
    body = {
        "grant_type": "client_credentials",
        "scope": "alexa:skill_messaging",
        "client_id": amazon.client_id,
        "client_secret": amazon.client_secret,
    }
    async with session.post(f"{amazon.lwa_url}/auth/o2/token", json=body) as response:
        assert response.status == 400
        assert (await response.json())["error"] == "invalid_request"


async def test_refuses_a_client_that_is_not_authorized(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon
) -> None:
    amazon.login.client_is_authorized = False
    form = {"grant_type": "client_credentials", "scope": "alexa:skill_messaging"}
    status, body = await ask_for_token(session, amazon, form)
    assert (status, body["error"]) == (400, "unauthorized_client")


async def test_a_code_is_good_once(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account
) -> None:
    grant = {"grant_type": "authorization_code", "code": amazon.login.new_code(account)}
    assert (await ask_for_token(session, amazon, grant))[0] == 200
    assert (await ask_for_token(session, amazon, grant))[1]["error"] == "invalid_grant"


async def test_a_code_is_burnt_by_a_try_with_a_wrong_secret(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account
) -> None:
    grant = {"grant_type": "authorization_code", "code": amazon.login.new_code(account)}
    assert (await ask_for_token(session, amazon, grant | {"client_secret": "wrong"}))[0] == 401
    assert (await ask_for_token(session, amazon, grant))[1]["error"] == "invalid_grant"


async def test_a_code_is_good_for_some_minutes(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account, clock: Clock
) -> None:
    grant = {"grant_type": "authorization_code", "code": amazon.login.new_code(account)}
    clock.now += CODE_LIFETIME
    assert (await ask_for_token(session, amazon, grant))[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("answer", "old_is_good"),
    [
        pytest.param(RefreshTokenAnswer.SAME, True, id="the same refresh token again"),
        pytest.param(RefreshTokenAnswer.NONE, True, id="no refresh token"),
        pytest.param(RefreshTokenAnswer.NEW, False, id="a new one, and the old one ends"),
    ],
)
async def test_a_refresh_answers(
    session: aiohttp.ClientSession,
    amazon: SimulatedAmazon,
    tokens: dict[str, Any],
    answer: RefreshTokenAnswer,
    old_is_good: bool,
) -> None:
    amazon.login.refresh_token_answer = answer
    grant = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    status, refreshed = await ask_for_token(session, amazon, grant)
    assert status == 200
    assert refreshed["access_token"] != tokens["access_token"]
    assert ("refresh_token" in refreshed) == (answer is not RefreshTokenAnswer.NONE)
    assert ((await ask_for_token(session, amazon, grant))[0] == 200) == old_is_good


async def test_a_revoked_account_gets_no_more_tokens(
    session: aiohttp.ClientSession,
    amazon: SimulatedAmazon,
    account: Account,
    tokens: dict[str, Any],
) -> None:
    amazon.revoke(account)
    grant = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    status, body = await ask_for_token(session, amazon, grant)
    assert (status, body["error"]) == (400, "invalid_grant")
    assert amazon.login.access_token(tokens["access_token"]) is None


async def test_the_profile_is_for_account_linking_tokens(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, account: Account
) -> None:
    headers = {"Authorization": f"Bearer {amazon.linking_token(account)}"}
    async with session.get(f"{amazon.lwa_url}/user/profile", headers=headers) as response:
        assert response.status == 200
        assert await response.json() == {"user_id": account.user_id, "name": "Ada"}


async def test_the_profile_is_not_for_gateway_tokens(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, tokens: dict[str, Any]
) -> None:
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    async with session.get(f"{amazon.lwa_url}/user/profile", headers=headers) as response:
        assert response.status == 401
        assert (await response.json())["error"] == "insufficient_scope"


async def test_the_profile_is_not_for_unknown_tokens(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon
) -> None:
    headers = {"x-amz-access-token": "Atza|made-up"}
    async with session.get(f"{amazon.lwa_url}/user/profile", headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["error"] == "invalid_token"
