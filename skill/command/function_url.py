"""The address of a function: AWS hands on to it whatever comes there by HTTPS."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .aws import Aws, plain_errors, unless_missing
from .permission import statements
from .progress import Progress
from .settings import AWS_REGIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A statement by which everybody may ask; since October 2025 AWS wants both of them."""

    name: str
    action: str
    condition: str
    value: str
    given: Mapping[str, Any]

    def is_in(self, statement: Mapping[str, Any]) -> bool:
        """Whether the statement says the same, whatever it is called."""
        is_for_all = statement.get("Principal") in ("*", {"AWS": "*"})
        conditions = list(_flat(statement.get("Condition") or {}))
        wanted = [(self.condition.lower(), self.value.lower())]
        return is_for_all and statement.get("Action") == self.action and conditions == wanted


OPENINGS = (
    Opening(
        name="function-url",
        action="lambda:InvokeFunctionUrl",
        condition="lambda:FunctionUrlAuthType",
        value="NONE",
        given={"FunctionUrlAuthType": "NONE"},
    ),
    Opening(
        name="function-url-invoke",
        action="lambda:InvokeFunction",
        condition="lambda:InvokedViaFunctionUrl",
        value="true",
        given={"InvokedViaFunctionUrl": True},
    ),
)


class FunctionUrl:
    """The address of the function of that name in one region; nobody guesses it."""

    def __init__(self, aws: Aws, region: str, name: str, progress: Progress) -> None:
        self._client = aws.client("lambda", region)
        self._name = name
        self._progress = progress
        self.where = f"address of the function {name} in {AWS_REGIONS[region]}"

    def find(self) -> str | None:
        """Without a slash at its end; None when there is none."""
        with plain_errors():
            config = self._config()
        return None if config is None else _address(config)

    def ensure(self) -> str | None:
        """Make or mend it, open for everybody; None when a dry run would make it."""
        with plain_errors():
            config = self._config()
            if config is None:
                if not self._progress.change(f"make the {self.where}"):
                    return None
                config = self._client.create_function_url_config(
                    FunctionName=self._name, AuthType="NONE"
                )
            elif config["AuthType"] == "NONE":
                self._progress.left(self.where)
            elif self._progress.change(f"let the {self.where} ask for no login of AWS's"):
                self._client.update_function_url_config(FunctionName=self._name, AuthType="NONE")
            self._ensure_open()
            return _address(config)

    def remove(self) -> None:
        """Close it, if there is one."""
        with plain_errors():
            if self._config() is None:
                return
            if self._progress.change(f"delete the {self.where}"):
                there = {one.get("Sid") for one in statements(self._client, self._name)}
                for name in there & {one.name for one in OPENINGS}:
                    self._client.remove_permission(FunctionName=self._name, StatementId=name)
                self._client.delete_function_url_config(FunctionName=self._name)

    def _ensure_open(self) -> None:
        there = statements(self._client, self._name)
        missing = [one for one in OPENINGS if not any(map(one.is_in, there))]
        if not missing:
            self._progress.left(f"everybody's permission to ask the {self.where}")
        elif self._progress.change(f"let everybody ask the {self.where}"):
            for one in missing:
                if any(statement.get("Sid") == one.name for statement in there):
                    self._client.remove_permission(FunctionName=self._name, StatementId=one.name)
                self._client.add_permission(
                    FunctionName=self._name,
                    StatementId=one.name,
                    Action=one.action,
                    Principal="*",
                    **one.given,
                )

    def _config(self) -> dict[str, Any] | None:
        return unless_missing(lambda: self._client.get_function_url_config(FunctionName=self._name))


def _address(config: Mapping[str, Any]) -> str:
    return str(config["FunctionUrl"]).rstrip("/")


def _flat(conditions: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for condition in conditions.values():
        for name, value in condition.items():
            yield name.lower(), str(value).lower()
