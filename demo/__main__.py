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

from .amazon.account import Account
from .amazon.simulation import SimulatedAmazon
from .amazon.skill import Skill
from .home_assistant.configuration import CHECKOUT, DOORBELL, PASSWORD, PRESS_SCRIPT, USERNAME
from .home_assistant.first_steps import FRIENDLY_NAME, MissingError, add_doorbell, add_skill
from .home_assistant.process import HomeAssistant, RefusedError, StartError
from .pages.pages import Pages

CACHE = CHECKOUT / ".cache"
SENTENCE = f"Someone is at the {FRIENDLY_NAME}"
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
        help="nothing leads into the home, and the command makes the skill (only with --once)",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="Home Assistant's port (default: a free one)"
    )
    parser.add_argument(
        "--pages-port", type=int, default=0, help="the pages' port (default: a free one)"
    )
    arguments = parser.parse_args()
    if arguments.closed and not arguments.once:
        parser.error("--closed needs --once")
    return arguments


def _log(folder: Path) -> Path:
    return (folder / "console.log").relative_to(CHECKOUT)


async def _until_told_to_stop(arguments: argparse.Namespace) -> int:
    """Run until it ends by itself or a signal comes; then end everything in good order."""
    demo = asyncio.create_task(_closed_demo(arguments) if arguments.closed else _demo(arguments))
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
    async with AsyncExitStack() as stack:
        amazon = await stack.enter_async_context(SimulatedAmazon())
        say(f"Simulated Amazon: login at {amazon.lwa_url}, events at {amazon.gateway_url()}")
        pages = Pages(amazon, port=arguments.pages_port, told=say)
        stack.push_async_callback(pages.stop)
        await pages.start()
        home_assistant = HomeAssistant(
            CACHE / "demo", port=arguments.port, logbook=not arguments.once
        )
        stack.push_async_callback(home_assistant.stop)
        say("Home Assistant is starting ...")
        await home_assistant.start()
        say(f"Home Assistant runs at {home_assistant.url}")
        await _set_up(amazon, home_assistant, pages)
        if arguments.once:
            await _press(amazon, home_assistant)
            say("Stopping ...")
        else:
            _invite(home_assistant, pages)
            await _announce_until_it_ends(amazon, home_assistant)


async def _closed_demo(arguments: argparse.Namespace) -> None:
    # Only here, since it takes seconds: a whole simulated AWS.
    from .closed import closed_home  # noqa: PLC0415

    home_assistant = HomeAssistant(CACHE / "demo", port=arguments.port)
    say("Home Assistant is starting ...")
    async with SimulatedAmazon() as amazon, closed_home(amazon, home_assistant, say) as skill:
        account = amazon.add_account("Ada")
        await skill.link_account(account)
        say(f"Alexa app of {account.name}: {account.notice}")
        await _discover(skill, account)
        await _press(amazon, home_assistant)
        say("Stopping ...")


async def _set_up(amazon: SimulatedAmazon, home_assistant: HomeAssistant, pages: Pages) -> None:
    """From a fresh Home Assistant to a doorbell that Alexa knows."""
    settings, doorbell_flow = await add_skill(home_assistant.client, amazon)
    say("Integration added: client id and secret accepted, webhook address and shared secret shown")
    await add_doorbell(home_assistant.client, doorbell_flow)
    say(f"Doorbell added: {DOORBELL} as {FRIENDLY_NAME}")
    pages.webhook_url, pages.shared_secret = settings.webhook_url, settings.shared_secret
    account = amazon.add_account("Ada")
    skill = Skill(amazon, settings.webhook_url, settings.shared_secret)
    if not await skill.link(account):
        raise MissingError(f"the link of {account.name}'s account. {account.notice}")
    say(f"Alexa app of {account.name}: {account.notice}")
    await _discover(skill, account)


async def _discover(skill: Skill, account: Account) -> None:
    found = [endpoint["friendlyName"] for endpoint in await skill.discover(account)]
    if FRIENDLY_NAME not in found:
        raise MissingError(f"{FRIENDLY_NAME} among Alexa's devices. {account.notice}")
    say(f"Alexa app of {account.name}: {account.notice}")


async def _press(amazon: SimulatedAmazon, home_assistant: HomeAssistant) -> None:
    say("Pressing the bell ...")
    pressed = time.monotonic()
    await home_assistant.client.act("script", "turn_on", {"entity_id": PRESS_SCRIPT})
    announcement = await amazon.wait_for_announcement(timeout=10)
    if announcement.text != SENTENCE:
        raise MissingError(f"the right words. The Echo said: {announcement.text}")
    say(f"{announcement.account}'s Echo speaks, {time.monotonic() - pressed:.2f} s after the press")
    print(announcement.text, flush=True)


def _invite(home_assistant: HomeAssistant, pages: Pages) -> None:
    print(
        f"""
  Home Assistant  {home_assistant.url}   login: {USERNAME}   password: {PASSWORD}
  Echos           {pages.echo_url}
  Alexa app       {pages.app_url}

  Open the first two side by side and press the bell on Home Assistant's dashboard.
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
