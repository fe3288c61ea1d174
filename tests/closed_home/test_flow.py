"""Setting a closed home up, and mending it later."""

from collections.abc import Iterator
from contextlib import contextmanager
import time
from typing import Any

from homeassistant.config_entries import ConfigEntryState, FlowType
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.loader import async_get_integration
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.accounts import connection
from custom_components.alexa_doorbell.const import DOMAIN
from custom_components.alexa_doorbell.data import across_reloads
from demo.amazon.simulation import SimulatedAmazon

from ..flows import TEXTS, checked, shown, submit
from ..home import set_up
from ..skill.closed_home.parts import ClosedSkill, Home
from ..test_config_flow import WRONG_SECRET, assert_aborts, assert_asks, open_ways

OF_A_CLOSED_HOME = {
    "client_id",
    "client_secret",
    "region",
    "function_url",
    "home_id",
    "home_secret",
}
MALFORMED = {
    "nothing": " ",
    "the address alone": "https://abcdefgh.lambda-url.eu-west-1.on.aws/",
    "another host": f"https://evil.example.com/#{'c' * 22}",
}


@pytest.fixture(autouse=True)
def _amazon_itself(amazon: SimulatedAmazon, monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulated Amazon is where Amazon is."""
    monkeypatch.setattr(connection, "LWA_URL", amazon.lwa_url)
    monkeypatch.setattr(connection, "GATEWAY_URLS", {"eu": amazon.gateway_url()})


def line(function: ClosedSkill, code: str | None = None) -> str:
    """What the command prints at its end."""
    return f"{function.url}/#{code or function.new_code()}"


async def open_form(hass: HomeAssistant) -> Any:
    """Begin to add a skill that leaves the home closed."""
    return await submit(hass, await open_ways(hass), {"next_step_id": "create_closed"})


async def open_reconfigure_form(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Begin to change a closed home."""
    return checked(await entry.start_reconfigure_flow(hass), TEXTS["config"])


def homes(function: ClosedSkill) -> set[str]:
    """The ids of the homes that the function knows."""
    keys = [str(row["key"]).partition("#") for row in function.every_row()]
    return {home_id for kind, _, home_id in keys if kind == "home"}


@contextmanager
def answers_lost(function: ClosedSkill, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The function does its work, and nobody hears of it."""
    invoke = function.instances[0].invoke

    async def lost(event: Any) -> Any:
        await invoke(event)
        raise RuntimeError

    with monkeypatch.context() as on_the_way:
        on_the_way.setattr(function.instances[0], "invoke", lost)
        yield


# Adding a skill.


async def test_nothing_open_to_the_internet_is_offered_first(hass: HomeAssistant) -> None:
    menu = await open_ways(hass)

    assert menu["menu_options"] == ["create_closed", "create_webhook"]


async def test_the_command_is_shown_that_makes_a_closed_home(hass: HomeAssistant) -> None:
    await hass.config.async_update(country="JP")
    form = await open_form(hass)

    command = form["description_placeholders"]["command"]
    version = (await async_get_integration(hass, DOMAIN)).version
    assert f"/v{version}.tar.gz" in command
    assert command.endswith(" create --closed --region fe")
    assert "webhook" not in command


async def test_the_line_of_the_command_makes_the_entry_and_leads_to_the_first_doorbell(
    hass: HomeAssistant, amazon: SimulatedAmazon, function: ClosedSkill
) -> None:
    result = await submit(hass, await open_form(hass), {"enrolment": f" {line(function)}\n"})

    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert entry.unique_id == amazon.client_id
    assert entry.data.keys() == OF_A_CLOSED_HOME
    assert entry.data["function_url"] == function.url
    assert entry.data["region"] == "auto"
    assert homes(function) == {entry.data["home_id"]}
    flow_type, flow_id = result["next_flow"]
    assert flow_type is FlowType.CONFIG_SUBENTRIES_FLOW
    assert hass.config_entries.subentries.async_get(flow_id)["step_id"] == "user"


async def test_the_home_is_told_by_itself_once_it_is_there(
    hass: HomeAssistant, function: ClosedSkill
) -> None:
    result = await submit(hass, await open_form(hass), {"enrolment": line(function)})
    await hass.async_block_till_done(wait_background_tasks=True)

    row = function.row(f"home#{result['data']['home_id']}")
    assert row is not None
    assert row["list"] == "[]"


@pytest.mark.parametrize("pasted", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.usefixtures("on_loopback")
async def test_what_is_no_such_line_is_refused(hass: HomeAssistant, pasted: str) -> None:
    form = await submit(hass, await open_form(hass), {"enrolment": pasted})

    assert_asks(form, "create_closed", {"enrolment": "invalid_enrolment"})


@pytest.mark.parametrize("kind", ["used", "too old", "made up"])
async def test_a_code_that_is_not_good_is_refused_and_a_new_one_then_taken(
    hass: HomeAssistant, function: ClosedSkill, kind: str
) -> None:
    codes = {"used": function.new_code(), "too old": function.new_code(-1), "made up": "c" * 22}
    await Home(function).enrol(codes["used"])
    form = await submit(hass, await open_form(hass), {"enrolment": line(function, codes[kind])})
    assert_asks(form, "create_closed", {"enrolment": "invalid_enrolment"})

    result = await submit(hass, form, {"enrolment": line(function)})

    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.usefixtures("on_loopback")
async def test_a_function_that_is_not_reached_can_be_tried_again(
    hass: HomeAssistant, unused_tcp_port: int
) -> None:
    enrolment = f"http://127.0.0.1:{unused_tcp_port}/#{'c' * 22}"
    form = await submit(hass, await open_form(hass), {"enrolment": enrolment})

    assert_asks(form, "create_closed", {"enrolment": "cannot_connect"})
    assert shown(form) == {"enrolment": enrolment}


async def test_an_enrolment_whose_answer_was_lost_is_good_once_more(
    hass: HomeAssistant, function: ClosedSkill, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolment = line(function)
    form = await open_form(hass)
    with answers_lost(function, monkeypatch):
        form = await submit(hass, form, {"enrolment": enrolment})
    assert_asks(form, "create_closed", {"enrolment": "cannot_connect"})

    result = await submit(hass, form, {"enrolment": enrolment})

    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_clock_that_is_wrong_is_said_so(
    hass: HomeAssistant, function: ClosedSkill, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = await open_form(hass)
    with monkeypatch.context() as wrong:
        now = time.time
        wrong.setattr(time, "time", lambda: now() + 600)
        form = await submit(hass, form, {"enrolment": line(function)})

    assert_asks(form, "create_closed", {"enrolment": "clock_off"})


async def test_a_pair_that_amazon_refuses_is_asked_for(
    hass: HomeAssistant, amazon: SimulatedAmazon, function: ClosedSkill
) -> None:
    client_id, client_secret = amazon.client_id, amazon.client_secret
    amazon.login.client_secret = "another"
    form = await submit(hass, await open_form(hass), {"enrolment": line(function)})
    assert_asks(form, "credentials", {"base": "invalid_auth"})

    amazon.login.client_secret = client_secret
    pair = {"client_id": client_id, "client_secret": client_secret, "region": "eu"}
    result = await submit(hass, form, pair)

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"].keys() == OF_A_CLOSED_HOME


async def test_a_skill_that_is_there_already_is_not_added_and_its_function_left_as_it_was(
    hass: HomeAssistant, function: ClosedSkill, entry: MockConfigEntry
) -> None:
    result = await submit(hass, await open_form(hass), {"enrolment": line(function)})
    await hass.async_block_till_done(wait_background_tasks=True)

    assert_aborts(result, "already_configured")
    assert homes(function) == {entry.data["home_id"]}


async def test_a_set_up_that_is_left_half_way_is_forgotten_by_the_function(
    hass: HomeAssistant, amazon: SimulatedAmazon, function: ClosedSkill
) -> None:
    amazon.login.client_secret = "another"
    form = await submit(hass, await open_form(hass), {"enrolment": line(function)})
    assert len(homes(function)) == 1

    hass.config_entries.flow.async_abort(form["flow_id"])
    await hass.async_block_till_done(wait_background_tasks=True)

    assert homes(function) == set()


async def test_a_set_up_is_forgotten_too_when_it_never_heard_that_it_was_let_in(
    hass: HomeAssistant, function: ClosedSkill, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = await open_form(hass)
    with answers_lost(function, monkeypatch):
        form = await submit(hass, form, {"enrolment": line(function)})
    assert len(homes(function)) == 1

    hass.config_entries.flow.async_abort(form["flow_id"])
    await hass.async_block_till_done(wait_background_tasks=True)

    assert homes(function) == set()


async def test_no_webhook_is_noted_for_it(hass: HomeAssistant, function: ClosedSkill) -> None:
    await submit(hass, await open_form(hass), {"enrolment": line(function)})

    assert across_reloads(hass).setups._webhook_ids == set()


async def test_webhooks_of_other_set_ups_are_still_taken_back(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    hass_storage["alexa_doorbell_setups"] = {
        "version": 1,
        "key": "alexa_doorbell_setups",
        "data": {"webhook_ids": ["left-over"]},
    }
    await hass.config.async_update(external_url="https://home.example.com")

    step = await submit(hass, await open_ways(hass), {"next_step_id": "create_webhook"})

    assert step["type"] is FlowResultType.SHOW_PROGRESS


# Mending it.


async def test_reconfigure_shows_what_a_closed_home_has(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    form = await open_reconfigure_form(hass, entry)

    assert_asks(form, "reconfigure_closed")
    assert shown(form) == {"client_id": amazon.client_id, "region": "custom"}


async def test_reconfigure_changes_the_region_and_keeps_the_home(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    form = await open_reconfigure_form(hass, entry)
    entered = {"client_id": amazon.client_id, "region": "eu"}
    result = await submit(hass, form, entered)

    assert_aborts(result, "reconfigure_successful")
    assert entry.data.keys() == OF_A_CLOSED_HOME
    assert entry.data["region"] == "eu"


@pytest.mark.usefixtures("_amazon_itself")
async def test_reconfigure_tries_a_new_secret_at_once(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    form = await open_reconfigure_form(hass, entry)
    entered = {"client_id": amazon.client_id, "client_secret": WRONG_SECRET, "region": "eu"}
    form = await submit(hass, form, entered)

    assert_asks(form, "reconfigure_closed", {"base": "invalid_auth"})


async def test_a_function_that_was_made_anew_is_taken_with_the_same_home(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry, function: ClosedSkill
) -> None:
    gone = "http://127.0.0.1:1"
    hass.config_entries.async_update_entry(entry, data={**entry.data, "function_url": gone})
    await set_up(hass, entry)
    home_id = entry.data["home_id"]
    form = await open_reconfigure_form(hass, entry)
    entered = {"client_id": amazon.client_id, "region": "eu", "enrolment": line(function)}
    result = await submit(hass, form, entered)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert_aborts(result, "reconfigure_successful")
    assert entry.data["function_url"] == function.url
    assert entry.data["home_id"] == home_id
    row = function.row(f"home#{home_id}")
    assert row is not None
    assert "Front door" in row["list"]


async def test_a_function_that_knows_another_secret_gets_a_new_home(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry, function: ClosedSkill
) -> None:
    other = Home(function).secret
    hass.config_entries.async_update_entry(entry, data={**entry.data, "home_secret": other})
    await set_up(hass, entry)
    home_id = entry.data["home_id"]
    form = await open_reconfigure_form(hass, entry)
    entered = {"client_id": amazon.client_id, "region": "eu", "enrolment": line(function)}
    result = await submit(hass, form, entered)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert_aborts(result, "reconfigure_successful")
    assert entry.data["home_id"] != home_id
    assert entry.runtime_data.closed_home.trouble is None


async def test_a_home_that_the_function_has_forgotten_is_known_and_told_again(
    hass: HomeAssistant,
    amazon: SimulatedAmazon,
    entry: MockConfigEntry,
    function: ClosedSkill,
    enrolled: Home,
) -> None:
    await set_up(hass, entry)
    await hass.async_block_till_done(wait_background_tasks=True)
    await enrolled.say({"remove": {}})  # As a copy of this Home Assistant does.
    closed_home = entry.runtime_data.closed_home
    await closed_home.async_take_over()
    assert closed_home.trouble is not None
    form = await open_reconfigure_form(hass, entry)
    entered = {"client_id": amazon.client_id, "region": "custom", "enrolment": line(function)}
    form = await submit(hass, form, entered)
    urls = {"lwa_url": amazon.lwa_url, "gateway_url": amazon.gateway_url()}
    assert_aborts(await submit(hass, form, urls), "reconfigure_successful")
    await hass.async_block_till_done(wait_background_tasks=True)

    assert closed_home.trouble is None
    assert "Front door" in (function.row(f"home#{enrolled.home_id}") or {})["list"]


async def test_a_line_that_is_not_good_changes_nothing(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry, function: ClosedSkill
) -> None:
    await set_up(hass, entry)
    before = dict(entry.data)
    form = await open_reconfigure_form(hass, entry)
    enrolment = line(function, "c" * 22)
    entered = {"client_id": amazon.client_id, "region": "eu", "enrolment": enrolment}
    form = await submit(hass, form, entered)

    assert_asks(form, "reconfigure_closed", {"enrolment": "invalid_enrolment"})
    assert entry.data == before
    assert homes(function) == {before["home_id"]}


async def test_the_line_of_another_skill_is_not_taken(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry, function: ClosedSkill
) -> None:
    hass.config_entries.async_update_entry(entry, unique_id="another")
    await set_up(hass, entry)
    form = await open_reconfigure_form(hass, entry)
    entered = {"client_id": "another", "region": "eu", "enrolment": line(function)}

    assert_aborts(await submit(hass, form, entered), "unique_id_mismatch")


async def test_reauthentication_keeps_the_home(
    hass: HomeAssistant, amazon: SimulatedAmazon, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    before = dict(entry.data)
    form = checked(await entry.start_reauth_flow(hass), TEXTS["config"])
    pair = {"client_id": amazon.client_id, "client_secret": amazon.client_secret}

    assert_aborts(await submit(hass, form, pair), "reauth_successful")
    assert entry.data == before
