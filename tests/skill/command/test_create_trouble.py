"""`create` when something is missing or refuses: plain words, and nothing half said."""

from collections.abc import Callable
import io
from typing import Any

import pytest

from demo.developer.skill_management import SimulatedSkill
from skill.command.aws import without_secrets

from ..server import SHARED_SECRET, Server, answer
from ..world import World, arn, refused


def serve(world: World, webhook_url: str) -> None:
    """Let the function that is there serve this webhook."""
    function = world.aws.function(arn("eu"))
    assert function is not None
    function.environment_vars["WEBHOOK_URL"] = webhook_url


async def test_a_webhook_that_home_assistant_does_not_know_is_noticed_before_anything_is_made(
    world: World,
) -> None:
    world.home_assistant.url = world.home_assistant.url.rsplit("/", 1)[0] + "/unknown"

    assert "does not know the webhook address" in await refused(world)


async def test_a_function_that_serves_another_home_is_not_taken_from_it_unasked(
    world: World,
) -> None:
    await world.create()
    serve(world, "https://other.example.com/api/webhook/1")
    world.home_assistant.waiting = True

    assert "serves another Alexa Doorbell" in await refused(world)
    assert "serves another Alexa Doorbell" in await refused(world, "--dry-run")
    result = await world.create("--take-over")

    assert result.status == 0, str(result)
    assert world.aws.variables(arn("eu"))["WEBHOOK_URL"] == world.home_assistant.url


async def test_a_home_that_moved_keeps_its_function(world: World) -> None:
    await world.create()
    serve(world, world.home_assistant.url.replace("127.0.0.1", "old.example.com"))

    result = await world.create()

    assert result.status == 0, str(result)
    assert world.aws.variables(arn("eu"))["WEBHOOK_URL"] == world.home_assistant.url


async def test_a_wrong_secret_is_noticed_before_anything_is_made(world: World) -> None:
    world.environment["ALEXA_DOORBELL_SECRET"] = "whsec_" + "d3Jvbmch" * 4

    assert "refuses the shared secret" in await refused(world)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://home-assistant.example/api/webhook/1", "not safe"),
        ("home-assistant.example", "not safe"),
        ("https://hooks.nabu.casa/1", "cloudhook is not where one can log in"),
        ("https://127.0.0.1:port/1", "not safe"),
        ("https://home-assistant.example:8123/api/webhook/1", "only by https on port 443"),
        ("ftp://127.0.0.1/1", "not safe"),
    ],
)
async def test_an_address_that_cannot_be_used_is_refused(
    world: World, url: str, words: str
) -> None:
    world.home_assistant.url = url

    assert words in await refused(world)


async def test_an_unsafe_webhook_is_refused_whatever_the_login_is(world: World) -> None:
    login = "https://home-assistant.example"
    world.home_assistant.url = "http://home-assistant.example/api/webhook/1"

    errors = await refused(world, "--home-assistant-url", login)

    assert "The webhook address must begin with https" in errors


async def test_a_secret_that_is_none_is_refused(world: World) -> None:
    world.environment["ALEXA_DOORBELL_SECRET"] = "hunter2"

    assert "That is not the shared secret" in await refused(world)


async def test_login_with_amazon_needs_its_security_profile(world: World) -> None:
    assert "LWA_CLIENT_ID" in await refused(world, "--link-with-amazon")


async def test_a_cloudhook_and_the_address_of_the_remote_access_go_together(world: World) -> None:
    result = await world.create("--home-assistant-url", "https://abc.ui.nabu.casa/lovelace")

    assert result.status == 0, str(result)
    assert world.skill.account_linking is not None
    expected = "https://abc.ui.nabu.casa/auth/authorize"
    assert world.skill.account_linking["authorizationUrl"] == expected


@pytest.mark.parametrize("name", ["ASK_SMAPI_SERVER_BASE_URL", "ASK_LWA_TOKEN_HOST"])
async def test_tokens_go_nowhere_unsafe(world: World, name: str) -> None:
    world.environment[name] = "http://amazon.example"

    assert "not safe" in await refused(world)


async def test_somebody_who_is_no_developer_yet(world: World) -> None:
    world.smapi.vendor_ids = []

    assert "developer.amazon.com" in await refused(world)


async def test_of_several_developer_accounts_one_must_be_chosen(world: World) -> None:
    world.smapi.vendor_ids = ["M1", "M2"]

    assert "--vendor-id" in await refused(world)
    assert (await world.create("--vendor-id", "M2")).status == 0


async def test_without_a_login_for_aws_it_says_how_to_get_one(world: World) -> None:
    del world.environment["AWS_ACCESS_KEY_ID"]

    assert "There is no login for AWS." in await refused(world)


async def test_an_unknown_aws_profile(world: World) -> None:
    assert "AWS's files on this computer know no login work." in await refused(
        world, "--aws-profile", "work"
    )


