"""Two web pages: an Alexa app that links and discovers, and Echos that show and speak."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from ..amazon.account import Account, Enablement, Region
from ..amazon.simulation import SimulatedAmazon
from ..amazon.skill import Skill
from ..server import Server
from .forms import form_of
from .in_app_browser import InAppBrowser
from .views import Views

_STATIC = Path(__file__).parent / "static"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
}
_NOTHING_ENTERED = {"webhook_url": "", "shared_secret": ""}


class Pages:
    """The pages of one simulated Amazon; `told` hears of each step taken on them.

    `skill` is the one that they link with; without one, they ask for a webhook's.
    """

    def __init__(
        self,
        amazon: SimulatedAmazon,
        *,
        skill: Skill | None = None,
        port: int = 0,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.skill = skill
        self._amazon = amazon
        self._told = told
        self._browser = InAppBrowser(told, back_to="/app")
        self._views = Views(amazon.accounts, lambda: self.skill, told)
        self._server = Server(self._app, port)

    @property
    def app_url(self) -> str:
        """The Alexa app."""
        return f"{self._server.url}/app"

    @property
    def echo_url(self) -> str:
        """The Echos."""
        return f"{self._server.url}/echo"

    async def start(self) -> None:
        """Listen."""
        await self._server.start()

    async def stop(self) -> None:
        """End every page's connection and the port."""
        await self._server.stop()

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/", self._home)
        app.router.add_get("/{page:app|echo}", self._page)
        app.router.add_static("/static", _STATIC)
        app.router.add_get("/api/state", self._state)
        app.router.add_get("/api/announcements", self._announcements)
        app.router.add_post("/api/accounts", self._add_account)
        app.router.add_post("/api/{step:link|unlink|discover}", self._step)
        self._browser.add_routes(app.router)
        self._views.add_routes(app.router)
        return app

    async def _home(self, _: web.Request) -> web.Response:
        raise web.HTTPFound("/app")

    async def _page(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(_STATIC / f"{request.match_info['page']}.html", headers=_HEADERS)

    async def _state(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "skill": self.skill.shown() if self.skill else _NOTHING_ENTERED,
                "accounts": [_shown(account) for account in self._amazon.accounts.values()],
                "announcements": [asdict(said) for said in self._amazon.announcements[-20:]],
            },
            headers=_HEADERS,
        )

    async def _announcements(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events; a page that comes back says what it heard last."""
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", **_HEADERS})
        said = self._amazon.announcements
        last = request.headers.get("Last-Event-ID", "")
        told = min(int(last) + 1, len(said)) if last.isdecimal() else len(said)
        with self._amazon.listen() as news:
            await stream.prepare(request)
            await stream.write(b": connected\n\n")
            while True:
                for number in range(told, len(said)):
                    data = json.dumps(asdict(said[number]))
                    await stream.write(f"id: {number}\ndata: {data}\n\n".encode())
                told = len(said)
                await news.get()

    async def _add_account(self, request: web.Request) -> web.Response:
        form = await form_of(request)
        name = str(form.get("name", "")).strip()[:40]
        if not name or name in self._amazon.accounts:
            raise web.HTTPConflict(text="Give the account a name that is not taken yet.")
        region = form.get("region")
        if region not in set(Region):
            raise web.HTTPBadRequest(text="Choose a region.")
        return web.json_response(_shown(self._amazon.add_account(name, Region(region))))

    async def _step(self, request: web.Request) -> web.Response:
        form = await form_of(request)
        account = self._amazon.accounts.get(str(form.get("account")))
        if account is None:
            raise web.HTTPNotFound(text="There is no such account.")
        step = request.match_info["step"]
        try:
            skill = self.skill = self._skill(form)
            if step == "link" and (page := skill.linking_page(account)):
                return web.json_response({"page": self._browser.open(page)})
            await asyncio.shield(getattr(skill, step)(account))
        except ValueError as error:
            # A secret that is no base64, or an address that is none: the form, not Amazon.
            raise web.HTTPBadRequest(text=f"Look at address and secret again: {error}") from error
        self._told(f"Alexa app of {account.name}: {account.notice}")
        return web.json_response(_shown(account))

    def _skill(self, form: dict[str, Any]) -> Skill:
        """The skill, or the one that the form describes."""
        entered = {key: str(form[key]).strip() for key in _NOTHING_ENTERED if key in form}
        if self.skill is not None and not entered:
            return self.skill
        return Skill(self._amazon, **(_NOTHING_ENTERED | entered))


def _shown(account: Account) -> dict[str, Any]:
    """An account as the pages show it: no tokens."""
    return {
        "name": account.name,
        "region": account.region,
        "linked": account.enablement is Enablement.ENABLED,
        "notice": account.notice,
        "devices": [endpoint["friendlyName"] for endpoint in account.endpoints.values()],
    }
