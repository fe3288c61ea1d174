"""The Lambda function of a region: makes and mends it, asks it, deletes it."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import hashlib
import json
from typing import Any

from .aws import SKILL_TAG, TAG, Aws, check_tag, plain_errors, unless_missing
from .causes import failure
from .permission import Permission
from .progress import Patience, Progress
from .role import KnownRole
from .settings import AWS_REGIONS

RUNTIMES = ("python3.13", "python3.14")
HANDLER = "lambda_function.lambda_handler"
# Alexa gives up after 8 s; Amazon advises 256 MB.
TIMEOUT = 10
MEMORY = 256
# Its role, by the id that only this one has.
ROLE_TAG = "alexa-doorbell-role"
# Seconds: a new role is known to all of AWS only after a while, and updates take their time.
ROLE_LIMIT = 60
UPDATE_LIMIT = 120
# What AWS says while it does not know a new role, or its key does not.
ROLE_UNKNOWN = ("cannot be assumed", "KMS key is invalid for CreateGrant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a function shall be; role and skill are unknown in a dry run that would make them."""

    role: KnownRole | None
    code: bytes = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    skill_id: str | None

    @property
    def tags(self) -> dict[str, str]:
        """What the function is marked with, beside its name."""
        skill = {SKILL_TAG: self.skill_id} if self.skill_id else {}
        return skill | ({ROLE_TAG: self.role.unique_id} if self.role else {})


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
            elif _has_lost_its_role(function, wanted.role):
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

    def check_serves(self, webhook_url: str) -> None:
        """Raise CommandError if it is there and serves another webhook, wherever that is."""
        with plain_errors():
            function = self._find() or {}
        served = _variables(function).get("WEBHOOK_URL", webhook_url)
        if served.rpartition("/")[2] != webhook_url.rpartition("/")[2]:
            raise failure("serves_another", where=self.where)

    def ask(self, document: object, wanted: Wanted) -> dict[str, Any]:
        """Invoke it with an event of our own; what it returns.

        A role that was made anew shows only now: then the function is made anew too.
        """
        try:
            with plain_errors():
                return self._invoke(document)
        except self._client.exceptions.KMSAccessDeniedException:
            pass
        return {}

    def remove(self) -> None:
        """Delete it and its log, if there is one and it is ours."""
        with plain_errors():
            if self._find() is None:
                self._progress.note(f"there is no {self.where}")
            elif self._progress.change(f"delete the {self.where}, and its log"):
                self._client.delete_function(FunctionName=self._name)
                logs, group = self._aws.client("logs", self._region), f"/aws/lambda/{self._name}"
                unless_missing(lambda: logs.delete_log_group(logGroupName=group))
