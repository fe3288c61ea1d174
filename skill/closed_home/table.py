"""The DynamoDB table: four actions on single rows, whose values are texts and whole numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
import json
import os
import random
import re
import time
from typing import Any, Self

from .background import Task, TroubleError
from .connections import Connections, is_allowed
from .signature_v4 import Credentials, signed

# So long may one try take, and so many are made as far as there is time.
TRY = 2.0
TRIES = 4
FIRST_PAUSE = 0.05
REFUSED_FOR_NOW = {
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionConflictException",
}

type Row = dict[str, str | int]


class ConflictError(Exception):
    """The row is not as the condition wants it; nothing was written."""


class RefusedError(TroubleError):
    """DynamoDB would refuse the same again."""


_connections = Connections()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The table, until the deadline (monotonic time).

    Every call is made again when its answer did not come, which may have been after the work was
    done. So whatever is written has to be the same when it is written twice.
    """

    url: str
    region: str
    name: str
    deadline: float
    credentials: Credentials = field(default_factory=Credentials.from_environment)

    @classmethod
    def until(cls, deadline: float) -> Self:
        """The table of this function; TroubleError when its environment names none."""
        name, region = os.environ.get("TABLE", ""), os.environ.get("TABLE_REGION", "")
        url = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB", "")
        url = url or f"https://dynamodb.{region}.amazonaws.com"
        if not re.fullmatch(r"[a-z\d-]+", region) or not is_allowed(url):
            raise TroubleError("TABLE_REGION is no region of AWS's")
        return cls(url=url.rstrip("/") + "/", region=region, name=name, deadline=deadline)

    def get(self, *keys: str) -> list[Row | None]:
        """The rows, all asked for at once, None for those that are not there."""
        asked = [self._start("GetItem", ConsistentRead=True, **_key(key)) for key in keys]
        return [_row(task.result(self.deadline).get("Item")) for task in asked]

    def put(self, row: Row, *, unless_other: str) -> None:
        """Write a new row; ConflictError when another has its key.

        It is the same one when the attribute `unless_other` is the same.
        """
        self._do(
            "PutItem",
            Item=_item(row),
            **_condition(
                f"attribute_not_exists(#key) OR #{unless_other} = :same",
                {"same": row[unless_other]},
            ),
        )

    def replace(self, row: Row) -> None:
        """Write the row, whatever was there."""
        self._do("PutItem", Item=_item(row))

    def update(
        self,
        key: str,
        values: Row,
        *,
        remove: Iterable[str] = (),
        condition: str = "",
        given: Row | None = None,
    ) -> Row:
        """Change attributes of the row; what it is now. ConflictError: see `condition`.

        In the condition attributes are written as `#name`, and what is `given` as `:name`.
        """
        changes = []
        names = {f"#s{index}": name for index, name in enumerate(values)}
        gone = {f"#r{index}": name for index, name in enumerate(remove)}
        if names:
            changes.append("SET " + ", ".join(f"{name} = :{name[1:]}" for name in names))
        if gone:
            changes.append("REMOVE " + ", ".join(gone))
        settings = _condition(
            condition,
            {f"s{index}": value for index, value in enumerate(values.values())} | (given or {}),
            names | gone,
        )
        answer = self._do(
            "UpdateItem",
            UpdateExpression=" ".join(changes),
            ReturnValues="ALL_NEW",
            **_key(key),
            **settings,
        )
        return _row(answer.get("Attributes")) or {}

    def claim(self, key: str, *, by: str, now: float) -> Row:
        """Take what is good for one use and until its `ttl`; ConflictError when it is neither.

        Whoever claimed it may do so again.
        """
        return self.update(
            key,
            {"taken": by},
            condition="#ttl > :now AND (attribute_not_exists(#taken) OR #taken = :by)",
            given={"now": int(now), "by": by},
        )

    def delete(self, key: str) -> None:
        """Remove the row, if there is one."""
        self._do("DeleteItem", **_key(key))

    def _start(self, action: str, **request: Any) -> Task[dict[str, Any]]:
        body = json.dumps({"TableName": self.name, **request}, ensure_ascii=False).encode()
        return Task(lambda: self._try_all(action, body))

    def _do(self, action: str, **request: Any) -> dict[str, Any]:
        return self._start(action, **request).result(self.deadline)

    def _try_all(self, action: str, body: bytes) -> dict[str, Any]:
        last = TroubleError("it took too long")
        for number in range(TRIES):
            if number:
                time.sleep(FIRST_PAUSE * 2**number * random.uniform(0.5, 1))  # noqa: S311
            left = self.deadline - time.monotonic()
            if left <= 0:
                break
            try:
                return self._try(action, body, min(TRY, left))
            except RefusedError:
                raise
            except TroubleError as error:
                last = error
        raise last

    def _try(self, action: str, body: bytes, timeout: float) -> dict[str, Any]:
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{action}",
        }
        headers = signed(
            self.url,
            headers,
            body,
            credentials=self.credentials,
            region=self.region,
            service="dynamodb",
            now=time.time(),
        )
        status, content = _connections.post(self.url, headers, body, timeout=timeout)
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise TroubleError(f"answer {status}")
        if status == 200:  # noqa: PLR2004 - The number says it best.
            return answer
        return _refused(status, str(answer.get("__type", "")).rpartition("#")[2])


def _refused(status: int, kind: str) -> dict[str, Any]:
    if kind == "ConditionalCheckFailedException":
        raise ConflictError
    text = f"answer {status} {kind}" if re.fullmatch(r"\w{1,64}", kind) else f"answer {status}"
    if status >= 500 or kind in REFUSED_FOR_NOW:  # noqa: PLR2004 - As above.
        raise TroubleError(text)
    raise RefusedError(text)


def _key(key: str) -> dict[str, Any]:
    return {"Key": _item({"key": key})}


def _condition(
    condition: str, values: Row, names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    every = {**(names or {}), **{found: found[1:] for found in re.findall(r"#\w+", condition)}}
    item = {f":{name}": value for name, value in _item(values).items()}
    return {
        **({"ConditionExpression": condition} if condition else {}),
        **({"ExpressionAttributeNames": every} if every else {}),
        **({"ExpressionAttributeValues": item} if item else {}),
    }


def _item(row: Row) -> dict[str, dict[str, str]]:
    return {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in row.items()
    }


def _row(item: Any) -> Row | None:
    if item is None:
        return None
    return {
        name: int(value["N"]) if "N" in value else value["S"]
        for name, value in item.items()
        if value.keys() <= {"N", "S"}
    }
