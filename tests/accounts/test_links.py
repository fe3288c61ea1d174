"""Who is who when accounts link: a grant that still works never goes unseen."""

import base64
import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.alexa_doorbell.accounts.account import Account as Stored, Health
from custom_components.alexa_doorbell.accounts.registry import ANONYMOUS
from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.account import Account
from demo.amazon.faults import Fault
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import press, restart, set_up

pytestmark = pytest.mark.usefixtures("without_reports")

NOBODY_KNOWN = "a-token-of-somebody-else"


@pytest.fixture(autouse=True)
async def _set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A skill that nobody linked yet, in a home that Amazon can reach."""
    await hass.config.async_update(external_url="https://home.example.com")
    hass.states.async_set("binary_sensor.front_door", "off")
    await set_up(hass, entry)


@pytest.fixture
def ada(amazon: SimulatedAmazon) -> Account:
    """The Amazon account of the first who links."""
    return amazon.add_account("Ada")


@pytest.fixture
def bob(amazon: SimulatedAmazon) -> Account:
    """The Amazon account of the second who links."""
    return amazon.add_account("Bob")


def linked(entry: MockConfigEntry) -> list[Stored]:
    """The accounts that presses go to."""
    return [account.stored for account in entry.runtime_data.accounts.all]


def issues(hass: HomeAssistant) -> dict[str | None, dict[str, str] | None]:
    """What the user is asked to mend, and about whom."""
    return {
        issue.translation_key: issue.translation_placeholders
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN
    }


async def announced_to(hass: HomeAssistant, amazon: SimulatedAmazon) -> list[str]:
    """Press, and return whose gateway took it."""
    press(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    return sorted(event.account for event in amazon.events)


class TestOneUserTwice:
    """One Home Assistant user links two Amazon accounts, as couples do."""

    @pytest.fixture(autouse=True)
    async def _linked(
        self, skill: Skill, ada: Account, bob: Account, hass_access_token: str
    ) -> None:
        assert await skill.link(ada, hass_access_token)
        assert await skill.link(bob, hass_access_token)

    async def test_both_are_announced_to(
        self, hass: HomeAssistant, amazon: SimulatedAmazon
    ) -> None:
        assert await announced_to(hass, amazon) == ["Ada", "Bob"]

    async def test_both_are_announced_to_after_a_restart(
        self, hass: HomeAssistant, entry: MockConfigEntry, amazon: SimulatedAmazon
    ) -> None:
        await restart(hass, entry)
        assert await announced_to(hass, amazon) == ["Ada", "Bob"]

    async def test_the_user_hears_of_it_by_name(
        self, hass: HomeAssistant, hass_admin_user: MockUser
    ) -> None:
        told = issues(hass)["same_user_twice"]
        assert told is not None
        assert told["user"] == hass_admin_user.name

    async def test_nothing_is_left_to_mend_once_one_is_forgotten(
        self, hass: HomeAssistant, entry: MockConfigEntry
    ) -> None:
        await entry.runtime_data.accounts.async_forget(linked(entry)[0].account_id)
        assert not issues(hass)


async def test_the_ended_grant_of_a_user_gives_way_to_the_next(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    ada: Account,
    bob: Account,
    hass_access_token: str,
) -> None:
    assert await skill.link(ada, hass_access_token)
    amazon.revoke(ada)
    assert await skill.link(bob, hass_access_token)

    assert len(linked(entry)) == 1
    assert not issues(hass)
    assert await announced_to(hass, amazon) == ["Bob"]


async def test_the_earlier_grant_of_a_user_is_tried_once(
    amazon: SimulatedAmazon, skill: Skill, ada: Account, bob: Account, hass_access_token: str
) -> None:
    assert await skill.link(ada, hass_access_token)
    amazon.requests.clear()
    assert await skill.link(bob, hass_access_token)

    tried = [each for each in amazon.requests if each.detail == "refresh_token"]
    assert [each.account for each in tried] == ["Ada"]


async def test_a_grant_that_cannot_be_tried_stays(
    hass: HomeAssistant,
    amazon: SimulatedAmazon,
    skill: Skill,
    ada: Account,
    bob: Account,
    hass_access_token: str,
) -> None:
    assert await skill.link(ada, hass_access_token)
    amazon.login_faults.append(Fault(status=503, account=ada))
    assert await skill.link(bob, hass_access_token)

    assert await announced_to(hass, amazon) == ["Ada", "Bob"]


async def test_two_whom_nobody_knows_are_both_announced_to(
    hass: HomeAssistant, amazon: SimulatedAmazon, skill: Skill, ada: Account, bob: Account
) -> None:
    assert await skill.link(ada, NOBODY_KNOWN)
    assert await skill.link(bob, NOBODY_KNOWN)

    assert await announced_to(hass, amazon) == ["Ada", "Bob"]


async def test_somebody_unknown_links_again_the_one_account_whose_grant_has_ended(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    amazon: SimulatedAmazon,
    skill: Skill,
    ada: Account,
    bob: Account,
) -> None:
    assert await skill.link(ada)
    assert await skill.link(bob)
    amazon.revoke(ada)
    assert await skill.link(ada, NOBODY_KNOWN)

    known = {account.account_id: (account.name, account.health) for account in linked(entry)}
    assert known == {
        f"amazon.{ada.user_id}": ("Ada", Health.LINKED),
        f"amazon.{bob.user_id}": ("Bob", Health.LINKED),
    }
    assert not issues(hass)


async def test_somebody_unknown_takes_nobodys_place_while_two_grants_have_ended(
    entry: MockConfigEntry, amazon: SimulatedAmazon, skill: Skill, ada: Account, bob: Account
) -> None:
    assert await skill.link(ada)
    assert await skill.link(bob)
    amazon.revoke(ada)
    amazon.revoke(bob)
    assert await skill.link(ada, NOBODY_KNOWN)

    assert [each.name for each in linked(entry)][:2] == ["Ada", "Bob"]
    assert [each.identity for each in linked(entry)][2:] == [ANONYMOUS]


async def test_somebody_unknown_takes_nobodys_place_while_all_grants_work(
    entry: MockConfigEntry, skill: Skill, ada: Account, bob: Account
) -> None:
    assert await skill.link(ada)
    assert await skill.link(bob, NOBODY_KNOWN)

    assert [each.identity for each in linked(entry)] == [f"amazon.{ada.user_id}", ANONYMOUS]


@pytest.mark.parametrize(
    "claims", [{"iss": ["x"]}, {"iss": {"x": "y"}}, ["x"], 5, None], ids=json.dumps
)
async def test_a_token_in_home_assistants_form_but_none_of_its_own_is_nobodys(
    entry: MockConfigEntry, skill: Skill, ada: Account, claims: Any
) -> None:
    parts = (json.dumps({"alg": "HS256"}), json.dumps(claims), "signature")
    token = ".".join(base64.urlsafe_b64encode(part.encode()).decode() for part in parts)

    assert await skill.link(ada, token.replace("=", ""))
    assert [each.identity for each in linked(entry)] == [ANONYMOUS]
