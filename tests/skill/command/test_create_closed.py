"""`create --closed`: from nothing to a skill for a home into which nothing leads, and again."""

import hashlib
import json
import time
from typing import Any

from moto.dynamodb.exceptions import DynamodbException, MockValidationException
from moto.dynamodb.responses import DynamoHandler
import pytest

from demo.developer.aws import ACCOUNT

from ..closed_world import Breakage, client, enrol, line, row, statement
from ..world import CREDENTIALS, NAME, World, arn
from .test_create import LEFT_ALONE, iam, without_versions
from .test_ownership import made_by_hand

ACTIONS = {"GetItem", "PutItem", "UpdateItem", "DeleteItem"}


@pytest.fixture(autouse=True)
def _nobody_has_a_shared_secret(world: World) -> None:
    """Nothing is asked, so there is none to be found."""
    del world.environment["ALEXA_DOORBELL_SECRET"]


async def test_one_command_makes_everything_in_the_order_that_amazon_needs(world: World) -> None:
    result = await world.create_closed()

    line(result)
    assert world.skill.endpoints == {"default": arn("eu"), "EU": arn("eu")}
    assert world.skill.is_enabled
    assert world.aws.may_alexa_call(arn("eu"), world.skill.skill_id)
    steps = [one for one in result.out.splitlines() if one[:1].isdecimal()]
    assert [one.split(".")[0] for one in steps] == list("12345678")
    assert result.out.index("its address answers") < result.out.index("link accounts")
    assert not world.home_assistant.pings, "Nothing asks for what is at home"


async def test_the_table_costs_nothing_while_nobody_asks_and_forgets_what_has_ended(
    world: World,
) -> None:
    await world.create_closed()

    dynamodb = client(world, "dynamodb")
    table = dynamodb.describe_table(TableName=NAME)["Table"]
    ends = dynamodb.describe_time_to_live(TableName=NAME)["TimeToLiveDescription"]
    tags = dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
    assert world.tables().keys() == {"eu"}
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["KeySchema"] == [{"AttributeName": "key", "KeyType": "HASH"}]
    assert ends == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    assert {tag["Key"]: tag["Value"] for tag in tags} == {
        "alexa-doorbell": NAME,
        "alexa-doorbell-skill": world.skill.skill_id,
    }


async def test_the_function_may_do_four_things_to_rows_of_its_table_and_to_no_other(
    world: World,
) -> None:
    await world.create_closed()

    policies = iam(world).roles[next(iter(iam(world).roles))].policies
    (allowed,) = json.loads(policies["table"])["Statement"]
    assert policies.keys() == {"logs", "table"}
    assert set(allowed["Action"]) == {f"dynamodb:{action}" for action in ACTIONS}
    assert allowed["Resource"] == f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{NAME}"


async def test_the_function_knows_its_table_and_no_webhook(world: World) -> None:
    await world.create_closed()

    assert world.aws.variables(arn("eu")) == {"TABLE": NAME, "TABLE_REGION": "eu-west-1"}


async def test_accounts_are_linked_at_the_function_by_a_client_that_was_made_up(
    world: World,
) -> None:
    address, _ = line(await world.create_closed())

    linking = world.skill.account_linking
    assert linking is not None
    assert linking["authorizationUrl"] == f"{address}/authorize"
    assert linking["accessTokenUrl"] == f"{address}/token"
    assert linking["scopes"] == ["doorbell"]
    pair = (world.config["link_client_id"], world.config["link_client_secret"])
    assert (linking["clientId"], linking["clientSecret"]) == pair
    assert world.config["vendor_id"] == world.smapi.vendor_ids[0]
    assert world.config["skill_name"] == "Home Assistant Doorbell"


async def test_the_line_lets_one_home_assistant_in(world: World) -> None:
    address, code = line(await world.create_closed())

    status, answer = await enrol(address, code)
    assert status == 200
    pair = (answer["enrolled"]["client_id"], answer["enrolled"]["client_secret"])
    assert pair == CREDENTIALS
    assert (await enrol(address, code))[0] == 401


