"""What belongs to whom: names that fold alike, skills made by hand, and what destroy may touch."""

import json
from typing import Any

import pytest

from demo.developer.skill_management import SimulatedSkill

from ..world import World, arn, refused
from .test_create import LEFT_ALONE, iam, without_versions

HAASKA = "arn:aws:lambda:eu-west-1:123456789012:function:haaska"


def forget_owner(world: World, region: str = "eu") -> None:
    """The function and the role are those of the first version: marked by their name alone."""
    function = world.aws.function(arn(region))
    assert function
    function.tags.pop("alexa-doorbell-skill")
    function.tags.pop("alexa-doorbell-role")
    for role in iam(world).roles.values():
        role.tags = [tag for tag in role.tags if tag["Key"] == "alexa-doorbell"]


def made_by_hand(world: World, **smart_home: Any) -> SimulatedSkill:
    """A skill that somebody made in the console."""
    manifest: dict[str, Any] = {
        "manifestVersion": "1.0",
        "publishingInformation": {
            "category": "SMART_HOME",
            "locales": {"en-GB": {"name": "Lights", "summary": "All lights."}},
        },
        "apis": {"smartHome": {"protocolVersion": "3"} | smart_home},
    }
    skill = SimulatedSkill(manifest=manifest)
    world.smapi.skills[skill.skill_id] = skill
    return skill


async def test_the_function_of_a_skill_whose_name_folds_alike_is_not_taken(world: World) -> None:
    await world.create("--name", "Beach house")

    errors = await refused(world, "--name", "beach house!")

    assert "belongs to another skill" in errors
    assert "differs in more than capitals and signs" in errors


async def test_the_role_of_a_skill_elsewhere_whose_name_folds_alike_is_not_shared(
    world: World,
) -> None:
    await world.create("--name", "Beach house", region="na")

    assert "belongs to another skill" in await refused(world, "--name", "beach-house")


async def test_the_function_of_a_skill_that_is_gone_is_used_by_the_next(world: World) -> None:
    await world.create()
    world.smapi.skills.clear()

    result = await world.create()

    assert result.status == 0, str(result)
    assert world.aws.may_alexa_call(arn("eu"), world.skill.skill_id)
    assert LEFT_ALONE in (await world.create()).out


async def test_what_the_first_version_made_is_known_and_mended(world: World) -> None:
    await world.create()
    whole = without_versions(world)
    forget_owner(world)

    result = await world.create()

    assert result.status == 0, str(result)
    assert "mark the function" in result.out
    assert without_versions(world) == whole
    assert LEFT_ALONE in (await world.create()).out


async def test_what_the_first_version_made_is_destroyed(world: World) -> None:
    await world.create()
    forget_owner(world)

    result = await world.destroy()

    assert result.status == 0, str(result)
    assert world.aws.function(arn("eu")) is None
    assert not iam(world).roles


async def test_what_the_first_version_made_for_another_skill_is_not_taken(world: World) -> None:
    await world.create("--name", "Beach house")
    function = world.aws.function(arn("eu", "beach-house"))
    assert function
    function.tags.pop("alexa-doorbell-skill")

    assert "belongs to another skill" in await refused(world, "--name", "Beach House")


async def test_destroying_a_name_that_folds_alike_touches_nothing_of_the_other(
    world: World,
) -> None:
    await world.create("--name", "Beach house")
    before = world.state()

    result = await world.destroy("--name", "beach house")

    assert result.status == 1
    assert 'there is no skill "beach house"; there is "Beach house"' in result.out
    assert "belongs to another skill" in result.out
    assert "What stayed: function beach-house in eu-west-1" in result.errors
    assert world.state() == before
    assert [role.name for role in iam(world).roles.values()] == ["beach-house"]


async def test_destroy_goes_on_past_what_it_may_not_touch(world: World) -> None:
    await world.create(region="eu na fe")
    function = world.aws.function(arn("na"))
    assert function
    function.tags.clear()

    result = await world.destroy()

    assert result.status == 1
    assert "What stayed: function home-assistant-doorbell in us-east-1" in result.errors
    assert not world.smapi.skills
    assert world.aws.function(arn("eu")) is None
    assert world.aws.function(arn("fe")) is None
    assert iam(world).roles, "The function that stayed needs it"


async def test_destroy_takes_what_a_run_that_was_stopped_has_left(world: World) -> None:
    await world.create()
    world.smapi.skills.clear()

    result = await world.destroy()

    assert result.status == 0, str(result)
    assert world.aws.function(arn("eu")) is None


async def test_destroy_leaves_a_skill_made_by_hand_and_takes_its_function(world: World) -> None:
    skill = made_by_hand(world)
    await world.create("--skill-id", skill.skill_id)
    assert world.aws.function(arn("eu"))

    result = await world.destroy("--skill-id", skill.skill_id)

    assert result.status == 0, str(result)
    assert world.skill is skill
    assert world.aws.function(arn("eu")) is None


