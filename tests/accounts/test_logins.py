"""The login in Home Assistant that a link stands on: known, watched, and told of in time."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.models import RefreshToken
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    CLIENT_ID,
    MockConfigEntry,
    MockUser,
    async_fire_time_changed,
)

from custom_components.alexa_doorbell.accounts.account import Account
from custom_components.alexa_doorbell.const import DOMAIN
from custom_components.alexa_doorbell.diagnostics import async_get_config_entry_diagnostics
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill, directive

from ..home import link, press, restart, set_up

pytestmark = pytest.mark.usefixtures("without_reports")

type Asks = Callable[[RefreshToken], Awaitable[None]]


@pytest.fixture(autouse=True)
async def _at_home(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """A Home Assistant that Amazon can reach; time stands still."""
    await hass.config.async_update(external_url="https://home.example.com", time_zone="UTC")


@pytest.fixture
async def login(hass: HomeAssistant, hass_admin_user: MockUser) -> RefreshToken:
    """The login that Alexa got when the skill was enabled."""
    return await new_login(hass, hass_admin_user)


@pytest.fixture
async def linked(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    login: RefreshToken,
) -> None:
    """An account that was linked by this login."""
    hass.states.async_set("binary_sensor.front_door", "off")
    await set_up(hass, entry)
    await link_by(hass, amazon, skill, login)


@pytest.fixture
def asks(hass: HomeAssistant, skill: Skill) -> Asks:
    """Alexa asks for the doorbells; it renews its access token by the login first."""

    async def asks(login: RefreshToken) -> None:
        token = hass.auth.async_create_access_token(login)
        scope = {"type": "BearerToken", "token": token}
        answer = await skill.send(directive("Alexa.Discovery", "Discover", {"scope": scope}))
        assert answer.name == "Discover.Response"
        await hass.async_block_till_done()

    return asks


async def new_login(hass: HomeAssistant, user: MockUser) -> RefreshToken:
    """Log in once more, as Alexa's page does."""
    return await hass.auth.async_create_refresh_token(user, CLIENT_ID)


async def link_by(
    hass: HomeAssistant,
    amazon: SimulatedAmazon,
    skill: Skill,
    login: RefreshToken,
    name: str = "Ada",
) -> None:
    """Link one more account by this login, and let it discover the doorbells."""
    account = amazon.add_account(name)
    assert await skill.link(account, hass.auth.async_create_access_token(login))
    assert await skill.discover(account)
    await hass.async_block_till_done()


async def let_pass(hass: HomeAssistant, freezer: FrozenDateTimeFactory, *, days: float) -> None:
    """Let days pass, with what happens at their end."""
    freezer.tick(timedelta(days=days))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


def stored(entry: MockConfigEntry) -> list[Account]:
    """The accounts as they are stored."""
    return [account.stored for account in entry.runtime_data.accounts.all]


def notices(hass: HomeAssistant) -> list[tuple[str | None, dict[str, str] | None]]:
    """What is told of logins."""
    return [
        (each.translation_key, each.translation_placeholders)
        for each in ir.async_get(hass).issues.values()
        if each.domain == DOMAIN and str(each.translation_key).startswith("login")
    ]


def told(hass: HomeAssistant) -> list[str | None]:
    """The kinds of what is told of logins."""
    return [key for key, _ in notices(hass)]


@pytest.mark.usefixtures("linked")
async def test_a_link_by_home_assistants_login_is_known_by_it(
    hass: HomeAssistant, entry: MockConfigEntry, login: RefreshToken, hass_storage: dict[str, Any]
) -> None:
    await hass.async_block_till_done(wait_background_tasks=True)

    assert [each.login for each in stored(entry)] == [login.id]
    (written,) = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]["accounts"]
    assert written["login"] == login.id
    assert told(hass) == []


async def test_a_link_by_login_with_amazon_has_nothing_to_watch(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
) -> None:
    await set_up(hass, entry)
    await link(amazon, skill)
    await let_pass(hass, freezer, days=200)

    assert [each.login for each in stored(entry)] == [None]
    assert told(hass) == []


