"""Each refusal of AWS's, and each trouble with the login for it, in words of its own."""

from pathlib import Path

from botocore import exceptions  # type: ignore[import-untyped]
import pytest

from skill.command.aws import plain_errors
from skill.command.aws_troubles import REFUSALS, TROUBLES
from skill.command.causes import CAUSES
from skill.command.causes_aws import AWS
from skill.command.certificates import certificate_failure
from skill.command.errors import CommandError

from ..server import Server, answer
from ..world import World, failed

USER = "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: lambda:GetFunction "


def refusal(code: str, message: str = "", operation: str = "GetFunction") -> CommandError:
    """What is said of an error of AWS's."""
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}}
    return trouble(exceptions.ClientError(response, operation))


def trouble(raised: Exception) -> CommandError:
    """What is said of an exception of boto3's."""
    with pytest.raises(CommandError) as caught, plain_errors():
        raise raised
    return caught.value


@pytest.mark.parametrize(
    ("code", "message", "cause"),
    [
        ("OptInRequired", "You are not subscribed to this service.", "aws_not_ready"),
        ("SubscriptionRequiredException", "", "aws_not_ready"),
        (
            "AccessDenied",
            "The AWS Access Key Id needs a subscription for the service",
            "aws_not_ready",
        ),
        ("InvalidClientTokenId", "The security token is invalid.", "aws_key_unknown"),
        ("UnrecognizedClientException", "The security token is invalid.", "aws_key_unknown"),
        ("ExpiredToken", "The security token is expired", "aws_session_ended"),
        ("ExpiredTokenException", "", "aws_session_ended"),
        ("SignatureDoesNotMatch", "The request signature we calculated", "aws_secret_wrong"),
        ("SignatureDoesNotMatch", "Signature expired: 2026 is now earlier than", "aws_clock"),
        ("InvalidSignatureException", "Signature not yet current: 2026", "aws_clock"),
        ("RequestTimeTooSkewed", "", "aws_clock"),
        ("AccessDenied", USER + "because no identity-based policy allows it", "aws_denied"),
        (
            "AccessDeniedException",
            USER + "with an explicit deny in a service control policy",
            "aws_denied_by_organisation",
        ),
        (
            "AccessDeniedException",
            USER + "with an explicit deny in an identity-based policy",
            "aws_denied_by_policy",
        ),
        ("AccessDenied", USER + "because no permissions boundary allows", "aws_denied_by_policy"),
        ("TooManyRequestsException", "Rate exceeded", "aws_busy"),
        ("CodeStorageExceededException", "", "aws_limit"),
        ("ServiceException", "", "aws_broken"),
        ("RegionDisabledException", "", "aws_region_off"),
        ("InvalidParameterValueException", "Unsupported runtime", "aws_refused"),
    ],
)
def test_a_refusal_of_awss_is_told_by_its_code_and_its_words(
    code: str, message: str, cause: str
) -> None:
    assert refusal(code, message).cause == cause


def test_what_a_policy_is_missing_is_named() -> None:
    error = refusal("AccessDenied", USER + "because no identity-based policy allows it")

    assert "may not do lambda:GetFunction: no policy allows it" in str(error)
    assert "AWSLambda_FullAccess" in error.advice


def test_nobody_in_the_account_is_told_to_change_what_the_organisation_forbids() -> None:
    error = refusal("AccessDenied", USER + "with an explicit deny in a service control policy")

    assert "organisation" in str(error)
    assert "an AWS account of your own" in error.advice
    assert "IAMFullAccess" not in error.advice


def test_a_new_account_is_told_to_wait_a_day() -> None:
    assert "up to 24 hours" in refusal("OptInRequired").advice


