"""Setting up a skill, and mending it later."""

import asyncio
import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
import json
import logging
from pathlib import Path
import shlex
import time
from typing import Any

from aiohttp import web
from homeassistant.components import cloud, webhook
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_USER, ConfigEntryState, FlowType
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.loader import async_get_integration
from homeassistant.util import dt as dt_util
from homeassistant.util.aiohttp import MockRequest
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

import custom_components.alexa_doorbell as integration
from custom_components.alexa_doorbell.accounts import connection
from custom_components.alexa_doorbell.alexa.setup_message import create_skill_command
from custom_components.alexa_doorbell.alexa.unfinished import UnfinishedSetups
from custom_components.alexa_doorbell.client.signature import signed_headers
from custom_components.alexa_doorbell.const import DOMAIN
from custom_components.alexa_doorbell.data import across_reloads
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from .conftest import SHARED_SECRET, WEBHOOK_ID
from .flows import DOORBELL_TEXTS, TEXTS, checked, shown, submit, submit_doorbell
from .home import link, set_up

pytestmark = pytest.mark.usefixtures("without_reports")

WRONG_SECRET = "a-secret-that-amazon-refuses"
EXTERNAL_URL = "https://home.example.org"
HTML = Fault(status=200, body=b"<html>Sorry</html>", headers={"Content-Type": "text/html"})
USELESS_ANSWERS = {
    "HTML": HTML,
    "half a JSON": Fault(status=200, body=b'{"access_token": "At'),
    "a JSON list": Fault(status=200, body=b"[]"),
    "nothing": Fault(status=204),
    "500": Fault(status=500),
    "429": Fault(status=429, body=b'{"error": "TooManyRequests"}'),
    "a reset": Fault.reset(),
}
REFUSALS = {
    "unauthorized_client": Fault.login(400, "unauthorized_client"),
    "invalid_scope": Fault.login(400, "invalid_scope"),
    "invalid_request": Fault.login(400, "invalid_request"),
}


@pytest.fixture(autouse=True)
def _no_secret_in_the_log(
    caplog: pytest.LogCaptureFixture, amazon: SimulatedAmazon
) -> Iterator[None]:
    """Whatever a test does, no secret gets into the log."""
    caplog.set_level(logging.DEBUG)
    yield
    log = "\n".join(map(logging.Formatter().format, caplog.get_records("call")))
    for secret in (amazon.client_secret, WRONG_SECRET, "whsec_"):
        assert secret not in log


@pytest.fixture(autouse=True)
async def _external_url(hass: HomeAssistant) -> None:
    """Amazon can reach this Home Assistant."""
    await hass.config.async_update(external_url=EXTERNAL_URL)


@pytest.fixture
def _amazon_itself(amazon: SimulatedAmazon, monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulated Amazon is where Amazon is, also without an address of its own."""
    monkeypatch.setattr(connection, "LWA_URL", amazon.lwa_url)


@pytest.fixture
def cloudhooks(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A subscription to Home Assistant Cloud; the cloudhooks by webhook id."""
    hooks: dict[str, str] = {}

    async def get_or_create(hass: HomeAssistant, webhook_id: str) -> str:
        return hooks.setdefault(webhook_id, "https://hooks.example.net/unguessable")

    async def delete(hass: HomeAssistant, webhook_id: str) -> None:
        del hooks[webhook_id]

    monkeypatch.setattr(cloud, "async_active_subscription", lambda _hass: True)
    monkeypatch.setattr(cloud, "async_get_or_create_cloudhook", get_or_create)
    monkeypatch.setattr(cloud, "async_delete_cloudhook", delete)
    hass.config.components.add("cloud")
    return hooks


def credentials(amazon: SimulatedAmazon, **changes: Any) -> dict[str, Any]:
    """What a user enters first."""
    return {
        "client_id": amazon.client_id,
        "client_secret": amazon.client_secret,
        "region": "custom",
    } | changes


def endpoints(amazon: SimulatedAmazon, **changes: Any) -> dict[str, Any]:
    """Where the simulated Amazon is."""
    return {"lwa_url": amazon.lwa_url, "gateway_url": amazon.gateway_url()} | changes


async def open_user_form(hass: HomeAssistant) -> Any:
    """Begin to add a skill."""
    return await submit(hass, await open_menu(hass), {"next_step_id": "credentials"})


async def open_menu(hass: HomeAssistant) -> Any:
    """Begin to add a skill, before it is known whether there is one."""
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["menu_options"] == ["credentials", "create_skill"]
    return checked(result, TEXTS["config"])


async def open_ways(hass: HomeAssistant) -> Any:
    """Begin to add a skill that is still to be made, before it is known who answers Alexa."""
    return await submit(hass, await open_menu(hass), {"next_step_id": "create_skill"})


async def open_endpoints_form(hass: HomeAssistant, amazon: SimulatedAmazon) -> Any:
    """Begin to add a skill, up to the addresses of the simulated Amazon."""
    return await submit(hass, await open_user_form(hass), credentials(amazon))


async def open_skill_form(hass: HomeAssistant, amazon: SimulatedAmazon) -> Any:
    """Begin to add a skill, up to the last form."""
    return await submit(hass, await open_endpoints_form(hass, amazon), endpoints(amazon))


async def open_reauth_form(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Amazon has refused the credentials of the entry."""
    return checked(await entry.start_reauth_flow(hass), TEXTS["config"])


async def open_reconfigure_form(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Begin to change the entry."""
    return checked(await entry.start_reconfigure_flow(hass), TEXTS["config"])


async def reconfigure(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon, **fields: Any
) -> Any:
    """Change the entry, up to the last form."""
    entered = {"client_id": amazon.client_id, "region": "custom"} | fields
    form = await submit(hass, await open_reconfigure_form(hass, entry), entered)
    if form["step_id"] == "endpoints":
        form = await submit(hass, form, shown(form))
    assert form["step_id"] == "skill"
    return form


async def let_tokens_be_refreshed(hass: HomeAssistant, amazon: SimulatedAmazon) -> None:
    """Let an hour pass, in which every token is refreshed."""
    amazon.requests.clear()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(hours=1))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [request.detail for request in amazon.requests] == ["refresh_token"]


def assert_asks(form: Any, step_id: str, errors: dict[str, str] | None = None) -> None:
    """The user sees this form, with these errors."""
    assert form["type"] is FlowResultType.FORM
    assert (form["step_id"], form["errors"] or {}) == (step_id, errors or {})


def assert_aborts(result: Any, reason: str) -> None:
    """The flow is over, for this reason."""
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, reason)