@pytest.mark.usefixtures("linked")
async def test_an_account_of_the_first_version_learns_its_login_when_alexa_asks(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    login: RefreshToken,
    asks: Asks,
    hass_storage: dict[str, Any],
) -> None:
    await hass.async_block_till_done(wait_background_tasks=True)
    del hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]["accounts"][0]["login"]
    await restart(hass, entry)
    assert [each.login for each in stored(entry)] == [None]

    await asks(login)
    await hass.async_block_till_done(wait_background_tasks=True)

    (written,) = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]["accounts"]
    assert written["login"] == login.id


@pytest.mark.usefixtures("linked")
async def test_a_doorbell_that_is_asked_after_tells_the_login_too(
    hass: HomeAssistant, entry: MockConfigEntry, hass_admin_user: MockUser, skill: Skill
) -> None:
    newer = await new_login(hass, hass_admin_user)
    scope = {"type": "BearerToken", "token": hass.auth.async_create_access_token(newer)}
    endpoint = {"scope": scope, "endpointId": "front"}

    await skill.send(directive("Alexa", "ReportState", {}, endpoint=endpoint))

    assert [each.login for each in stored(entry)] == [newer.id]


@pytest.mark.usefixtures("linked")
async def test_the_login_of_somebody_who_never_linked_changes_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, login: RefreshToken, asks: Asks
) -> None:
    await asks(await new_login(hass, MockUser(name="Grace").add_to_hass(hass)))

    assert [each.login for each in stored(entry)] == [login.id]


