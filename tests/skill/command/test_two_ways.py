"""A skill that changes its way, and what `destroy` takes of a closed home."""

import pytest

from ..closed_world import client, enrol, line
from ..server import SHARED_SECRET
from ..world import NAME, World, arn
from .test_create import LEFT_ALONE, iam


def variables(world: World, **more: str) -> None:
    """Give the function a variable of the user's own."""
    there = world.aws.variables(arn("eu"))
    client(world, "lambda").update_function_configuration(
        FunctionName=NAME, Environment={"Variables": {**there, **more}}
    )


async def test_a_function_that_serves_a_webhook_is_not_taken_unasked(world: World) -> None:
    await world.create()
    before = world.state()

    result = await world.create_closed()

    assert result.status == 1
    assert "With --closed, that would end" in result.errors
    assert "--take-over" in result.errors
    assert world.state() == before


async def test_a_function_that_serves_closed_homes_is_not_taken_unasked(world: World) -> None:
    await world.create_closed()
    before = world.state()

    result = await world.create()

    assert result.status == 1
    assert "With a webhook, that would end" in result.errors
    assert world.state() == before


async def test_a_function_that_changes_its_way_keeps_nothing_of_the_other(world: World) -> None:
    await world.create()
    variables(world, MINE="stays")

    address, code = line(await world.create_closed("--take-over"))

    expected = {"TABLE": NAME, "TABLE_REGION": "eu-west-1", "MINE": "stays"}
    assert world.aws.variables(arn("eu")) == expected
    assert (await enrol(address, code))[0] == 200
    assert LEFT_ALONE in (await world.create_closed()).out


async def test_the_way_back_closes_the_address_and_the_table_to_the_function(
    world: World,
) -> None:
    await world.create_closed()

    result = await world.create("--take-over")

    assert result.status == 0, str(result)
    function = world.aws.function(arn("eu"))
    assert function
    assert function.url_config is None
    assert [one["Sid"] for one in function.policy.statements] == ["alexa-smart-home"]
    assert world.aws.variables(arn("eu")) == {
        "WEBHOOK_URL": world.home_assistant.url,
        "SHARED_SECRET": SHARED_SECRET,
    }
    assert [role.policies.keys() for role in iam(world).roles.values()] == [{"logs"}]
    assert LEFT_ALONE in (await world.create()).out


async def test_destroying_takes_the_table_of_a_way_that_was_left(world: World) -> None:
    empty = world.state()
    await world.create_closed()
    await world.create("--take-over")
    assert world.tables(), "it stays until then"

    result = await world.destroy()

    assert result.status == 0, str(result)
    assert world.state() == empty


async def test_destroying_takes_all_of_it(world: World) -> None:
    empty = world.state()
    await world.create_closed(region="eu na")

    result = await world.destroy()

    assert result.status == 0, str(result)
    assert world.state() == empty


async def test_a_dry_destruction_takes_nothing(world: World) -> None:
    await world.create_closed()
    before = world.state()

    result = await world.destroy("--dry-run")

    assert result.status == 0, str(result)
    assert "would delete the table" in result.out
    assert world.state() == before


async def test_destroying_a_name_that_folds_alike_leaves_the_table(world: World) -> None:
    await world.create_closed("--name", "Beach house")

    result = await world.destroy("--name", "beach house")

    assert result.status == 1
    assert world.tables()


async def test_a_login_without_rights_on_tables_destroys_what_a_webhook_has(world: World) -> None:
    await world.create()
    world.aws.forbidden.add("DescribeTable")

    result = await world.destroy()

    assert result.status == 0, str(result)
    assert world.aws.function(arn("eu")) is None
    assert not iam(world).roles


async def test_a_table_that_may_not_be_deleted_is_said_to_stay(world: World) -> None:
    await world.create_closed()
    world.aws.forbidden.add("DeleteTable")

    result = await world.destroy()

    assert result.status == 1
    assert "the table home-assistant-doorbell in eu-west-1 stays" in result.out
    world.aws.forbidden.clear()
    assert (await world.destroy()).status == 0
    assert not world.tables()


@pytest.mark.parametrize("ways", [("--closed", "--webhook-url", "https://a.example/x"), ()])
async def test_one_of_the_ways_has_to_be_chosen(world: World, ways: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        await world.run("create", *ways, "--region", "eu")
