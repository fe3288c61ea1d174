"""`create`: from nothing to a skill that Home Assistant knows, and again."""

import json
from typing import Any

import pytest

from demo.developer.skill_management import SimulatedSkill

from ..server import SHARED_SECRET
from ..world import CREDENTIALS, NAME, World, arn

LEFT_ALONE = "0 changes"


async def test_one_command_makes_everything_in_the_order_that_amazon_needs(world: World) -> None:
    result = await world.create()

    assert result.status == 0, str(result)
    skill = world.skill
    assert skill.manifest["permissions"] == [{"name": "alexa::async_event:write"}]
    assert skill.endpoints == {"default": arn("eu"), "EU": arn("eu")}
    assert skill.is_enabled
    assert world.aws.may_alexa_call(arn("eu"), skill.skill_id)
    assert world.home_assistant.setups == [
        {
            "client_id": CREDENTIALS[0],
            "client_secret": CREDENTIALS[1],
            "skill_id": skill.skill_id,
        }
    ]
    steps = [line for line in result.out.splitlines() if line[:1].isdecimal()]
    assert [line.split(".")[0] for line in steps] == list("12345678")
    assert "What is left for you" in result.out


async def test_accounts_are_linked_by_home_assistants_own_login(world: World) -> None:
    await world.create()

    origin = world.home_assistant.url.split("/api/")[0]
    assert world.skill.account_linking == {
        "type": "AUTH_CODE",
        "authorizationUrl": f"{origin}/auth/authorize",
        "accessTokenUrl": f"{origin}/auth/token",
        "accessTokenScheme": "REQUEST_BODY_CREDENTIALS",
        "clientId": "https://layla.amazon.com/",
        "clientSecret": "Home Assistant needs none",
        "scopes": ["smart_home"],
        "domains": [],
        "skipOnEnablement": False,
    }


@pytest.mark.parametrize(
    ("region", "client_id"),
    [
        ("na", "https://pitangui.amazon.com/"),
        ("eu", "https://layla.amazon.com/"),
        ("fe", "https://alexa.amazon.co.jp/"),
    ],
)
async def test_home_assistant_knows_amazon_by_where_it_is(
    world: World, region: str, client_id: str
) -> None:
    await world.create(region=region)

    assert world.skill.account_linking is not None
    assert world.skill.account_linking["clientId"] == client_id
    assert world.skill.endpoints["default"] == arn(region)


async def test_accounts_can_be_linked_by_login_with_amazon(world: World) -> None:
    world.environment |= {"LWA_CLIENT_ID": "profile", "LWA_CLIENT_SECRET": "of-the-profile"}

    result = await world.create("--link-with-amazon")

    assert result.status == 0, str(result)
    assert "of-the-profile" not in str(result)
    linking = world.skill.account_linking
    assert linking is not None
    assert linking["accessTokenUrl"] == "https://api.amazon.com/auth/o2/token"
    assert linking["accessTokenScheme"] == "HTTP_BASIC"
    assert (linking["clientId"], linking["clientSecret"]) == ("profile", "of-the-profile")
    assert linking["scopes"] == ["profile"]


async def test_the_function_is_what_lies_in_the_repository(world: World) -> None:
    await world.create()

    function = world.aws.function(arn("eu"))
    assert function is not None
    configuration = function.get_configuration()
    assert configuration["Timeout"] >= 8
    assert configuration["MemorySize"] >= 256
    assert configuration["Handler"] == "lambda_function.lambda_handler"
    assert configuration["Runtime"].startswith("python3.")
    assert world.aws.variables(arn("eu")) == {
        "WEBHOOK_URL": world.home_assistant.url,
        "SHARED_SECRET": SHARED_SECRET,
    }


async def test_a_second_run_changes_nothing(world: World) -> None:
    await world.create()
    before = world.state()

    again = await world.create()

    assert again.status == 0, str(again)
    assert world.state() == before
    assert LEFT_ALONE in again.out
    assert "is not waiting for them: fine" in again.out


