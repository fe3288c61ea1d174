"""scripts/kill: a power cut loses no account that Amazon was told is linked, and hides none."""

import argparse
import asyncio
from pathlib import Path
import random
import sys
import time

from demo.amazon.simulation import SimulatedAmazon
from demo.home_assistant.client import RefusedError
from demo.home_assistant.configuration import CHECKOUT
from demo.home_assistant.first_steps import MissingError
from demo.home_assistant.process import HomeAssistant, StartError
from scripts.kill_closed import closed_home
from scripts.kill_home import LostError, log_of
from scripts.kill_webhook import webhook_home

TRIAL_LIMIT = 180


async def run(arguments: argparse.Namespace) -> int:
    """Run the rounds; 0 when nothing was lost."""
    home = HomeAssistant(arguments.folder)
    dice = random.Random(arguments.seed)  # noqa: S311 - no secret.
    killed_home = closed_home if arguments.closed else webhook_home
    what = "The beginning"
    try:
        async with SimulatedAmazon() as amazon, killed_home(amazon, home, dice) as killed:
            for what, survive in killed.trials(arguments.rounds):
                async with asyncio.timeout(TRIAL_LIMIT):
                    print(f"{what}: {await survive()}", flush=True)
    except (LostError, MissingError, StartError, RefusedError, OSError) as error:
        print(f"{what} failed: {error!r}", file=sys.stderr)
        print(f"Home Assistant's log: {log_of(home)}", file=sys.stderr)
        return 1
    finally:
        await home.kill()
    return 0


def main() -> int:
    """Read the arguments, and run."""
    parser = argparse.ArgumentParser(prog="scripts/kill", description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=20, help="kills at random (20)")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument(
        "--closed",
        action="store_true",
        help="nothing leads into the home; first a kill at each step of a link, then the rounds",
    )
    parser.add_argument("--folder", type=Path, default=CHECKOUT / ".cache" / "kill")
    arguments = parser.parse_args()
    print(f"Seed {arguments.seed}", flush=True)
    return asyncio.run(run(arguments))


if __name__ == "__main__":
    sys.exit(main())
