"""The simulated Amazon of demo/, over TLS on Amazon's own host names, with a stopwatch."""

import asyncio
from dataclasses import dataclass
import json
from pathlib import Path
import ssl
import time
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler

from demo.amazon.account import AcceptedEvent, Account, Enablement, Region
from demo.amazon.event_gateway import EventGateway
from demo.amazon.faults import Ledger
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill, directive

from . import network, router

_LIFETIME = 3600
_PATIENCE, _POLL = 10, 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A press as the event gateway saw it; in seconds of the machine's monotonic clock."""

    arrived_at: float
    accepted_at: float
    message: dict[str, Any]


class Amazon:
    """Login with Amazon and the European event gateway, each on an address of its own."""

    def __init__(self, certificate: Path) -> None:
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(certificate)
        self._simulated = SimulatedAmazon()
        self._runners: list[web.AppRunner] = []
        self._presses: list[Arrival] = []
        self._refused: list[str] = []
        self._arrived_at = 0.0
        self._busy: set[web.RequestHandler] = set()

    async def start(self) -> tuple[str, str]:
        """Listen; the skill's client id and secret."""
        simulated = self._simulated
        gateway = EventGateway(
            Region.EU,
            simulated.login,
            Ledger(simulated.clock, simulated.requests, simulated.gateway_faults),
            address_of=lambda _: "",
            accept=self._accept,
        )
        await self._serve(simulated.login.app(), str(network.LOGIN_WITH_AMAZON))
        await self._serve(gateway.app(), str(network.EVENT_GATEWAY))
        return simulated.client_id, simulated.client_secret

    async def _serve(self, app: web.Application, address: str) -> None:
        app.middlewares.append(self._stopwatch)
        runner = web.AppRunner(app, access_log=None, keepalive_timeout=_LIFETIME)
        await runner.setup()
        await web.TCPSite(runner, address, 443, ssl_context=self._tls, backlog=1024).start()
        self._runners.append(runner)

    @web.middleware
    async def _stopwatch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._busy.add(request.protocol)
        try:
            await request.read()
            # The handler awaits nothing before its own work, so no other request is noted.
            self._arrived_at = time.monotonic()
            response = await handler(request)
        finally:
            self._busy.discard(request.protocol)
        if response.status < web.HTTPBadRequest.status_code:
            return response
        refusal = self._simulated.requests[-1].refusal
        if refusal.endswith(": context: required key not provided"):
            # Home Assistant's own leaves it out; here its presses are to be timed, not judged.
            return self._take_anyway(await request.json())
        self._refused.append(f"{response.status} {refusal}")
        return response

    def _take_anyway(self, message: dict[str, Any]) -> web.Response:
        self._note_press(message)
        return web.Response(status=web.HTTPAccepted.status_code)

    def _accept(self, account: Account, region: Region, message: dict[str, Any]) -> None:
        event = AcceptedEvent(account=account.name, region=region, message=message, at=0)
        if event.name == "DoorbellPress":
            self._note_press(message)

    def _note_press(self, message: dict[str, Any]) -> None:
        now = time.monotonic()
        self._presses.append(Arrival(arrived_at=self._arrived_at, accepted_at=now, message=message))

    async def link(self, webhook_url: str, shared_secret: str, name: str) -> None:
        """Link a new account with this integration, as the skill's Lambda function does."""
        account = self._simulated.add_account(name)
        skill = Skill(self._simulated, webhook_url, shared_secret)
        if not await skill.link(account):
            raise RuntimeError(account.notice)

    async def link_own(self, url: str, access_token: str, name: str) -> None:
        """Link a new account with Home Assistant's own Alexa smart home."""
        account = self._simulated.add_account(name)
        account.enablement = Enablement.ENABLED
        code = self._simulated.login.new_code(account)
        grant = {"type": "OAuth2.AuthorizationCode", "code": code}
        grantee = {"type": "BearerToken", "token": access_token}
        message = directive(
            "Alexa.Authorization", "AcceptGrant", {"grant": grant, "grantee": grantee}
        )
        headers = {"Authorization": f"Bearer {access_token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(f"{url}/api/alexa/smart_home", json=message) as response,
        ):
            answer = await response.json()
        if answer["event"]["header"]["name"] != "AcceptGrant.Response":
            raise RuntimeError(json.dumps(answer))

    def set_token_lifetime(self, seconds: float = _LIFETIME) -> None:
        """Let access tokens that are handed out from now on end so soon."""
        self._simulated.login.expires_in = int(seconds)

    async def close_connections(self) -> None:
        """Close every connection as soon as it idles, as servers do with those that idle long."""
        connections = self._connections()
        for connection in connections:
            if connection in self._busy:
                connection.close()  # Once it has answered.
            elif connection.transport is not None:
                connection.transport.close()
        async with asyncio.timeout(_PATIENCE):
            # Nothing tells of a connection's end but the connection itself.
            while any(each.transport is not None for each in connections):  # noqa: ASYNC110
                await asyncio.sleep(_POLL)

    def forget_connections(self) -> int:
        """Be where a router has forgotten them all; how many there were to the gateway."""
        here = []
        for connection in self._connections():
            if connection.transport is not None:
                router.forget(connection.transport.get_extra_info("socket"))
                here.append(connection.transport.get_extra_info("sockname")[0])
        return here.count(str(network.EVENT_GATEWAY))

    async def reset_connections(self) -> None:
        """End every connection without a goodbye, those that a router forgot too."""
        for connection in self._connections():
            if isinstance(transport := connection.transport, asyncio.WriteTransport):
                router.reset_when_closed(transport.get_extra_info("socket"))
                transport.abort()
        # Until the other end has heard of it.
        await asyncio.sleep(network.ROUND_TRIP)

    def _connections(self) -> list[web.RequestHandler]:
        servers = [runner.server for runner in self._runners if runner.server is not None]
        return [connection for server in servers for connection in server.connections]

    def take_presses(self) -> list[Arrival]:
        """The presses since the last time; raises if anything was refused meanwhile."""
        presses, self._presses = self._presses, []
        refused, self._refused = self._refused, []
        self._simulated.requests.clear()
        if refused:
            raise RuntimeError(f"Amazon refused: {refused}")
        return presses
