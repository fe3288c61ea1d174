"""Alexa's permission to call a function: it names the one skill that may."""

from collections.abc import Mapping
import json
from typing import Any

from .aws import unless_missing
from .progress import Progress

STATEMENT = "alexa-smart-home"
PRINCIPAL = "alexa-connectedhome.amazon.com"


class Permission:
    """What the console calls the trigger Alexa Smart Home."""

    def __init__(self, client: Any, name: str, where: str, progress: Progress) -> None:
        self._client = client
        self._name = name
        self._where = where
        self._progress = progress

    def ensure(self, skill_id: str | None) -> None:
        """Let Alexa call the function for that skill, and for no other."""
        there = self._there()
        if there is not None and _skill_let_in(there) == skill_id:
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

    def skill_id(self) -> str | None:
        """The skill that may call it."""
        there = self._there()
        return None if there is None else _skill_let_in(there)

    def _there(self) -> Mapping[str, Any] | None:
        there = statements(self._client, self._name)
        return next((one for one in there if one.get("Sid") == STATEMENT), None)


def statements(client: Any, name: str) -> list[dict[str, Any]]:
    """Who may call the function, as its policy says."""
    policy = unless_missing(lambda: client.get_policy(FunctionName=name)["Policy"])
    return list(json.loads(policy)["Statement"]) if policy else []


def _skill_let_in(statement: Mapping[str, Any]) -> str | None:
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        principal = principal.get("Service")
    equals = (statement.get("Condition") or {}).get("StringEquals") or {}
    return equals.get("lambda:EventSourceToken") if principal == PRINCIPAL else None
