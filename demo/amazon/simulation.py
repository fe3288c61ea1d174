"""The simulated Amazon: Login with Amazon, the event gateways, and Echos that speak."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
import time
from typing import Any, Self

from ..server import Server
from .account import AcceptedEvent, Account, Announcement, Enablement, RecordedRequest, Region
from .event_gateway import EventGateway
from .faults import Fault, Ledger
from .login_with_amazon import LoginWithAmazon, TokenKind
from .rules import DOORBELL, can_be_seen

__all__ = [
    "AcceptedEvent",
    "Account",
    "Announcement",
    "Enablement",
    "Fault",
    "RecordedRequest",
    "Region",
    "SimulatedAmazon",
]


class SimulatedAmazon:
    """Amazon as far as a doorbell sees it, on loopback ports.

    `clock` gives Unix seconds. `login_faults` and `gateway_faults` hold planned trouble; the
    records are `requests`, `events` and `announcements`.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.requests: list[RecordedRequest] = []
        self.events: list[AcceptedEvent] = []
        self.announcements: list[Announcement] = []
        self.login_faults: list[Fault] = []
        self.gateway_faults: list[Fault] = []
        self.accounts: dict[str, Account] = {}
        self.login = LoginWithAmazon(Ledger(clock, self.requests, self.login_faults))
        self._login_server = Server(self.login.app)
        self._gateway_servers = {region: Server(self._gateway(region).app) for region in Region}
        self._listeners: list[asyncio.Queue[Announcement]] = []
        self._unheard: asyncio.Queue[Announcement] = asyncio.Queue()

    def _gateway(self, region: Region) -> EventGateway:
        return EventGateway(
            region,
            self.login,
            Ledger(self.clock, self.requests, self.gateway_faults),
            address_of=self.gateway_url,
            accept=self._accept,
        )

    async def start(self) -> None:
        """Open the ports; those of an earlier start are used again."""
        for server in (self._login_server, *self._gateway_servers.values()):
            await server.start()

    async def stop(self) -> None:
        """Close the ports: from now on Amazon cannot be reached."""
        for server in (self._login_server, *self._gateway_servers.values()):
            await server.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def client_id(self) -> str:
        """The skill's Alexa Skill Messaging client id."""
        return self.login.client_id

    @property
    def client_secret(self) -> str:
        """The skill's Alexa Skill Messaging client secret."""
        return self.login.client_secret

    @property
    def lwa_url(self) -> str:
        """Where Login with Amazon is."""
        return self._login_server.url

    def gateway_url(self, region: Region = Region.EU) -> str:
        """Where the event gateway of the region is."""
        return self._gateway_servers[region].url

    def add_account(self, name: str, region: Region = Region.EU) -> Account:
        """A customer's account, not yet linked; names are unique."""
        if name in self.accounts:
            raise ValueError(f"There is an account {name} already")
        self.accounts[name] = Account(name=name, region=region)
        return self.accounts[name]

    def linking_token(self, account: Account) -> str:
        """The grantee's token when Login with Amazon serves the account linking."""
        return self.login.new_access_token(TokenKind.ACCOUNT_LINKING, account)

    def revoke(self, account: Account) -> None:
        """The customer disables the skill: tokens die, its devices are gone from the app."""
        self.login.revoke(account)
        account.enablement = Enablement.DISABLED
        account.endpoints.clear()

    def disable(self, account: Account) -> None:
        """Disable the skill and leave the tokens alive: the gateway answers 403."""
        account.enablement = Enablement.DISABLED

    def enable(self, account: Account) -> None:
        """Undo `disable`."""
        account.enablement = Enablement.ENABLED

    def expire_access_tokens(self, account: Account | None = None) -> None:
        """End the access tokens of the account, or of all, now."""
        self.login.expire_access_tokens(account)

    async def wait_for_announcement(self, timeout: float = 5) -> Announcement:  # noqa: ASYNC109
        """The next announcement that was not waited for yet; TimeoutError says what happened."""
        try:
            async with asyncio.timeout(timeout):
                return await self._unheard.get()
        except TimeoutError:
            last = "\n".join(map(str, self.requests[-5:])) or "none"
            raise TimeoutError(f"No announcement in {timeout} s. Last requests:\n{last}") from None

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Announcement]]:
        """A queue that receives every announcement from now on."""
        queue: asyncio.Queue[Announcement] = asyncio.Queue()
        self._listeners.append(queue)
        try:
            yield queue
        finally:
            self._listeners.remove(queue)

    def _accept(self, account: Account, region: Region, message: dict[str, Any]) -> None:
        event = AcceptedEvent(account=account.name, region=region, message=message, at=self.clock())
        self.events.append(event)
        inner = message["event"]
        if event.name == "DoorbellPress":
            self._announce(account, inner["endpoint"]["endpointId"])
        elif event.name == "AddOrUpdateReport":
            for endpoint in inner["payload"]["endpoints"]:
                account.endpoints[endpoint["endpointId"]] = endpoint
        elif event.name == "DeleteReport":
            for endpoint in inner["payload"]["endpoints"]:
                account.endpoints.pop(endpoint["endpointId"], None)

    def _announce(self, account: Account, endpoint_id: str) -> None:
        """Speak on the account's Echos, if it has discovered this doorbell."""
        endpoint = account.endpoints.get(endpoint_id)
        if endpoint is None or DOORBELL not in endpoint["capabilities"]:
            return
        announcement = Announcement(
            account=account.name,
            endpoint_id=endpoint_id,
            text=f"Someone is at the {endpoint['friendlyName']}",
            at=self.clock(),
            shown=can_be_seen(endpoint),
        )
        self.announcements.append(announcement)
        for queue in (self._unheard, *self._listeners):
            queue.put_nowait(announcement)
