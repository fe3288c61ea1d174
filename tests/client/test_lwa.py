"""Tests of Login with Amazon."""

from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest

from custom_components.alexa_doorbell.client.exceptions import (
    AlexaError,
    ReauthenticateError,
    RelinkError,
    TryAgainError,
)
from custom_components.alexa_doorbell.client.lwa import LWA_URL, LoginWithAmazon, Profile, Tokens

from .loopback import HOSTILE_BODIES, Loopback, breaks, reply, reset

pytestmark = pytest.mark.usefixtures("socket_enabled")

CLIENT_ID = "amzn1.application-oa2-client.1"
CLIENT_SECRET = "amzn1.oa2-cs.v1.x/y+z=&"
CLIENT = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
ANSWER: dict[str, Any] = {
    "access_token": "Atza|1",
    "refresh_token": "Atzr|1",
    "token_type": "bearer",
}


@pytest.fixture
def lwa(server: Loopback, session: aiohttp.ClientSession) -> LoginWithAmazon:
    return LoginWithAmazon(session, server.url, CLIENT_ID, CLIENT_SECRET)


def form(server: Loopback) -> dict[str, str]:
    """Return the form of the only request, which must be one for tokens."""
    (received,) = server.received
    assert (received.method, received.path) == ("POST", "/auth/o2/token")
    assert received.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    return dict(parse_qsl(received.body.decode(), strict_parsing=True))


def test_amazon_is_at_amazon() -> None:
    assert LWA_URL == "https://api.amazon.com"


async def test_the_pair_is_checked_without_any_customer(
    server: Loopback, lwa: LoginWithAmazon
) -> None:
    server.answer = reply(200, access_token="Atc|1", expires_in=3600)

    await lwa.check()

    assert form(server) == CLIENT | {
        "grant_type": "client_credentials",
        "scope": "alexa:skill_messaging",
    }


async def test_a_code_is_traded_for_tokens(server: Loopback, lwa: LoginWithAmazon) -> None:
    server.answer = reply(200, **ANSWER, expires_in=1800)

    tokens = await lwa.exchange("code|/+&=")

    assert tokens == Tokens(access_token="Atza|1", refresh_token="Atzr|1", expires_in=1800)
    assert form(server) == CLIENT | {"grant_type": "authorization_code", "code": "code|/+&="}


async def test_a_refresh_token_is_traded_for_tokens(server: Loopback, lwa: LoginWithAmazon) -> None:
    server.answer = reply(200, **ANSWER, expires_in=3600)

    tokens = await lwa.refresh("Atzr|0/+&=")

    assert tokens == Tokens(access_token="Atza|1", refresh_token="Atzr|1", expires_in=3600)
    assert form(server) == CLIENT | {"grant_type": "refresh_token", "refresh_token": "Atzr|0/+&="}


async def test_a_base_url_may_end_in_a_slash(
    server: Loopback, session: aiohttp.ClientSession
) -> None:
    server.answer = reply(200, **ANSWER)

    await LoginWithAmazon(session, f"{server.url}/", CLIENT_ID, CLIENT_SECRET).check()

    assert server.received[0].path == "/auth/o2/token"


@pytest.mark.parametrize("absent", [{}, {"refresh_token": None}, {"refresh_token": ""}])
async def test_a_refresh_may_leave_the_refresh_token_out(
    server: Loopback, lwa: LoginWithAmazon, absent: dict[str, Any]
) -> None:
    server.answer = reply(200, access_token="Atza|1", **absent)

    assert (await lwa.refresh("Atzr|0")).refresh_token is None


async def test_a_code_that_brings_no_refresh_token_was_in_vain(
    server: Loopback, lwa: LoginWithAmazon
) -> None:
    server.answer = reply(200, access_token="Atza|1")

    with pytest.raises(RelinkError):
        await lwa.exchange("code")


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [
        pytest.param(b"1", 1, id="a second"),
        pytest.param(b"1799.5", 1799.5, id="a fraction"),
        pytest.param(b"86400", 86400, id="a day"),
        pytest.param(b"86401", 86400, id="more than a day"),
        pytest.param(b"9" * 400, 86400, id="beyond floats"),
        pytest.param(b"0", 3600, id="nothing"),
        pytest.param(b"-1", 3600, id="negative"),
        pytest.param(b"NaN", 3600, id="not a number"),
        pytest.param(b"Infinity", 3600, id="infinity"),
        pytest.param(b"1e999", 3600, id="infinity in disguise"),
        pytest.param(b"true", 3600, id="bool"),
        pytest.param(b'"60"', 3600, id="text"),
        pytest.param(b"null", 3600, id="null"),
        pytest.param(b"[60]", 3600, id="array"),
    ],
)
async def test_a_lifetime_is_believable(
    server: Loopback, lwa: LoginWithAmazon, expires_in: bytes, lifetime: float
) -> None:
    server.answer = reply(200, b'{"access_token": "Atza|1", "expires_in": ' + expires_in + b"}")

    assert (await lwa.refresh("Atzr|0")).expires_in == lifetime


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (400, "invalid_grant", RelinkError),
        (401, "invalid_grant", RelinkError),
        (401, "invalid_client", ReauthenticateError),
        (400, "unauthorized_client", ReauthenticateError),
        (400, "invalid_scope", ReauthenticateError),
        (400, "invalid_request", TryAgainError),
        (500, "ServerError", TryAgainError),
        (400, None, TryAgainError),
        (400, ["invalid_grant"], TryAgainError),
        (400, {"invalid_grant": 1}, TryAgainError),
    ],
)
async def test_a_refusal_says_what_to_do(
    server: Loopback, lwa: LoginWithAmazon, status: int, error: Any, expected: type[AlexaError]
) -> None:
    server.answer = reply(status, error=error, error_description="The client secret is secret")

    with pytest.raises(AlexaError) as caught:
        await lwa.refresh("Atzr|0")

    assert type(caught.value) is expected
    assert "secret" not in str(caught.value)