async def test_every_region_that_is_asked_for_gets_a_function(world: World) -> None:
    result = await world.create(region="fe na eu")

    assert result.status == 0, str(result)
    assert world.skill.endpoints == {
        "default": arn("fe"),
        "NA": arn("na"),
        "EU": arn("eu"),
        "FE": arn("fe"),
    }
    for region in ("na", "eu", "fe"):
        assert world.aws.may_alexa_call(arn(region), world.skill.skill_id)


async def test_a_region_that_is_not_asked_for_any_more_is_no_endpoint_any_more(
    world: World,
) -> None:
    await world.create(region="eu na")

    await world.create(region="eu")

    assert world.skill.endpoints == {"default": arn("eu"), "EU": arn("eu")}
    assert world.aws.function(arn("na")), "It costs nothing; destroy takes it away"


async def test_a_dry_run_says_what_it_would_do_and_does_nothing(world: World) -> None:
    before = world.state()

    result = await world.create("--dry-run")

    assert result.status == 0, str(result)
    assert world.state() == before
    assert not world.home_assistant.setups
    asked = {method for method, path in world.smapi.requests if path != "/auth/o2/token"}
    assert asked == {"GET"}
    assert 'would make the skill "Home Assistant Doorbell"' in result.out
    assert f"would make the function {NAME} in eu-west-1" in result.out
    assert "nothing was changed; 9 changes would be made" in result.out
    # One more: building the endpoints resets the account linking.
    assert "10 changes, 0 left alone" in (await world.create()).out


async def test_a_dry_run_tells_only_what_differs(world: World) -> None:
    await world.create()
    world.skill.is_enabled = False
    world.aws.update_delay = 1
    before = world.state()

    result = await world.create("--dry-run")

    assert world.state() == before
    # The credentials, of which nobody knows whether Home Assistant has them, and enablement.
    assert "2 changes would be made" in result.out


def lose_permission(world: World) -> None:
    """Somebody switches Send Alexa Events off in the console."""
    world.skill.manifest["permissions"] = []


def lose_linking(world: World) -> None:
    """Amazon forgets it, as after any build."""
    world.skill.account_linking = None


def change_linking(world: World) -> None:
    """Somebody enters another client."""
    assert world.skill.account_linking
    world.skill.account_linking["clientId"] = "https://pitangui.amazon.com/"


def lose_endpoint(world: World) -> None:
    """Somebody clears the endpoints."""
    smart_home = world.skill.manifest["apis"]["smartHome"]
    del smart_home["endpoint"], smart_home["regions"]


def lose_enablement(world: World) -> None:
    """Somebody disables the skill."""
    world.skill.is_enabled = False


def lose_locale(world: World) -> None:
    """Somebody takes a language away."""
    del world.skill.manifest["publishingInformation"]["locales"]["de-DE"]


def lose_function(world: World) -> None:
    """Somebody deletes the function."""
    function = world.aws.function(arn("eu"))
    assert function
    backend(world).delete_function(NAME, None)


def change_code(world: World) -> None:
    """Somebody edits the code."""
    function = world.aws.function(arn("eu"))
    assert function
    function.code_sha_256 = "changed"


def change_secret(world: World) -> None:
    """Home Assistant has a new secret."""
    function = world.aws.function(arn("eu"))
    assert function
    function.environment_vars["SHARED_SECRET"] = "an older one"


def change_timeout(world: World) -> None:
    """Somebody sets Lambda's own default."""
    function = world.aws.function(arn("eu"))
    assert function
    function.timeout = 3


def lose_trigger(world: World) -> None:
    """Somebody removes the trigger."""
    function = world.aws.function(arn("eu"))
    assert function
    function.policy.statements.clear()


def change_trigger(world: World) -> None:
    """The trigger is that of another skill."""
    function = world.aws.function(arn("eu"))
    assert function
    condition = function.policy.statements[0]["Condition"]
    condition["StringEquals"]["lambda:EventSourceToken"] = "amzn1.ask.skill.another"


def lose_policy(world: World) -> None:
    """The function may not write its log."""
    iam(world).roles[role_id(world)].policies.clear()


