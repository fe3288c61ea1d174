"""What is in the tables of the simulated DynamoDB, as the console of AWS shows it."""

from collections.abc import Iterator
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from .aws_roles import ACCOUNT


def rows(beginning: str) -> Iterator[dict[str, Any]]:
    """The rows of all tables whose key begins so."""
    for backend in list(dynamodb_backends[ACCOUNT].values()):
        for table in list(backend.tables.values()):
            # Copied at one go, since the functions write meanwhile.
            found: list[Any] = list(table.items.values())
            for row in found:
                if str(row.hash_key.value).startswith(beginning):
                    yield {name: value.value for name, value in dict(row.attrs).items()}
