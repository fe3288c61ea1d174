"""A web server on loopback that can stop and come back on the same port."""

from collections.abc import Callable

from aiohttp import web

HOST = "127.0.0.1"


class Server:
    """Serves what `make_app` makes on a port of its own; port 0: any free one."""

    def __init__(self, make_app: Callable[[], web.Application], port: int = 0) -> None:
        self._make_app = make_app
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The base address, without a slash at the end; known once it has been started."""
        if not self._port:
            raise RuntimeError("The server has not been started yet")
        return f"http://{HOST}:{self._port}"

    async def start(self) -> None:
        """Listen; on the same port as before, if there was one."""
        # Cancelling with the client's connection ends what waits for nobody: stalls, streams.
        self._runner = web.AppRunner(
            self._make_app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None