# Adding a skill.


async def test_a_skill_is_added_with_its_credentials_a_webhook_and_a_secret(
    hass: HomeAssistant, amazon: SimulatedAmazon
) -> None:
    form = await open_user_form(hass)
    assert_asks(form, "credentials")
    assert shown(form) == {"region": "auto"}
    form = await submit(hass, form, credentials(amazon))
    assert_asks(form, "endpoints")
    form = await submit(hass, form, endpoints(amazon))
    assert_asks(form, "skill")
    result = await submit(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    webhook_id = form["description_placeholders"]["webhook_url"].rpartition("/")[2]
    assert len(webhook_id) == 64
    assert entry.title == "Alexa Doorbell"
    assert entry.unique_id == amazon.client_id
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data == {
        "client_id": amazon.client_id,
        "client_secret": amazon.client_secret,
        "region": "custom",
        "lwa_url": amazon.lwa_url,
        "gateway_url": amazon.gateway_url(),
        "webhook_id": webhook_id,
        "shared_secret": form["description_placeholders"]["shared_secret"],
    }


async def test_adding_a_skill_leads_straight_on_to_its_first_doorbell(
    hass: HomeAssistant, amazon: SimulatedAmazon
) -> None:
    result = await submit(hass, await open_skill_form(hass, amazon))
    flow_type, flow_id = result["next_flow"]
    assert flow_type is FlowType.CONFIG_SUBENTRIES_FLOW
    form = hass.config_entries.subentries.async_get(flow_id)
    assert_asks(
        checked(await hass.config_entries.subentries.async_configure(flow_id), DOORBELL_TEXTS),
        "user",
    )
    await submit_doorbell(hass, form, friendly_name="Front door")
    (doorbell,) = result["result"].subentries.values()
    assert list(result["result"].runtime_data.watches) == [doorbell.subentry_id]


@pytest.mark.parametrize("region", ["auto", "na", "eu", "fe"])
@pytest.mark.usefixtures("_amazon_itself")
async def test_a_region_of_amazon_needs_no_addresses(
    hass: HomeAssistant, amazon: SimulatedAmazon, region: str
) -> None:
    form = await open_user_form(hass)
    form = await submit(hass, form, credentials(amazon, region=region))
    assert_asks(form, "skill")
    result = await submit(hass, form)
    assert result["data"].keys() == {
        "client_id",
        "client_secret",
        "region",
        "webhook_id",
        "shared_secret",
    }
    assert result["data"]["region"] == region


async def test_automatic_is_offered_first_and_another_server_last(hass: HomeAssistant) -> None:
    form = await open_user_form(hass)
    options = form["data_schema"].schema["region"].config["options"]
    assert options == ["auto", "na", "eu", "fe", "custom"]


async def test_the_credentials_are_tried_for_skill_messaging_before_anything_is_kept(
    hass: HomeAssistant, amazon: SimulatedAmazon
) -> None:
    await open_skill_form(hass, amazon)
    (request,) = amazon.requests
    assert (request.kind, request.detail) == ("token", "client_credentials")
    assert hass.config_entries.async_entries(DOMAIN) == []


async def test_blanks_around_what_was_copied_are_taken_off(
    hass: HomeAssistant, amazon: SimulatedAmazon
) -> None:
    copied = {
        key: f"\N{BYTE ORDER MARK} {value}\n\N{ZERO WIDTH SPACE}"
        for key, value in credentials(amazon).items()
        if key != "region"
    }
    form = await submit(hass, await open_user_form(hass), credentials(amazon, **copied))
    addresses = {key: f"\t{url}// " for key, url in endpoints(amazon).items()}
    result = await submit(hass, await submit(hass, form, addresses))
    expected = credentials(amazon) | endpoints(amazon)
    assert {key: result["data"][key] for key in expected} == expected


async def test_a_wrong_secret_is_refused_and_the_right_one_then_taken(
    hass: HomeAssistant, amazon: SimulatedAmazon
) -> None:
    form = await submit(
        hass, await open_user_form(hass), credentials(amazon, client_secret=WRONG_SECRET)
    )
    form = await submit(hass, form, endpoints(amazon))
    assert_asks(form, "credentials", {"base": "invalid_auth"})
    assert shown(form) == {"client_id": amazon.client_id, "region": "custom"}
    form = await submit(hass, form, credentials(amazon))
    assert shown(form) == endpoints(amazon)
    form = await submit(hass, form, shown(form))
    result = await submit(hass, form)
    assert result["data"]["client_secret"] == amazon.client_secret


@pytest.mark.parametrize("client_id", ["  ", "Türglocke 🔔"])
@pytest.mark.usefixtures("_amazon_itself")
async def test_a_client_id_that_cannot_be_one_is_refused_as_any_wrong_one(
    hass: HomeAssistant, amazon: SimulatedAmazon, client_id: str
) -> None:
    form = await open_user_form(hass)
    form = await submit(hass, form, credentials(amazon, client_id=client_id, region="auto"))
    assert_asks(form, "credentials", {"base": "invalid_auth"})


@pytest.mark.parametrize("fault", REFUSALS.values(), ids=REFUSALS)
async def test_whatever_refusal_of_amazon_asks_for_other_credentials(
    hass: HomeAssistant, amazon: SimulatedAmazon, fault: Fault
) -> None:
    amazon.login_faults.append(fault)
    form = await open_skill_form(hass, amazon)
    assert_asks(form, "credentials", {"base": "invalid_auth"})


async def test_an_unreachable_server_can_be_tried_again_where_its_address_is_asked(
    hass: HomeAssistant, amazon: SimulatedAmazon
) -> None:
    await amazon.stop()
    form = await open_skill_form(hass, amazon)
    assert_asks(form, "endpoints", {"base": "cannot_connect"})
    assert shown(form) == endpoints(amazon)
    await amazon.start()
    assert_asks(await submit(hass, form, shown(form)), "skill")


@pytest.mark.usefixtures("_amazon_itself")
async def test_an_unreachable_amazon_can_be_tried_again_where_the_credentials_are_asked(
    hass: HomeAssistant, amazon: SimulatedAmazon
) -> None:
    await amazon.stop()
    form = await open_user_form(hass)
    form = await submit(hass, form, credentials(amazon, region="eu"))
    assert_asks(form, "credentials", {"base": "cannot_connect"})
    assert shown(form) == {"client_id": amazon.client_id, "region": "eu"}
    await amazon.start()
    assert_asks(await submit(hass, form, credentials(amazon, region="eu")), "skill")


@pytest.mark.parametrize("fault", USELESS_ANSWERS.values(), ids=USELESS_ANSWERS)
async def test_a_useless_answer_counts_as_none_and_the_next_one_is_taken(
    hass: HomeAssistant, amazon: SimulatedAmazon, fault: Fault
) -> None:
    amazon.login_faults.append(fault)
    form = await open_skill_form(hass, amazon)
    assert_asks(form, "endpoints", {"base": "cannot_connect"})
    assert_asks(await submit(hass, form, shown(form)), "skill")


async def test_what_nobody_thought_of_is_told_and_logged_and_can_be_tried_again(
    hass: HomeAssistant, amazon: SimulatedAmazon, caplog: pytest.LogCaptureFixture
) -> None:
    # There is no grant in this request that could be invalid.
    amazon.login_faults.append(Fault.login(400, "invalid_grant"))
    form = await open_skill_form(hass, amazon)
    assert_asks(form, "endpoints", {"base": "unknown"})
    assert "The skill's credentials could not be tried" in caplog.text
    assert_asks(await submit(hass, form, shown(form)), "skill")


async def test_a_skill_is_added_only_once(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    result = await submit(hass, await open_user_form(hass), credentials(amazon))
    assert_aborts(result, "already_configured")
    assert amazon.requests == []


async def test_a_setup_left_half_way_is_in_nobodys_way(
    hass: HomeAssistant, amazon: SimulatedAmazon
) -> None:
    left = await open_skill_form(hass, amazon)
    result = await submit(hass, await open_skill_form(hass, amazon))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert left["flow_id"] not in {
        flow["flow_id"] for flow in hass.config_entries.flow.async_progress()
    }


# The addresses of another server.


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://amazon.example.com", "insecure_url"),
        ("http://192.168.1.2:8080", "insecure_url"),
        ("http://localhost.example.com", "insecure_url"),
        ("http://[2001:db8::1]", "insecure_url"),
        ("ftp://localhost", "insecure_url"),
        ("amazon.example.com", "invalid_url"),
        ("localhost:8080", "invalid_url"),
        ("https://", "invalid_url"),
        ("https://amazon.example.com:99999", "invalid_url"),
        ("https://[::1", "invalid_url"),
        ("https://amazon.example.com/auth", "invalid_url"),
        ("https://amazon.example.com?a=b", "invalid_url"),
        ("https://amazon.example.com#a", "invalid_url"),
        ("https://ada@amazon.example.com", "invalid_url"),
        ("https://:password@amazon.example.com", "invalid_url"),
        ("a doorbell", "invalid_url"),
        ("  ", "invalid_url"),
    ],
)
async def test_an_address_where_tokens_are_not_safe_is_refused(
    hass: HomeAssistant, amazon: SimulatedAmazon, url: str, error: str
) -> None:
    form = await open_endpoints_form(hass, amazon)
    form = await submit(hass, form, endpoints(amazon, gateway_url=url))
    assert_asks(form, "endpoints", {"gateway_url": error})
    assert shown(form) == endpoints(amazon, gateway_url=url.strip())
    assert amazon.requests == []
    assert_asks(await submit(hass, form, endpoints(amazon)), "skill")


