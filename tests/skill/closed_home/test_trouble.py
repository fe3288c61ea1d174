"""A table that fails at each step in turn loses nothing, doubles nothing, and refuses nobody."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import time
from typing import Any

import pytest

from demo.amazon.simulation import SimulatedAmazon

from .dynamodb import Fault, denied, lost_answer, not_dynamodb, server_error, throttled
from .parts import FRONT_DOOR, PUSH, AlexaApp, ClosedSkill, Home, Reply


@dataclass
class Story:
    """A home and its Alexa app, as far as an operation needs them."""

    skill: ClosedSkill
    amazon: SimulatedAmazon
    home: Home
    alexa: AlexaApp
    code: str = ""
    ids: list[str] = field(default_factory=list)

    async def grant(self) -> Any:
        account = next(iter(self.amazon.accounts.values()), None)
        return await self.alexa.grant(
            self.amazon.login.new_code(account or self.amazon.add_account("Ada"))
        )


async def nothing(story: Story) -> None:
    story.code = story.skill.new_code()


async def enrolled(story: Story) -> None:
    story.home = await story.skill.enrolled()
    await story.home.say(PUSH)


async def paired(story: Story) -> None:
    await enrolled(story)
    story.code = await story.home.new_pairing()


async def typed(story: Story) -> None:
    await paired(story)
    story.code = await story.alexa.code(story.code)


async def linked(story: Story) -> None:
    await paired(story)
    await story.alexa.link(story.code)


async def granted(story: Story) -> None:
    await linked(story)
    await story.grant()
    story.ids = [one["id"] for one in await story.home.grants()]


PAIRING = {"pair": {"code_hash": "c" * 64, "expires_in": 900}}

type Prepare = Callable[[Story], Awaitable[None]]
type Act = Callable[[Story], Awaitable[Any]]

OPERATIONS: dict[str, tuple[Prepare, Act]] = {
    "enrol": (nothing, lambda story: story.home.enrol(story.code)),
    "ping": (enrolled, lambda story: story.home.say({"ping": {}})),
    "push": (enrolled, lambda story: story.home.say(PUSH)),
    "pair": (paired, lambda story: story.home.say(PAIRING)),
    "open the page": (enrolled, lambda story: story.alexa.open_page()),
    "type the code": (
        paired,
        lambda story: story.alexa.submit(story.alexa.asked() | {"code": story.code}),
    ),
    "trade the code": (typed, lambda story: story.alexa.trade(story.code)),
    "refresh": (linked, lambda story: story.alexa.refresh()),
    "bring a grant": (linked, Story.grant),
    "collect": (granted, lambda story: story.home.say({"grants": {}})),
    "acknowledge": (granted, lambda story: story.home.say({"acknowledge": {"grants": story.ids}})),
    "discover": (linked, lambda story: story.alexa.discover()),
    "report": (linked, lambda story: story.alexa.report_state()),
    "remove": (granted, lambda story: story.home.say({"remove": {}})),
}


def outcome(answer: Any) -> str:
    """How the operation ended, whoever asked for it."""
    if isinstance(answer, Reply):
        if answer.status in {200, 303}:
            return "wrong code" if 'id="wrong"' in answer.text else "done"
        return "trouble" if answer.status == 503 else f"refused: {answer}"
    if answer["event"]["header"]["name"] != "ErrorResponse":
        return "done"
    kind = answer["event"]["payload"]["type"]
    return "trouble" if kind in {"INTERNAL_ERROR", "ACCEPT_GRANT_FAILED"} else f"refused: {kind}"


@dataclass
class Stage:
    """Begins the story anew, with the table whole."""

    skill: ClosedSkill
    amazon: SimulatedAmazon

    async def begin(self, prepare: Prepare) -> Story:
        self.skill.table.begin()
        self.skill.rows.delete_item(Key={"key": f"pair#{'c' * 64}"})
        story = Story(self.skill, self.amazon, Home(self.skill), AlexaApp(self.skill))
        await prepare(story)
        return story

    async def steps(self, prepare: Prepare, act: Act) -> int:
        """So many calls of the table it takes."""
        story = await self.begin(prepare)
        self.skill.table.begin()
        assert outcome(await act(story)) == "done"
        return len(self.skill.table.calls)


@pytest.fixture
def stage(skill: ClosedSkill, amazon: SimulatedAmazon) -> Stage:
    return Stage(skill, amazon)


def once(fault: Fault, number: int) -> Callable[[int], Fault | None]:
    """Trouble with this call alone."""
    return lambda call: fault if call == number else None


def since(fault: Fault, number: int) -> Callable[[int], Fault | None]:
    """Trouble with this call and all that follow."""
    return lambda call: fault if call >= number else None


every_operation = pytest.mark.parametrize(
    ("prepare", "act"), OPERATIONS.values(), ids=OPERATIONS.keys()
)


@every_operation
async def test_an_answer_of_the_table_that_goes_astray_is_not_noticed(
    stage: Stage, prepare: Prepare, act: Act
) -> None:
    for number in range(await stage.steps(prepare, act)):
        story = await stage.begin(prepare)
        stage.skill.table.begin(once(lost_answer, number))
        assert outcome(await act(story)) == "done", number


@pytest.mark.parametrize("fault", [server_error, throttled, not_dynamodb])
async def test_what_may_pass_by_itself_is_tried_again(stage: Stage, fault: Fault) -> None:
    story = await stage.begin(linked)
    stage.skill.table.begin(lambda call: fault if call < 3 else None)

    assert outcome(await story.alexa.discover()) == "done"


@every_operation
async def test_what_fails_at_any_step_is_trouble_and_can_be_done_again(
    stage: Stage, prepare: Prepare, act: Act
) -> None:
    for number in range(await stage.steps(prepare, act)):
        story = await stage.begin(prepare)
        stage.skill.table.begin(since(denied, number))
        assert outcome(await act(story)) == "trouble", number
        stage.skill.table.begin()
        assert outcome(await act(story)) == "done", number


async def test_a_grant_that_could_not_be_kept_is_not_kept(stage: Stage) -> None:
    story = await stage.begin(linked)
    stage.skill.table.begin(since(denied, 3))

    assert outcome(await story.grant()) == "trouble"
    stage.skill.table.begin()
    assert await story.home.grants() == []


async def test_a_grant_is_in_the_table_before_alexa_hears_of_it(stage: Stage) -> None:
    story = await stage.begin(linked)
    # The first answer is lost, and so is the next: still it is kept once.
    stage.skill.table.begin(lambda call: lost_answer if call in {3, 4} else None)

    assert outcome(await story.grant()) == "done"
    stage.skill.table.begin()
    assert len(await story.home.grants()) == 1


async def test_a_table_that_hangs_is_given_up_in_time(stage: Stage) -> None:
    story = await stage.begin(linked)
    stage.skill.table.delay = 30

    started = time.monotonic()
    assert (await story.alexa.refresh()).status == 503
    assert time.monotonic() - started < 4.5
    started = time.monotonic()
    assert outcome(await story.alexa.discover()) == "trouble"
    assert time.monotonic() - started < 8


@pytest.mark.parametrize("broken", ["none", "not whole", "no key"])
async def test_a_skill_that_is_not_set_up_to_its_end_disables_nobody(
    stage: Stage, broken: str
) -> None:
    story = await stage.begin(linked)
    config = stage.skill.row("config")
    assert config is not None
    stage.skill.rows.delete_item(Key={"key": "config"})
    if broken != "none":
        change = {"vendor_id": ""} if broken == "not whole" else {"signing_key": "c2hvcnQ="}
        stage.skill.rows.put_item(Item=config | change)

    assert (await story.alexa.refresh()).status == 503
    assert (await story.alexa.open_page()).status == 503
    assert outcome(await story.alexa.discover()) == "trouble"
    problem = (await stage.skill.invoke({"ping": {"nonce": "n"}}))["problem"]
    assert problem["cause"] == "table"
    stage.skill.rows.put_item(Item=config)
    answer = (await stage.skill.invoke({"ping": {"nonce": "n"}}))["answer"]
    assert answer["document"]["pong"]["nonce"] == "n"
    assert outcome(await story.alexa.discover()) == "done"


async def test_a_row_that_is_no_home_is_trouble_and_nothing_worse(stage: Stage) -> None:
    story = await stage.begin(linked)
    key = {"key": f"home#{story.home.home_id}"}
    stage.skill.rows.put_item(Item=key | {"list": "{", "secret": story.home.secret})

    assert outcome(await story.alexa.discover()) == "trouble"
    assert (await story.home.say({"ping": {}})).status == 503
    assert "unexpected" in stage.skill.log.lower()


async def test_a_function_made_anew_knows_its_links(
    stage: Stage,
) -> None:
    story = await stage.begin(linked)
    await stage.skill.instances[0].stop()

    found = await story.alexa.discover()
    assert found["event"]["payload"]["endpoints"] == [FRONT_DOOR]
