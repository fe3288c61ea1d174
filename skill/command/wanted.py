"""What a function shall be, held against what there is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .aws import SKILL_TAG
from .role import KnownRole

RUNTIMES = ("python3.13", "python3.14")
HANDLER = "lambda_function.lambda_handler"
# Alexa gives up after 8 s; Amazon advises 256 MB.
TIMEOUT = 10
MEMORY = 256
# Its role, by the id that only this one has.
ROLE_TAG = "alexa-doorbell-role"
# What it goes by: never both.
TO_A_WEBHOOK = {"WEBHOOK_URL", "SHARED_SECRET"}
FROM_A_TABLE = {"TABLE", "TABLE_REGION"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a function shall be; role and skill are unknown in a dry run that would make them."""

    role: KnownRole | None
    code: bytes = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    skill_id: str | None

    def with_those_of_the_user(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The environment, with what is there for other ends."""
        ours = TO_A_WEBHOOK | FROM_A_TABLE
        others = {name: value for name, value in variables.items() if name not in ours}
        return others | dict(self.environment)

    @property
    def tags(self) -> dict[str, str]:
        """What the function is marked with, beside its name."""
        skill = {SKILL_TAG: self.skill_id} if self.skill_id else {}
        return skill | ({ROLE_TAG: self.role.unique_id} if self.role else {})


def configuration(role: str | None, environment: Mapping[str, str]) -> dict[str, Any]:
    """In the words of AWS."""
    return {
        "Role": role,
        "Runtime": RUNTIMES[0],
        "Handler": HANDLER,
        "Timeout": TIMEOUT,
        "MemorySize": MEMORY,
        "Environment": {"Variables": dict(environment)},
    }


def variables_of(function: Mapping[str, Any]) -> dict[str, str]:
    """The environment that it has."""
    configuration = function.get("Configuration") or {}
    return dict((configuration.get("Environment") or {}).get("Variables") or {})


def has_lost_its_role(function: Mapping[str, Any], role: KnownRole | None) -> bool:
    """Whether the role that it was made with is gone, and another bears its name."""
    if role is None:
        # A dry run would make it.
        return True
    if role.arn != function["Configuration"]["Role"]:
        return False
    made_with = (function.get("Tags") or {}).get(ROLE_TAG, role.unique_id)
    return role.is_new or bool(made_with != role.unique_id)
