"""scripts/kill: a power cut loses no account that Amazon was told is linked, and hides none."""

import argparse
import asyncio
import contextlib
from dataclasses import dataclass, field
import json
from pathlib import Path
import random
import sys
import time
from typing import Any, override

import aiohttp

from demo.amazon.account import Account
from demo.amazon.login_with_amazon import RefreshTokenAnswer
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill
from demo.home_assistant.client import RefusedError
from demo.home_assistant.configuration import CHECKOUT
from demo.home_assistant.first_steps import FRIENDLY_NAME, MissingError, add_doorbell, add_skill
from demo.home_assistant.process import HomeAssistant, StartError

FOLDER = CHECKOUT / ".cache" / "kill"
# In seconds. A token is refreshed at half of its life, so that a kill often meets a refresh.
TOKEN_LIFETIME = 4
LONGEST_LIFE = 5.0
LONGEST_PAUSE = 0.1
FORGETTING = 5
ROUND_LIMIT = 180
# How often a start is killed too.
KILLED_STARTS = 0.3
# How often somebody deletes an account while the others work.
DELETIONS = 0.5
# So many of the newest accounts link again and again; the others only have tokens refreshed.
LINKERS = 2


class LostError(Exception):
    """What must not get lost did; the text says what."""


class RefreshTokens(dict[str, Account]):
    """A replaced token stays good until the one that replaced it is used.

    As at Amazon, where an answer may be lost on its way just as here by a kill.
    """

    def __init__(self) -> None:
        super().__init__()
        self._older: dict[str, str] = {}
        self._used: str | None = None

    @override
    def __delitem__(self, token: str) -> None:
        if (older := self._older.pop(token, None)) is not None:
            self.pop(older, None)
        self._used = token

    @override
    def __setitem__(self, token: str, account: Account) -> None:
        super().__setitem__(token, account)
        if self._used is not None:
            self._older[token], self._used = self._used, None

    def revoke(self, account: Account) -> None:
        """As when the skill is disabled: only a new grant helps."""
        for token in [token for token, whose in self.items() if whose is account]:
            self.pop(token)


