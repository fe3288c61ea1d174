"""Whom a function's policy lets in: Alexa, and everybody who knows its address."""

import copy
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.awslambda.policy import Policy

from .aws_refusals import AlreadyThereError

TRIGGER = "alexa-connectedhome.amazon.com"
# Both, since October 2025, and for everybody.
NEEDED = {
    "lambda:InvokeFunctionUrl": ("lambda:FunctionUrlAuthType", "NONE"),
    "lambda:InvokeFunction": ("lambda:InvokedViaFunctionUrl", "true"),
}

_decode_policy = Policy.decode_policy


def decoded_policy(policy: Policy, document: dict[str, Any]) -> Policy:
    """As moto's, but with the condition that a skill's id becomes."""
    decoded = _decode_policy(policy, copy.deepcopy(document))
    statement = decoded.statements[0]
    if any(one.get("Sid") == statement["Sid"] for one in policy.statements):
        raise AlreadyThereError(statement["Sid"])
    if statement["Principal"] == TRIGGER:
        statement["Principal"] = {"Service": TRIGGER}
    if token := document.get("EventSourceToken"):
        statement["Condition"] = {"StringEquals": {"lambda:EventSourceToken": token}}
    if kind := statement.pop("FunctionUrlAuthType", None):
        statement["Condition"] = {"StringEquals": {"lambda:FunctionUrlAuthType": kind}}
    if statement.pop("InvokedViaFunctionUrl", None):
        statement["Condition"] = {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
    return decoded


def lets_alexa_in(function: LambdaFunction, skill_id: str) -> bool:
    """Whether it has the trigger Alexa Smart Home for that skill."""
    return any(
        statement["Principal"] == {"Service": TRIGGER}
        and statement["Action"] == "lambda:InvokeFunction"
        and statement.get("Condition") == {"StringEquals": {"lambda:EventSourceToken": skill_id}}
        for statement in function.policy.statements
    )


def lets_everybody_in(function: LambdaFunction) -> bool:
    """Whether its address needs no login, and its policy has both statements."""
    config = function.url_config
    if config is None or config.config.get("AuthType") != "NONE":
        return False
    allowed = {
        one["Action"]: str(value)
        for one in function.policy.statements
        if one.get("Principal") == "*" and one["Action"] in NEEDED
        for conditions in (one.get("Condition") or {}).values()
        for name, value in conditions.items()
        if name == NEEDED[one["Action"]][0]
    }
    return allowed == {action: value for action, (_, value) in NEEDED.items()}
