"""The role that the functions run as: it may write their logs, and nothing else."""

from dataclasses import dataclass
import json
from typing import Any

from .aws import SKILL_TAG, TAG, Aws, check_tag, plain_errors, unless_missing
from .progress import Progress

POLICY = "logs"
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

    def ensure(self, skill_id: str | None) -> KnownRole | None:
        """Make or mend it for that skill; None when a dry run would make it."""
        name, progress = self._name, self._progress
        with plain_errors():
            role, is_new = self._find(), False
            if role is None:
                if not progress.change(f"make the role {name}"):
                    self._ensure_policy()
                    return None
                role, is_new = self._make(skill_id), True
            elif role["AssumeRolePolicyDocument"] == TRUST:
                progress.left(f"role {name}")
            elif progress.change(f"mend who may use the role {name}"):
                trust = json.dumps(TRUST)
                self._iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
            self._ensure_policy()
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
                named = {"RoleName": name, "PolicyName": POLICY}
                unless_missing(lambda: self._iam.delete_role_policy(**named))
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

    def _ensure_policy(self) -> None:
        named = {"RoleName": self._name, "PolicyName": POLICY}
        there = unless_missing(lambda: self._iam.get_role_policy(**named)["PolicyDocument"])
        wanted = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": f"arn:aws:logs:*:*:log-group:/aws/lambda/{self._name}*",
                }
            ],
        }
        if there == wanted:
            self._progress.left("its permission to write logs")
        elif self._progress.change("let the role write logs"):
            self._iam.put_role_policy(**named, PolicyDocument=json.dumps(wanted))


def _tags(role: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in role.get("Tags") or []}
