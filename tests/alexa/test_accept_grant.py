"""Tests of AcceptGrant: when linking succeeds, and when it has to fail; with a real disk."""

import asyncio
import json
from pathlib import Path
import re
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.accounts.account import Account
from custom_components.alexa_doorbell.alexa import answers, linking
from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.account import Account as Customer
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Answer, Skill, directive

from ..home import link, set_up

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


pytestmark = pytest.mark.usefixtures("storage_folder")


def file_of(hass: HomeAssistant, entry: MockConfigEntry) -> Path:
    """Where the tokens of the entry belong."""
    return Path(hass.config.path(".storage", f"{DOMAIN}.{entry.entry_id}"))


def stored(hass: HomeAssistant, entry: MockConfigEntry) -> list[dict[str, Any]]:
    """The accounts on disk."""
    file = file_of(hass, entry)
    accounts = json.loads(file.read_text())["data"]["accounts"] if file.exists() else []
    assert isinstance(accounts, list)
    return accounts


def accounts_of(entry: MockConfigEntry) -> list[Account]:
    """The accounts that presses go to."""
    return [account.stored for account in entry.runtime_data.accounts.all]


async def accept_grant(skill: Skill, payload: dict[str, Any]) -> Answer:
    """Send an AcceptGrant."""
    return await skill.send(directive("Alexa.Authorization", "AcceptGrant", payload))


def assert_refused(answer: Answer) -> str:
    """Assert that Alexa is told, in the one form it knows, that linking failed; return why."""
    assert answer.status == 200
    event = answer.message["event"]
    header = event["header"]
    assert UUID.fullmatch(header.pop("messageId"))
    assert header == {
        "namespace": "Alexa.Authorization",
        "name": "ErrorResponse",
        "payloadVersion": "3",
    }
    assert event["payload"].keys() == {"type", "message"}
    assert event["payload"]["type"] == "ACCEPT_GRANT_FAILED"
    message = event["payload"]["message"]
    assert isinstance(message, str)
    return message


async def grant_of(
    amazon: SimulatedAmazon, skill: Skill, account: Customer, grantee: str | None = None
) -> Answer:
    """Send an AcceptGrant with a good code; without a token there is no grantee."""
    payload: dict[str, Any] = {
        "grant": {"type": "OAuth2.AuthorizationCode", "code": amazon.login.new_code(account)}
    }
    if grantee is not None:
        payload["grantee"] = {"type": "BearerToken", "token": grantee}
    return await accept_grant(skill, payload)


