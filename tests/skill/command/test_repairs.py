"""What broke since: another run ends in a skill that works, whatever it was."""

from typing import Any

from aiohttp import web
import pytest

from demo.developer.aws_refusals import NO_GRANT

from ..world import NAME, World, arn
from .test_create import LEFT_ALONE, backend, iam, lose_function, lose_permission, role_id
from .test_create_trouble import restart


def lose_role(world: World) -> None:
    """Somebody deletes the role."""
    iam(world).roles.pop(role_id(world))


def make_role_anew(world: World) -> None:
    """Somebody deletes the role, and makes one of that name and with its rights."""
    roles = iam(world).roles
    role = roles.pop(role_id(world))
    role.id = "AROANEWNEWNEWNEWNEWNE"
    roles[role.id] = role


async def works(world: World) -> bool:
    """Whether Alexa may call the function, and that reaches Home Assistant."""
    assert world.aws.may_alexa_call(arn("eu"), world.skill.skill_id)
    returned = await world.aws.invoke(arn("eu"), {"ping": {"nonce": "1"}})
    return bool(returned["answer"]["document"]["pong"]["nonce"] == "1")


async def test_a_new_role_that_awss_keys_do_not_know_yet_is_waited_for(world: World) -> None:
    world.aws.role_delay, world.aws.role_refusal = 3, NO_GRANT

    result = await world.create()

    assert result.status == 0, str(result)
    assert "AWS does not know the new role everywhere yet; waiting" in result.out


@pytest.mark.parametrize("damage", [lose_role, make_role_anew])
async def test_a_role_that_was_made_anew_gets_a_function_that_can_read_its_variables(
    world: World, damage: Any
) -> None:
    await world.create()
    function = world.aws.function(arn("eu"))
    assert function
    function.environment_vars["MINE"] = "1"
    damage(world)

    result = await world.create()

    assert result.status == 0, str(result)
    assert "anew, since its role was made anew" in result.out
    assert await works(world)
    assert world.aws.variables(arn("eu"))["MINE"] == "1"
    assert LEFT_ALONE in (await world.create()).out


async def test_a_role_that_was_made_anew_under_the_first_version_shows_when_aws_is_asked(
    world: World,
) -> None:
    await world.create()
    function = world.aws.function(arn("eu"))
    assert function
    function.tags.pop("alexa-doorbell-role")
    make_role_anew(world)

    result = await world.create()

    assert result.status == 0, str(result)
    assert "anew, since its role was made anew" in result.out
    assert await works(world)


async def test_a_function_deleted_and_the_permission_off_are_mended_together(
    world: World,
) -> None:
    await world.create()
    lose_function(world)
    lose_permission(world)

    result = await world.create()

    assert result.status == 0, str(result)
    assert "Amazon wants to see the function first" in result.out
    assert world.skill.manifest["permissions"]
    assert world.skill.account_linking
    assert await works(world)
    assert LEFT_ALONE in (await world.create()).out


async def test_everything_of_aws_deleted_and_the_permission_off_are_mended_together(
    world: World,
) -> None:
    await world.create()
    backend(world).delete_function(NAME, None)
    iam(world).roles.clear()
    lose_permission(world)

    assert (await world.create()).status == 0
    assert await works(world)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409])
async def test_an_enablement_that_amazon_refuses_is_left_to_the_app(
    world: World, status: int
) -> None:
    async def refuse(request: web.Request) -> web.Response:
        message = "Enabling is not supported here."
        return web.json_response({"message": message}, status=status)

    world.smapi._enable = refuse  # type: ignore[method-assign]
    await restart(world)

    result = await world.create()

    assert result.status == 0, str(result)
    assert world.home_assistant.setups
    assert f"the Alexa app: Enabling is not supported here. (status {status})" in result.out
    assert "Enable to use, then log in and allow it." in result.out


async def test_an_enablement_that_cannot_even_be_asked_for_is_left_to_the_app(
    world: World,
) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"message": "Forbidden"}, status=403)

    world.smapi._enablement = refuse  # type: ignore[method-assign]
    await restart(world)

    result = await world.create()

    assert result.status == 0, str(result)
    assert world.home_assistant.setups
    assert "Amazon leaves that to the Alexa app" in result.out


async def test_any_other_refusal_keeps_amazons_own_words(world: World) -> None:
    async def refuse(request: web.Request) -> web.Response:
        document = {"message": "Invalid.", "violations": [{"message": "Scopes are too many."}]}
        return web.json_response(document, status=400)

    world.smapi._link = refuse  # type: ignore[method-assign]
    await restart(world)

    result = await world.create()

    assert "refused: Invalid. Scopes are too many. (status 400)." in result.errors


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "does not accept the login"),
        (403, "This login may not do that"),
        (409, "is at work on the skill"),
        (429, "wants fewer requests"),
        (500, "has a fault of its own"),
    ],
)
async def test_each_no_of_skill_management_has_an_advice_of_its_own(
    world: World, status: int, words: str
) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"message": "No."}, status=status)

    world.smapi._link = refuse  # type: ignore[method-assign]
    await restart(world)

    result = await world.create()

    assert result.status == 1
    assert words in result.errors
    assert f"No. (status {status})" in result.errors


@pytest.mark.parametrize("damage", [lose_role, make_role_anew])
async def test_a_dry_run_tells_by_the_roles_id_that_the_function_would_be_made_anew(
    world: World, damage: Any
) -> None:
    await world.create()
    damage(world)
    before = world.state()

    result = await world.create("--dry-run")

    assert world.state() == before
    assert "anew, since its role was made anew" in result.out
