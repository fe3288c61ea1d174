"""The login for skill management: who asks for it, who renews it, and what is said without it."""

from datetime import timedelta
import json
from pathlib import Path
import sys

from aiohttp import web
import pytest
from pytest_aiohttp import AiohttpServer

from .. import terminal
from ..developer import Developer, forget_tokens, install, store
from ..server import Server, answer
from ..world import World, refused

SCRIPT = Path(__file__).parents[3] / "skill" / "create_skill.py"
CODE = ("enter the Authorization Code:", "ANRz-code-of-amazon")
WRONG_CODE = ("enter the Authorization Code:", "ANRz-of-yesterday")
NO_AWS_ACCOUNT = ("link your AWS account", "n")
AN_HOUR = timedelta(hours=1)


@pytest.fixture(name="developer")
async def developer_fixture(world: World, aiohttp_server: AiohttpServer) -> Developer:
    """A developer whose login the command does not have; nothing is installed."""
    developer = Developer(world.smapi)
    app = web.Application()
    app.router.add_post("/auth/o2/token", developer.token)
    server = await aiohttp_server(app)
    forget_tokens(world)
    world.smapi.build_polls = 0
    world.environment["ASK_LWA_TOKEN_HOST"] = str(server.make_url("")).rstrip("/")
    world.environment["PATH"] = str(world.home / "bin")
    return developer


async def create(world: World, *answers: tuple[str, str], more: str = "") -> terminal.Ended:
    """Run `create` at a terminal, where the ASK CLI is given these answers."""
    url = world.home_assistant.url
    command = [sys.executable, str(SCRIPT), "create", "--webhook-url", url, "--region", "eu"]
    ended = await terminal.run([*command, *more.split()], world.environment, answers)
    world.no_secret_in(ended.screen)
    return ended


def stored(world: World) -> dict[str, dict[str, object]]:
    """The profiles of the ASK CLI."""
    config = json.loads((world.home / ".ask" / "cli_config").read_text(encoding="utf-8-sig"))
    profiles: dict[str, dict[str, object]] = config["profiles"]
    return profiles


async def test_without_a_login_amazons_own_is_started_and_the_command_goes_on(
    world: World, developer: Developer
) -> None:
    install(world)

    ended = await create(world, CODE, NO_AWS_ACCOUNT)

    assert ended.status == 0, ended.screen
    assert "Amazon's skill management needs a login." in ended.screen
    assert "type n, and press Enter." in ended.screen.partition("? Please enter")[0]
    assert len(world.smapi.skills) == 1


async def test_a_login_is_asked_for_once_and_then_there(world: World, developer: Developer) -> None:
    install(world)
    await create(world, CODE, NO_AWS_ACCOUNT)

    assert (await create(world)).status == 0
    assert (world.home / ".ask" / "cli_config").stat().st_mode & 0o777 == 0o600


async def test_a_code_that_amazon_does_not_take_can_be_asked_for_again(
    world: World, developer: Developer
) -> None:
    install(world)

    ended = await create(world, WRONG_CODE)

    assert ended.status == 1
    assert "The ASK CLI ended without a login" in ended.screen
    assert "copy the new one whole." in ended.screen
    assert (await create(world, CODE, NO_AWS_ACCOUNT)).status == 0


@pytest.mark.parametrize(
    "end",
    [
        # What was started in the background may have been told to ignore it.
        f"exec {sys.executable} -c 'import signal as s; s.signal(2, 0); s.raise_signal(2)'",
        "exit 130",
    ],
    ids=["by the signal", "by itself"],
)
async def test_a_login_that_was_stopped_is_no_failure(
    world: World, developer: Developer, end: str
) -> None:
    install(world, "ask", [end])

    ended = await create(world)

    assert ended.status == 130
    assert "Stopped. Run it again at any time" in ended.screen


