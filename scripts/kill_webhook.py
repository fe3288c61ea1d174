"""Links by the webhook: whoever was told that the link succeeded is on the disk, and announces."""

import asyncio
from collections.abc import AsyncIterator
import contextlib
import json
import random
from typing import override

from demo.amazon.account import Account
from demo.amazon.login_with_amazon import RefreshTokenAnswer
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill
from demo.home_assistant.first_steps import add_doorbell, add_skill
from demo.home_assistant.process import HomeAssistant
from scripts.kill_home import CUT_OFF, KILLED_STARTS, PAUSE, KilledHome, LostError

# In seconds. A token is refreshed at half of its life, so that a kill often meets a refresh.
TOKEN_LIFETIME = 4
LONGEST_LIFE = 5.0
# How often somebody deletes an account while the others work.
DELETIONS = 0.5
# So many of the newest accounts link again and again; the others only have tokens refreshed.
LINKERS = 2


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


class WebhookHome(KilledHome):
    """Who was told that it is linked, and a skill that knows the webhook."""

    def __init__(self, amazon: SimulatedAmazon, home: HomeAssistant, dice: random.Random) -> None:
        super().__init__(amazon, home, dice)
        self._skill: Skill
        self._tokens = RefreshTokens()
        self._linked: set[str] = set()
        self._links = 0
        self._deletions = 0
        self._stopping = False

    async def set_up(self) -> None:
        """Add the integration and a doorbell, and let Home Assistant store that in peace."""
        login = self.amazon.login
        login.expires_in = TOKEN_LIFETIME
        login.refresh_token_answer = RefreshTokenAnswer.NEW
        login._refresh_tokens = self._tokens  # noqa: SLF001 - Amazon's leniency, only here.
        await self.home.start()
        settings, flow_id = await add_skill(self.home.client, self.amazon)
        await add_doorbell(self.home.client, flow_id)
        self._skill = Skill(self.amazon, settings.webhook_url, settings.shared_secret)
        await self.home.restart()

    @override
    async def run_round(self, number: int) -> str:
        self.amazon.requests.clear()
        self.amazon.add_account(f"Account {number}")
        self._links, self._deletions, self._stopping = 0, 0, False
        accounts = list(self.amazon.accounts.values())
        # Every other round only tokens are refreshed: each link writes what is there of all.
        newest = accounts[-LINKERS:] if number % 2 else []
        await self._mend([account for account in accounts if account not in newest])
        work = [asyncio.create_task(self._link_again_and_again(account)) for account in newest]
        work.append(asyncio.create_task(self.press()))
        if self.dice.random() < DELETIONS:
            work.append(asyncio.create_task(self._delete_one(accounts[:-LINKERS])))
        life = self.dice.uniform(0, LONGEST_LIFE)
        await asyncio.sleep(life)
        self._stopping = True
        await self.home.kill()
        # Not cancelled: Amazon may have an answer that nobody has looked at yet.
        await asyncio.gather(*work)
        self._check_file()
        story = f"{self._links} links, {self._deletions} deletions, killed after {life:.2f} s"
        if self.dice.random() < KILLED_STARTS:
            story += f", killed again {await self.kill_a_start():.2f} s into the start"
            self._check_file()
        started = await self.start()
        await self._check_announcements()
        await self.check_page()
        story += f", started in {started:.1f} s"
        return f"{story}: {len(self._linked)} accounts announce after {self._refreshes()} refreshes"

    async def _mend(self, accounts: list[Account]) -> None:
        """Link whose link a kill cut short, as a customer would who saw that it failed."""
        for account in accounts:
            if account.name not in self._linked and not await self._skill.link(account):
                raise LostError(f"{account.name} cannot be linked again: {account.notice}")
            self._linked.add(account.name)

    async def _link_again_and_again(self, account: Account) -> None:
        """Disable the skill and enable it, for as long as there is somebody to talk to."""
        while not self._stopping:
            self._linked.discard(account.name)
            self._tokens.revoke(account)
            self.amazon.expire_access_tokens(account)
            if await self._skill.link(account):
                self._linked.add(account.name)
                self._links += 1
                await asyncio.sleep(self.dice.uniform(0, PAUSE))

    async def _delete_one(self, accounts: list[Account]) -> None:
        """Delete an account on the page, at any time before the kill, or during it."""
        await asyncio.sleep(self.dice.uniform(0, LONGEST_LIFE))
        if self._stopping or not accounts:
            return
        account = self.dice.choice(accounts)
        self._linked.discard(account.name)
        with contextlib.suppress(*CUT_OFF):
            for subentry_id, shown in (await self.page()).items():
                if shown == self._account_id(account.name):
                    await self.home.client.command(
                        "config_entries/subentries/delete",
                        entry_id=await self.entry_id(),
                        subentry_id=subentry_id,
                    )
                    self._deletions += 1

    def _account_id(self, name: str) -> str:
        return f"amazon.{self.amazon.accounts[name].user_id}"

    def _refreshes(self) -> int:
        return [each.detail for each in self.amazon.requests].count("refresh_token")

    def _check_file(self) -> None:
        """The file is whole, private, and has every account that Amazon was told is linked."""
        stored = self.stored()
        for name in self._linked:
            if not stored.get(self._account_id(name), {}).get("refresh_token"):
                raise LostError(f"{name} was told that it is linked, and is not in the file")

    async def _check_announcements(self) -> None:
        announced, answer = await self.announcements()
        if silent := sorted(self._linked - announced.keys()):
            raise LostError(f"A press is not announced to {silent}: {json.dumps(answer)}")


@contextlib.asynccontextmanager
async def webhook_home(
    amazon: SimulatedAmazon, home: HomeAssistant, dice: random.Random
) -> AsyncIterator[WebhookHome]:
    """A home with a doorbell, and a skill that knows its webhook."""
    killed = WebhookHome(amazon, home, dice)
    await killed.set_up()
    yield killed