@pytest.fixture
def deny(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let AWS refuse an action of IAM."""
    from moto.core.exceptions import ServiceException  # noqa: PLC0415
    from moto.iam.models import IAMBackend  # noqa: PLC0415

    class Denied(ServiceException):
        code = "AccessDenied"

        def __init__(self) -> None:
            super().__init__("User ada is not authorized to perform: iam:CreateRole")

    def deny(action: str) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise Denied

        monkeypatch.setattr(IAMBackend, action, refuse)

    return deny


@pytest.mark.filterwarnings("ignore:Exception.Denied")
async def test_what_aws_does_not_allow_is_named(world: World, deny: Callable[[str], None]) -> None:
    deny("create_role")

    result = await world.create()

    assert result.status == 1
    assert "may not do iam:CreateRole: no policy allows it" in result.errors


def test_what_aws_repeats_of_the_environment_is_cut_out() -> None:
    said = "Value '{A=https://home.example/api/webhook/1, B=whsec_c2VjcmV0+/=}' at 'environment'"

    assert without_secrets(said) == "Value '{A=... B=...}' at 'environment'"


async def test_amazon_says_why_it_cannot_build_a_skill(world: World) -> None:
    result = await world.create("--name", "D")

    assert result.status == 1
    assert "A name has 2 to 50 characters (status 400)" in result.errors


async def test_amazon_says_why_it_cannot_build_a_change(world: World) -> None:
    await world.create()
    world.skill.manifest["manifestVersion"] = "1.0"
    world.skill.manifest["publishingInformation"]["locales"] = {
        "xx": {"name": "Ding dong", "summary": "Mine."},
        "en-GB": {"name": "Home Assistant Doorbell", "summary": "Mine."},
    }

    result = await world.create()

    assert result.status == 1
    assert "Amazon could not build the skill: There is no locale xx" in result.errors


async def test_a_build_that_fails_is_explained(world: World) -> None:
    def fail(skill: SimulatedSkill, manifest: dict[str, Any]) -> None:
        skill.building, skill.errors = None, ["The large icon is too small."]

    world.smapi._finish = fail  # type: ignore[method-assign]

    result = await world.create()

    assert result.status == 1
    assert "The large icon is too small." in result.errors


async def test_a_build_that_never_ends_is_given_up(world: World) -> None:
    world.smapi.build_polls = 10_000

    result = await world.create()

    assert result.status == 1
    assert "has not built the skill within 300 s" in result.errors
    assert 300 <= sum(world.patience.slept) < 320


async def test_a_permission_that_amazon_never_sees_is_given_up(world: World) -> None:
    world.smapi.build_polls = 0
    world.smapi.permission_delay = 10_000

    result = await world.create()

    assert result.status == 1
    assert "Amazon does not take the function: Please make sure" in result.errors
    again = await world.create()
    assert "function home-assistant-doorbell in eu-west-1: left alone" in again.out


async def test_a_role_that_aws_never_knows_is_given_up(world: World) -> None:
    world.aws.role_delay = 10_000

    result = await world.create()

    assert result.status == 1
    assert "AWS does not let the function use its role: The role" in result.errors


async def test_a_function_that_is_busy_for_ever_is_given_up(world: World) -> None:
    world.aws.update_delay = 10_000

    result = await world.create()

    assert result.status == 1
    assert "AWS is still busy with the function" in result.errors


async def test_whatever_aws_dislikes_of_a_function_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skill.command.wanted.HANDLER", "x" * 300)
    monkeypatch.setattr("skill.command.wanted.MEMORY", "a lot")

    result = await world.create()

    assert result.status == 1
    assert "AWS" in result.errors


async def test_a_busy_amazon_is_given_up_after_two_minutes(world: World) -> None:
    world.smapi.throttled = 10_000

    assert "Request is throttled. (status 429)" in await refused(world)
    assert 120 <= sum(world.patience.slept) < 140


async def test_a_broken_amazon_is_asked_again(world: World) -> None:
    world.smapi.broken = 3

    assert (await world.create()).status == 0


async def test_an_amazon_that_is_away_is_given_up(world: World) -> None:
    with Server([answer()]) as server:
        pass
    world.environment["ASK_SMAPI_SERVER_BASE_URL"] = f"http://127.0.0.1:{server.port}"

    assert "127.0.0.1 did not answer" in await refused(world)


async def test_a_skill_is_not_made_twice_because_an_answer_was_lost(world: World) -> None:
    create = world.smapi._create

    async def lose_the_answer(request: Any) -> Any:
        await create(request)
        request.transport.close()

    world.smapi._create = lose_the_answer  # type: ignore[method-assign]
    await restart(world)

    result = await world.create()
    assert result.status == 1, str(result)
    assert len(world.smapi.skills) == 1

    world.smapi._create = create  # type: ignore[method-assign]
    assert (await world.create()).status == 0
    assert len(world.smapi.skills) == 1


async def restart(world: World) -> None:
    """Serve what has been replaced."""
    await world.smapi.__aexit__()
    await world.smapi.__aenter__()


async def test_a_skill_that_somebody_else_changes_meanwhile(world: World) -> None:
    await world.create()
    world.skill.manifest["permissions"] = []
    manifest = world.smapi._manifest

    async def change_meanwhile(request: Any) -> Any:
        response = await manifest(request)
        world.skill.version += "-and-again"
        return response

    world.smapi._manifest = change_meanwhile  # type: ignore[method-assign]
    await restart(world)

    result = await world.create()

    assert result.status == 1
    assert "Somebody else is changing the skill, or Amazon still builds it." in result.errors


async def test_a_run_that_was_stopped_while_amazon_was_building_is_taken_up_again(
    world: World,
) -> None:
    await world.create()
    world.skill.building, world.skill.polls_left = world.skill.manifest, 3

    result = await world.create()

    assert result.status == 0, str(result)
    assert world.skill.is_enabled


async def test_a_build_that_has_failed_before_is_no_hindrance(world: World) -> None:
    await world.create()
    world.skill.errors = ["Somebody made a mistake."]
    world.skill.manifest["permissions"] = []

    result = await world.create()

    assert result.status == 0, str(result)
    assert world.skill.manifest["permissions"]


async def test_a_login_without_the_right_to_manage_skills(world: World) -> None:
    world.smapi.new_access_token = lambda: "not-a-token"  # type: ignore[method-assign]

    assert "Token is invalid/expired. (status 401)" in await refused(world)


async def test_a_refusal_that_is_not_json(world: World) -> None:
    with Server([answer("418 I'm a teapot", b"short and stout")]) as server:
        world.environment["ASK_SMAPI_SERVER_BASE_URL"] = f"http://127.0.0.1:{server.port}"
        assert "no reason given (status 418)" in await refused(world)


async def test_a_redirect_is_not_followed(world: World) -> None:
    with (
        Server([answer("200 OK", b"{}")]) as elsewhere,
        Server([answer("302 Found", b"", f"Location: {elsewhere.url}")]) as server,
    ):
        world.environment["ASK_SMAPI_SERVER_BASE_URL"] = f"http://127.0.0.1:{server.port}"
        assert "(status 302)" in await refused(world)
        assert elsewhere.requests == []


async def test_credentials_that_amazon_does_not_have_yet(world: World) -> None:
    world.smapi._credentials = ("", "")

    result = await world.create()

    assert result.status == 1
    assert "Run the command again in a minute." in result.errors


async def test_a_skill_id_that_there_is_not(world: World) -> None:
    errors = await refused(world, "--skill-id", "amzn1.ask.skill.none")

    assert "There is no skill amzn1.ask.skill.none." in errors


async def test_home_assistant_gone_at_the_end(world: World) -> None:
    give = world.smapi._give_credentials

    async def stop_home_assistant(request: Any) -> Any:
        world.home_assistant.answer = (502, "")
        return await give(request)

    world.smapi._give_credentials = stop_home_assistant  # type: ignore[method-assign]
    await restart(world)

    result = await world.create()

    assert result.status == 1
    assert "Home Assistant did not take the skill's credentials" in result.errors
    assert "(answer 502)" in result.errors
    world.home_assistant.answer = None
    world.smapi._give_credentials = give  # type: ignore[method-assign]
    await restart(world)
    assert (await world.create()).status == 0
    assert world.home_assistant.setups


async def test_the_secret_is_asked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    del world.environment["ALEXA_DOORBELL_SECRET"]
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.setattr("getpass.getpass", lambda _: f" {SHARED_SECRET} ")

    assert (await world.create()).status == 0
    assert world.aws.variables(arn("eu"))["SHARED_SECRET"] == SHARED_SECRET


async def test_the_secret_may_be_on_the_command_line(world: World) -> None:
    del world.environment["ALEXA_DOORBELL_SECRET"]

    assert (await world.create("--shared-secret", SHARED_SECRET)).status == 0


@pytest.mark.parametrize(("said", "left"), [("n\n", 1), ("\n", 1), ("y\n", 0)])
async def test_destroy_asks_first(
    world: World, monkeypatch: pytest.MonkeyPatch, said: str, left: int
) -> None:
    await world.create()
    terminal = io.StringIO(said)
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)

    result = await world.run("destroy")

    assert result.status == left
    assert len(world.smapi.skills) == left


async def test_destroy_without_anybody_to_ask_deletes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.create()
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))

    result = await world.run("destroy")

    assert "Add --yes" in result.errors
    assert world.smapi.skills


async def test_it_can_be_stopped_and_run_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("skill.command.functions.code", stop)
        result = await world.create()

    assert result.status == 130
    assert "it goes on where it stopped" in result.errors
    assert (await world.create()).status == 0