def change_trust(world: World) -> None:
    """The role cannot be used by Lambda."""
    role = iam(world).roles[role_id(world)]
    role.assume_role_policy_document = json.dumps({"Version": "2012-10-17", "Statement": []})


def backend(world: World) -> Any:
    """AWS's own view of its functions."""
    from moto.awslambda.models import lambda_backends  # noqa: PLC0415

    return lambda_backends["123456789012"]["eu-west-1"]


def iam(world: World) -> Any:
    """AWS's own view of its roles."""
    from moto.iam.models import iam_backends  # noqa: PLC0415

    return iam_backends["123456789012"]["aws"]


def role_id(world: World) -> str:
    """The only role."""
    (found,) = iam(world).roles
    return str(found)


DAMAGE = (
    lose_permission,
    lose_linking,
    change_linking,
    lose_endpoint,
    lose_enablement,
    lose_locale,
    lose_function,
    change_code,
    change_secret,
    change_timeout,
    lose_trigger,
    change_trigger,
    lose_policy,
    change_trust,
)


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
async def test_another_run_repairs_what_differs(world: World, damage: Any) -> None:
    await world.create()
    whole = without_versions(world)
    damage(world)
    assert without_versions(world) != whole or damage in {lose_policy, change_trust}

    result = await world.create()

    assert result.status == 0, str(result)
    assert LEFT_ALONE not in result.out
    assert without_versions(world) == whole
    assert LEFT_ALONE in (await world.create()).out


def without_versions(world: World) -> Any:
    """The state, without what changes with each change."""
    state = world.state()
    for skill in state["skills"].values():
        skill.pop()
    for function in filter(None, state["functions"].values()):
        function[0].pop("LastModified")
        function[0].pop("RevisionId", None)
    return state


async def test_what_the_user_added_stays(world: World) -> None:
    await world.create()
    world.skill.manifest["publishingInformation"]["locales"]["sv-SE"] = {
        "name": "Dörrklocka",
        "summary": "Min dörrklocka.",
        "smallIconUri": "https://example.com/icon.png",
    }
    function = world.aws.function(arn("eu"))
    assert function
    function.environment_vars["MINE"] = "1"
    function.run_time = "python3.14"
    function.environment_vars["SHARED_SECRET"] = "an older one"
    lose_permission(world)

    await world.create()

    assert "sv-SE" in world.skill.manifest["publishingInformation"]["locales"]
    assert world.aws.variables(arn("eu"))["MINE"] == "1"
    assert world.aws.variables(arn("eu"))["SHARED_SECRET"] == SHARED_SECRET
    assert function.run_time == "python3.14"


async def test_throttling_builds_and_slow_permissions_are_waited_for(world: World) -> None:
    world.smapi.throttled = 3
    world.smapi.build_polls = 5
    world.smapi.permission_delay = 2
    world.aws.role_delay = 3
    world.aws.update_delay = 2

    result = await world.create()

    assert result.status == 0, str(result)
    assert "AWS does not know the new role everywhere yet; waiting" in result.out
    assert "Amazon does not see Alexa's permission yet; waiting" in result.out
    assert world.skill.is_enabled


async def test_retry_after_is_obeyed(world: World) -> None:
    world.smapi.throttled = 1
    world.smapi.retry_after = "17"

    await world.create()

    assert 17 in world.patience.slept


async def test_a_function_that_is_being_updated_is_waited_for(world: World) -> None:
    await world.create()
    world.aws.update_delay = 3
    change_code(world)
    change_secret(world)

    result = await world.create()

    assert result.status == 0, str(result)
    assert world.aws.variables(arn("eu"))["SHARED_SECRET"] == SHARED_SECRET


async def test_a_token_that_ends_meanwhile_is_replaced(world: World) -> None:
    finish = world.smapi._finish

    def finish_late(skill: SimulatedSkill, manifest: dict[str, Any]) -> None:
        world.smapi.expire_access_tokens()
        finish(skill, manifest)

    world.smapi._finish = finish_late  # type: ignore[method-assign]

    result = await world.create()

    assert result.status == 0, str(result)
    assert world.smapi.requests.count(("POST", "/auth/o2/token")) == 3