@dataclass
class Trial:
    """One Home Assistant, one Amazon, and who was told that it is linked."""

    amazon: SimulatedAmazon
    home: HomeAssistant
    dice: random.Random
    skill: Skill | None = None
    tokens: RefreshTokens = field(default_factory=RefreshTokens)
    linked: set[str] = field(default_factory=set)
    links: int = 0
    deletions: int = 0
    stopping: bool = False
    start_took: float = 5

    async def set_up(self) -> None:
        """Add the integration and a doorbell, and let Home Assistant store that in peace."""
        login = self.amazon.login
        login.expires_in = TOKEN_LIFETIME
        login.refresh_token_answer = RefreshTokenAnswer.NEW
        login._refresh_tokens = self.tokens  # noqa: SLF001 - Amazon's leniency, only here.
        await self.home.start()
        settings, flow_id = await add_skill(self.home.client, self.amazon)
        await add_doorbell(self.home.client, flow_id)
        self.skill = Skill(self.amazon, settings.webhook_url, settings.shared_secret)
        await self.home.restart()

    async def run_round(self, number: int) -> str:
        """Work, kill, look, start, press; what happened in a line, or LostError."""
        self.amazon.requests.clear()
        self.amazon.add_account(f"Account {number}")
        self.links, self.deletions, self.stopping = 0, 0, False
        accounts = list(self.amazon.accounts.values())
        # Every other round only tokens are refreshed: each link writes what is there of all.
        newest = accounts[-LINKERS:] if number % 2 else []
        await self._mend([account for account in accounts if account not in newest])
        work = [asyncio.create_task(self._link_again_and_again(account)) for account in newest]
        work.append(asyncio.create_task(self._press()))
        if self.dice.random() < DELETIONS:
            work.append(asyncio.create_task(self._delete_one(accounts[:-LINKERS])))
        life = self.dice.uniform(0, LONGEST_LIFE)
        await asyncio.sleep(life)
        self.stopping = True
        await self.home.kill()
        # Not cancelled: Amazon may have an answer that nobody has looked at yet.
        await asyncio.gather(*work)
        self._check_file()
        story = f"{self.links} links, {self.deletions} deletions, killed after {life:.2f} s"
        if self.dice.random() < KILLED_STARTS:
            story += f", killed again {await self._kill_a_start():.2f} s into the start"
            self._check_file()
        started = time.monotonic()
        await self.home.start()
        self.start_took = time.monotonic() - started
        await self._check_announcements()
        await self._check_page()
        story += f", started in {self.start_took:.1f} s"
        return f"{story}: {len(self.linked)} accounts announce after {self._refreshes()} refreshes"

    async def _mend(self, accounts: list[Account]) -> None:
        """Link whose link a kill cut short, as a customer would who saw that it failed."""
        assert self.skill is not None  # noqa: S101 - For mypy: set_up made it.
        for account in accounts:
            if account.name not in self.linked and not await self.skill.link(account):
                raise LostError(f"{account.name} cannot be linked again: {account.notice}")
            self.linked.add(account.name)

    async def _link_again_and_again(self, account: Account) -> None:
        """Disable the skill and enable it, for as long as there is somebody to talk to."""
        assert self.skill is not None  # noqa: S101 - For mypy: set_up made it.
        while not self.stopping:
            self.linked.discard(account.name)
            self.tokens.revoke(account)
            self.amazon.expire_access_tokens(account)
            if await self.skill.link(account):
                self.linked.add(account.name)
                self.links += 1
                await asyncio.sleep(self.dice.uniform(0, LONGEST_PAUSE))

    async def _delete_one(self, accounts: list[Account]) -> None:
        """Delete an account on the page, at any time before the kill, or during it."""
        await asyncio.sleep(self.dice.uniform(0, LONGEST_LIFE))
        if self.stopping or not accounts:
            return
        account = self.dice.choice(accounts)
        self.linked.discard(account.name)
        with contextlib.suppress(aiohttp.ClientError, RefusedError, OSError, TimeoutError):
            for subentry_id, shown in (await self._page()).items():
                if shown == self._account_id(account.name):
                    await self.home.client.command(
                        "config_entries/subentries/delete",
                        entry_id=await self._entry_id(),
                        subentry_id=subentry_id,
                    )
                    self.deletions += 1

    async def _entry_id(self) -> str:
        entries = await self.home.client.command("config_entries/get", domain="alexa_doorbell")
        return str(entries[0]["entry_id"])

    async def _page(self) -> dict[str, str]:
        """The accounts on the page of the skill, by their subentries."""
        subentries = await self.home.client.command(
            "config_entries/subentries/list", entry_id=await self._entry_id()
        )
        return {
            each["subentry_id"]: each["unique_id"]
            for each in subentries
            if each["subentry_type"] == "account"
        }

    def _account_id(self, name: str) -> str:
        return f"amazon.{self.amazon.accounts[name].user_id}"

    async def _press(self) -> None:
        with contextlib.suppress(aiohttp.ClientError, RefusedError, OSError, TimeoutError):
            await self._ring()

    async def _ring(self) -> Any:
        devices = await self.home.client.command("config/device_registry/list")
        (device_id,) = [each["id"] for each in devices if each["name"] == FRIENDLY_NAME]
        return await self.home.client.act(
            "alexa_doorbell", "ring", {"device_id": device_id}, response=True
        )

    async def _kill_a_start(self) -> float:
        moment = self.dice.uniform(0, self.start_took)
        starting = asyncio.create_task(self.home.start())
        await asyncio.sleep(moment)
        await self.home.kill()
        with contextlib.suppress(StartError, aiohttp.ClientError, RefusedError, OSError):
            await starting
        return moment

    def _refreshes(self) -> int:
        return [each.detail for each in self.amazon.requests].count("refresh_token")

    def _check_file(self) -> None:
        """The file is whole, private, and has every account that Amazon was told is linked."""
        stored = self._stored()
        for name in self.linked:
            if not stored.get(self._account_id(name), {}).get("refresh_token"):
                raise LostError(f"{name} was told that it is linked, and is not in the file")

    def _stored(self) -> dict[str, dict[str, Any]]:
        """What the file of tokens says, by account."""
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

    async def _check_page(self) -> None:
        """Whose tokens are on the disk is on the page, and nobody else; soon after the start."""
        ends = time.monotonic() + FORGETTING
        while (page := sorted((await self._page()).values())) != (stored := sorted(self._stored())):
            if time.monotonic() > ends:
                raise LostError(f"On the page is {page}, and on the disk {stored}")
            await asyncio.sleep(LONGEST_PAUSE)

    async def _check_announcements(self) -> None:
        self.amazon.events.clear()
        try:
            answer = await self._ring()
        except RefusedError as refused:
            answer = str(refused)  # Rightly, if the kill cut off the only link there was.
        announced = {event.account for event in self.amazon.events}
        if silent := sorted(self.linked - announced):
            raise LostError(f"A press is not announced to {silent}: {json.dumps(answer)}")


async def run(rounds: int, seed: int) -> int:
    """Run the rounds; 0 when nothing was lost."""
    home = HomeAssistant(FOLDER)
    async with SimulatedAmazon() as amazon:
        trial = Trial(amazon, home, random.Random(seed))  # noqa: S311 - no secret.
        number = 0
        try:
            await trial.set_up()
            for number in range(1, rounds + 1):
                async with asyncio.timeout(ROUND_LIMIT):
                    print(f"Round {number}: {await trial.run_round(number)}", flush=True)
        except (LostError, MissingError, StartError, RefusedError, OSError) as error:
            print(f"Round {number} failed: {error!r}", file=sys.stderr)
            print(f"Home Assistant's log: {_from_checkout(home.folder)}", file=sys.stderr)
            return 1
        finally:
            await home.kill()
    return 0


def _from_checkout(folder: Path) -> Path:
    return (folder / "console.log").relative_to(CHECKOUT)


def main() -> int:
    """Read the arguments, and run."""
    parser = argparse.ArgumentParser(prog="scripts/kill", description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=20)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    arguments = parser.parse_args()
    print(f"Seed {arguments.seed}", flush=True)
    return asyncio.run(run(arguments.rounds, arguments.seed))


if __name__ == "__main__":
    sys.exit(main())