async def test_each_address_is_told_its_own_error(
    hass: HomeAssistant, amazon: SimulatedAmazon
) -> None:
    form = await open_endpoints_form(hass, amazon)
    form = await submit(hass, form, {"lwa_url": "http://a.example", "gateway_url": "b"})
    assert_asks(form, "endpoints", {"lwa_url": "insecure_url", "gateway_url": "invalid_url"})


@pytest.mark.parametrize(
    "url",
    [
        "https://amazon.example.com",
        "https://amazon.example.com:8443",
        "HTTPS://türglocke.example",
        "https://192.0.2.1",
        "http://localhost:8080",
        "http://LOCALHOST",
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://[::1]:8080",
    ],
)
async def test_https_is_taken_from_anywhere_and_http_from_this_machine(
    hass: HomeAssistant, amazon: SimulatedAmazon, url: str
) -> None:
    form = await open_endpoints_form(hass, amazon)
    form = await submit(hass, form, endpoints(amazon, gateway_url=url))
    result = await submit(hass, form)
    assert result["data"]["gateway_url"] == url


# What the skill's Lambda needs.


async def test_the_shared_secret_is_a_new_one_after_standard_webhooks_each_time(
    hass: HomeAssistant, amazon: SimulatedAmazon
) -> None:
    secrets = set()
    for _ in range(2):
        form = await open_skill_form(hass, amazon)
        secret = form["description_placeholders"]["shared_secret"]
        prefix, _, key = secret.partition("_")
        assert prefix == "whsec"
        assert len(base64.b64decode(key, validate=True)) == 32
        secrets.add(secret)
    assert len(secrets) == 2