async def test_a_login_without_a_developer_account_is_told_in_the_commands_own_words(
    world: World, developer: Developer
) -> None:
    install(world)
    world.smapi.vendor_ids = []

    ended = await create(world, CODE)

    assert ended.status == 1
    assert "This Amazon account is no developer's yet." in ended.screen


async def test_the_ask_cli_is_fetched_where_it_is_not_installed(
    world: World, developer: Developer
) -> None:
    install(world)
    ask = world.home / "bin" / "ask"
    ask.rename(world.home / "stand-in")
    expected = "--yes --package=ask-cli@2 --package=antlr4ts@0.5.0-alpha.4 ask"
    script = f'[ "$1 $2 $3 $4" = "{expected}" ] && shift 4 && exec {world.home}/stand-in "$@"'
    install(world, "npx", [script])

    ended = await create(world, CODE, NO_AWS_ACCOUNT)

    assert ended.status == 0, ended.screen
    assert "It is fetched first, which takes a minute." in ended.screen


async def test_without_nodejs_it_says_where_there_is_one(
    world: World, developer: Developer
) -> None:
    ended = await create(world)

    assert ended.status == 1
    assert "It needs Node.js, which is not here." in ended.screen
    assert "Run the line in AWS CloudShell, which has Node.js." in ended.screen


async def test_a_nodejs_that_is_too_old_is_named(world: World, developer: Developer) -> None:
    install(world, "npx", ["exit 1"])
    install(world, "node", ["echo v12.22.12"])

    ended = await create(world)

    assert "The Node.js here is v12.22.12, and the ASK CLI needs 20 or newer." in ended.screen


@pytest.mark.parametrize(
    "node", ["echo v24.1.0", "exit 1", "echo none"], ids=["new", "dead", "odd"]
)
async def test_a_nodejs_that_is_not_too_old_is_not_blamed(
    world: World, developer: Developer, node: str
) -> None:
    install(world, "npx", ["exit 7"])
    install(world, "node", [node])

    ended = await create(world)

    assert "The ASK CLI ended without a login (its exit status is 7)." in ended.screen


async def test_an_ask_cli_that_cannot_be_started(world: World, developer: Developer) -> None:
    install(world)
    (world.home / "bin" / "ask").write_text("#!/no/such/node\n")

    ended = await create(world)

    assert "cannot be started: No such file or directory." in ended.screen
    assert "Install it anew" in ended.screen


async def test_a_login_that_can_not_be_renewed_is_made_anew(
    world: World, developer: Developer
) -> None:
    store(world, "Atza|of-yesterday", -AN_HOUR)
    install(world)

    ended = await create(world, CODE, NO_AWS_ACCOUNT)

    assert ended.status == 0, ended.screen


async def test_a_login_that_stays_refused_is_asked_for_only_once(
    world: World, developer: Developer
) -> None:
    install(world)
    world.smapi.new_access_token = lambda: "not-a-token"  # type: ignore[method-assign]

    ended = await create(world, CODE)

    assert ended.status == 1
    assert ended.screen.count("enter the Authorization Code:") == 1
    assert "Token is invalid/expired. (status 401)" in ended.screen


async def test_who_has_logins_of_other_names_is_told_before_being_asked(
    world: World, developer: Developer
) -> None:
    store(world, world.smapi.new_access_token(), AN_HOUR, "second")
    install(world)

    ended = await create(world, CODE, NO_AWS_ACCOUNT)

    assert ended.status == 0, ended.screen
    assert "no login under the profile default, only under second." in ended.screen
    assert stored(world).keys() == {"default", "second"}


async def test_a_profile_that_is_asked_for_comes_before_the_environment(
    world: World, developer: Developer
) -> None:
    store(world, "Atza|of-yesterday", -AN_HOUR, "second")
    developer.refresh_tokens.add("Atzr|stored")
    world.environment |= {"ASK_REFRESH_TOKEN": "Atzr|old", "ASK_ACCESS_TOKEN": "Atza|old"}
    install(world)

    ended = await create(world, more="--ask-profile second")

    assert ended.status == 0, ended.screen


