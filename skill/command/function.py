"""The Lambda function of a region, and Alexa's permission to call it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
import hashlib
import json
from typing import Any

from .aws import GOES_ON, TAG, Aws, check_tag, plain_errors, unless_missing
from .errors import CommandError
from .progress import Patience, Progress
from .settings import AWS_REGIONS

RUNTIMES = ("python3.13", "python3.14")
HANDLER = "lambda_function.lambda_handler"
# Alexa gives up after 8 s; Amazon advises 256 MB.
TIMEOUT = 10
MEMORY = 256
STATEMENT = "alexa-smart-home"
PRINCIPAL = "alexa-connectedhome.amazon.com"
# Seconds: a new role is known to all of AWS only after a while, and updates take their time.
ROLE_LIMIT = 60
UPDATE_LIMIT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a function shall be; role and skill are unknown in a dry run that would make them."""

    role: str | None
    code: bytes = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    skill_id: str | None


class Function:
    """The function of that name in one region."""

    def __init__(
        self, aws: Aws, region: str, name: str, progress: Progress, *, patience: Patience
    ) -> None:
        self._client = aws.client("lambda", region)
        self._aws, self._region = aws, region
        self._name = name
        self._where = f"function {name} in {AWS_REGIONS[region]}"
        self._progress = progress
        self._patience = patience

    def ensure(self, wanted: Wanted) -> None:
        """Make or mend it, and let Alexa call it for the skill."""
        with plain_errors():
            there = self._find()
            if there is not None:
                self._mend_code(there, wanted)
                self._mend_configuration(there, wanted)
            elif self._progress.change(f"make the {self._where}"):
                self._make(wanted)
            self._ensure_permission(wanted.skill_id)

    def check_serves(self, webhook_url: str) -> None:
        """Raise CommandError if it is there and serves another webhook, wherever that is."""
        with plain_errors():
            there = self._find() or {}
        variables = (there.get("Environment") or {}).get("Variables") or {}
        served = variables.get("WEBHOOK_URL", webhook_url)
        if served.rpartition("/")[2] != webhook_url.rpartition("/")[2]:
            raise CommandError(
                f"The {self._where} serves another Alexa Doorbell.",
                "If it is this very one, give the webhook address that Reconfigure shows in Home "
                "Assistant. If it is another, give this skill a name of its own with --name. Or, "
                "if the other one is gone, use its function with --take-over.",
            )

    def remove(self) -> None:
        """Delete it and its log, if there is one and it is ours."""
        with plain_errors():
            if self._find() is None:
                self._progress.note(f"there is no {self._where}")
            elif self._progress.change(f"delete the {self._where}, and its log"):
                self._client.delete_function(FunctionName=self._name)
                logs, group = self._aws.client("logs", self._region), f"/aws/lambda/{self._name}"
                unless_missing(lambda: logs.delete_log_group(logGroupName=group))

    def _find(self) -> dict[str, Any] | None:
        function = unless_missing(lambda: self._client.get_function(FunctionName=self._name))
        if function is None:
            return None
        check_tag(self._where, function.get("Tags") or {})
        configuration: dict[str, Any] = function["Configuration"]
        return configuration

    def _make(self, wanted: Wanted) -> None:
        for _ in self._patience.pauses(ROLE_LIMIT):
            try:
                self._client.create_function(
                    FunctionName=self._name,
                    Code={"ZipFile": wanted.code},
                    Description="Hands Alexa's directives to Home Assistant.",
                    Tags={TAG: self._name},
                    **_configuration(wanted.role, wanted.environment),
                )
            except self._client.exceptions.InvalidParameterValueException as error:
                if "cannot be assumed" not in str(error):
                    raise
                self._progress.note("AWS does not know the new role everywhere yet; waiting")
            else:
                self._wait_until_ready()
                return
        raise CommandError("AWS does not let the function use its role.", GOES_ON)

    def _mend_code(self, there: Mapping[str, Any], wanted: Wanted) -> None:
        digest = base64.b64encode(hashlib.sha256(wanted.code).digest()).decode()
        if there["CodeSha256"] == digest:
            self._progress.left(f"code of the {self._where}")
        elif self._progress.change(f"replace the code of the {self._where}"):
            self._wait_until_ready()
            self._client.update_function_code(FunctionName=self._name, ZipFile=wanted.code)

    def _mend_configuration(self, there: Mapping[str, Any], wanted: Wanted) -> None:
        target = _configuration(wanted.role or there["Role"], wanted.environment)
        if there["Runtime"] in RUNTIMES:
            target["Runtime"] = there["Runtime"]
        # Variables of the user's own, whatever they are for, stay.
        variables = dict((there.get("Environment") or {}).get("Variables") or {})
        target["Environment"] = {"Variables": variables | dict(wanted.environment)}
        before = {**there, "Environment": {"Variables": variables}}
        different = [key for key, value in target.items() if before.get(key) != value]
        if not different:
            self._progress.left(f"configuration of the {self._where}")
        elif self._progress.change(f"mend {', '.join(different)} of the {self._where}"):
            self._wait_until_ready()
            self._client.update_function_configuration(FunctionName=self._name, **target)
            self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        for _ in self._patience.pauses(UPDATE_LIMIT):
            state = self._client.get_function(FunctionName=self._name)["Configuration"]
            if state.get("State") != "Pending" and state.get("LastUpdateStatus") != "InProgress":
                return
        raise CommandError(f"AWS is still busy with the {self._where}.", GOES_ON)

    def _ensure_permission(self, skill_id: str | None) -> None:
        policy = unless_missing(lambda: self._client.get_policy(FunctionName=self._name)["Policy"])
        statements = json.loads(policy)["Statement"] if policy else []
        there = next((one for one in statements if one.get("Sid") == STATEMENT), None)
        if there is not None and _lets_alexa_in(there, skill_id):
            self._progress.left(f"Alexa's permission to call the {self._where}")
        elif self._progress.change(f"let Alexa call the {self._where}"):
            if there is not None:
                self._client.remove_permission(FunctionName=self._name, StatementId=STATEMENT)
            self._client.add_permission(
                FunctionName=self._name,
                StatementId=STATEMENT,
                Action="lambda:InvokeFunction",
                Principal=PRINCIPAL,
                EventSourceToken=skill_id,
            )


def _configuration(role: str | None, environment: Mapping[str, str]) -> dict[str, Any]:
    return {
        "Role": role,
        "Runtime": RUNTIMES[0],
        "Handler": HANDLER,
        "Timeout": TIMEOUT,
        "MemorySize": MEMORY,
        "Environment": {"Variables": dict(environment)},
    }


def _lets_alexa_in(statement: Mapping[str, Any], skill_id: str | None) -> bool:
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        principal = principal.get("Service")
    equals = (statement.get("Condition") or {}).get("StringEquals") or {}
    return principal == PRINCIPAL and equals.get("lambda:EventSourceToken") == skill_id