@pytest.mark.usefixtures("linked")
async def test_fourteen_days_before_a_login_ends_it_is_told_with_the_day(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    ends = dt_util.utcnow() + timedelta(days=90)
    await let_pass(hass, freezer, days=75)
    assert told(hass) == []

    await let_pass(hass, freezer, days=1)

    assert notices(hass) == [
        (
            "login_ends",
            {"skill": "Alexa Doorbell", "account": "Mock User", "date": ends.date().isoformat()},
        )
    ]


@pytest.mark.usefixtures("linked")
async def test_a_login_that_alexa_uses_again_is_told_of_no_more(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, login: RefreshToken, asks: Asks
) -> None:
    await let_pass(hass, freezer, days=80)
    await hass.async_block_till_done(wait_background_tasks=True)
    hass.auth.async_create_access_token(login)
    await hass.async_block_till_done()
    assert told(hass) == ["login_ends"]  # Home Assistant tells nobody of that.

    await asks(login)

    assert told(hass) == []


@pytest.mark.usefixtures("linked")
async def test_a_login_that_was_unused_for_ninety_days_has_ended(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    await let_pass(hass, freezer, days=89)
    await let_pass(hass, freezer, days=1)

    assert told(hass) == ["login_ended"]


@pytest.mark.usefixtures("linked")
async def test_a_login_that_is_revoked_has_ended_at_once(
    hass: HomeAssistant, login: RefreshToken
) -> None:
    hass.auth.async_remove_refresh_token(login)

    assert told(hass) == ["login_ended"]


@pytest.mark.usefixtures("linked")
async def test_a_login_ends_with_its_user(hass: HomeAssistant, login: RefreshToken) -> None:
    await hass.auth.async_remove_user(login.user)
    await hass.async_block_till_done()

    assert told(hass) == ["login_ended"]


@pytest.mark.usefixtures("linked")
async def test_a_login_ends_when_its_user_is_deactivated(
    hass: HomeAssistant, login: RefreshToken
) -> None:
    await hass.auth.async_update_user(login.user, is_active=False)
    await hass.async_block_till_done()

    assert told(hass) == ["login_ended"]


@pytest.mark.usefixtures("linked")
async def test_what_ended_while_nobody_looked_is_told_at_the_next_start(
    hass: HomeAssistant, entry: MockConfigEntry, login: RefreshToken
) -> None:
    await hass.async_block_till_done(wait_background_tasks=True)
    await hass.config_entries.async_unload(entry.entry_id)
    hass.auth.async_remove_refresh_token(login)
    assert told(hass) == []

    await restart(hass, entry)

    assert told(hass) == ["login_ended"]


@pytest.mark.usefixtures("linked")
async def test_an_entry_that_is_not_loaded_hears_of_no_end(
    hass: HomeAssistant, entry: MockConfigEntry, login: RefreshToken
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)

    hass.auth.async_remove_refresh_token(login)

    assert told(hass) == []


@pytest.mark.usefixtures("linked")
async def test_a_new_link_takes_the_place_of_a_login_that_has_ended(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    login: RefreshToken,
    hass_admin_user: MockUser,
) -> None:
    hass.auth.async_remove_refresh_token(login)
    account = amazon.accounts["Ada"]
    await skill.unlink(account)
    newer = await new_login(hass, hass_admin_user)

    assert await skill.link(account, hass.auth.async_create_access_token(newer))
    await hass.async_block_till_done()

    assert [each.login for each in stored(entry)] == [newer.id]
    assert told(hass) == []


@pytest.mark.usefixtures("linked")
async def test_alexa_coming_with_another_login_ends_the_notice_too(
    hass: HomeAssistant, login: RefreshToken, hass_admin_user: MockUser, asks: Asks
) -> None:
    hass.auth.async_remove_refresh_token(login)

    await asks(await new_login(hass, hass_admin_user))

    assert told(hass) == []


@pytest.mark.usefixtures("linked")
async def test_a_login_that_never_ends_is_never_told_of(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, login: RefreshToken
) -> None:
    hass.auth.async_set_expiry(login, enable_expiry=False)
    await let_pass(hass, freezer, days=1000)

    assert told(hass) == []


@pytest.mark.usefixtures("linked")
async def test_of_two_accounts_of_one_user_only_the_one_whose_login_ended_is_told_of(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    login: RefreshToken,
    hass_admin_user: MockUser,
    asks: Asks,
) -> None:
    other = await new_login(hass, hass_admin_user)
    await link_by(hass, amazon, skill, other, "Grace")
    assert [each.login for each in stored(entry)] == [login.id, other.id]

    hass.auth.async_remove_refresh_token(other)
    assert told(hass) == ["login_ended"]
    await asks(login)
    assert told(hass) == ["login_ended"]
    newer = await new_login(hass, hass_admin_user)
    await asks(newer)

    assert [each.login for each in stored(entry)] == [login.id, newer.id]
    assert told(hass) == []


@pytest.mark.usefixtures("linked")
async def test_a_third_login_of_a_user_with_two_accounts_is_nobodys(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    login: RefreshToken,
    hass_admin_user: MockUser,
    asks: Asks,
) -> None:
    other = await new_login(hass, hass_admin_user)
    await link_by(hass, amazon, skill, other, "Grace")

    await asks(await new_login(hass, hass_admin_user))

    assert [each.login for each in stored(entry)] == [login.id, other.id]


@pytest.mark.usefixtures("linked")
async def test_an_account_that_must_be_linked_again_is_told_of_once(
    hass: HomeAssistant, amazon: SimulatedAmazon, skill: Skill, login: RefreshToken
) -> None:
    account = amazon.accounts["Ada"]
    await skill.unlink(account)
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    hass.auth.async_remove_refresh_token(login)

    keys = {each.translation_key for each in ir.async_get(hass).issues.values()}
    assert "login_ended" not in keys
    assert "relink_required" in keys or "skill_disabled" in keys


@pytest.mark.usefixtures("linked")
async def test_a_press_is_announced_without_a_login_too(
    hass: HomeAssistant, amazon: SimulatedAmazon, login: RefreshToken
) -> None:
    hass.auth.async_remove_refresh_token(login)

    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert [each.account for each in amazon.announcements] == ["Ada"]


@pytest.mark.usefixtures("linked")
async def test_a_login_is_shown_nowhere(
    hass: HomeAssistant, entry: MockConfigEntry, login: RefreshToken, caplog: Any
) -> None:
    hass.auth.async_remove_refresh_token(login)

    diagnostics = await async_get_config_entry_diagnostics(hass, entry)

    assert diagnostics["accounts"][0]["login"] == "ended"
    issues = [each.to_json() for each in ir.async_get(hass).issues.values()]
    for shown in (json.dumps(diagnostics), str(issues), repr(stored(entry)), caplog.text):
        assert login.id not in shown