async def test_alexa_hears_of_success_once_the_tokens_are_on_disk(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    account = amazon.add_account("Ada")
    writing, may_write = asyncio.Event(), asyncio.Event()
    save = Store.async_save

    async def slow_save(store: Store[Any], data: Any) -> None:
        writing.set()
        await may_write.wait()
        await save(store, data)

    with patch.object(Store, "async_save", slow_save):
        linking = asyncio.create_task(
            grant_of(amazon, skill, account, amazon.linking_token(account))
        )
        await writing.wait()
        assert not linking.done()
        assert accounts_of(entry) == []
        may_write.set()
        answer = await linking

    assert answer.name == "AcceptGrant.Response"
    header = answer.message["event"]["header"]
    assert UUID.fullmatch(header.pop("messageId"))
    assert answer.message == {
        "event": {
            "header": {
                "namespace": "Alexa.Authorization",
                "name": "AcceptGrant.Response",
                "payloadVersion": "3",
            },
            "payload": {},
        }
    }
    [on_disk] = stored(hass, entry)
    [in_memory] = accounts_of(entry)
    # Since when it is shown, and what Alexa was told, is learnt a moment later, and written later.
    for name in ("account_id", "access_token", "refresh_token", "expires_at", "linked_at"):
        assert on_disk[name] == getattr(in_memory, name)
    assert on_disk["name"] == "Ada"
    assert on_disk["access_token"].startswith("Atza|")
    assert on_disk["refresh_token"].startswith("Atzr|")
    assert file_of(hass, entry).stat().st_mode & 0o777 == 0o600


async def test_tokens_that_cannot_be_stored_are_not_used_either(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    account = amazon.add_account("Ada")
    file_of(hass, entry).mkdir()  # Where a folder is, no file can be put.

    answer = await grant_of(amazon, skill, account, amazon.linking_token(account))

    assert "could not be stored" in assert_refused(answer)
    assert accounts_of(entry) == []
    file_of(hass, entry).rmdir()
    assert await skill.link(account), "the next try, with a new code, is as good as any"
    assert [on_disk["name"] for on_disk in stored(hass, entry)] == ["Ada"]


async def test_a_failed_grant_leaves_the_earlier_one_alone(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    account = await link(amazon, skill)
    await hass.async_block_till_done(wait_background_tasks=True)
    before = stored(hass, entry)
    grantee = {"type": "BearerToken", "token": amazon.linking_token(account)}

    assert_refused(await accept_grant(skill, {"grant": {"code": "spent"}, "grantee": grantee}))

    assert stored(hass, entry) == before
    assert [Account.from_dict(data) for data in before] == accounts_of(entry)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param(Fault.login(400, "invalid_grant"), "invalid_grant", id="a spent code"),
        pytest.param(Fault.login(400, "invalid_request"), "answer 400", id="invalid_request"),
        pytest.param(Fault.login(500, "ServerError"), "answer 500", id="a server error"),
        pytest.param(Fault(status=200, body=b"<html>Hello</html>"), "answer 200", id="HTML"),
        pytest.param(
            Fault(status=200, body=b'{"access_token": "Atza|1"}'),
            "no refresh token",
            id="no refresh token",
        ),
        pytest.param(Fault(status=503, body=b"<html>Sorry</html>"), "answer 503", id="HTML 503"),
        pytest.param(Fault(status=302, headers={"Location": "/"}), "answer 302", id="a redirect"),
        pytest.param(Fault.reset(), "connection closed", id="a reset"),
    ],
)
async def test_linking_fails_when_the_code_brings_no_tokens(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    fault: Fault,
    reason: str,
) -> None:
    await set_up(hass, entry)
    amazon.login_faults.append(fault)

    message = assert_refused(await grant_of(amazon, skill, amazon.add_account("Ada")))

    assert reason in message
    assert accounts_of(entry) == []
    assert stored(hass, entry) == []


async def test_linking_fails_when_login_with_amazon_cannot_be_reached(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    await set_up(hass, entry)
    account = amazon.add_account("Ada")
    await amazon.stop()

    answer = await grant_of(amazon, skill, account, amazon.linking_token(account))

    assert "no connection" in assert_refused(answer)
    assert accounts_of(entry) == []


async def test_linking_is_given_up_before_alexa_gives_up(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill
) -> None:
    assert answers.ACCEPT_GRANT_TIMEOUT < 6, "the Lambda needs the rest of Alexa's 8 s"
    await set_up(hass, entry)
    amazon.login_faults.append(Fault.stall())

    with patch.object(answers, "ACCEPT_GRANT_TIMEOUT", 0.05):
        answer = await grant_of(amazon, skill, amazon.add_account("Ada"))

    assert "too long" in assert_refused(answer)
    assert accounts_of(entry) == []
    assert stored(hass, entry) == []


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client"])
async def test_refused_credentials_ask_for_new_ones(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    error: str,
) -> None:
    await set_up(hass, entry)
    amazon.login_faults.append(Fault.login(401, error))

    answer = await grant_of(amazon, skill, amazon.add_account("Ada"))
    await hass.async_block_till_done()

    assert "credentials" in assert_refused(answer)
    assert len(list(entry.async_get_active_flows(hass, {SOURCE_REAUTH}))) == 1


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"grant": {"type": "OAuth2.AuthorizationCode"}}, id="no code"),
        pytest.param({"grant": {"code": ""}, "grantee": {"token": "t"}}, id="an empty code"),
        pytest.param({"grant": {"code": 1}}, id="a number for a code"),
    ],
)
async def test_a_grant_without_a_code_fails_without_a_word_to_amazon(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    payload: dict[str, Any],
) -> None:
    await set_up(hass, entry)

    assert "there is none" in assert_refused(await accept_grant(skill, payload))
    assert amazon.requests == []


async def test_a_surprise_is_told_in_the_form_that_alexa_knows(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await set_up(hass, entry)
    with patch.object(linking, "region_of_lambda", side_effect=KeyError("oops")):
        answer = await grant_of(amazon, skill, amazon.add_account("Ada"))

    assert "log" in assert_refused(answer)
    assert "oops" in caplog.text