async def test_a_skill_of_that_name_made_by_hand_is_not_touched(world: World) -> None:
    await world.create()
    world.skill.manifest["publishingInformation"]["testingInstructions"] = "Mine."
    before = world.state()

    result = await world.create()

    assert result.status == 1
    assert f"--skill-id {world.skill.skill_id}" in result.errors
    assert world.state() == before


async def test_a_skill_made_by_hand_can_be_used(world: World) -> None:
    await world.create()
    information = world.skill.manifest["publishingInformation"]
    information["testingInstructions"] = "Mine."
    information["locales"] = {"en-GB": {"name": "Ding dong", "summary": "Mine."}}
    lose_permission(world)
    lose_endpoint(world)

    result = await world.create("--skill-id", world.skill.skill_id)

    assert result.status == 0, str(result)
    information = world.skill.manifest["publishingInformation"]
    assert information["locales"] == {"en-GB": {"name": "Ding dong", "summary": "Mine."}}
    assert world.skill.manifest["permissions"]
    assert world.skill.endpoints["default"] == arn("eu")


async def test_the_skill_is_found_on_whatever_page_it_is(world: World) -> None:
    await world.create("--name", "Ding dong")
    mine = world.skill.skill_id
    for number in range(5):
        manifest = json.loads(json.dumps(world.smapi.skills[mine].manifest))
        for texts in manifest["publishingInformation"]["locales"].values():
            texts["name"] = f"Another {number}"
        other = SimulatedSkill(manifest=manifest)
        world.smapi.skills = {other.skill_id: other} | world.smapi.skills

    result = await world.create("--name", "Ding dong")

    assert LEFT_ALONE in result.out
    assert len(world.smapi.skills) == 6


async def test_two_houses_can_have_a_skill_each(world: World) -> None:
    await world.create()
    world.home_assistant.waiting = True

    result = await world.create("--name", "Beach house")

    assert result.status == 0, str(result)
    assert len(world.smapi.skills) == 2
    assert world.aws.function(arn("eu", "beach-house"))


async def test_destroy_takes_away_everything_that_create_made(world: World) -> None:
    await world.create(region="eu na fe")
    await world.create("--name", "Beach house")

    result = await world.destroy()

    assert result.status == 0, str(result)
    assert world.skill.endpoints["default"] == arn("eu", "beach-house")
    for region in ("eu", "na", "fe"):
        assert world.aws.function(arn(region)) is None
    assert world.aws.function(arn("eu", "beach-house"))
    assert [role.name for role in iam(world).roles.values()] == ["beach-house"]


async def test_destroy_can_be_run_again(world: World) -> None:
    await world.create()
    await world.destroy()

    result = await world.destroy()

    assert result.status == 0, str(result)
    assert LEFT_ALONE in result.out
    assert not world.smapi.skills


async def test_destroy_in_a_dry_run_deletes_nothing(world: World) -> None:
    await world.create()
    before = world.state()

    result = await world.destroy("--dry-run")

    assert world.state() == before
    assert "3 changes would be made" in result.out


async def test_destroy_leaves_what_others_have_made(world: World) -> None:
    await world.create()
    function = world.aws.function(arn("eu"))
    assert function
    function.tags.clear()

    result = await world.destroy()

    assert result.status == 1
    assert "that this command has not made" in result.out
    assert "What stayed: function home-assistant-doorbell in eu-west-1." in result.errors
    assert world.aws.function(arn("eu"))


async def test_the_script_runs_by_itself_with_the_secret_on_its_standard_input(
    world: World,
) -> None:
    world.smapi.build_polls = 0

    result = await world.run_script(
        "create", "--webhook-url", world.home_assistant.url, "--region", "eu"
    )

    assert result.status == 0, str(result)
    assert world.home_assistant.setups
    assert world.aws.variables(arn("eu"))["SHARED_SECRET"] == SHARED_SECRET