async def test_without_a_login_and_without_anybody_to_ask_it_says_how_to_log_in(
    world: World, developer: Developer
) -> None:
    install(world)

    errors = await refused(world)

    assert "There is no login for Amazon's skill management, and nobody here to log in." in errors
    assert "`npx ask-cli@2 configure --no-browser --profile default`" in errors


@pytest.mark.parametrize(
    "config",
    ["{}", "[]", '{"profiles": []}', '{"profiles": {"default": {"token": {}}}}'],
    ids=["nothing", "list", "list of profiles", "half a profile"],
)
async def test_a_file_without_a_login_is_as_good_as_none(
    world: World, developer: Developer, config: str
) -> None:
    store(world, "Atza|", AN_HOUR).write_text(config)

    assert "There is no login for Amazon's skill management" in await refused(world)


async def test_the_login_of_the_ask_cli_is_used(world: World) -> None:
    store(world, world.smapi.new_access_token(), AN_HOUR)

    result = await world.create()

    assert result.status == 0, str(result)


async def test_a_login_that_has_ended_is_renewed_by_the_ask_cli_itself(
    world: World, developer: Developer
) -> None:
    store(world, "Atza|of-yesterday", -AN_HOUR)
    developer.refresh_tokens.add("Atzr|stored")
    install(world)

    result = await world.create()

    assert result.status == 0, str(result)
    assert developer.renewed == 1


async def test_a_login_of_which_seconds_are_left_is_no_reason_to_stop(
    world: World, developer: Developer
) -> None:
    store(world, world.smapi.new_access_token(), timedelta(seconds=30))
    install(world)

    result = await world.create()

    assert result.status == 0, str(result)


async def test_an_end_that_cannot_be_read_is_no_end(world: World) -> None:
    path = store(world, world.smapi.new_access_token(), AN_HOUR)
    for end in ("0001-01-01T00:00:00+12:00", "soon", None):
        config = json.loads(path.read_text())
        config["profiles"]["default"]["token"]["expires_at"] = end
        path.write_text(json.dumps(config))

        assert (await world.create()).status == 0, end


async def test_an_ended_login_of_another_name_is_made_anew_under_that_name(
    world: World, developer: Developer
) -> None:
    store(world, "Atza|of-yesterday", -AN_HOUR, "second")
    install(world)

    errors = await refused(world, "--ask-profile", "second")

    assert "has ended (profile second of the ASK CLI)" in errors
    assert "configure --no-browser --profile second`" in errors


async def test_a_revoked_login_has_ended_whatever_its_date_is(
    world: World, developer: Developer
) -> None:
    store(world, "Atza|revoked", AN_HOUR)
    install(world)

    assert "has ended (profile default" in await refused(world)


