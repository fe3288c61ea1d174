"""The role that the functions run as: it may write their logs, and nothing else."""

import json
from typing import Any

from .aws import TAG, Aws, check_tag, plain_errors, unless_missing
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


class Role:
    """The role of that name."""

    def __init__(self, aws: Aws, name: str, progress: Progress) -> None:
        self._iam = aws.client("iam")
        self._name = name
        self._progress = progress

    def ensure(self) -> str | None:
        """Make or mend it; its ARN, None when a dry run would make it."""
        name, progress = self._name, self._progress
        with plain_errors():
            role = self._find()
            if role is None:
                if not progress.change(f"make the role {name}"):
                    self._ensure_policy()
                    return None
                role = self._iam.create_role(
                    RoleName=name,
                    AssumeRolePolicyDocument=json.dumps(TRUST),
                    Description="Lets the doorbell skill's function write its log.",
                    Tags=[{"Key": TAG, "Value": name}],
                )["Role"]
            elif role["AssumeRolePolicyDocument"] == TRUST:
                progress.left(f"role {name}")
            elif progress.change(f"mend who may use the role {name}"):
                trust = json.dumps(TRUST)
                self._iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
            self._ensure_policy()
            return str(role["Arn"])

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

    def _find(self) -> dict[str, Any] | None:
        role = unless_missing(lambda: self._iam.get_role(RoleName=self._name)["Role"])
        if role is not None:
            tags = {tag["Key"]: tag["Value"] for tag in role.get("Tags") or []}
            check_tag(f"role {self._name}", tags)
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