async def test_the_table_holds_no_code_but_its_hash_and_until_when_it_is_good(
    world: World,
) -> None:
    _, code = line(await world.create_closed())

    assert code not in str(world.rows())
    (found,) = [one for one in world.rows() if one["key"].startswith("enrol#")]
    assert found["key"] == f"enrol#{hashlib.sha256(code.encode()).hexdigest()}"
    assert abs(int(found["ttl"]) - time.time() - 900) < 60


async def test_a_second_run_changes_nothing_and_prints_a_new_line(world: World) -> None:
    first = line(await world.create_closed())
    before = world.state()

    again = await world.create_closed()

    assert line(again)[0] == first[0]
    assert line(again)[1] != first[1]
    assert LEFT_ALONE in again.out
    assert world.state() == before


async def test_a_dry_run_says_what_it_would_do_and_does_nothing(world: World) -> None:
    before = world.state()

    result = await world.create_closed("--dry-run")

    assert result.status == 0, str(result)
    assert world.state() == before
    assert "would make the table" in result.out
    assert "would make the address of the function" in result.out
    assert "#" not in result.out, "There is no line yet"


async def test_a_dry_run_over_what_is_there_changes_nothing_and_lets_nobody_in(
    world: World,
) -> None:
    await world.create_closed()
    before, rows = world.state(), world.rows()

    result = await world.create_closed("--dry-run")

    assert result.status == 0, str(result)
    assert (world.state(), world.rows()) == (before, rows)


def let_in_only_users_of_aws(world: World) -> None:
    client(world, "lambda").update_function_url_config(FunctionName=NAME, AuthType="AWS_IAM")


def say_it_in_other_words(world: World) -> None:
    statement(world, "function-url-invoke")
    client(world, "lambda").add_permission(
        FunctionName=NAME,
        StatementId="function-url-invoke",
        Action="lambda:InvokeFunction",
        Principal="*",
        FunctionUrlAuthType="AWS_IAM",
    )


def lose_variables(world: World) -> None:
    client(world, "lambda").update_function_configuration(
        FunctionName=NAME, Environment={"Variables": {}}
    )


def allow_everything(world: World) -> None:
    wide = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [wide]})
    client(world, "iam").put_role_policy(RoleName=NAME, PolicyName="table", PolicyDocument=document)


def forget_the_policy(world: World) -> None:
    client(world, "iam").delete_role_policy(RoleName=NAME, PolicyName="table")


def pay_by_the_hour(world: World) -> None:
    client(world, "dynamodb").update_table(
        TableName=NAME,
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    )


def keep_rows_for_ever(world: World) -> None:
    client(world, "dynamodb").update_time_to_live(
        TableName=NAME, TimeToLiveSpecification={"Enabled": False, "AttributeName": "ttl"}
    )


def forget_whose_table_it_is(world: World) -> None:
    (table,) = world.tables().values()
    table.tags = [tag for tag in table.tags if tag["Key"] == "alexa-doorbell"]


def link_elsewhere(world: World) -> None:
    linking = world.skill.account_linking
    assert linking is not None
    linking["accessTokenUrl"] = "https://elsewhere.example/token"


@pytest.mark.parametrize(
    "broken",
    [
        let_in_only_users_of_aws,
        say_it_in_other_words,
        lambda world: statement(world, "function-url"),
        lambda world: statement(world, "function-url-invoke"),
        lose_variables,
        allow_everything,
        forget_the_policy,
        pay_by_the_hour,
        keep_rows_for_ever,
        forget_whose_table_it_is,
        link_elsewhere,
        lambda world: row(world, client_secret="of-before", vendor_id="MOTHER"),
        lambda world: row(world, skill_name=""),
    ],
    ids=[
        *("url needs a login", "permission of another kind", "no permission for the url"),
        *("no permission to invoke", "no variables", "policy too wide", "no policy"),
        *("table paid by the hour", "rows without an end", "table of nobody's"),
        *("linked elsewhere", "old credentials", "half a config"),
    ],
)
async def test_whatever_somebody_broke_is_mended(world: World, broken: Breakage) -> None:
    await world.create_closed()
    whole = without_versions(world)
    broken(world)
    assert without_versions(world) != whole

    address, code = line(await world.create_closed())

    assert without_versions(world) == whole
    assert (await enrol(address, code))[0] == 200