async def test_the_webhook_address_is_below_the_external_url(
    hass: HomeAssistant, amazon: SimulatedAmazon
) -> None:
    form = await open_skill_form(hass, amazon)
    result = await submit(hass, form)
    webhook_url = form["description_placeholders"]["webhook_url"]
    assert webhook_url == f"{EXTERNAL_URL}/api/webhook/{result['data']['webhook_id']}"


async def test_the_webhook_address_is_a_cloudhook_where_there_is_a_subscription(
    hass: HomeAssistant, amazon: SimulatedAmazon, cloudhooks: dict[str, str]
) -> None:
    form = await open_skill_form(hass, amazon)
    assert form["errors"] == {}
    result = await submit(hass, form)
    await hass.async_block_till_done()
    assert cloudhooks == {
        result["data"]["webhook_id"]: form["description_placeholders"]["webhook_url"]
    }


async def test_a_setup_left_at_its_last_step_leaves_no_cloudhook(
    hass: HomeAssistant, amazon: SimulatedAmazon, cloudhooks: dict[str, str]
) -> None:
    form = await open_skill_form(hass, amazon)
    assert cloudhooks
    hass.config_entries.flow.async_abort(form["flow_id"])
    await hass.async_block_till_done()
    assert cloudhooks == {}


async def start_anew(hass: HomeAssistant) -> None:
    """Forget what only memory holds, as a restart does."""
    await hass.async_block_till_done()
    across = across_reloads(hass)
    hass.data[DOMAIN] = replace(across, setups=UnfinishedSetups(hass))


async def test_a_setup_that_a_restart_cut_off_leaves_no_cloudhook_once_another_begins(
    hass: HomeAssistant, amazon: SimulatedAmazon, cloudhooks: dict[str, str]
) -> None:
    await open_create_webhook(hass)
    (left_over,) = cloudhooks
    await start_anew(hass)

    await open_create_webhook(hass)
    await hass.async_block_till_done()

    assert len(cloudhooks) == 1
    assert left_over not in cloudhooks


async def test_the_cloudhook_of_a_skill_that_was_added_is_none_that_was_left_over(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    cloudhooks: dict[str, str],
    hass_storage: dict[str, Any],
) -> None:
    key = f"{DOMAIN}_setups"
    data = {"webhook_ids": [WEBHOOK_ID]}  # A power cut came before it was forgotten.
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": data}
    cloudhooks[WEBHOOK_ID] = "https://hooks.nabu.casa/made-up"

    await open_create_webhook(hass)

    assert WEBHOOK_ID in cloudhooks


async def test_a_change_left_at_its_last_step_leaves_the_cloudhook_alone(
    hass: HomeAssistant,
    amazon: SimulatedAmazon,
    entry: MockConfigEntry,
    cloudhooks: dict[str, str],
) -> None:
    form = await reconfigure(hass, entry, amazon)
    hass.config_entries.flow.async_abort(form["flow_id"])
    await hass.async_block_till_done()
    assert list(cloudhooks) == [WEBHOOK_ID]