async def test_an_error_in_a_success_does_not_count(server: Loopback, lwa: LoginWithAmazon) -> None:
    server.answer = reply(200, access_token="Atza|1", error="invalid_grant")

    assert (await lwa.refresh("Atzr|0")).access_token == "Atza|1"


@pytest.mark.parametrize("status", [307, 408, 429, 500, 502, 503])
async def test_trouble_at_amazon_is_worth_another_try(
    server: Loopback, lwa: LoginWithAmazon, status: int
) -> None:
    server.answer = reply(status, headers={"Retry-After": "7", "Location": "/elsewhere"})

    with pytest.raises(TryAgainError) as caught:
        await lwa.refresh("Atzr|0")

    assert (caught.value.status, caught.value.retry_after) == (status, 7)
    assert len(server.received) == 1


@pytest.mark.parametrize("call", ["check", "exchange", "refresh", "profile"])
@pytest.mark.parametrize("status", [200, 202, 500])
@pytest.mark.parametrize("body", HOSTILE_BODIES.values(), ids=HOSTILE_BODIES)
async def test_an_unreadable_answer_is_worth_another_try(
    server: Loopback, lwa: LoginWithAmazon, call: str, status: int, body: bytes
) -> None:
    server.answer = reply(status, body)

    with pytest.raises(TryAgainError) as caught:
        await getattr(lwa, call)(*[] if call == "check" else ["Atzr|0"])

    assert caught.value.status == status


async def test_a_refusal_that_stalls_is_worth_another_try(
    server: Loopback, session: aiohttp.ClientSession
) -> None:
    server.answer = server.stalls(400, b'{"error": "invalid_grant"')
    lwa = LoginWithAmazon(session, server.url, CLIENT_ID, CLIENT_SECRET, timeout=0.05)

    with pytest.raises(TryAgainError) as caught:
        await lwa.refresh("Atzr|0")

    assert caught.value.status == 400


async def test_tokens_that_break_off_are_worth_another_try(
    server: Loopback, lwa: LoginWithAmazon
) -> None:
    server.answer = breaks(200, b'{"access_token": "Atza|1"')

    with pytest.raises(TryAgainError) as caught:
        await lwa.refresh("Atzr|0")

    assert caught.value.status == 200


@pytest.mark.parametrize("token", ["Atza|1\\r\\n", "Atza|\\u00e9", "Atza|\\u0000"])
async def test_a_token_that_fits_into_no_header_is_worth_another_try(
    server: Loopback, lwa: LoginWithAmazon, token: str
) -> None:
    server.answer = reply(200, f'{{"access_token": "{token}", "refresh_token": "r"}}'.encode())

    with pytest.raises(TryAgainError):
        await lwa.refresh("Atzr|0")


async def test_silence_is_worth_another_try(
    server: Loopback, session: aiohttp.ClientSession
) -> None:
    server.answer = server.silence
    lwa = LoginWithAmazon(session, server.url, CLIENT_ID, CLIENT_SECRET, timeout=0.05)

    with pytest.raises(TryAgainError) as caught:
        await lwa.profile("Atza|1")

    assert caught.value.reason == "timeout"


async def test_a_reset_is_worth_another_try(server: Loopback, lwa: LoginWithAmazon) -> None:
    server.answer = reset

    with pytest.raises(TryAgainError) as caught:
        await lwa.refresh("Atzr|0")

    assert caught.value.status is None


@pytest.mark.parametrize(
    ("name", "expected"), [("Ada Lovelace", "Ada Lovelace"), (None, None), ("", None), (7, None)]
)
async def test_a_profile_says_whose_token_it_is(
    server: Loopback, lwa: LoginWithAmazon, name: Any, expected: str | None
) -> None:
    server.answer = reply(200, user_id="amzn1.account.A", name=name, email="ada@example.com")

    profile = await lwa.profile("Atza|1")

    assert profile == Profile(user_id="amzn1.account.A", name=expected)
    (received,) = server.received
    assert (received.method, received.path) == ("GET", "/user/profile")
    assert received.headers["Authorization"] == "Bearer Atza|1"


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_token_of_somebody_else_has_no_profile(
    server: Loopback, lwa: LoginWithAmazon, status: int
) -> None:
    server.answer = reply(status, error="invalid_token", user_id="amzn1.account.A")

    assert await lwa.profile("Atza|1") is None


@pytest.mark.parametrize("status", [307, 408, 429, 500, 503])
async def test_a_profile_in_times_of_trouble_is_worth_another_try(
    server: Loopback, lwa: LoginWithAmazon, status: int
) -> None:
    server.answer = reply(status, headers={"Retry-After": "7"}, user_id="amzn1.account.A")

    with pytest.raises(TryAgainError) as caught:
        await lwa.profile("Atza|1")

    assert (caught.value.status, caught.value.retry_after) == (status, 7)


def test_no_repr_holds_a_secret(lwa: LoginWithAmazon) -> None:
    tokens = Tokens(access_token="Atza|1", refresh_token="Atzr|1", expires_in=1)

    assert CLIENT_SECRET not in repr(lwa)
    assert "Atz" not in repr(tokens)