async def test_an_address_that_was_deleted_is_made_anew_and_linked(world: World) -> None:
    before, _ = line(await world.create_closed())
    client(world, "lambda").delete_function_url_config(FunctionName=NAME)

    address, code = line(await world.create_closed())

    assert address != before
    assert world.skill.account_linking is not None
    assert world.skill.account_linking["authorizationUrl"] == f"{address}/authorize"
    assert (await enrol(address, code))[0] == 200


async def test_a_key_that_is_none_is_made_anew_and_the_client_stays(world: World) -> None:
    await world.create_closed()
    before = world.config
    row(world, signing_key="not base64")

    await world.create_closed()

    assert world.config["signing_key"] not in {"not base64", before["signing_key"]}
    assert world.config["link_client_id"] == before["link_client_id"]


async def test_half_a_client_is_made_anew_and_told_to_amazon(world: World) -> None:
    await world.create_closed()
    before = world.config
    row(world, link_client_secret="")

    await world.create_closed()

    linking = world.skill.account_linking
    assert linking is not None
    assert linking["clientSecret"] == world.config["link_client_secret"]
    assert world.config["link_client_secret"] != before["link_client_secret"]
    assert world.config["signing_key"] == before["signing_key"]


async def test_a_table_that_was_deleted_is_made_anew(world: World) -> None:
    await world.create_closed()
    client(world, "dynamodb").delete_table(TableName=NAME)

    address, code = line(await world.create_closed())

    assert (await enrol(address, code))[0] == 200


async def test_a_function_that_was_deleted_is_made_anew_and_every_home_stays(
    world: World,
) -> None:
    address, code = line(await world.create_closed())
    assert (await enrol(address, code))[0] == 200
    before = world.config
    client(world, "lambda").delete_function(FunctionName=NAME)

    line(await world.create_closed())

    assert world.config == before
    assert [one for one in world.rows() if one["key"].startswith("home#")]


async def test_a_role_that_was_made_anew_gets_a_function_that_answers(world: World) -> None:
    await world.create_closed()
    for policy in ("logs", "table"):
        client(world, "iam").delete_role_policy(RoleName=NAME, PolicyName=policy)
    client(world, "iam").delete_role(RoleName=NAME)

    address, code = line(await world.create_closed())

    assert (await enrol(address, code))[0] == 200


async def test_every_region_has_a_function_and_the_table_stays_where_it_is(world: World) -> None:
    first, _ = line(await world.create_closed(region="eu"))

    address, code = line(await world.create_closed(region="na eu"))

    assert address == first
    assert world.tables().keys() == {"eu"}
    assert world.skill.endpoints == {"default": arn("na"), "NA": arn("na"), "EU": arn("eu")}
    assert world.aws.variables(arn("na")) == {"TABLE": NAME, "TABLE_REGION": "eu-west-1"}
    assert (await enrol(address, code))[0] == 200
    lambdas = [world.aws.function(arn(region)) for region in ("na", "eu")]
    assert [one is not None and one.url_config is not None for one in lambdas] == [False, True]


async def test_the_address_stays_when_its_region_is_not_asked_for_any_more(world: World) -> None:
    first, _ = line(await world.create_closed(region="eu"))
    lose_variables(world)

    result = await world.create_closed(region="na")

    address, code = line(result)
    assert address == first
    assert "left behind" not in result.out
    assert world.skill.endpoints == {"default": arn("na"), "NA": arn("na")}
    assert (await enrol(address, code))[0] == 200


async def test_no_second_table_is_made_while_nobody_knows_where_the_first_one_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    line(await world.create_closed(region="eu"))
    describe = DynamoHandler.describe_table

    def away(handler: DynamoHandler) -> Any:
        if handler.region == "eu-west-1":
            raise DynamodbException("InternalServerError", "Try again.")
        return describe(handler)

    monkeypatch.setattr(DynamoHandler, "describe_table", away)

    assert (await world.create_closed(region="na")).status == 1
    monkeypatch.undo()
    assert world.tables().keys() == {"eu"}


async def test_it_waits_while_aws_does_not_know_everywhere_what_it_was_told(world: World) -> None:
    world.aws.policy_delay, world.aws.urls.delay = 5, 3

    result = await world.create_closed()

    line(result)
    assert world.patience.slept


