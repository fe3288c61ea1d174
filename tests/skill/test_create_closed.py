"""`create --closed`: from nothing to a skill for a home into which nothing leads, and again."""

from .world import World


async def test_one_command_makes_everything_in_the_order_that_amazon_needs(world: World) -> None:
    result = await world.create_closed()

    assert result.status == 0, str(result)
    print(result)
    assert 0
