"""A real Home Assistant process on loopback: start, stop, kill, restart."""

import asyncio
import contextlib
import os
from pathlib import Path
import shutil
import signal
import socket
import sys
from typing import Self

import aiohttp

from .client import HomeAssistantClient, RefusedError
from .configuration import CHECKOUT, DOORBELL, PASSWORD, PRESS_SCRIPT, USERNAME, prepare

__all__ = [
    "DOORBELL",
    "PASSWORD",
    "PRESS_SCRIPT",
    "USERNAME",
    "HomeAssistant",
    "HomeAssistantClient",
    "RefusedError",
    "StartError",
    "free_port",
]


class StartError(Exception):
    """Home Assistant did not start; the text holds the end of its log."""


def free_port() -> int:
    """A port of the loopback address that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether that port of the loopback address can be listened on."""
    with socket.socket() as probe:
        # As a server does: a connection that has just ended does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class HomeAssistant:
    """Home Assistant with the integration of this checkout, its folder made by the first start.

    `client` speaks to it as the one user.
    """

    def __init__(self, folder: Path, *, port: int = 0, logbook: bool = False) -> None:
        # What is run, and what it finds in its environment beside all else.
        self.program = "homeassistant"
        self.environment: dict[str, str] = {}
        # What else its configuration.yaml has at its first start.
        self.configuration = ""
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = HomeAssistantClient(self.url, USERNAME, PASSWORD)
        self._process: asyncio.subprocess.Process | None = None
        self._logbook = logbook
        self._prepared = False
        self._log_before = 0

    @property
    def log(self) -> str:
        """Everything it has written so far, over all its starts."""
        try:
            return (self.folder / "console.log").read_text(errors="replace")
        except FileNotFoundError:
            return ""

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """The process's id."""
        if self._process is None:
            raise RuntimeError("Home Assistant has not been started yet")
        return self._process.pid

    async def start(self, timeout: float = 120) -> None:  # noqa: ASYNC109
        """Start and wait until it says that it is running; StartError if it does not."""
        if not is_free(self.port):
            # Home Assistant would go on in recovery mode, on a port open to the whole network.
            raise StartError(f"Port {self.port} of the loopback address is in use.")
        if not self._prepared:
            prepare(self.folder, self.port, logbook=self._logbook, more=self.configuration)
            self._prepared = True
        self._log_before = len(self.log)
        with (self.folder / "console.log").open("ab") as console:
            self._process = await asyncio.create_subprocess_exec(
                *_command(self.program, self.folder),
                cwd=CHECKOUT,
                # Its own session: Ctrl-C is for the demo, which then ends this in good order.
                start_new_session=True,
                env=os.environ
                | {
                    "PYTHONPYCACHEPREFIX": str(CHECKOUT / ".cache" / "bytecode"),
                    # Whoever is against bytecode waits long for each start.
                    "PYTHONDONTWRITEBYTECODE": "",
                }
                | self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        try:
            async with asyncio.timeout(timeout):
                await self._running()
        except BaseException as error:
            await self.stop()
            if isinstance(error, TimeoutError):
                raise StartError(f"Not running after {timeout} s:\n{self._end_of_log}") from error
            raise

    async def _running(self) -> None:
        while True:
            if not self.is_alive:
                raise StartError(f"It ended at once:\n{self._end_of_log}")
            if "Activating recovery mode" in self.log[self._log_before :]:
                raise StartError(f"It went into recovery mode:\n{self._end_of_log}")
            with contextlib.suppress(aiohttp.ClientConnectionError, RefusedError):
                config = await self.client.get("/api/config")
                if config["state"] == "RUNNING":
                    return
            await asyncio.sleep(0.05)

    @property
    def _end_of_log(self) -> str:
        return "\n".join(self.log.splitlines()[-30:])

    async def wait(self) -> None:
        """Wait until the process ends."""
        if self._process is not None:
            await self._process.wait()

    async def stop(self, timeout: float = 30) -> None:  # noqa: ASYNC109
        """Ask it to stop, insist after a while, and wait until it is gone."""
        await self.client.close()
        self.send(signal.SIGTERM)
        try:
            async with asyncio.timeout(timeout):
                await self.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End it as a power cut would."""
        self.send(signal.SIGKILL)
        await self.wait()
        await self.client.close()

    async def restart(self) -> None:
        """Stop and start, on the same folder and port."""
        await self.stop()
        await self.start()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it is there."""
        with contextlib.suppress(ProcessLookupError):
            if self._process is not None and self.is_alive:
                self._process.send_signal(number)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


def _command(module: str, folder: Path) -> list[str]:
    """The program; it ends with us even when we are killed, where the system can do that."""
    guard = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    program = [sys.executable, "-m", module, "--config", str(folder.resolve())]
    # Whatever it needs is in requirements_test.txt: it shall not install packages of its own.
    return [*guard, *program, "--skip-pip", "--log-no-color"]
