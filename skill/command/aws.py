"""The user's AWS account, and what it refuses in plain words."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
import re
import time
from typing import Any

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import (  # type: ignore[import-untyped]
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    SSLError,
)
from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]

from .aws_troubles import REFUSALS, TROUBLES
from .causes import failure
from .certificates import certificate_failure
from .errors import CommandError
from .report import Answer, Report
from .settings import AWS_REGIONS

# Whatever this command makes in AWS carries it, and nothing else is ever changed or deleted.
TAG = "alexa-doorbell"
# Whose it is: a skill's id. What an earlier version made has none.
SKILL_TAG = "alexa-doorbell-skill"
MISSING = {"NoSuchEntity", "ResourceNotFoundException"}
# What AWS calls the right that an operation takes, where the operation has another name.
RIGHTS = {"Invoke": "lambda:InvokeFunction"}
LONGEST = 300
PATIENT = Config(connect_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})


class Aws:
    """The account that boto3 finds a login for; the report hears of each of its answers."""

    def __init__(self, profile: str | None, report: Report) -> None:
        self._profile = profile
        self._report = report
        with plain_errors():
            self._session = boto3.Session(profile_name=profile)
        events = self._session.events
        events.register("before-call", _note_the_time)
        events.register("after-call", self._hear)

    def client(self, service: str, region: str = "na") -> Any:
        """A client of a service, in the AWS region that serves Alexa's region."""
        with plain_errors():
            return self._session.client(service, region_name=AWS_REGIONS[region], config=PATIENT)

    def account(self) -> str:
        """The number of the account."""
        profiles = ", ".join(self._session.available_profiles)
        client = self.client("sts")
        try:
            with plain_errors():
                number = str(client.get_caller_identity()["Account"])
        except CommandError as error:
            if isinstance(error.__cause__, NoCredentialsError) and profiles:
                raise failure("aws_only_profiles", profiles=profiles) from None
            raise
        self._report.hide(number)
        return number

    def _hear(
        self, http_response: Any, parsed: dict[str, Any], model: Any, context: Any, **_: Any
    ) -> None:
        error = parsed.get("Error") or {}
        code = error.get("Code", "")
        self._report.hear(
            Answer(
                who="AWS",
                asked=f"{model.service_model.service_name}:{model.name}",
                status=http_response.status_code,
                said=f"{code} {error.get('Message') or ''}".strip(),
                seconds=time.monotonic() - context.get(_BEGAN, time.monotonic()),
                date=http_response.headers.get("Date"),
            )
        )


_BEGAN = "alexa_doorbell_began"


def _note_the_time(context: dict[str, Any], **_: Any) -> None:
    context[_BEGAN] = time.monotonic()


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what boto3 raises into a CommandError."""
    try:
        yield
    except ClientError as error:
        raise _refusal(error) from error
    except SSLError as error:
        raise certificate_failure("AWS", str(error.kwargs.get("error", ""))) from error
    except (BotoCoreError, ResponseParserError) as error:
        cause = next(cause for kind, cause in TROUBLES if isinstance(error, kind))
        profile = str(getattr(error, "kwargs", {}).get("profile", ""))
        raise failure(cause, said=without_secrets(_one_line(error)), profile=profile) from error


def _refusal(error: ClientError) -> CommandError:
    """AWS's own no, told by its code and its words."""
    code = str(error.response["Error"].get("Code"))
    message = str(error.response["Error"].get("Message") or "")
    cause = next(one.cause for one in REFUSALS if one.fits(code, message))
    named = re.search(r"perform: ([\w-]+:\w+)", message)
    action = named[1] if named else RIGHTS.get(error.operation_name, error.operation_name)
    said = without_secrets(f"{code}. {message}".strip())
    return failure(cause, said=said, action=action)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:LONGEST].rstrip(".")


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
        raise failure("not_ours", what=what, tag=TAG)
