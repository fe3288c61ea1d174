"""The user's AWS account, and what it refuses in plain words."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
import re
from typing import Any

import boto3  # type: ignore[import-untyped]
from botocore.exceptions import (  # type: ignore[import-untyped]
    BotoCoreError,
    ClientError,
    NoCredentialsError,
)

from .errors import CommandError
from .settings import AWS_REGIONS

# Whatever this command makes in AWS carries it, and nothing else is ever changed or deleted.
TAG = "alexa-doorbell"
LOG_IN = (
    "Log in to AWS on this computer (`aws configure`, or the variables AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY) as a user who may use IAM and Lambda, then run the command again."
)
GOES_ON = "Run the command again: it goes on where it stopped."
MISSING = {"NoSuchEntity", "ResourceNotFoundException"}


class Aws:
    """The account that boto3 finds a login for."""

    def __init__(self, profile: str | None) -> None:
        with plain_errors():
            self._session = boto3.Session(profile_name=profile)

    def client(self, service: str, region: str = "na") -> Any:
        """A client of a service, in the AWS region that serves Alexa's region."""
        with plain_errors():
            return self._session.client(service, region_name=AWS_REGIONS[region])

    def account(self) -> str:
        """The number of the account."""
        client = self.client("sts")
        with plain_errors():
            return str(client.get_caller_identity()["Account"])


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what boto3 raises into a CommandError."""
    try:
        yield
    except NoCredentialsError:
        raise CommandError("There is no login for AWS.", LOG_IN) from None
    except ClientError as error:
        refusal = error.response["Error"]
        denied = error.response["ResponseMetadata"].get("HTTPStatusCode") in {401, 403}
        what = f"AWS refused {error.operation_name}: {refusal.get('Code')}."
        why = without_secrets(str(refusal.get("Message") or ""))
        raise CommandError(f"{what} {why}".rstrip(), LOG_IN if denied else GOES_ON) from None
    except BotoCoreError as error:
        raise CommandError(f"AWS: {without_secrets(str(error))}", LOG_IN) from None


def without_secrets(text: str) -> str:
    """Cut out what AWS, or boto3, may repeat of a function's environment."""
    return re.sub(r"whsec_[\w+/=]*|https?://[^\s'\"]+", "...", text)


def unless_missing[T](call: Callable[[], T]) -> T | None:
    """What the call gives, None when AWS has no such thing."""
    try:
        return call()
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return None
        raise


def check_tag(what: str, tags: Mapping[str, str]) -> None:
    """Raise unless this command made it."""
    if TAG not in tags:
        raise CommandError(
            f"There is a {what} already that this command has not made.",
            f"Choose another name with --name, or give it the tag {TAG}.",
        )