async def refused(world: World, *more: str) -> str:
    """Run it, which must fail, and print no line; what it said."""
    result = await world.create_closed(*more)
    assert result.status == 1, str(result)
    assert "#" not in result.out
    return result.errors


async def test_nothing_is_promised_while_nobody_may_ask_the_address(world: World) -> None:
    world.aws.urls.delay = 10**6

    errors = await refused(world)

    assert "AWS lets nobody ask the function's address (answer 403)" in errors
    assert world.skill.account_linking is None


async def test_a_function_that_may_not_use_its_table_is_told_of(world: World) -> None:
    world.aws.policy_delay = 10**6

    assert "The function answers, but not its table" in await refused(world)


async def test_a_function_that_dies_at_its_address_is_told_of(world: World) -> None:
    world.aws.variables_of_tests["PYTHONPATH"] = "/nowhere"
    world.aws.answers = [{"errorType": "Runtime.ImportModuleError"}]

    assert "ended without an answer" in await refused(world)


async def test_a_login_without_rights_on_tables_is_told_which_policy_it_takes(
    world: World,
) -> None:
    world.aws.forbidden.add("DescribeTable")

    assert "AmazonDynamoDBFullAccess_v2" in await refused(world)
    assert not world.smapi.skills, "Found out before anything was made"


async def test_a_table_of_somebody_elses_is_left_alone(world: World) -> None:
    client(world, "dynamodb").create_table(
        TableName=NAME,
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    assert "that this command has not made" in await refused(world)
    assert not world.smapi.skills


async def test_a_table_with_other_keys_is_not_used(world: World) -> None:
    client(world, "dynamodb").create_table(
        TableName=NAME,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": "alexa-doorbell", "Value": NAME}],
    )

    assert "has other keys" in await refused(world)


async def test_rows_whose_end_aws_does_not_take_now_are_no_reason_to_stop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: DynamoHandler) -> Any:
        raise MockValidationException(
            "Time to live has been modified multiple times within a fixed interval"
        )

    monkeypatch.setattr(DynamoHandler, "update_time_to_live", refuse)

    result = await world.create_closed()

    line(result)
    assert "AWS takes that only once an hour" in result.out


@pytest.mark.parametrize(
    "more",
    [
        ("--shared-secret", "whsec_c2VjcmV0"),
        ("--home-assistant-url", "https://home.example"),
        ("--login-host", "layla.amazon.com"),
        ("--link-with-amazon",),
    ],
    ids=lambda more: more[0],
)
async def test_what_only_a_webhook_needs_has_no_meaning(
    world: World, more: tuple[str, ...]
) -> None:
    assert f"so {more[0]} has no meaning" in await refused(world, *more)
    assert not world.smapi.requests


async def test_a_skill_made_by_hand_that_links_accounts_elsewhere_is_left_alone(
    world: World,
) -> None:
    skill = made_by_hand(world)
    skill.account_linking = {"authorizationUrl": "https://other.example", "clientId": "other"}

    errors = await refused(world, "--skill-id", skill.skill_id)

    assert "it links accounts in another way" in errors
    assert not world.tables()


async def test_a_skill_made_by_hand_can_be_used_again_and_again(world: World) -> None:
    skill = made_by_hand(world)
    skill.manifest["permissions"] = [{"name": "alexa::async_event:write"}]

    line(await world.create_closed("--skill-id", skill.skill_id))

    assert LEFT_ALONE in (await world.create_closed("--skill-id", skill.skill_id)).out


async def test_a_report_holds_neither_line_nor_keys_nor_the_address(world: World) -> None:
    path = world.home / "report.txt"

    address, code = line(await world.create_closed("--report", str(path)))

    report = path.read_text()
    assert "AWS dynamodb:CreateTable -> 200" in report
    assert "AWS lambda:CreateFunctionUrlConfig -> 201" in report
    secret = ("signing_key", "client_secret", "link_client_id", "link_client_secret", "vendor_id")
    hidden = {code, address.partition("//")[2], *(world.config[name] for name in secret)}
    assert not [one for one in hidden if one in report]
