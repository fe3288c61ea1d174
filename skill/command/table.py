"""The table in which a closed home's function keeps what it knows."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from .aws import SKILL_TAG, TAG, Aws, check_tag, plain_errors, unless_missing
from .causes import failure
from .progress import Patience, Progress
from .settings import AWS_REGIONS

KEYS = [{"AttributeName": "key", "KeyType": "HASH"}]
ENDS = {"Enabled": True, "AttributeName": "ttl"}
# Seconds that making or deleting one may take.
LIMIT = 120


class Table:
    """The table of that name in one region: one text as its key, and paid by use."""

    def __init__(
        self, aws: Aws, region: str, name: str, progress: Progress, *, patience: Patience
    ) -> None:
        self._client = aws.client("dynamodb", region)
        self._name = name
        self.region = region
        self.where = f"table {name} in {AWS_REGIONS[region]}"
        self._progress = progress
        self._patience = patience

    def is_there(self) -> bool:
        """Whether this command has made it."""
        with plain_errors():
            return self._find() is not None

    def owner(self) -> str | None:
        """The id of the skill that it was made for, if it is there and that is known."""
        with plain_errors():
            table = self._find()
            return self._tags(table).get(SKILL_TAG) if table else None

    def ensure(self, skill_id: str | None) -> None:
        """Make or mend it for that skill."""
        with plain_errors():
            table = self._settled()
            if table is None:
                if not self._progress.change(f"make the {self.where}"):
                    return
                self._make(skill_id)
            else:
                self._mend(table, skill_id)
            self._ensure_ends()

    def remove(self) -> None:
        """Delete it, if there is one and it is ours."""
        with plain_errors():
            if self._settled() is None:
                self._progress.note(f"there is no {self.where}")
            elif self._progress.change(f"delete the {self.where}, and all that is in it"):
                self._client.delete_table(TableName=self._name)

    def _find(self) -> dict[str, Any] | None:
        found = unless_missing(lambda: self._client.describe_table(TableName=self._name)["Table"])
        if found is not None:
            check_tag(self.where, self._tags(found))
            self._check_shape(found)
        return found

    def _check_shape(self, table: Mapping[str, Any]) -> None:
        types = [one["AttributeType"] for one in table["AttributeDefinitions"]]
        if table["KeySchema"] != KEYS or types != ["S"]:
            raise failure("table_of_another_shape", where=self.where)

    def _settled(self) -> dict[str, Any] | None:
        """The table once AWS neither makes nor deletes it any more."""
        for _ in self._patience.pauses(LIMIT):
            found = self._find()
            if found is None or found["TableStatus"] not in {"CREATING", "DELETING", "UPDATING"}:
                return found
        raise failure("table_busy", where=self.where)

    def _make(self, skill_id: str | None) -> None:
        tags = {TAG: self._name} | ({SKILL_TAG: skill_id} if skill_id else {})
        self._client.create_table(
            TableName=self._name,
            KeySchema=KEYS,
            AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=_listed(tags),
        )
        self._settled()

    def _mend(self, table: Mapping[str, Any], skill_id: str | None) -> None:
        mode = (table.get("BillingModeSummary") or {}).get("BillingMode")
        if mode == "PAY_PER_REQUEST":
            self._progress.left(self.where)
        elif self._progress.change(f"let the {self.where} be paid by use"):
            self._client.update_table(TableName=self._name, BillingMode="PAY_PER_REQUEST")
            self._settled()
        is_marked = skill_id is None or self._tags(table).get(SKILL_TAG) == skill_id
        if not is_marked and self._progress.change(f"mark the {self.where} as this skill's"):
            tags = _listed({SKILL_TAG: str(skill_id)})
            self._client.tag_resource(ResourceArn=table["TableArn"], Tags=tags)

    def _ensure_ends(self) -> None:
        """Let AWS delete what has ended; the function looks at it itself, since AWS is late."""
        ends = self._client.describe_time_to_live(TableName=self._name)["TimeToLiveDescription"]
        is_on = ends.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}
        if is_on and ends.get("AttributeName") == ENDS["AttributeName"]:
            self._progress.left("the end of its rows")
        elif self._progress.change("let AWS delete the rows that have ended"):
            try:
                self._client.update_time_to_live(TableName=self._name, TimeToLiveSpecification=ENDS)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ValidationException":
                    raise
                self._progress.note("AWS takes that only once an hour: no harm until then")

    def _tags(self, table: Mapping[str, Any]) -> dict[str, str]:
        if table["TableStatus"] == "DELETING":
            return {TAG: self._name}
        answer = self._client.list_tags_of_resource(ResourceArn=table["TableArn"])
        return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def _listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
