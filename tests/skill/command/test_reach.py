"""Who reaches Home Assistant: this computer, AWS, both or none, and what is said of it."""

import time
from typing import Any

from aiohttp import web
import pytest

from skill.lambda_function import Configuration

from ..server import Server, answer
from ..world import World, arn, failed, refused


@pytest.fixture
def no_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """This computer cannot reach its own network by the outside address; functions can."""

    def refuse(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(Configuration, "new_connection", refuse)


def answer_aws(world: World, status: int, text: str = "", **headers: str) -> None:
    """Let something before Home Assistant answer functions only."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    world.home_assistant.answer_from_aws = web.Response(status=status, text=text, headers=names)


async def test_home_assistant_is_asked_from_here_before_and_from_aws_after_the_function_is_made(
    world: World,
) -> None:
    result = await world.create()

    assert world.home_assistant.pings == [False, True]
    assert result.out.index("Home Assistant listens") < result.out.index("2. The skill")
    assert "function home-assistant-doorbell in eu-west-1 reaches Home Assistant" in result.out


@pytest.mark.usefixtures("no_loop")
async def test_a_home_that_only_aws_reaches_is_set_up_through_the_function(world: World) -> None:
    result = await world.create()

    assert result.status == 0, str(result)
    assert world.home_assistant.setups[0]["skill_id"] == world.skill.skill_id
    assert "from this computer: nothing listens" in result.out
    assert "this computer does not: fine, since only AWS has to" in result.out
    assert [name for _, event in world.aws.invocations for name in event] == ["ping", "setup"]


@pytest.mark.usefixtures("no_loop")
async def test_a_home_that_only_aws_reaches_may_have_the_credentials_already(world: World) -> None:
    world.home_assistant.waiting = False

    result = await world.create()

    assert result.status == 0, str(result)
    assert "is not waiting for them: fine" in result.out


async def test_nothing_that_may_be_refused_comes_before_home_assistant_has_the_credentials(
    world: World,
) -> None:
    result = await world.create()

    steps = [line for line in result.out.splitlines() if line[:1].isdecimal()]
    assert steps[-2:] == [
        "7. Hand the skill's credentials to Home Assistant",
        "8. Enable the skill for your own account",
    ]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"cause": "ipv6_only"}, "leads to IPv6 only, and AWS Lambda speaks IPv4 only"),
        ({"cause": "private_address"}, "an address that only your home knows"),
        ({"cause": "nothing_listens"}, "Your own network reaches Home Assistant, but AWS does not"),
        ({"cause": "not_reached"}, "Your own network reaches Home Assistant, but AWS does not"),
        ({"cause": "unknown_name"}, "Only your own network knows the host name"),
        (
            {"cause": "certificate", "facts": {"reason": "self-signed certificate"}},
            "but AWS, and Amazon, do not: self-signed certificate",
        ),
        ({"cause": "refused", "facts": {"status": 403}}, "but AWS is not (status 403)"),
        ({"cause": "handshake"}, "client certificate (mutual TLS)"),
        ({"cause": "unexpected", "facts": {"kind": "OSError"}}, "does not know (OSError)"),
        ({"cause": "of a later version"}, "does not know (of a later version)"),
        ({}, "does not know (unexpected)"),
    ],
    ids=lambda value: value.get("cause", "nothing") if isinstance(value, dict) else None,
)
async def test_what_keeps_aws_away_though_this_computer_is_let_in_is_named(
    world: World, told: dict[str, Any], words: str
) -> None:
    world.aws.answers += [{"problem": {"message": "the function's words", **told}}] * 10

    assert words in await failed(world)
    assert not world.home_assistant.setups


@pytest.mark.usefixtures("no_loop")
@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("unknown_name", "There is no host of the name in the webhook address."),
        ("nothing_listens", "Nothing listens at the webhook address."),
        ("not_reached", "your provider lets connections in at all"),
    ],
)
async def test_what_keeps_everybody_away_is_named(world: World, cause: str, words: str) -> None:
    world.aws.answers += [{"problem": {"cause": cause, "message": "", "facts": {}}}] * 10

    assert words in await failed(world)


@pytest.mark.parametrize(
    ("status", "text", "headers", "words"),
    [
        (403, "<html>Cloudflare", {"cf_mitigated": "challenge"}, "Bot Fight Mode"),
        (403, "<html>Forbidden", {}, "This computer is let in, but AWS is not (status 403)"),
        (401, "", {"WWW_Authenticate": "Basic"}, "asks for a login of its own (status 401)"),
        (400, "400: Bad Request", {}, "Trusted proxies"),
        (403, "403: Forbidden", {}, "ip_bans.yaml"),
        (302, "", {"Location": "/login"}, "to another address (status 302)"),
        (429, "", {}, "allows no more requests (status 429)"),
        (502, "", {}, "it does not reach it (status 502)"),
        (500, "", {}, "has a fault (status 500)"),
        (200, "<html>router", {}, "Your own network reaches Home Assistant, but AWS does not"),
        (413, "", {}, "takes only smaller messages"),
    ],
    ids=[
        *("bot check", "firewall", "basic auth", "untrusted proxy", "ban", "login page"),
        *("rate limit", "tunnel", "fault", "router", "small messages"),
    ],
)
async def test_what_refuses_the_function_is_told_by_what_it_answers(
    world: World, status: int, text: str, headers: dict[str, str], words: str
) -> None:
    answer_aws(world, status, text, **headers)

    assert words in await failed(world)


async def test_a_proxy_that_home_assistant_does_not_trust_is_no_home_assistant_that_listens(
    world: World,
) -> None:
    world.home_assistant.answer = (400, "400: Bad Request")

    assert "a proxy that it does not trust" in await failed(world)


@pytest.mark.parametrize(
    ("status", "words"),
    [(409, "is older than this command"), (200, "is not Home Assistant")],
)
async def test_nobody_but_the_integration_passes_for_it(
    world: World, status: int, words: str
) -> None:
    world.home_assistant.answer = (status, "{}")

    errors = await failed(world)

    assert "Home Assistant listens" not in errors
    assert words in errors or "refused" in errors


async def test_an_integration_that_knows_no_ping_is_to_be_updated(world: World) -> None:
    world.home_assistant.old = True

    errors = await refused(world)

    assert "is older than this command" in errors
    assert "Update it (Settings > Updates)" in errors


async def test_a_wrong_secret_is_told_by_home_assistant_itself(world: World) -> None:
    world.environment["ALEXA_DOORBELL_SECRET"] = "whsec_" + "d3Jvbmch" * 4

    errors = await refused(world)

    assert "Home Assistant refuses the shared secret: it has another." in errors
    assert "clock" not in errors


async def test_an_older_integration_does_not_say_whether_it_is_the_secret_or_the_clock(
    world: World,
) -> None:
    world.home_assistant.old = True
    world.environment["ALEXA_DOORBELL_SECRET"] = "whsec_" + "d3Jvbmch" * 4

    errors = await refused(world)

    assert "it has another, or its clock is more than 5 minutes off" in errors


async def test_a_clock_of_home_assistants_that_is_wrong_is_named_with_how_much(
    world: World,
) -> None:
    world.home_assistant.clock = -39 * 60

    errors = await refused(world)

    assert "The clock of the computer that Home Assistant runs on is 39 minutes behind" in errors
    assert "secret" not in errors


async def test_a_clock_of_this_computer_that_is_wrong_keeps_nobody_from_a_skill(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Everybody else's clock, Amazon's among them, is another: only what is here is wrong.
    now = time.time
    monkeypatch.setattr("skill.lambda_function.time.time", lambda: now() + 600)
    world.home_assistant.clock = -600
    monkeypatch.setattr(
        "skill.command.report.Report._compare_clocks",
        lambda report, _: setattr(report, "ahead", 600),
    )

    result = await world.create()

    assert result.status == 0, str(result)
    assert world.home_assistant.setups
    assert "this computer's clock is wrong; AWS's counts" in result.out


async def test_a_login_that_may_not_ask_the_function_goes_on_by_what_this_computer_saw(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    deny_invoking(monkeypatch)

    result = await world.create()

    assert result.status == 0, str(result)
    assert "this login may not ask the function" in result.out
    assert world.home_assistant.setups


@pytest.mark.usefixtures("no_loop")
async def test_a_login_that_may_not_ask_the_function_is_told_so_where_nobody_else_can_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    deny_invoking(monkeypatch)

    assert "may not do lambda:InvokeFunction" in await failed(world)


def deny_invoking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let AWS refuse every invocation."""
    from moto.awslambda.exceptions import LambdaClientError  # noqa: PLC0415
    from moto.awslambda.models import LambdaFunction  # noqa: PLC0415

    class DeniedError(LambdaClientError):
        code = 403

        def __init__(self) -> None:
            super().__init__(
                "AccessDeniedException",
                "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: "
                "lambda:InvokeFunction because no identity-based policy allows it",
            )

    def refuse(*_: object) -> None:
        raise DeniedError

    monkeypatch.setattr(LambdaFunction, "invoke", refuse)


async def test_a_function_that_dies_is_told_with_its_kind_of_end(world: World) -> None:
    world.aws.answers.append({"errorType": "Runtime.ImportModuleError", "errorMessage": "whsec_x"})

    assert "ended without an answer: Runtime.ImportModuleError" in await failed(world)


async def test_what_passes_is_asked_again(world: World) -> None:
    problem = {"problem": {"cause": "too_late", "message": "late", "facts": {}}}
    world.aws.answers += [problem, problem]

    assert (await world.create()).status == 0


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("192.168.1.5", "an address that only your home knows"),
        ("10.0.0.1", "an address that only your home knows"),
        ("100.64.1.2", "an address that only your home knows"),
        ("[fd00::1]", "an address that only your home knows"),
        ("[2a01:4f8::1]", "leads to IPv6 only"),
        ("homeassistant.local", "an address that only your home knows"),
        ("homeassistant.fritz.box", "an address that only your home knows"),
        ("homeassistant", "an address that only your home knows"),
        ("home..example", "a host name that there can be"),
    ],
)
async def test_an_address_that_aws_can_never_reach_is_noticed_before_anybody_is_asked(
    world: World, host: str, words: str
) -> None:
    world.home_assistant.url = f"https://{host}/api/webhook/1"

    assert words in await refused(world)
    assert not world.smapi.requests


async def test_a_dry_run_asks_no_function(world: World) -> None:
    await world.create()
    world.aws.invocations.clear()

    result = await world.create("--dry-run")

    assert result.status == 0, str(result)
    assert not world.aws.invocations


async def test_home_assistant_away_is_named_by_what_aws_sees(world: World) -> None:
    with Server([answer()]) as server:
        pass
    world.home_assistant.url = server.url

    errors = await failed(world)

    assert "Nothing listens at the webhook address." in errors
    assert world.aws.function(arn("eu")), "The next run goes on from here"
