"""What AWS refuses, in its own words, where moto would not."""

from http import HTTPStatus

from moto.awslambda.exceptions import LambdaClientError

NOT_ASSUMED = "The role defined for the function cannot be assumed by Lambda."
NO_GRANT = (
    "Lambda was unable to configure access to your environment variables because the KMS key is "
    "invalid for CreateGrant. Please check your KMS key settings. KMS Exception: "
    "InvalidArnException KMS Message: ARN does not refer to a valid principal"
)


class BusyError(LambdaClientError):
    """What AWS answers while it still works on the function."""

    code = 409

    def __init__(self) -> None:
        super().__init__(
            "ResourceConflictException",
            "The operation cannot be performed at this time. An update is in progress.",
        )


class AlreadyThereError(LambdaClientError):
    """What AWS answers to a second statement of the same id."""

    code = 409

    def __init__(self, statement_id: str) -> None:
        super().__init__(
            "ResourceConflictException",
            f"The statement id ({statement_id}) provided already exists. "
            "Please provide a new statement id, or remove the existing statement.",
        )


class UrlAlreadyThereError(LambdaClientError):
    """What AWS answers to a second Function URL of one function."""

    code = 409

    def __init__(self, name: str) -> None:
        super().__init__(
            "ResourceConflictException", f"FunctionUrlConfig exists for this Lambda function {name}"
        )


class LockedOutError(LambdaClientError):
    """What AWS answers when the role that a function was made with is gone."""

    code = HTTPStatus.BAD_GATEWAY

    def __init__(self) -> None:
        super().__init__(
            "KMSAccessDeniedException",
            "Lambda was unable to decrypt the environment variables because KMS access was "
            "denied. Please check the function's AWS KMS key settings. KMS Exception: "
            "UnrecognizedClientExceptionKMS Message: The security token included in the request "
            "is invalid.",
        )
