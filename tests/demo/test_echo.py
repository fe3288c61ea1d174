"""An Echo announces what its account has discovered, and nothing else."""

import aiohttp
import pytest

from demo.amazon.simulation import SimulatedAmazon

from .conftest import discovery_report, endpoint, press, send


async def test_the_echo_says_what_the_account_discovered(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str
) -> None:
    await send(session, amazon, press(token), token)
    announcement = await amazon.wait_for_announcement()
    assert (announcement.account, announcement.text) == ("Ada", "Someone is at the Front door")


async def test_the_echo_is_silent_about_a_doorbell_it_does_not_know(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str
) -> None:
    assert await send(session, amazon, press(token, "back-door"), token) == (202, "")
    assert amazon.announcements == []


async def test_reports_teach_the_echo_and_make_it_forget(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon, token: str
) -> None:
    report = discovery_report("AddOrUpdateReport", token, [endpoint("back-door", "Back door")])
    await send(session, amazon, report, token)
    await send(session, amazon, press(token, "back-door"), token)
    assert (await amazon.wait_for_announcement()).text == "Someone is at the Back door"

    report = discovery_report("DeleteReport", token, [{"endpointId": "back-door"}])
    assert await send(session, amazon, report, token) == (202, "")
    await send(session, amazon, press(token, "back-door"), token)
    await send(session, amazon, press(token, "front-door"), token)
    assert (await amazon.wait_for_announcement()).text == "Someone is at the Front door"


async def test_waiting_in_vain_tells_what_was_asked_for(
    session: aiohttp.ClientSession, amazon: SimulatedAmazon
) -> None:
    await send(session, amazon, press("Atza|x"), "Atza|x")
    with pytest.raises(TimeoutError, match="INVALID_ACCESS_TOKEN_EXCEPTION"):
        await amazon.wait_for_announcement(timeout=0)
