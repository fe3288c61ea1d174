"""A simulated AWS: moto's server, and what a skill's function meets there that moto leaves out."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
import json
import logging
import re
import threading
from typing import Any, Self
from unittest.mock import patch
import urllib.request

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import (
    FunctionUrlConfig,
    LambdaBackend,
    LambdaFunction,
    lambda_backends,
)
from moto.awslambda.policy import Policy
from moto.dynamodb.responses import DynamoHandler
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import ThreadedWSGIServer

from ..server import HOST
from .aws_policies import decoded_policy, lets_alexa_in
from .aws_refusals import (
    NOT_ASSUMED,
    BusyError,
    LockedOutError,
    UrlAlreadyThereError,
)
from .aws_roles import (
    ACCOUNT,
    PREFIX,
    TableDeniedError,
    check_role,
    given_by_aws,
    role_of,
)
from .aws_urls import FunctionUrls, runtime_of

__all__ = ["ACCOUNT", "SimulatedAws"]

_create_function = LambdaBackend.create_function
_update_code = LambdaBackend.update_function_code
_update_configuration = LambdaBackend.update_function_configuration
_get_configuration = LambdaFunction.get_configuration
_create_url = LambdaFunction.create_url_config


class _Server(ThreadedWSGIServer):
    """Stops only when everybody has been served."""

    daemon_threads = False


class SimulatedAws:
    """An AWS account on a loopback port.

    `role_delay`: so many functions are refused because their role is not known yet, in the words
    of `role_refusal`. `update_delay`: so often a function is still in progress after each change.
    `policy_delay`: so many calls of functions to their table are refused. `urls` are theirs.
    `forbidden` are actions of DynamoDB's that the login at the desk may not do.
    `variables_of_tests` is what every function has in its environment beside its own.
    `answers`: what functions return from now on, instead of what their code does; `invocations`
    is what they were given.
    """

    def __init__(self) -> None:
        self.role_delay = 0
        self.role_refusal = NOT_ASSUMED
        self.update_delay = 0
        self.policy_delay = 0
        self.forbidden: set[str] = set()
        self.variables_of_tests: dict[str, str] = {}
        self.urls = FunctionUrls(self.function, self._environment_of)
        self.answers: list[Any] = []
        self.invocations: list[tuple[str, Any]] = []
        self._made_with: dict[str, str] = {}
        self._busy: dict[str, int] = {}
        self._server: ThreadedWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._patches = ExitStack()

    def __enter__(self) -> Self:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        for owner, name, replacement in (
            (LambdaBackend, "create_function", self._create),
            (LambdaBackend, "update_function_code", self._update(_update_code)),
            (LambdaBackend, "update_function_configuration", self._update(_update_configuration)),
            (LambdaFunction, "get_configuration", self._configuration),
            (LambdaFunction, "invoke", self._invoke),
            (LambdaFunction, "create_url_config", self._create_url),
            (DynamoHandler, "_authenticate_and_authorize_normal_action", self._check_policy),
            (Policy, "decode_policy", decoded_policy),
        ):
            # A plain function, so that it becomes a method there.
            self._patches.enter_context(patch.object(owner, name, _method(replacement)))
        # As moto's own ThreadedMotoServer, which takes half a second to stop.
        application = DomainDispatcherApplication(create_backend_app)
        self._server = _Server(HOST, 0, application)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.urls.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.urls.stop()
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        self._patches.close()

    @property
    def url(self) -> str:
        """Where it is."""
        if self._server is None:
            raise RuntimeError("The server has not been started yet")
        return f"http://{HOST}:{self._server.port}"

    def environment(self) -> dict[str, str]:
        """What boto3 needs to find it, and nothing else of this computer's."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "simulated",
            "AWS_SECRET_ACCESS_KEY": "simulated",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def reset(self) -> None:
        """Begin with an empty account."""
        self.role_delay = self.update_delay = self.policy_delay = 0
        for one in (self.answers, self.invocations, self._made_with, self._busy):
            one.clear()
        self.forbidden.clear()
        self.variables_of_tests.clear()
        self.urls.reset()
        request = urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")  # noqa: S310
        urllib.request.urlopen(request).close()  # noqa: S310 - Loopback.

    def function(self, arn: str) -> LambdaFunction | None:
        """The function, if there is one."""
        known = re.fullmatch(r"arn:aws:lambda:([^:]+):(\d+):function:([^:]+)", arn)
        if known is None:
            return None
        region, account, name = known.groups()
        functions = lambda_backends[account][region].list_functions()
        return next((one for one in functions if one.function_name == name), None)

    def may_alexa_call(self, arn: str, skill_id: str) -> bool:
        """Whether the function has the trigger Alexa Smart Home for that skill."""
        function = self.function(arn)
        return function is not None and lets_alexa_in(function, skill_id)

    def code(self, arn: str) -> bytes:
        """The archive that was uploaded."""
        return bytes(self._existing(arn).code_bytes)

    def variables(self, arn: str) -> Mapping[str, str]:
        """The environment of the function."""
        return dict(self._existing(arn).environment_vars)

    async def invoke(self, arn: str, event: dict[str, Any]) -> Any:
        """What the function returns, as Alexa gets it."""
        function = self._existing(arn)
        self._check_role(function)
        return await self._run(function, event)

    def _check_role(self, function: LambdaFunction) -> None:
        """Only the role itself may read the variables, not another that bears its name."""
        if self._made_with[function.function_arn] != _role_id(function):
            raise LockedOutError

    def _existing(self, arn: str) -> LambdaFunction:
        function = self.function(arn)
        if function is None:
            raise LookupError(arn)
        return function

    def _create(self, backend: LambdaBackend, spec: dict[str, Any]) -> LambdaFunction:
        if self.role_delay:
            self.role_delay -= 1
            raise InvalidParameterValueException(self.role_refusal)
        function = _create_function(backend, spec)
        self._made_with[function.function_arn] = _role_id(function)
        self._busy[function.function_arn] = self.update_delay
        return function

    def _update(self, original: Any) -> Any:
        def update(backend: LambdaBackend, function_name: str, *more: Any, **named: Any) -> Any:
            function = backend.get_function(function_name)
            if self._busy.get(function.function_arn):
                raise BusyError
            result = original(backend, function_name, *more, **named)
            self._busy[function.function_arn] = self.update_delay
            return result

        return update

    def _invoke(
        self,
        function: LambdaFunction,
        body: str,
        _headers: Mapping[str, str],
        response_headers: dict[str, str],
    ) -> bytes:
        """Run the code that was deployed, in a process of its own, as after a cold start."""
        self._check_role(function)
        event = json.loads(body or "{}")
        self.invocations.append((function.function_arn, event))
        answer = self.answers.pop(0) if self.answers else asyncio.run(self._run(function, event))
        if isinstance(answer, dict) and "errorType" in answer:
            response_headers["X-Amz-Function-Error"] = "Unhandled"
        return json.dumps(answer).encode()

    async def _run(self, function: LambdaFunction, event: dict[str, Any]) -> Any:
        async with runtime_of(function, self._environment_of(function)) as runtime:
            return await runtime.invoke(event)

    def _environment_of(self, function: LambdaFunction) -> dict[str, str]:
        given = given_by_aws(function, self.url)
        return {**given, **self.variables_of_tests, **function.environment_vars}

    def _create_url(self, function: LambdaFunction, config: dict[str, Any]) -> FunctionUrlConfig:
        if function.url_config is not None:
            raise UrlAlreadyThereError(function.function_name)
        created = _create_url(function, config)
        self.urls.serve(function, created)
        return created

    def _check_policy(self, handler: DynamoHandler, _resource: str) -> None:
        action = handler._get_action()  # noqa: SLF001 - Nothing else tells.
        is_function = handler.get_access_key().startswith(PREFIX)
        is_late = is_function and self.policy_delay > 0
        self.policy_delay -= is_late
        if is_late or (action in self.forbidden and not is_function):
            raise TableDeniedError(action)
        check_role(handler, action)

    def _configuration(self, function: LambdaFunction, on_create: bool = False) -> dict[str, Any]:
        configuration = _get_configuration(function, on_create)
        left = self._busy.get(function.function_arn, 0)
        if left and not on_create:
            self._busy[function.function_arn] = left - 1
            configuration["LastUpdateStatus"] = "InProgress"
        return configuration


def _role_id(function: LambdaFunction) -> str:
    """The id of the role that has the name; "" when there is none."""
    role = role_of(function)
    return str(role.id) if role else ""


def _method(function: Any) -> Any:
    def method(owner: Any, *arguments: Any, **named: Any) -> Any:
        return function(owner, *arguments, **named)

    return method
