"""The role that the functions run as: it may write their logs, and use their table if any."""

from dataclasses import dataclass
import json
from typing import Any

from .aws import SKILL_TAG, TAG, Aws, check_tag, plain_errors, unless_missing
from .progress import Progress

LOGS, TABLE = "logs", "table"
# Without Scan and Query: whatever is wrong in the code, it lists no homes.
ACTIONS = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@dataclass(frozen=True, slots=True)
class KnownRole:
    """The role as AWS knows it: one that is made anew under its old name has another id."""

    arn: str
    unique_id: str
    is_new: bool = False


class Role:
    """The role of that name."""

    def __init__(self, aws: Aws, name: str, progress: Progress) -> None:
        self._iam = aws.client("iam")
        self._name = name
        self._progress = progress

    def ensure(self, skill_id: str | None, table: str | None = None) -> KnownRole | None:
        """Make or mend it for that skill and table; None when a dry run would make it."""
        name, progress = self._name, self._progress
        with plain_errors():
            role, is_new = self._find(), False
            if role is None:
                if not progress.change(f"make the role {name}"):
                    self._ensure_policies(table)
                    return None
                role, is_new = self._make(skill_id), True
            elif role["AssumeRolePolicyDocument"] == TRUST:
                progress.left(f"role {name}")
            elif progress.change(f"mend who may use the role {name}"):
                trust = json.dumps(TRUST)
                self._iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
            self._ensure_policies(table)
            return KnownRole(str(role["Arn"]), str(role["RoleId"]), is_new)

    def owner(self) -> str | None:
        """The id of the skill that it was made for, if that is known."""
        with plain_errors():
            role = self._find()
        return _tags(role).get(SKILL_TAG) if role else None

    def remove(self) -> None:
        """Delete it, if there is one and it is ours."""
        name, progress = self._name, self._progress
        with plain_errors():
            if self._find() is None:
                progress.note(f"there is no role {name}")
            elif progress.change(f"delete the role {name}"):
                for policy in (LOGS, TABLE):
                    self._delete(policy)
                self._iam.delete_role(RoleName=name)

    def _make(self, skill_id: str | None) -> dict[str, Any]:
        tags = {TAG: self._name} | ({SKILL_TAG: skill_id} if skill_id else {})
        role: dict[str, Any] = self._iam.create_role(
            RoleName=self._name,
            AssumeRolePolicyDocument=json.dumps(TRUST),
            Description="Lets the doorbell skill's function write its log.",
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )["Role"]
        return role

    def _find(self) -> dict[str, Any] | None:
        role = unless_missing(lambda: self._iam.get_role(RoleName=self._name)["Role"])
        if role is not None:
            check_tag(f"role {self._name}", _tags(role))
        return role

    def _ensure_policies(self, table: str | None) -> None:
        writing = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        log = f"arn:aws:logs:*:*:log-group:/aws/lambda/{self._name}*"
        self._ensure(LOGS, _allowed(writing, log), "write logs")
        if table is not None:
            self._ensure(TABLE, _allowed(ACTIONS, table), "use its table")
        elif self._there(TABLE) and self._progress.change("let the role use a table no more"):
            self._delete(TABLE)

    def _ensure(self, policy: str, wanted: dict[str, Any], what: str) -> None:
        if self._there(policy) == wanted:
            self._progress.left(f"its permission to {what}")
        elif self._progress.change(f"let the role {what}"):
            named = {"RoleName": self._name, "PolicyName": policy}
            self._iam.put_role_policy(**named, PolicyDocument=json.dumps(wanted))

    def _there(self, policy: str) -> Any:
        named = {"RoleName": self._name, "PolicyName": policy}
        return unless_missing(lambda: self._iam.get_role_policy(**named)["PolicyDocument"])

    def _delete(self, policy: str) -> None:
        named = {"RoleName": self._name, "PolicyName": policy}
        unless_missing(lambda: self._iam.delete_role_policy(**named))


def _allowed(actions: list[str], resource: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _tags(role: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in role.get("Tags") or []}
