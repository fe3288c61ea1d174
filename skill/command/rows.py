"""What the command writes into the table: what the function has to know, and codes that let in."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
import hashlib
import secrets
import time
from typing import Any, Self

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from .aws import Aws, plain_errors, unless_missing
from .causes import failure
from .progress import Progress
from .smapi import Credentials

CONFIG = "config"
# Seconds for which a line lets a Home Assistant in.
LIFETIME = 900
KEY_BYTES = 32
TRIES = 3

type Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Whom the function takes for Alexa when accounts are linked."""

    client_id: str
    client_secret: str = field(repr=False)

    @classmethod
    def of(cls, row: Mapping[str, str]) -> Self | None:
        """The one in the row; None when there is none."""
        pair = row.get("link_client_id"), row.get("link_client_secret")
        return cls(client_id=pair[0], client_secret=pair[1]) if pair[0] and pair[1] else None


class Rows:
    """The rows of the table of that name in one region."""

    def __init__(self, aws: Aws, region: str, name: str, progress: Progress) -> None:
        self._client = aws.client("dynamodb", region)
        self._name = name
        self._progress = progress

    def client(self) -> Client | None:
        """The client of the account linking, if there is one already."""
        with plain_errors():
            return Client.of(self._config() or {})

    def ensure_config(self, credentials: Credentials, vendor_id: str, name: str) -> Client:
        """Write what differs; the key that signs tokens and the client of linking stay.

        Whoever runs the command twice at once gets one key and one client.
        """
        asked_for = {
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
            "vendor_id": vendor_id,
            "skill_name": name,
        }
        with plain_errors():
            for _ in range(TRIES):
                there = self._config()
                wanted = _made_up(there or {}) | asked_for
                self._hide(wanted)
                client = Client.of(wanted)
                assert client is not None  # noqa: S101 - For mypy: it has just been made up.
                if _is_whole(there or {}, wanted):
                    self._progress.left("what the function has to know")
                    return client
                if not self._progress.change("tell the function what it has to know"):
                    return client
                if self._write(wanted, there):
                    return client
        raise failure("table_changed_meanwhile")

    def new_enrolment(self) -> str:
        """A code by which one Home Assistant becomes a home of the skill, once and soon."""
        code = secrets.token_urlsafe(16)
        # By AWS's clock, which is the function's: this computer's may be off.
        now = time.time() - (self._progress.report.ahead or 0)
        row = {
            "key": {"S": f"enrol#{hashlib.sha256(code.encode()).hexdigest()}"},
            "ttl": {"N": str(int(now) + LIFETIME)},
        }
        with plain_errors():
            self._client.put_item(TableName=self._name, Item=row)
        return code

    def _config(self) -> Row | None:
        answer = unless_missing(
            lambda: self._client.get_item(
                TableName=self._name, Key={"key": {"S": CONFIG}}, ConsistentRead=True
            )
        )
        item = (answer or {}).get("Item")
        return item and {name: str(value.get("S", "")) for name, value in item.items()}

    def _write(self, wanted: Row, there: Row | None) -> bool:
        """Whether it was written: not when somebody else did meanwhile."""
        item = {name: {"S": value} for name, value in {**(there or {}), **wanted}.items()}
        request: dict[str, Any] = {"TableName": self._name, "Item": item}
        names = {f"#{name}": name for name in wanted} if there else {"#key": "key"}
        if there:
            # As it was, attribute by attribute.
            conditions = [
                f"#{name} = :{name}" if name in there else f"attribute_not_exists(#{name})"
                for name in wanted
            ]
            values = {f":{name}": {"S": there[name]} for name in wanted if name in there}
            request["ExpressionAttributeValues"] = values
        else:
            conditions = ["attribute_not_exists(#key)"]
        request["ConditionExpression"] = " AND ".join(conditions)
        request["ExpressionAttributeNames"] = names
        try:
            self._client.put_item(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _hide(self, config: Mapping[str, str]) -> None:
        hidden = ("signing_key", "client_secret", "link_client_id", "link_client_secret")
        self._progress.report.hide(*(config[name] for name in hidden))


def _made_up(there: Mapping[str, str]) -> Row:
    """What only this table has: kept, or made anew where it is of no use."""
    client = Client.of(there) or Client(
        client_id=secrets.token_urlsafe(16), client_secret=secrets.token_urlsafe(32)
    )
    key = there.get("signing_key", "")
    if not _is_key(key):
        key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    return {
        "key": CONFIG,
        "signing_key": key,
        "link_client_id": client.client_id,
        "link_client_secret": client.client_secret,
    }


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) >= KEY_BYTES
    except ValueError:
        return False


def _is_whole(there: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(there.get(name) == value for name, value in wanted.items())