async def test_an_ask_cli_that_hangs_cannot_renew_a_login(
    world: World, developer: Developer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(world, "Atza|of-yesterday", -AN_HOUR)
    install(world, "ask", [f"exec {sys.executable} -c 'import time; time.sleep(60)'"])
    monkeypatch.setattr("skill.command.ask_cli.TIMEOUT", 0.01)

    assert "has ended (profile default" in await refused(world)


async def test_an_ended_login_without_an_ask_cli(world: World, developer: Developer) -> None:
    store(world, "Atza|of-yesterday", -AN_HOUR)

    assert "needs Node.js, which is not here" in await refused(world)


async def test_a_profile_that_is_not_there_beside_one_that_is(world: World) -> None:
    store(world, "Atza|", AN_HOUR)

    errors = await refused(world, "--ask-profile", "work")

    assert "under the profile work, only under default." in errors
    assert "Say which it is with --ask-profile." in errors


async def test_a_byte_order_mark_does_not_hide_a_login(world: World) -> None:
    path = store(world, world.smapi.new_access_token(), AN_HOUR)
    path.write_text(path.read_text(), encoding="utf-8-sig")

    result = await world.create()

    assert result.status == 0, str(result)


async def test_a_byte_order_mark_that_stops_the_ask_cli_is_named(
    world: World, developer: Developer
) -> None:
    path = store(world, "Atza|of-yesterday", -AN_HOUR)
    path.write_text(path.read_text(), encoding="utf-8-sig")
    install(world)

    errors = await refused(world)

    assert "an editor has put a byte order mark before it" in errors
    assert "Or rename it" in errors


async def test_a_file_of_the_ask_cli_that_is_broken_is_named(world: World) -> None:
    store(world, "Atza|", AN_HOUR).write_text("{")

    errors = await refused(world)

    assert f"{world.home}/.ask/cli_config are not what the ASK CLI writes" in errors


async def test_a_file_of_the_ask_cli_that_cannot_be_opened_is_named(world: World) -> None:
    path = store(world, "Atza|", AN_HOUR)
    path.unlink()
    path.mkdir()

    assert "cannot be read: Is a directory." in await refused(world)


async def test_a_developer_account_that_is_gone_is_not_missed_where_there_is_but_one(
    world: World,
) -> None:
    store(world, world.smapi.new_access_token(), AN_HOUR, vendor_id="M2-OF-OLD")

    result = await world.create()

    assert result.status == 0, str(result)


async def test_a_developer_account_that_is_gone_leaves_the_choice_of_several(world: World) -> None:
    store(world, world.smapi.new_access_token(), AN_HOUR, vendor_id="M2-OF-OLD")
    world.smapi.vendor_ids = ["M1", "M2"]

    errors = await refused(world)

    assert "It is not clear which developer account to use: M1, M2." in errors
    assert "Say which with --vendor-id." in errors


async def test_a_developer_account_that_is_asked_for_is_not_replaced_by_another(
    world: World,
) -> None:
    errors = await refused(world, "--vendor-id", "M9")

    assert "The developer account M9 is none of this login's" in errors


async def test_an_access_token_in_the_environment_is_used(world: World) -> None:
    forget_tokens(world)
    world.environment["ASK_ACCESS_TOKEN"] = world.smapi.new_access_token()

    result = await world.create()

    assert result.status == 0, str(result)


async def test_an_access_token_in_the_environment_that_has_ended_is_named(world: World) -> None:
    forget_tokens(world)
    world.environment["ASK_ACCESS_TOKEN"] = "Atza|of-yesterday"

    errors = await refused(world)

    assert "does not accept the access token in ASK_ACCESS_TOKEN" in errors
    assert "Take ASK_ACCESS_TOKEN out of the environment" in errors


async def test_a_refresh_token_needs_its_client(world: World) -> None:
    del world.environment["ASK_LWA_CLIENT_ID"]

    assert "ASK_REFRESH_TOKEN alone is not enough" in await refused(world)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("ASK_REFRESH_TOKEN", "(invalid_grant): it has ended", id="token"),
        pytest.param(
            "ASK_LWA_CLIENT_CONFIRMATION",
            "does not know the security profile of the refresh token (invalid_client)",
            id="client",
        ),
    ],
)
async def test_what_is_wrong_with_a_refresh_token_is_told_apart(
    world: World, name: str, words: str
) -> None:
    world.environment[name] = "another"

    assert words in await refused(world)


async def test_another_refusal_of_a_refresh_token_says_amazons_word(world: World) -> None:
    with Server([answer("400 Bad Request", b'{"error": "unsupported_grant_type"}')]) as server:
        world.environment["ASK_LWA_TOKEN_HOST"] = f"http://127.0.0.1:{server.port}"
        errors = await refused(world)

    assert "refused the refresh token (unsupported_grant_type)." in errors


async def test_login_with_amazon_away(world: World) -> None:
    with Server([answer()]) as server:
        pass
    world.environment["ASK_LWA_TOKEN_HOST"] = f"http://127.0.0.1:{server.port}"

    assert "Login with Amazon: 127.0.0.1 did not answer" in await refused(world)
