"""The Lambda function of a region: makes and mends it, asks it, deletes it."""

import base64
from collections.abc import Callable, Mapping
import hashlib
import json
from typing import Any

from .aws import SKILL_TAG, TAG, Aws, check_tag, plain_errors, unless_missing, without_secrets
from .causes import failure
from .errors import CommandError
from .permission import Permission
from .progress import Patience, Progress
from .settings import AWS_REGIONS, Webhook
from .wanted import RUNTIMES, Wanted, configuration, has_lost_its_role, variables_of

# Seconds: a new role is known to all of AWS only after a while, and updates take their time.
ROLE_LIMIT = 60
UPDATE_LIMIT = 120
# What AWS says while it does not know a new role, or its key does not.
ROLE_UNKNOWN = ("cannot be assumed", "KMS key is invalid for CreateGrant")


class Function:
    """The function of that name in one region."""

    def __init__(
        self, aws: Aws, region: str, name: str, progress: Progress, *, patience: Patience
    ) -> None:
        self._client = aws.client("lambda", region)
        self._aws, self._region = aws, region
        self._name = name
        self.where = f"function {name} in {AWS_REGIONS[region]}"
        self._permission = Permission(self._client, name, self.where, progress)
        self._progress = progress
        self._patience = patience

    def ensure(self, wanted: Wanted) -> None:
        """Make or mend it, and let Alexa call it for the skill."""
        with plain_errors():
            function = self._find()
            if function is None:
                if self._progress.change(f"make the {self.where}"):
                    self._make(wanted)
            elif has_lost_its_role(function, wanted.role):
                self._make_anew(function, wanted)
            else:
                self._mend_code(function["Configuration"], wanted)
                self._mend_configuration(function["Configuration"], wanted)
                self._mend_tags(function, wanted)
            self._permission.ensure(wanted.skill_id)

    def owner(self) -> str | None:
        """The id of the skill that it serves, if it is there and that is known."""
        with plain_errors():
            function = self._find()
            if function is None:
                return None
            return (function.get("Tags") or {}).get(SKILL_TAG) or self._permission.skill_id()

    def is_there(self) -> bool:
        """Whether this command has made it."""
        with plain_errors():
            return self._find() is not None

    def has_a_table(self) -> bool:
        """Whether it is there and serves closed homes."""
        with plain_errors():
            return "TABLE" in variables_of(self._find() or {})

    def check_serves(self, webhook: Webhook | None) -> None:
        """Raise if it is there and serves another webhook, wherever that is, or the other way."""
        with plain_errors():
            served = variables_of(self._find() or {})
        if webhook is None:
            if "WEBHOOK_URL" in served:
                raise failure("serves_webhook", where=self.where)
            return
        if "TABLE" in served:
            raise failure("serves_closed_home", where=self.where)
        there = served.get("WEBHOOK_URL", webhook.url)
        if there.rpartition("/")[2] != webhook.url.rpartition("/")[2]:
            raise failure("serves_another", where=self.where)

    def ask(self, document: object, wanted: Wanted) -> dict[str, Any]:
        """Invoke it with an event of our own; what it returns.

        That its role was made anew may show only now: then the function is made anew too.
        """
        try:
            return self._invoke(document)
        except CommandError as error:
            if error.cause != "function_locked_out":
                raise
        with plain_errors():
            function = self._find()
            if function is not None:
                self._make_anew(function, wanted)
                self._permission.ensure(wanted.skill_id)
        return self._invoke(document)

    def remove(self) -> None:
        """Delete it and its log, if there is one and it is ours."""
        with plain_errors():
            if self._find() is None:
                self._progress.note(f"there is no {self.where}")
            elif self._progress.change(f"delete the {self.where}, and its log"):
                self._delete()
                logs, group = self._aws.client("logs", self._region), f"/aws/lambda/{self._name}"
                unless_missing(lambda: logs.delete_log_group(logGroupName=group))

    def _find(self) -> dict[str, Any] | None:
        found = unless_missing(lambda: self._client.get_function(FunctionName=self._name))
        if found is None:
            return None
        function: dict[str, Any] = found
        check_tag(self.where, function.get("Tags") or {})
        return function

    def _make(self, wanted: Wanted, variables: Mapping[str, str] | None = None) -> None:
        arn = wanted.role.arn if wanted.role else None
        environment = wanted.with_those_of_the_user(variables or {})

        def make() -> None:
            self._client.create_function(
                FunctionName=self._name,
                Code={"ZipFile": wanted.code},
                Description="Answers Alexa for Home Assistant's doorbells.",
                Tags={TAG: self._name} | wanted.tags,
                **configuration(arn, environment),
            )

        self._once_the_role_is_known(make)
        self._wait_until_ready()

    def _make_anew(self, there: Mapping[str, Any], wanted: Wanted) -> None:
        """AWS lets only the role that a function was made with read its variables."""
        what = f"make the {self.where} anew, since its role was made anew"
        if self._progress.change(what):
            self._delete()
            self._make(wanted, variables_of(there))

    def _delete(self) -> None:
        # AWS may give the address of one that is gone to the next of its name.
        unless_missing(lambda: self._client.delete_function_url_config(FunctionName=self._name))
        self._client.delete_function(FunctionName=self._name)

    def _once_the_role_is_known(self, change: Callable[[], None]) -> None:
        said = ""
        for _ in self._patience.pauses(ROLE_LIMIT):
            try:
                change()
            except self._client.exceptions.InvalidParameterValueException as error:
                said = str(error.response["Error"].get("Message"))
                if not any(words in said for words in ROLE_UNKNOWN):
                    raise
                self._progress.note("AWS does not know the new role everywhere yet; waiting")
            else:
                return
        raise failure("role_unknown", said=without_secrets(said))

    def _mend_code(self, there: Mapping[str, Any], wanted: Wanted) -> None:
        digest = base64.b64encode(hashlib.sha256(wanted.code).digest()).decode()
        if there["CodeSha256"] == digest:
            self._progress.left(f"code of the {self.where}")
        elif self._progress.change(f"replace the code of the {self.where}"):
            self._wait_until_ready()
            self._client.update_function_code(FunctionName=self._name, ZipFile=wanted.code)

    def _mend_configuration(self, there: Mapping[str, Any], wanted: Wanted) -> None:
        target = configuration(wanted.role.arn if wanted.role else there["Role"], {})
        if there["Runtime"] in RUNTIMES:
            target["Runtime"] = there["Runtime"]
        variables = variables_of({"Configuration": there})
        target["Environment"] = {"Variables": wanted.with_those_of_the_user(variables)}
        before = {**there, "Environment": {"Variables": variables}}
        different = [key for key, value in target.items() if before.get(key) != value]
        if not different:
            self._progress.left(f"configuration of the {self.where}")
        elif self._progress.change(f"mend {', '.join(different)} of the {self.where}"):
            self._wait_until_ready()
            self._once_the_role_is_known(
                lambda: self._client.update_function_configuration(
                    FunctionName=self._name, **target
                )
            )
            self._wait_until_ready()

    def _mend_tags(self, function: Mapping[str, Any], wanted: Wanted) -> None:
        there = function.get("Tags") or {}
        if wanted.tags.items() <= there.items():
            return
        # One that an earlier version made, or that served a skill that is gone.
        if self._progress.change(f"mark the {self.where} as this skill's"):
            arn = function["Configuration"]["FunctionArn"]
            self._client.tag_resource(Resource=arn, Tags=wanted.tags)

    def _wait_until_ready(self) -> None:
        for _ in self._patience.pauses(UPDATE_LIMIT):
            state = self._client.get_function(FunctionName=self._name)["Configuration"]
            if state.get("State") != "Pending" and state.get("LastUpdateStatus") != "InProgress":
                return
        raise failure("function_busy", where=self.where)

    def _invoke(self, document: object) -> dict[str, Any]:
        with plain_errors():
            self._wait_until_ready()
            payload = json.dumps(document).encode()
            response = self._client.invoke(FunctionName=self._name, Payload=payload)
            answer = json.loads(response["Payload"].read())
        if "FunctionError" in response or not isinstance(answer, dict):
            kind = answer.get("errorType") if isinstance(answer, dict) else None
            raise failure("function_died", where=self.where, said=str(kind or "no answer"))
        return answer
