"""Runs the code of a Lambda function as AWS does: a process of its own, one event at a time."""

import asyncio
from collections.abc import Mapping
import contextlib
import io
import json
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from typing import Any, Self
import zipfile

from ..amazon.account import Region
from ..amazon.simulation import SimulatedAmazon
from ..amazon.skill import LAMBDA_REGIONS, Answer, Skill

# What AWS's runtime does for Python: import the handler once, then an event a line. It writes every
# character as it is, and so it dies of an answer with half a surrogate pair.
_BOOTSTRAP = r"""
import importlib, json, logging, sys, time

class Context:
    def __init__(self, seconds):
        self.end = time.monotonic() + seconds
    def get_remaining_time_in_millis(self):
        return max(0, round((self.end - time.monotonic()) * 1000))

sys.path.insert(0, sys.argv[1])
logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
module, _, name = sys.argv[2].rpartition(".")
handler = getattr(importlib.import_module(module), name)
for line in sys.stdin:
    answer = handler(json.loads(line), Context(float(sys.argv[3])))
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
    sys.stdout.buffer.flush()
"""


class LambdaRuntime:
    """One instance of a function; the first invocation is the cold start.

    `code` is the zip archive that was deployed, `log` what the function has written.
    """

    def __init__(
        self,
        code: bytes,
        environment: Mapping[str, str],
        *,
        region: str = LAMBDA_REGIONS[Region.EU],
        handler: str = "lambda_function.lambda_handler",
        timeout: float = 10,
    ) -> None:
        self._code = code
        self._environment = {**environment, "AWS_REGION": region}
        self._handler = handler
        self._timeout = timeout
        self._folder: TemporaryDirectory[str] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._one_at_a_time = asyncio.Lock()
        self._log = ""

    async def invoke(self, event: dict[str, Any]) -> Any:
        """The handler's answer; RuntimeError when the process died.

        Whoever gives up waiting leaves the function to its work, as at AWS.
        """
        exchange = asyncio.create_task(self._exchange(event))
        exchange.add_done_callback(_heard)
        await asyncio.wait([exchange])
        return exchange.result()

    async def _exchange(self, event: dict[str, Any]) -> Any:
        async with self._one_at_a_time:
            process = await self._running()
            assert process.stdin  # noqa: S101 - For mypy: it is a pipe.
            assert process.stdout  # noqa: S101 - As above.
            process.stdin.write(json.dumps(event).encode() + b"\n")
            await process.stdin.drain()
            if not (line := await process.stdout.readline()):
                raise RuntimeError(f"The function died:\n{self.log}")
            return json.loads(line)

    @property
    def log(self) -> str:
        """What would be in CloudWatch."""
        if self._folder is not None:
            self._log = (Path(self._folder.name) / "log").read_text()
        return self._log

    async def stop(self) -> None:
        """End the instance, as AWS does after a while without events."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None
        if self._folder is not None:
            self._log = self.log
            self._folder.cleanup()
            self._folder = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            self._folder = TemporaryDirectory(prefix="lambda-")
            code = Path(self._folder.name) / "code"
            with zipfile.ZipFile(io.BytesIO(self._code)) as archive:
                archive.extractall(code)
            with (Path(self._folder.name) / "log").open("wb") as log:
                # Isolated and without site-packages: AWS has nothing but the standard library.
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-I", "-S", "-c", _BOOTSTRAP),
                    *(str(code), self._handler, str(self._timeout)),
                    env={"PATH": os.defpath, **self._environment},
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                    # A Discover.Response of 300 endpoints is one line.
                    limit=8 * 1024 * 1024,
                )
        return self._process


def _heard(exchange: asyncio.Task[Any]) -> None:
    """Take note of how it ended: perhaps nobody waits for it any more."""
    if not exchange.cancelled():
        exchange.exception()


class DeployedSkill(Skill):
    """The skill of the simulation, with real Lambda functions between Alexa and the webhook."""

    def __init__(self, amazon: SimulatedAmazon, functions: Mapping[Region, LambdaRuntime]) -> None:
        # Alexa itself knows neither webhook nor secret: the functions do.
        self._amazon = amazon
        self._functions = functions

    async def send(self, message: dict[str, Any], region: Region = Region.EU) -> Answer:
        """Invoke the function of the customer's region, else the default one."""
        default = next(iter(self._functions.values()))
        return Answer(200, await self._functions.get(region, default).invoke(message))
