"""scripts/demo: a press in a real Home Assistant ends on the Echos of a simulated Amazon."""

import argparse
import asyncio
from contextlib import AsyncExitStack
import fcntl
from pathlib import Path
import signal
import sys
import time

import aiohttp

from . import webhook
from .amazon.simulation import SimulatedAmazon
from .home_assistant.configuration import CHECKOUT, PASSWORD, USERNAME
from .home_assistant.first_steps import MissingError
from .home_assistant.process import HomeAssistant, RefusedError, StartError
from .pages.pages import Pages
from .story import Way, doorbell_that_alexa_knows, press

CACHE = CHECKOUT / ".cache"
_STARTED = time.monotonic()


def say(step: str) -> None:
    """A step, and when it happened."""
    print(f"[{time.monotonic() - _STARTED:5.1f} s] {step}", flush=True)


def main() -> int:
    """Run the demo; 0 when nothing was missing."""
    arguments = _arguments()
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("A demo of this checkout is running already.", file=sys.stderr)
            return 1
        try:
            return asyncio.run(_until_told_to_stop(arguments))
        except (
            MissingError,
            RefusedError,
            StartError,
            TimeoutError,
            OSError,
            aiohttp.ClientError,
        ) as error:
            print(f"Missing: {error}", file=sys.stderr)
            print(f"Home Assistant's log: {_log(CACHE / 'demo')}", file=sys.stderr)
            return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="press once, then stop everything")
    parser.add_argument(
        "--closed",
        action="store_true",
        help="nothing leads into the home, and the command makes the skill",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="Home Assistant's port (default: a free one)"
    )
    parser.add_argument(
        "--pages-port", type=int, default=0, help="the pages' port (default: a free one)"
    )
    return parser.parse_args()


def _log(folder: Path) -> Path:
    return (folder / "console.log").relative_to(CHECKOUT)


async def _until_told_to_stop(arguments: argparse.Namespace) -> int:
    """Run until it ends by itself or a signal comes; then end everything in good order."""
    demo = asyncio.create_task(_demo(arguments))
    stopped = asyncio.Event()

    def stop() -> None:
        # Only the first signal: another one would cut the good order short.
        if not stopped.is_set():
            stopped.set()
            say("Stopping ...")
            demo.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await demo
    except asyncio.CancelledError:
        say("Stopped.")
        return 1 if arguments.once else 0
    return 0


async def _demo(arguments: argparse.Namespace) -> None:
    way, invitation = _way(arguments)
    async with AsyncExitStack() as stack:
        amazon = await stack.enter_async_context(SimulatedAmazon())
        say(f"Simulated Amazon: login at {amazon.lwa_url}, events at {amazon.gateway_url()}")
        pages = Pages(amazon, port=arguments.pages_port, told=say)
        stack.push_async_callback(pages.stop)
        await pages.start()
        home_assistant = HomeAssistant(
            CACHE / "demo", port=arguments.port, logbook=not arguments.once
        )
        story = doorbell_that_alexa_knows(way, amazon, home_assistant, pages, say)
        await stack.enter_async_context(story)
        if arguments.once:
            await press(amazon, home_assistant, say)
            say("Stopping ...")
        else:
            _invite(home_assistant, pages, invitation)
            await _announce_until_it_ends(amazon, home_assistant)


def _way(arguments: argparse.Namespace) -> tuple[Way, str]:
    if not arguments.closed:
        # Nobody looks when the bell is pressed only once.
        plain, seen = webhook.home_with_a_webhook, webhook.home_with_a_camera
        return plain if arguments.once else seen, webhook.INVITATION
    # Only here, since it takes seconds: a whole simulated AWS.
    from . import closed  # noqa: PLC0415

    return closed.closed_home, closed.INVITATION


def _invite(home_assistant: HomeAssistant, pages: Pages, invitation: str) -> None:
    print(
        f"""
  Home Assistant  {home_assistant.url}   login: {USERNAME}   password: {PASSWORD}
  Echos           {pages.echo_url}
  Alexa app       {pages.app_url}

  Open the first two side by side and press the bell on Home Assistant's dashboard.
  {invitation}
  Home Assistant's log: {_log(home_assistant.folder)}   Ctrl-C ends the demo.
""",
        flush=True,
    )


async def _announce_until_it_ends(amazon: SimulatedAmazon, home_assistant: HomeAssistant) -> None:
    async def announce() -> None:
        with amazon.listen() as announcements:
            while True:
                print((await announcements.get()).text, flush=True)

    announcing = asyncio.create_task(announce())
    try:
        await home_assistant.wait()
    finally:
        announcing.cancel()
    raise MissingError("Home Assistant, which has ended by itself.")


if __name__ == "__main__":
    sys.exit(main())