@pytest.mark.parametrize(
    ("raised", "cause", "advice"),
    [
        (exceptions.SSOTokenLoadError(error_msg="no token"), "aws_sso_ended", "aws sso login"),
        (exceptions.UnauthorizedSSOTokenError(), "aws_sso_ended", "aws sso login"),
        (
            exceptions.TokenRetrievalError(provider="sso", error_msg="Token has expired"),
            "aws_sso_ended",
            "aws sso login",
        ),
        (exceptions.LoginRefreshRequired(), "aws_login_ended", "`aws login`"),
        (
            exceptions.LoginInsufficientPermissions(),
            "aws_login_forbidden",
            "SignInLocalDevelopmentAccess",
        ),
        (
            exceptions.MissingDependencyException(msg="Using the login credential provider"),
            "aws_needs_crt",
            "with uv, which brings it",
        ),
        (
            exceptions.EndpointConnectionError(endpoint_url="https://sts.amazonaws.com"),
            "aws_no_network",
            "online",
        ),
        (
            exceptions.ConnectTimeoutError(endpoint_url="https://sts.amazonaws.com"),
            "aws_no_network",
            "online",
        ),
        (
            exceptions.SSLError(
                endpoint_url="https://sts.amazonaws.com",
                error="[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed "
                "certificate in certificate chain (_ssl.c:1000)",
            ),
            "resigned",
            "AWS_CA_BUNDLE",
        ),
        (exceptions.ConfigParseError(path="/home/ada/.aws/config"), "aws_config_broken", "Correct"),
        (
            exceptions.CredentialRetrievalError(provider="process", error_msg="exit 1"),
            "aws_login_broken",
            "aws configure list",
        ),
        (exceptions.BotoCoreError(), "aws_unexpected", "aws configure list"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_each_trouble_of_boto3s_has_an_advice_of_its_own(
    raised: Exception, cause: str, advice: str
) -> None:
    error = trouble(raised)

    assert error.cause == cause
    assert advice in error.advice


def test_nobody_who_runs_it_with_uv_is_told_to_install_with_pip() -> None:
    assert not [row for row in AWS.values() if "pip install" in row.what + row.advice]


def test_every_row_of_awss_table_is_reached() -> None:
    reached = {one.cause for one in REFUSALS} | {cause for _, cause in TROUBLES}
    elsewhere = {"resigned", "function_locked_out"}

    assert reached - elsewhere <= AWS.keys()
    assert elsewhere <= CAUSES.keys()
    assert AWS.keys() - reached == {"aws_only_profiles"}


def configure(world: World, **files: str) -> None:
    """Give this computer files of AWS's, and no other login."""
    del world.environment["AWS_ACCESS_KEY_ID"], world.environment["AWS_SECRET_ACCESS_KEY"]
    for name, content in files.items():
        path = Path(world.home / name)
        path.write_text(content)
        world.environment[f"AWS_{name.upper()}_FILE"] = str(path)


async def test_named_logins_without_a_default_one_are_offered(world: World) -> None:
    keys = "aws_access_key_id = simulated\naws_secret_access_key = simulated\n"
    configure(world, shared_credentials=f"[work]\n{keys}")

    errors = await failed(world)
    assert "there are work." in errors
    assert "--aws-profile" in errors
    assert (await world.create("--aws-profile", "work")).status == 0


async def test_a_login_by_sso_that_has_ended_is_called_so(world: World) -> None:
    configure(
        world,
        config="[default]\nsso_session = home\nsso_account_id = 123456789012\nsso_role_name = A\n"
        "[sso-session home]\nsso_region = eu-west-1\n"
        "sso_start_url = https://example.awsapps.com/start\n",
    )

    assert "`aws sso login`" in await failed(world)


async def test_a_file_of_awss_that_cannot_be_read_is_named(world: World) -> None:
    configure(world, config="[default\nregion = eu-west-1\n")

    assert "Correct the file" in await failed(world)


async def test_half_an_access_key_is_told_to_be_half(world: World) -> None:
    del world.environment["AWS_SECRET_ACCESS_KEY"]

    assert "only half there" in await failed(world)


async def test_an_aws_that_is_not_reached_is_no_matter_of_the_login(world: World) -> None:
    with Server([answer()]) as server:
        pass
    world.environment["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{server.port}"
    world.environment["AWS_MAX_ATTEMPTS"] = "1"

    errors = await failed(world)

    assert "AWS cannot be reached" in errors
    assert "aws configure" not in errors


async def test_whoever_answers_in_the_place_of_amazon_is_blamed_and_not_amazon(
    world: World, certificate: Path
) -> None:
    with Server([answer()], certificate) as server:
        world.environment["ASK_SMAPI_SERVER_BASE_URL"] = f"https://127.0.0.1:{server.port}"
        errors = await failed(world)

    assert "answers in the place of 127.0.0.1" in errors
    assert "SSL_CERT_FILE" in errors


UNKNOWN_ISSUER = "certificate verify failed: unable to get local issuer certificate (_ssl.c:1000)"


@pytest.mark.parametrize(
    ("said", "trusts_anybody", "cause"),
    [
        (UNKNOWN_ISSUER, False, "no_certificates"),
        (UNKNOWN_ISSUER, True, "resigned"),
        (
            "certificate verify failed: self-signed certificate in certificate chain",
            True,
            "resigned",
        ),
        ("certificate verify failed: certificate has expired", True, "certificate_time"),
        ("certificate verify failed: certificate is not yet valid", True, "certificate_time"),
        ("certificate verify failed: Hostname mismatch", True, "resigned"),
    ],
)
def test_why_amazon_is_not_trusted_is_told_by_openssls_words_and_by_whom_this_computer_trusts(
    said: str, trusts_anybody: bool, cause: str
) -> None:
    assert certificate_failure("api.amazon.com", said, lambda: trusts_anybody).cause == cause


async def test_a_computer_that_trusts_nobody_is_told_to_get_a_list_of_certificates(
    world: World, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ((r"self-signed", "no_certificates"),)
    monkeypatch.setattr("skill.command.certificates._trusts_anybody", lambda: False)
    monkeypatch.setattr("skill.command.certificates.WORDS", words)
    with Server([answer()], certificate) as server:
        world.environment["ASK_SMAPI_SERVER_BASE_URL"] = f"https://127.0.0.1:{server.port}"
        errors = await failed(world)

    assert "no list of certificates that it trusts" in errors
    assert "ca-certificates" in errors


async def test_aws_whose_answer_somebody_has_signed_anew_is_told_likewise(
    world: World, certificate: Path
) -> None:
    with Server([answer()], certificate) as server:
        world.environment["AWS_ENDPOINT_URL"] = f"https://127.0.0.1:{server.port}"
        world.environment["AWS_MAX_ATTEMPTS"] = "1"
        errors = await failed(world)

    assert "answers in the place of AWS" in errors


async def test_what_answers_in_the_words_of_a_web_page_is_not_aws(world: World) -> None:
    with Server([answer("200 OK", b"<!doctype html><p>Please log in to this Wi-Fi")]) as server:
        world.environment["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{server.port}"

        assert "What answers in the place of AWS is something else" in await failed(world)
