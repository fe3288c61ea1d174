"""Function URLs of the simulated AWS: on loopback, and behind the policy of their function."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
import threading
from typing import Any

from moto.awslambda.models import FunctionUrlConfig, LambdaFunction

from .aws_policies import lets_everybody_in
from .function_url import FunctionUrl
from .lambda_runtime import LambdaRuntime

type Find = Callable[[str], LambdaFunction | None]
type Environment = Callable[[LambdaFunction], Mapping[str, str]]


def runtime_of(function: LambdaFunction, environment: Mapping[str, str]) -> LambdaRuntime:
    """An instance of what is deployed now."""
    region = function.function_arn.split(":")[3]
    return LambdaRuntime(bytes(function.code_bytes), environment, region=region)


class Deployed:
    """An instance that stays warm, until something else is deployed."""

    def __init__(self, find: Find, arn: str, environment: Environment) -> None:
        self._find = find
        self._arn = arn
        self._environment_of = environment
        self._runtime: LambdaRuntime | None = None
        self._made_of: object = None

    async def invoke(self, event: dict[str, Any]) -> Any:
        """Answer with the code and variables that the function has now."""
        function = self._find(self._arn)
        if function is None:
            raise RuntimeError("There is no such function")
        made_of = function.code_sha_256, dict(function.environment_vars)
        if self._made_of != made_of:
            await self.stop()
            self._runtime = runtime_of(function, self._environment_of(function))
            self._made_of = made_of
        assert self._runtime is not None  # noqa: S101 - For mypy.
        return await self._runtime.invoke(event)

    async def stop(self) -> None:
        """End the process."""
        if self._runtime is not None:
            await self._runtime.stop()
        self._runtime = self._made_of = None


class FunctionUrls:
    """Serves those that there are.

    `delay`: so many requests to each new one are refused, as while AWS does not know it everywhere.
    """

    def __init__(self, find: Find, environment: Environment) -> None:
        self.delay = 0
        self._find = find
        self._environment = environment
        self._open: list[tuple[FunctionUrl, Deployed]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def start(self) -> None:
        """Be able to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Close them all."""
        self.reset()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def reset(self) -> None:
        """Close them all, and go on."""
        self.delay = 0
        while self._open:
            url, instance = self._open.pop()
            self._do(url.__aexit__())
            self._do(instance.stop())

    def serve(self, function: LambdaFunction, config: FunctionUrlConfig) -> None:
        """Give it an address that can be asked."""
        instance = Deployed(self._find, function.function_arn, self._environment)
        refusals = iter(range(self.delay))

        def is_open() -> bool:
            there = self._find(function.function_arn)
            is_there = there is not None and there.url_config is config
            return is_there and next(refusals, None) is None and lets_everybody_in(function)

        url = FunctionUrl([instance], is_open)
        self._do(url.__aenter__())
        self._open.append((url, instance))
        config.url = f"{url.url}/"

    def _do[T](self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)