async def test_a_skill_that_serves_other_devices_is_not_taken_from_them(world: World) -> None:
    skill = made_by_hand(world, endpoint={"uri": HAASKA})

    errors = await refused(world, "--skill-id", skill.skill_id)

    assert "serves something else by now: it has an endpoint (haaska)" in errors
    assert "haaska's" in errors
    assert "`alexa:`" in errors
    assert "--replace" in errors
    assert skill.manifest["apis"]["smartHome"]["endpoint"] == {"uri": HAASKA}


async def test_a_skill_that_links_accounts_elsewhere_is_not_taken_either(world: World) -> None:
    skill = made_by_hand(world)
    skill.account_linking = {
        "type": "AUTH_CODE",
        "authorizationUrl": "https://lights.example/login",
        "accessTokenUrl": "https://lights.example/token",
        "clientId": "lights",
        "clientSecret": "of the lights",
        "scopes": ["lights"],
    }

    assert "it links accounts in another way" in await refused(world, "--skill-id", skill.skill_id)


async def test_a_skill_that_serves_other_devices_is_taken_when_it_is_said(world: World) -> None:
    skill = made_by_hand(world, endpoint={"uri": HAASKA})

    result = await world.create("--skill-id", skill.skill_id, "--replace")

    assert result.status == 0, str(result)
    assert skill.endpoints["default"] == arn("eu")


async def test_a_skill_made_by_hand_is_known_again_after_it_moved_regions(world: World) -> None:
    skill = made_by_hand(world)
    await world.create("--skill-id", skill.skill_id)

    result = await world.create("--skill-id", skill.skill_id, region="na")

    assert result.status == 0, str(result)
    assert skill.endpoints["default"] == arn("na")


async def test_moving_to_another_region_says_what_is_left_behind(world: World) -> None:
    await world.create(region="eu")

    result = await world.create(region="na")

    assert result.status == 0, str(result)
    assert "function home-assistant-doorbell in eu-west-1 is left behind" in result.out
    assert "Delete it in the AWS console (Lambda, region eu-west-1)" in result.out
    assert "left behind" not in (await world.create(region="na eu")).out


async def test_several_regions_are_told_that_home_assistant_knows_one_login_host(
    world: World,
) -> None:
    result = await world.create(region="eu na")

    assert "only those whose Alexa app comes from https://layla.amazon.com/" in result.out
    assert "only those whose" not in (await world.create(region="eu")).out


@pytest.mark.parametrize("host", ["pitangui.amazon.com", "layla.amazon.com", "alexa.amazon.co.jp"])
async def test_the_login_host_goes_by_the_apps_language_if_it_is_said(
    world: World, host: str
) -> None:
    result = await world.create("--login-host", host)

    assert result.status == 0, str(result)
    assert world.skill.account_linking
    assert world.skill.account_linking["clientId"] == f"https://{host}/"


async def test_a_login_host_that_amazon_does_not_have_is_refused(world: World) -> None:
    with pytest.raises(SystemExit):
        await world.create("--login-host", "amazon.example")


async def test_what_was_made_is_marked_with_its_skill(world: World) -> None:
    await world.create()

    function = world.aws.function(arn("eu"))
    assert function
    (role,) = iam(world).roles.values()
    assert function.tags == {
        "alexa-doorbell": "home-assistant-doorbell",
        "alexa-doorbell-skill": world.skill.skill_id,
        "alexa-doorbell-role": role.id,
    }
    assert json.dumps(world.skill.skill_id) in json.dumps(role.tags)


@pytest.fixture
def no_oregon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The organisation forbids a region that nobody asks for."""
    from moto.awslambda.exceptions import LambdaClientError  # noqa: PLC0415
    from moto.awslambda.models import LambdaBackend  # noqa: PLC0415

    get_function = LambdaBackend.get_function

    def get(backend: LambdaBackend, *arguments: Any, **named: Any) -> Any:
        if backend.region_name == "us-west-2":
            error = LambdaClientError(
                "AccessDeniedException",
                "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: "
                "lambda:GetFunction with an explicit deny in a service control policy",
            )
            error.code = 403
            raise error
        return get_function(backend, *arguments, **named)

    monkeypatch.setattr(LambdaBackend, "get_function", get)


@pytest.mark.usefixtures("no_oregon")
async def test_a_region_that_nobody_asks_for_may_be_forbidden(world: World) -> None:
    result = await world.create()

    assert result.status == 0, str(result)


@pytest.mark.usefixtures("no_oregon")
async def test_destroy_goes_on_past_a_region_that_is_forbidden(world: World) -> None:
    await world.create()

    result = await world.destroy()

    assert "The organisation that this AWS account belongs to forbids lambda:GetF" in result.out
    assert world.aws.function(arn("eu")) is None
    assert not world.smapi.skills
