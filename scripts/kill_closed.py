"""Links of a closed home: whoever Alexa was told is linked is taken over, once, and announces."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
import contextlib
from functools import partial
import json
from pathlib import Path
import random
import signal
import time
from typing import override

from demo import closed
from demo.amazon.simulation import SimulatedAmazon
from demo.developer.aws_tables import rows
from demo.developer.closed_skill import ClosedSkill
from demo.home_assistant import killed
from demo.home_assistant.first_steps import open_account_window, wait_for_account
from demo.home_assistant.killed import Step
from demo.home_assistant.process import HomeAssistant, StartError
from scripts.kill_home import CUT_OFF, KILLED_STARTS, PAUSE, KilledHome, LostError, Trial

# In seconds, on a machine that has much to do: the home asks every 5 s at the most.
LONGEST_WAY = 60
LONGEST_LIFE = 10.0
# Until a home that has started has asked.
SETTLING = 30
# Home Assistant writes its entries a second after they have changed.
WRITING = 2
# The steps at which the tokens of the account that links are on the disk.
ON_DISK = list(Step)[list(Step).index(Step.RENAMED) :]
# The steps at which its grant waits with the function.
WAITING = list(Step)[: list(Step).index(Step.ACKNOWLEDGED)]


class ClosedHome(KilledHome):
    """Who has linked, and a skill whose function keeps the grants."""

    def __init__(
        self, amazon: SimulatedAmazon, home: HomeAssistant, dice: random.Random, skill: ClosedSkill
    ) -> None:
        super().__init__(amazon, home, dice)
        self._skill = skill
        self._step_file = step_file(home)
        self._linked: set[str] = set()

    @override
    def trials(self, rounds: int) -> Iterable[Trial]:
        for step in Step:
            yield f"Killed {step}", partial(self.survive, step)
        for step in Step:
            yield f"Killed in a start {step}", partial(self.survive_in_a_start, step)
        yield from super().trials(rounds)

    async def survive(self, step: Step) -> str:
        """Alexa asks while the home waits for it; the home goes on, and dies at the step."""
        window, code = await self._window()
        # What the home does between the two would be luck.
        self.home.send(signal.SIGSTOP)
        await self._link(code)
        self._step_file.write_text(step)
        self.home.send(signal.SIGCONT)
        with contextlib.suppress(*CUT_OFF):
            await wait_for_account(self.home.client, window)
        async with asyncio.timeout(LONGEST_WAY):
            await self.home.wait()
        return await self._come_back(step)

    async def survive_in_a_start(self, step: Step) -> str:
        """Alexa asks while the home is away; it dies at the step when it starts."""
        _, code = await self._window()
        await self.home.kill()
        await self._link(code)
        self._step_file.write_text(step)
        with contextlib.suppress(StartError, *CUT_OFF):
            await self.home.start()
        async with asyncio.timeout(LONGEST_WAY):
            await self.home.wait()
        return await self._come_back(step)

    async def _come_back(self, step: Step) -> str:
        await self.home.kill()  # It is dead: its client is told.
        self._step_file.unlink()
        found = (len(self.stored()) == len(self._linked), bool(waiting()))
        if found != (step in ON_DISK, step in WAITING):
            raise LostError(f"It died elsewhere: on the disk and waiting are {found}")
        return await self._start_and_look()

    @override
    async def run_round(self, number: int) -> str:
        before = len(self._linked)
        work = asyncio.create_task(self._link_again_and_again())
        press = asyncio.create_task(self.press())
        life = self.dice.uniform(0, LONGEST_LIFE)
        await asyncio.sleep(life)
        await self.home.kill()
        # Not cancelled: what Alexa has begun goes on without the home.
        await asyncio.gather(work, press)
        story = f"{len(self._linked) - before} links, killed after {life:.2f} s"
        if self.dice.random() < KILLED_STARTS:
            story += f", killed again {await self.kill_a_start():.2f} s into the start"
        return f"{story}, {await self._start_and_look()}"

    async def _link_again_and_again(self) -> None:
        """Let one account after the other link, for as long as there is a home to link with."""
        with contextlib.suppress(*CUT_OFF):
            while True:
                _, code = await self._window()
                await self._link(code)
                await asyncio.sleep(self.dice.uniform(0, LONGEST_LIFE / 2))

    async def _window(self) -> tuple[str, str]:
        return await open_account_window(self.home.client, await self.entry_id())

    async def _link(self, code: str) -> None:
        account = self.amazon.add_account(f"Account {len(self.amazon.accounts) + 1}")
        if not await self._skill.link_with(account, code):
            raise LostError(f"{account.name} could not be linked: {account.notice}")
        self._linked.add(account.name)

    async def _start_and_look(self) -> str:
        """Start in peace: everybody is there once, on disk and page, and hears the doorbell."""
        started = await self.start()
        ends = time.monotonic() + SETTLING
        while left := waiting():
            if time.monotonic() > ends:
                raise LostError(f"{left} grants still wait with the function")
            await asyncio.sleep(PAUSE)
        everybody = Counter(self._linked)
        if (there := self._on_disk()) != everybody:
            raise LostError(f"Linked are {_told(everybody)}, and on the disk {_told(there)}")
        await self.check_page()
        announced, answer = await self.announcements()
        if announced != everybody:
            told = f"announced to {_told(announced)}: {json.dumps(answer)}"
            raise LostError(f"Linked are {_told(everybody)}, and a press is {told}")
        return f"started in {started:.1f} s, {len(everybody)} accounts announce"

    def _on_disk(self) -> Counter[str]:
        """Whose tokens are on the disk, and how often."""
        whose = self.amazon.login._refresh_tokens  # noqa: SLF001 - Only Amazon knows.
        return Counter(whose[each["refresh_token"]].name for each in self.stored().values())


def step_file(home: HomeAssistant) -> Path:
    """Where a step is named that it is to be killed at."""
    return home.folder / "killed_at"


def waiting() -> int:
    """How many grants wait with the function."""
    return sum(name.startswith("grant_") for row in rows("grant#") for name in row)


def _told(names: Counter[str]) -> list[str]:
    return sorted(names.elements())


@contextlib.asynccontextmanager
async def closed_home(
    amazon: SimulatedAmazon, home: HomeAssistant, dice: random.Random
) -> AsyncIterator[ClosedHome]:
    """A home with a doorbell into which nothing leads, made from nothing."""
    home.environment[killed.STEP_FILE] = str(step_file(home))
    async with closed.closed_home(amazon, home, print, program=killed.__name__) as (skill, _):
        await asyncio.sleep(WRITING)
        yield ClosedHome(amazon, home, dice, skill)
