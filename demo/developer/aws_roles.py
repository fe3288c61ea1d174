"""What a function's role may do with tables: the simulated DynamoDB refuses the rest."""

from collections.abc import Iterator, Mapping
import json
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.dynamodb.responses import DynamoHandler
from moto.iam.models import Role, iam_backends
from werkzeug.exceptions import HTTPException

ACCOUNT = "123456789012"
# What AWS lets the access keys of roles begin with.
PREFIX = "ASIA"


class TableDeniedError(HTTPException):
    """What AWS answers to a role that no policy allows it."""

    code = 400

    def __init__(self, action: str) -> None:
        message = f"User is not authorized to perform: dynamodb:{action} because no policy allows"
        error = {"__type": "com.amazon.coral.service#AccessDeniedException", "message": message}
        super().__init__(json.dumps(error))


def role_of(function: LambdaFunction) -> Role | None:
    """The role that has the name; None when there is none."""
    roles = iam_backends[ACCOUNT]["aws"].roles.values()
    return next((role for role in roles if role.arn == function.role), None)


def given_by_aws(function: LambdaFunction, url: str) -> dict[str, str]:
    """What AWS puts into the environment: credentials of the role; and where DynamoDB is."""
    role = role_of(function)
    return {
        "AWS_ENDPOINT_URL_DYNAMODB": url,
        "AWS_ACCESS_KEY_ID": _key(role) if role else f"{PREFIX}0000000000000000",
        "AWS_SECRET_ACCESS_KEY": "simulated",
        "AWS_SESSION_TOKEN": "simulated",
    }


def check_role(handler: DynamoHandler, action: str) -> None:
    """Raise unless whoever asks is no role, or one whose policies name action and table."""
    key = handler.get_access_key()
    if not key.startswith(PREFIX):
        return
    table = str(handler.body.get("TableName"))
    arn = f"arn:aws:dynamodb:{handler.region}:{ACCOUNT}:table/{table}"
    roles = iam_backends[ACCOUNT]["aws"].roles.values()
    statements = [one for role in roles if _key(role) == key for one in _statements(role)]
    if not any(_allows(one, f"dynamodb:{action}", arn) for one in statements):
        raise TableDeniedError(action)


def _key(role: Role) -> str:
    return PREFIX + str(role.id)[-16:]


def _statements(role: Role) -> Iterator[Mapping[str, Any]]:
    for document in role.policies.values():
        yield from json.loads(document)["Statement"]


def _allows(statement: Mapping[str, Any], action: str, arn: str) -> bool:
    return action in statement["Action"] and arn == statement["Resource"]
