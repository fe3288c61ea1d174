"""What scripts/kill looks at after each power cut, whichever way the directives come."""

from abc import ABC, abstractmethod
import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
import contextlib
from functools import partial
import json
from pathlib import Path
import random
import time
from typing import Any

import aiohttp

from demo.amazon.simulation import SimulatedAmazon
from demo.home_assistant.client import RefusedError
from demo.home_assistant.first_steps import FRIENDLY_NAME
from demo.home_assistant.process import HomeAssistant, StartError

# How often a start is killed too.
KILLED_STARTS = 0.3
PAUSE = 0.1
FORGETTING = 5
# What a client of a Home Assistant meets that is killed.
CUT_OFF = (aiohttp.ClientError, RefusedError, OSError, TimeoutError)

# What it is called, and what tells in a line how it went.
type Trial = tuple[str, Callable[[], Awaitable[str]]]


class LostError(Exception):
    """What must not get lost did; the text says what."""


class KilledHome(ABC):
    """One Home Assistant, one Amazon, and what the disk, the page and the Echos say."""

    def __init__(self, amazon: SimulatedAmazon, home: HomeAssistant, dice: random.Random) -> None:
        self.amazon = amazon
        self.home = home
        self.dice = dice
        self._start_took = 5.0

    def trials(self, rounds: int) -> Iterable[Trial]:
        """What is to be survived, one after the other: so many rounds."""
        for number in range(1, rounds + 1):
            yield f"Round {number}", partial(self.run_round, number)

    @abstractmethod
    async def run_round(self, number: int) -> str:
        """Work, kill, start and look; what happened in a line, or LostError."""

    async def start(self) -> float:
        """Start it; the seconds that this took."""
        started = time.monotonic()
        await self.home.start()
        self._start_took = time.monotonic() - started
        return self._start_took

    async def kill_a_start(self) -> float:
        """Start it and kill it before it runs; the seconds in between."""
        moment = self.dice.uniform(0, self._start_took)
        starting = asyncio.create_task(self.home.start())
        await asyncio.sleep(moment)
        await self.home.kill()
        with contextlib.suppress(StartError, *CUT_OFF):
            await starting
        return moment

    async def entry_id(self) -> str:
        """The skill's entry."""
        entries = await self.home.client.command("config_entries/get", domain="alexa_doorbell")
        return str(entries[0]["entry_id"])

    async def page(self) -> dict[str, str]:
        """The accounts on the page of the skill, by their subentries."""
        subentries = await self.home.client.command(
            "config_entries/subentries/list", entry_id=await self.entry_id()
        )
        return {
            each["subentry_id"]: each["unique_id"]
            for each in subentries
            if each["subentry_type"] == "account"
        }

    async def ring(self) -> Any:
        """Press the doorbell; what became of it."""
        devices = await self.home.client.command("config/device_registry/list")
        (device_id,) = [each["id"] for each in devices if each["name"] == FRIENDLY_NAME]
        return await self.home.client.act(
            "alexa_doorbell", "ring", {"device_id": device_id}, response=True
        )

    async def press(self) -> None:
        """Press the doorbell of a home that may be killed meanwhile."""
        with contextlib.suppress(*CUT_OFF):
            await self.ring()

    async def announcements(self) -> tuple[Counter[str], Any]:
        """How often a press is announced to whom, and what Home Assistant says became of it."""
        self.amazon.events.clear()
        try:
            answer = await self.ring()
        except RefusedError as refused:
            answer = str(refused)  # Rightly, if the kill cut off the only link there was.
        presses = [event for event in self.amazon.events if event.name == "DoorbellPress"]
        return Counter(press.account for press in presses), answer

    def stored(self) -> dict[str, dict[str, Any]]:
        """What the file of tokens says, by account; LostError unless it is whole and private."""
        files = list((self.home.folder / ".storage").glob("alexa_doorbell.*"))
        if not files:
            return {}
        if len(files) != 1:
            raise LostError(f"There should be one file of tokens: {[file.name for file in files]}")
        text = files[0].read_text()
        try:
            stored = {each["account_id"]: each for each in json.loads(text)["data"]["accounts"]}
        except (ValueError, KeyError, TypeError) as error:
            raise LostError(f"The file of tokens is half written: {error!r}") from error
        if files[0].stat().st_mode & 0o077:
            raise LostError("The file of tokens is not private")
        return stored

    async def check_page(self) -> None:
        """Whose tokens are on the disk is on the page, and nobody else; soon after the start."""
        ends = time.monotonic() + FORGETTING
        while (page := sorted((await self.page()).values())) != (stored := sorted(self.stored())):
            if time.monotonic() > ends:
                raise LostError(f"On the page is {page}, and on the disk {stored}")
            await asyncio.sleep(PAUSE)


def log_of(home: HomeAssistant) -> Path:
    """Where Home Assistant writes its log."""
    return home.folder / "console.log"