async def test_without_an_external_url_the_user_is_told_and_the_skill_is_added_all_the_same(
    hass: HomeAssistant, amazon: SimulatedAmazon
) -> None:
    await hass.config.async_update(external_url=None, internal_url="http://192.168.1.2:8123")
    form = await open_skill_form(hass, amazon)
    assert_asks(form, "skill", {"base": "no_external_url"})
    result = await submit(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    webhook_url = form["description_placeholders"]["webhook_url"]
    assert webhook_url == f"/api/webhook/{result['data']['webhook_id']}"


UNUSABLE_URLS = {
    "no https": "http://home.example.org",
    "another port": "https://home.example.org:8123",
    "a private address": "https://192.168.1.2",
    "IPv6": "https://[2001:4860:4860::8888]",
    "a name of the home": "https://homeassistant.local",
}


@pytest.mark.parametrize("external_url", UNUSABLE_URLS.values(), ids=UNUSABLE_URLS)
async def test_an_address_that_amazon_cannot_use_is_told_and_the_skill_is_added_all_the_same(
    hass: HomeAssistant, amazon: SimulatedAmazon, external_url: str
) -> None:
    await hass.config.async_update(external_url=external_url)
    form = await open_skill_form(hass, amazon)
    assert_asks(form, "skill", {"base": "unreachable_url"})
    placeholders = form["description_placeholders"]
    assert placeholders["webhook_url"].startswith(f"{external_url}/api/webhook/")
    assert placeholders["address"] == external_url
    result = await submit(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_reconfigure_tells_of_an_address_that_amazon_cannot_use(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon
) -> None:
    await set_up(hass, entry)
    await hass.config.async_update(external_url="https://home.example.org:8123")
    assert_asks(await reconfigure(hass, entry, amazon), "skill", {"base": "unreachable_url"})


LOOPBACK_URL = "http://127.0.0.1:8123"


async def test_with_another_server_in_place_of_amazon_loopback_will_do(
    hass: HomeAssistant, amazon: SimulatedAmazon
) -> None:
    await hass.config.async_update(external_url=LOOPBACK_URL)
    assert_asks(await open_skill_form(hass, amazon), "skill")


@pytest.mark.usefixtures("_amazon_itself")
async def test_for_amazon_itself_loopback_will_not_do(
    hass: HomeAssistant, amazon: SimulatedAmazon
) -> None:
    await hass.config.async_update(external_url=LOOPBACK_URL)
    form = await submit(hass, await open_user_form(hass), credentials(amazon, region="auto"))
    assert_asks(form, "skill", {"base": "unreachable_url"})


# Amazon refuses the credentials of an entry.


async def test_reauth_of_a_loaded_entry_changes_its_secret_without_a_reload(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    before = dict(entry.data)
    hass.config_entries.async_update_entry(entry, data=before | {"client_secret": WRONG_SECRET})
    await set_up(hass, entry)
    running = entry.runtime_data
    form = await open_reauth_form(hass, entry)
    assert_asks(form, "reauth_confirm")
    assert shown(form) == {"client_id": amazon.client_id}
    result = await submit(
        hass, form, {"client_id": amazon.client_id, "client_secret": f"{amazon.client_secret} "}
    )
    assert_aborts(result, "reauth_successful")
    await hass.async_block_till_done()
    assert entry.data == before
    assert entry.runtime_data is running
    await running.accounts.connection.login.check()


async def test_reauth_of_an_entry_that_failed_to_load_loads_it(
    hass: HomeAssistant,
    amazon: SimulatedAmazon,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    key = f"{DOMAIN}.{entry.entry_id}"
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": {"accounts": 1}}
    assert not await hass.config_entries.async_setup(entry.entry_id)
    del hass_storage[key]
    form = await open_reauth_form(hass, entry)
    secret = {"client_id": amazon.client_id, "client_secret": amazon.client_secret}
    assert_aborts(await submit(hass, form, secret), "reauth_successful")
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def test_reauth_with_the_very_same_pair_lets_tokens_be_refreshed_ahead_again(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry, skill: Skill
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    amazon.login.client_is_authorized = False
    await let_tokens_be_refreshed(hass, amazon)
    (form,) = entry.async_get_active_flows(hass, {SOURCE_REAUTH})
    assert amazon.requests[-1].refusal.startswith("unauthorized_client")
    amazon.login.client_is_authorized = True
    same = {"client_id": amazon.client_id, "client_secret": amazon.client_secret}
    assert_aborts(await submit(hass, form, same), "reauth_successful")
    await let_tokens_be_refreshed(hass, amazon)
    assert amazon.requests[-1].status == 200


async def test_reauth_recovers_from_every_error(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    form = await open_reauth_form(hass, entry)
    wrong = {"client_id": amazon.client_id, "client_secret": WRONG_SECRET}
    form = await submit(hass, form, wrong)
    assert_asks(form, "reauth_confirm", {"base": "invalid_auth"})
    assert shown(form) == {"client_id": amazon.client_id}
    await amazon.stop()
    right = {"client_id": amazon.client_id, "client_secret": amazon.client_secret}
    form = await submit(hass, form, right)
    assert_asks(form, "reauth_confirm", {"base": "cannot_connect"})
    await amazon.start()
    amazon.login_faults.append(HTML)
    form = await submit(hass, form, right)
    assert_asks(form, "reauth_confirm", {"base": "cannot_connect"})
    assert_aborts(await submit(hass, form, right), "reauth_successful")


async def test_reauth_keeps_what_was_changed_while_its_form_was_waiting(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    form = await open_reauth_form(hass, entry)
    changed = {**entry.data, "shared_secret": "whsec_" + "bmV3c2Vj" * 4}
    hass.config_entries.async_update_entry(entry, data=changed)
    secret = {"client_id": amazon.client_id, "client_secret": amazon.client_secret}
    assert_aborts(await submit(hass, form, secret), "reauth_successful")
    assert entry.data == changed


async def test_reauth_does_not_turn_an_entry_into_another_skill(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon
) -> None:
    before = dict(entry.data)
    form = await open_reauth_form(hass, entry)
    result = await submit(hass, form, {"client_id": "another", "client_secret": "secret"})
    assert_aborts(result, "unique_id_mismatch")
    assert entry.data == before
    assert amazon.requests == []


# The user changes an entry.


async def test_reconfigure_shows_address_and_secret_again_and_changes_nothing_unasked(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    before, running = dict(entry.data), entry.runtime_data
    form = await open_reconfigure_form(hass, entry)
    assert_asks(form, "reconfigure")
    assert shown(form) == {
        "client_id": amazon.client_id,
        "region": "custom",
        "new_shared_secret": False,
    }
    form = await submit(hass, form, shown(form))
    assert_asks(form, "endpoints")
    assert shown(form) == endpoints(amazon)
    form = await submit(hass, form, shown(form))
    assert_asks(form, "skill")
    assert form["description_placeholders"] == {
        "address": EXTERNAL_URL,
        "webhook_url": f"{EXTERNAL_URL}/api/webhook/{WEBHOOK_ID}",
        "shared_secret": SHARED_SECRET,
    }
    assert_aborts(await submit(hass, form), "reconfigure_successful")
    await hass.async_block_till_done()
    assert entry.data == before
    assert entry.runtime_data is running


async def test_reconfigure_makes_a_new_shared_secret_that_holds_once_it_is_submitted(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    form = await reconfigure(hass, entry, amazon, new_shared_secret=True)
    secret = form["description_placeholders"]["shared_secret"]
    assert secret.startswith("whsec_")
    assert secret != SHARED_SECRET == entry.data["shared_secret"]
    await submit(hass, form)
    assert entry.data["shared_secret"] == secret
    assert entry.data["previous_shared_secret"] == SHARED_SECRET
    assert "new_shared_secret" not in entry.data


@pytest.mark.usefixtures("_amazon_itself")
async def test_reconfigure_from_another_server_to_amazon_forgets_the_addresses(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    form = await reconfigure(hass, entry, amazon, region="auto")
    await submit(hass, form)
    assert entry.data["region"] == "auto"
    assert not entry.data.keys() & {"lwa_url", "gateway_url"}
    assert entry.runtime_data.accounts.connection.gateways.keys() == {"na", "eu", "fe"}


@pytest.mark.usefixtures("_amazon_itself")
async def test_the_addresses_of_another_server_are_kept_until_amazons_own_have_answered(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    form = await open_reconfigure_form(hass, entry)
    wrong = {"client_id": amazon.client_id, "client_secret": WRONG_SECRET, "region": "eu"}
    form = await submit(hass, form, wrong)
    assert_asks(form, "reconfigure", {"base": "invalid_auth"})

    form = await submit(hass, form, shown(form) | {"region": "custom"})

    assert_asks(form, "endpoints")
    assert shown(form) == endpoints(amazon)


async def test_a_reconfiguration_ends_when_its_skill_was_removed(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    form = await open_reconfigure_form(hass, entry)
    last = await reconfigure(hass, entry, amazon)
    await hass.config_entries.async_remove(entry.entry_id)

    assert_aborts(await submit(hass, form, shown(form)), "skill_removed")
    assert_aborts(await submit(hass, last), "skill_removed")


async def test_of_two_new_secrets_the_last_one_ends_the_oldest_whatever_window_made_it(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    one, other = [await reconfigure(hass, entry, amazon, new_shared_secret=True) for _ in range(2)]
    await submit(hass, one)
    await submit(hass, other)

    secrets = [form["description_placeholders"]["shared_secret"] for form in (one, other)]
    assert [entry.data["previous_shared_secret"], entry.data["shared_secret"]] == secrets


async def test_reconfigure_from_amazon_to_another_server_asks_for_the_addresses(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    data = {key: value for key, value in entry.data.items() if not key.endswith("url")}
    hass.config_entries.async_update_entry(entry, data=data | {"region": "auto"})
    await set_up(hass, entry)
    form = await open_reconfigure_form(hass, entry)
    form = await submit(hass, form, {"client_id": amazon.client_id, "region": "custom"})
    assert_asks(form, "endpoints")
    assert shown(form) == {}
    form = await submit(hass, form, endpoints(amazon))
    await submit(hass, form)
    assert entry.data == data | {"region": "custom"} | endpoints(amazon)
    assert entry.runtime_data.accounts.connection.gateways.keys() == {"custom"}


@pytest.mark.usefixtures("_amazon_itself")
async def test_reconfigure_keeps_what_was_entered_while_amazon_was_away(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "client_secret": WRONG_SECRET}
    )
    await amazon.stop()
    entered = {
        "client_id": amazon.client_id,
        "client_secret": amazon.client_secret,
        "region": "fe",
        "new_shared_secret": True,
    }
    form = await submit(hass, await open_reconfigure_form(hass, entry), entered)
    assert_asks(form, "reconfigure", {"base": "cannot_connect"})
    del entered["client_secret"]
    assert shown(form) == entered
    await amazon.start()
    form = await submit(hass, form, shown(form) | {"client_secret": " "})
    await submit(hass, form)
    await hass.async_block_till_done()
    assert entry.data["client_secret"] == amazon.client_secret
    assert entry.data["region"] == "fe"
    assert entry.data["shared_secret"] != SHARED_SECRET


@pytest.mark.usefixtures("_amazon_itself")
async def test_reconfigure_falls_back_to_the_stored_secret_after_a_refused_one(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    form = await open_reconfigure_form(hass, entry)
    entered = {"client_id": amazon.client_id, "client_secret": WRONG_SECRET, "region": "eu"}
    form = await submit(hass, form, entered)
    assert_asks(form, "reconfigure", {"base": "invalid_auth"})
    await submit(hass, await submit(hass, form, shown(form)))
    assert entry.data["client_secret"] == amazon.client_secret
    assert entry.data["region"] == "eu"


async def test_reconfigure_recovers_from_an_address_where_nobody_answers(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    await amazon.stop()
    form = await open_reconfigure_form(hass, entry)
    form = await submit(hass, form, shown(form))
    form = await submit(hass, form, shown(form))
    assert_asks(form, "endpoints", {"base": "cannot_connect"})
    await amazon.start()
    assert_asks(await submit(hass, form, shown(form)), "skill")


async def test_reconfigure_of_an_entry_that_is_not_loaded_loads_it(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    form = await reconfigure(hass, entry, amazon)
    assert_aborts(await submit(hass, form), "reconfigure_successful")
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def test_reconfigure_ends_the_question_for_credentials_that_amazon_takes_now(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    await open_reauth_form(hass, entry)
    await submit(hass, await reconfigure(hass, entry, amazon))
    assert hass.config_entries.flow.async_progress() == []


async def test_reconfigure_can_be_left_half_way_and_begun_again(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    await reconfigure(hass, entry, amazon)
    await reconfigure(hass, entry, amazon)


async def test_reconfigure_does_not_turn_an_entry_into_another_skill(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    form = await open_reconfigure_form(hass, entry)
    result = await submit(hass, form, {"client_id": "another", "region": "custom"})
    assert_aborts(result, "unique_id_mismatch")
    assert amazon.requests == []


@pytest.mark.parametrize("step_id", ["credentials", "endpoints", "skill"])
async def test_a_form_that_the_browser_loads_again_is_shown_as_it_was(
    hass: HomeAssistant, amazon: SimulatedAmazon, step_id: str
) -> None:
    form = await open_user_form(hass)
    if step_id != "credentials":
        form = await submit(hass, form, credentials(amazon))
    if step_id == "skill":
        form = await submit(hass, form, endpoints(amazon))
    again = await hass.config_entries.flow.async_configure(form["flow_id"])
    assert_asks(again, step_id)
    assert again.get("description_placeholders") == form["description_placeholders"]


# Letting the script make the skill.


SETUP = {"client_id": "", "client_secret": "", "skill_id": "amzn1.ask.skill.made-up"}


async def send(hass: HomeAssistant, step: Any, message: dict[str, Any]) -> web.Response:
    """Post a message as the script does, signed with the secret that is shown."""
    placeholders = step["description_placeholders"]
    webhook_id = placeholders["command"].rpartition("/")[2]
    body = json.dumps(message).encode()
    headers = signed_headers(placeholders["shared_secret"], body, now=time.time())
    request = MockRequest(body, "test", method="POST", headers=headers)
    return await webhook.async_handle_webhook(hass, webhook_id, request)


async def open_create_webhook(hass: HomeAssistant) -> Any:
    """Begin to add a skill that is still to be made."""
    await hass.config.async_update(external_url="https://home.example.com", country="JP")
    return await submit(hass, await open_ways(hass), {"next_step_id": "create_webhook"})


async def go_on(hass: HomeAssistant, step: Any) -> Any:
    """Do what the browser does by itself once the wait is over."""
    await hass.async_block_till_done(wait_background_tasks=True)
    result = await hass.config_entries.flow.async_configure(step["flow_id"])
    return checked(result, TEXTS["config"])


@pytest.mark.usefixtures("_amazon_itself")
class TestCreateWebhook:
    """The flow shows a command, and goes on by itself when that has made a skill."""

    async def test_the_command_says_where_home_assistant_and_amazon_are(
        self, hass: HomeAssistant
    ) -> None:
        step = await open_create_webhook(hass)
        assert step["type"] is FlowResultType.SHOW_PROGRESS
        placeholders = step["description_placeholders"]
        assert " --region fe --webhook-url https://home.example.com/api/" in placeholders["command"]
        assert placeholders["shared_secret"].startswith("whsec_")
        assert placeholders["shared_secret"] not in placeholders["command"]

    async def test_the_command_is_one_line_that_fetches_the_version_that_shows_it(
        self, hass: HomeAssistant
    ) -> None:
        command = (await open_create_webhook(hass))["description_placeholders"]["command"]
        version = (await async_get_integration(hass, DOMAIN)).version
        archive = (
            f"https://github.com/alexa-doorbell/alexa-doorbell/archive/refs/tags/v{version}.tar.gz"
        )
        assert command.startswith(
            f"d=$(mktemp -d) && {{ curl -fsSL {archive} || wget -qO- {archive}; }}"
            ' | tar -xzf - -C "$d" --strip-components=1 && sh "$d/skill/run" create --region fe '
        )
        assert "\n" not in command

    async def test_no_shell_reads_more_into_the_address_than_an_address(
        self, hass: HomeAssistant
    ) -> None:
        await async_get_integration(hass, DOMAIN)
        command = create_skill_command(hass, "https://home.example/a;b$(c)`d`&e")
        assert shlex.split(command)[-1] == "https://home.example/a;b$(c)`d`&e"
        assert command.endswith("'https://home.example/a;b$(c)`d`&e'")

    async def test_the_window_says_where_a_shell_is(self, hass: HomeAssistant) -> None:
        placeholders = (await open_create_webhook(hass))["description_placeholders"]
        assert placeholders["cloudshell"] == "https://console.aws.amazon.com/cloudshell"

    @pytest.mark.parametrize("remote", [True, False], ids=["remote access", "none"])
    async def test_with_a_cloudhook_the_command_says_where_to_log_in(
        self, hass: HomeAssistant, remote: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def remote_ui_url(_hass: HomeAssistant) -> str:
            if not remote:
                raise cloud.CloudNotAvailable
            return "https://made-up.ui.nabu.casa"

        monkeypatch.setattr(cloud, "async_remote_ui_url", remote_ui_url)
        monkeypatch.setattr(hass.config, "components", {*hass.config.components, "cloud"})
        await async_get_integration(hass, DOMAIN)
        command = create_skill_command(hass, "https://hooks.nabu.casa/made-up")
        flag = " --home-assistant-url https://made-up.ui.nabu.casa"
        assert command.endswith(f"--webhook-url https://hooks.nabu.casa/made-up{flag * remote}")

    async def test_the_signed_message_ends_the_wait_and_adds_the_skill(
        self, hass: HomeAssistant, amazon: SimulatedAmazon
    ) -> None:
        step = await open_create_webhook(hass)
        pair = {"client_id": amazon.client_id, "client_secret": amazon.client_secret}
        response = await send(hass, step, {"setup": SETUP | pair})
        assert response.status == 204
        result = await go_on(hass, step)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        (entry,) = hass.config_entries.async_entries(DOMAIN)
        assert entry.state is ConfigEntryState.LOADED
        assert entry.unique_id == amazon.client_id
        assert entry.data["region"] == "auto"
        assert entry.data["client_secret"] == amazon.client_secret
        assert (await send(hass, step, {"setup": SETUP | pair})).status == 409

    async def test_only_the_first_message_counts(
        self, hass: HomeAssistant, amazon: SimulatedAmazon
    ) -> None:
        step = await open_create_webhook(hass)
        pair = {"client_id": amazon.client_id, "client_secret": amazon.client_secret}
        responses = await asyncio.gather(
            *(send(hass, step, {"setup": SETUP | pair}) for _ in range(2))
        )
        assert [response.status for response in responses] == [204, 409]

    async def test_a_pair_that_amazon_refuses_is_asked_for(
        self, hass: HomeAssistant, amazon: SimulatedAmazon
    ) -> None:
        step = await open_create_webhook(hass)
        pair = {"client_id": amazon.client_id, "client_secret": WRONG_SECRET}
        await send(hass, step, {"setup": SETUP | pair})
        form = await go_on(hass, step)
        assert_asks(form, "credentials", {"base": "invalid_auth"})
        result = await submit(hass, form, credentials(amazon, region="auto"))
        assert_asks(result, "skill")

    async def test_an_amazon_that_is_away_does_not_lose_the_skill_that_was_made(
        self, hass: HomeAssistant, amazon: SimulatedAmazon
    ) -> None:
        step = await open_create_webhook(hass)
        await amazon.stop()
        pair = {"client_id": amazon.client_id, "client_secret": amazon.client_secret}
        await send(hass, step, {"setup": SETUP | pair})
        result = await go_on(hass, step)
        assert result["type"] is FlowResultType.CREATE_ENTRY

    async def test_a_skill_that_is_set_up_already_is_not_added_twice(
        self, hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
    ) -> None:
        step = await open_create_webhook(hass)
        pair = {"client_id": amazon.client_id, "client_secret": amazon.client_secret}
        await send(hass, step, {"setup": SETUP | pair})
        assert_aborts(await go_on(hass, step), "already_configured")

    async def test_alexa_hears_that_it_is_too_early(self, hass: HomeAssistant) -> None:
        step = await open_create_webhook(hass)
        for namespace, name, error in (
            ("Alexa.Authorization", "AcceptGrant", "ACCEPT_GRANT_FAILED"),
            ("Alexa.Discovery", "Discover", "INTERNAL_ERROR"),
        ):
            header = {"namespace": namespace, "name": name}
            response = await send(hass, step, {"directive": {"header": header}})
            assert isinstance(response.body, bytes)
            assert json.loads(response.body)["event"]["payload"]["type"] == error

    async def test_a_ping_is_answered_while_it_waits_and_ends_no_wait(
        self, hass: HomeAssistant
    ) -> None:
        step = await open_create_webhook(hass)
        response = await send(hass, step, {"ping": {"nonce": "n"}})
        assert isinstance(response.body, bytes)
        assert json.loads(response.body)["pong"]["nonce"] == "n"
        assert (await send(hass, step, {"ping": {"nonce": "n"}})).status == 200

    async def test_a_second_skill_is_told_that_nothing_waits_for_it(
        self, hass: HomeAssistant
    ) -> None:
        step = await open_create_webhook(hass)
        pair = {"client_id": "i", "client_secret": "s"}
        responses = await asyncio.gather(
            *(send(hass, step, {"setup": SETUP | pair}) for _ in range(2))
        )
        assert responses[1].headers["x-alexa-doorbell"] == "not_waiting"

    @pytest.mark.usefixtures("entry")
    @pytest.mark.parametrize("secret", [None, WRONG_SECRET], ids=["good", "refused"])
    async def test_whoever_comes_before_the_entry_is_there_is_answered_too(
        self, hass: HomeAssistant, amazon: SimulatedAmazon, secret: str | None
    ) -> None:
        step = await open_create_webhook(hass)
        pair = {"client_id": "another", "client_secret": secret or amazon.client_secret}
        await send(hass, step, {"setup": SETUP | pair})
        await hass.async_block_till_done(wait_background_tasks=True)
        if secret:
            await go_on(hass, step)

        again = await send(hass, step, {"setup": SETUP | pair})
        assert (again.status, again.headers["x-alexa-doorbell"]) == (409, "not_waiting")
        assert (await send(hass, step, {"ping": {"nonce": "n"}})).body

    async def test_a_flow_that_is_left_listens_no_longer(
        self, hass: HomeAssistant, amazon: SimulatedAmazon
    ) -> None:
        step = await open_create_webhook(hass)
        hass.config_entries.flow.async_abort(step["flow_id"])
        await hass.async_block_till_done()
        pair = {"client_id": amazon.client_id, "client_secret": amazon.client_secret}
        response = await send(hass, step, {"setup": SETUP | pair})
        assert (response.status, response.body) == (200, None)  # Home Assistant's own answer.
        assert not hass.config_entries.async_entries(DOMAIN)

    async def test_it_needs_an_address_that_amazon_can_reach(self, hass: HomeAssistant) -> None:
        await hass.config.async_update(external_url=None)
        result = await submit(hass, await open_ways(hass), {"next_step_id": "create_webhook"})
        assert_aborts(result, "no_external_url")

    @pytest.mark.parametrize(
        "external_url",
        [*UNUSABLE_URLS.values(), LOOPBACK_URL],
        ids=[*UNUSABLE_URLS, "loopback"],
    )
    async def test_an_address_that_amazon_cannot_use_is_told_before_anybody_runs_anything(
        self, hass: HomeAssistant, external_url: str
    ) -> None:
        await hass.config.async_update(external_url=external_url)
        result = await submit(hass, await open_ways(hass), {"next_step_id": "create_webhook"})
        assert_aborts(result, "unreachable_url")
        assert result["description_placeholders"] == {"address": external_url}


# The texts.


@pytest.mark.parametrize("texts", [TEXTS["config"], DOORBELL_TEXTS], ids=["skill", "doorbell"])
@pytest.mark.parametrize("kind", ["error", "abort"])
def test_no_text_of_the_forms_is_left_over(texts: dict[str, Any], kind: str) -> None:
    folder = Path(integration.__file__).parent
    code = "".join(path.read_text() for path in folder.rglob("*.py"))
    of_home_assistant = {
        "already_configured",
        "unique_id_mismatch",
        "reauth_successful",
        "reconfigure_successful",
    }
    left_over = {key for key in texts[kind] if f'"{key}"' not in code} - of_home_assistant
    assert left_over == set()


@pytest.mark.parametrize("part", ["config", "config_subentries", "selector"])
def test_the_texts_of_the_forms_hold_neither_addresses_nor_html(part: str) -> None:
    def strings(texts: Any) -> Iterator[str]:
        if isinstance(texts, str):
            yield texts
        else:
            for inner in texts.values():
                yield from strings(inner)

    for text in strings(TEXTS[part]):
        assert "://" not in text
        assert "<" not in text
        assert text == text.strip() != ""


async def test_a_reconfiguration_that_was_left_open_does_not_undo_a_reauthentication(
    hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon
) -> None:
    await set_up(hass, entry)
    form = await reconfigure(hass, entry, amazon)
    amazon.login.client_secret = "amzn1.oa2-cs.v1.new"
    reauth = await open_reauth_form(hass, entry)
    assert_aborts(await submit(hass, reauth, credentials_of(amazon)), "reauth_successful")
    assert_aborts(await submit(hass, form), "reconfigure_successful")
    assert entry.data["client_secret"] == amazon.client_secret


async def test_a_reconfiguration_that_was_left_open_does_not_bring_an_old_secret_back(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    await set_up(hass, entry)
    await submit(hass, await reconfigure(hass, entry, amazon, new_shared_secret=True))
    form = await reconfigure(hass, entry, amazon)
    url = str((await hass_client_no_auth()).make_url(f"/api/webhook/{WEBHOOK_ID}"))
    await link(amazon, Skill(amazon, url, entry.data["shared_secret"]))
    assert "previous_shared_secret" not in entry.data
    await submit(hass, form)
    assert "previous_shared_secret" not in entry.data


def credentials_of(amazon: SimulatedAmazon) -> dict[str, Any]:
    """The pair that Amazon takes now."""
    return {"client_id": amazon.client_id, "client_secret": amazon.client_secret}
