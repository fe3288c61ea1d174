"""Trouble comes as planned, once each."""

import asyncio
from typing import Any

import aiohttp
import pytest

from demo.amazon.account import Account
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon

from .conftest import ask_for_token, press


async def post_press(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str
) -> aiohttp.ClientResponse:
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{amazon.gateway_url()}/v3/events"
    return await session.post(url, json=press(token), headers=headers)


async def test_a_planned_answer_comes_once(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, tokens: dict[str, Any]
) -> None:
    fault = Fault(status=503, body=b"<html>", headers={"Retry-After": "7"})
    amazon.gateway_faults.append(fault)
    response = await post_press(session, amazon, tokens["access_token"])
    assert (response.status, response.headers["Retry-After"]) == (503, "7")
    assert await response.read() == b"<html>"
    assert amazon.events == []
    assert (await post_press(session, amazon, tokens["access_token"])).status == 202


async def test_a_planned_error_has_amazons_form(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, tokens: dict[str, Any]
) -> None:
    amazon.gateway_faults.append(Fault.gateway(429, "THROTTLING_EXCEPTION"))
    response = await post_press(session, amazon, tokens["access_token"])
    assert response.status == 429
    assert (await response.json())["payload"]["code"] == "THROTTLING_EXCEPTION"


async def test_login_faults_are_for_the_login(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, tokens: dict[str, Any]
) -> None:
    amazon.login_faults.append(Fault.login(500, "ServerError"))
    assert (await post_press(session, amazon, tokens["access_token"])).status == 202
    grant = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await ask_for_token(session, amazon, grant))[1]["error"] == "ServerError"
    assert (await ask_for_token(session, amazon, grant))[0] == 200


async def test_a_reset_leaves_no_answer(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, tokens: dict[str, Any]
) -> None:
    amazon.gateway_faults.append(Fault.reset())
    with pytest.raises(aiohttp.ClientOSError):
        await post_press(session, amazon, tokens["access_token"])
    assert amazon.requests[-1].status is None
    assert amazon.events == []


async def test_an_answer_can_go_astray_after_the_work_was_done(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, tokens: dict[str, Any]
) -> None:
    amazon.gateway_faults.append(Fault.reset(processed=True))
    with pytest.raises(aiohttp.ClientOSError):
        await post_press(session, amazon, tokens["access_token"])
    assert len(amazon.announcements) == 1


async def test_a_stall_lasts_until_the_client_gives_up(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, tokens: dict[str, Any]
) -> None:
    amazon.gateway_faults.append(Fault.stall())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await post_press(session, amazon, tokens["access_token"])
    assert amazon.requests[-1].status is None


async def test_a_fault_of_one_account_spares_the_others(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, tokens: dict[str, Any]
) -> None:
    other: Account = amazon.add_account("Grace")
    amazon.gateway_faults.append(Fault(status=500, account=other))
    assert (await post_press(session, amazon, tokens["access_token"])).status == 202
    assert len(amazon.gateway_faults) == 1


async def test_amazon_comes_back_on_the_same_ports(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, tokens: dict[str, Any]
) -> None:
    await amazon.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await post_press(session, amazon, tokens["access_token"])
    await amazon.start()
    assert (await post_press(session, amazon, tokens["access_token"])).status == 202
