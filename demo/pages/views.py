"""Echo Shows in a browser: the page makes a WebRTC offer, the skill's home answers."""

from collections.abc import Callable, Mapping
import contextlib
import time

from aiohttp import web

from ..amazon.account import Account
from ..amazon.live_view import LiveView, NotShownError
from ..amazon.skill import Skill
from ..live_view.sdp import as_alexa_offers, as_its_maker_takes
from .forms import form_of


class Views:
    """The live views that are open on the page; `told` hears of each."""

    def __init__(
        self,
        accounts: Mapping[str, Account],
        skill: Callable[[], Skill | None],
        told: Callable[[str], None],
    ) -> None:
        self._accounts = accounts
        self._skill = skill
        self._told = told
        self._open: dict[str, LiveView] = {}

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve them."""
        router.add_post("/api/views", self._begin)
        router.add_post("/api/views/{session}/{step:connected|disconnected}", self._tell)

    async def _begin(self, request: web.Request) -> web.Response:
        form = await form_of(request)
        account = self._accounts.get(str(form.get("account")))
        endpoint = account.endpoints.get(str(form.get("endpoint_id"))) if account else None
        skill = self._skill()
        if account is None or endpoint is None or skill is None:
            raise web.HTTPNotFound(text="There is no such doorbell.")
        own = str(form.get("offer"))
        try:
            offer = as_alexa_offers(own)
        except ValueError as error:
            raise web.HTTPBadRequest(text=f"This browser is no Echo Show. {error}") from error
        view = LiveView(skill, account, endpoint["endpointId"])
        began = time.monotonic()
        try:
            answer = await view.open(offer)
        except NotShownError as error:
            self._told(f"{account.name}'s Echo stays dark. {error}")
            raise web.HTTPConflict(text=f"The door is not shown. {error}") from error
        self._open[view.session_id] = view
        seconds = time.monotonic() - began
        name = endpoint["friendlyName"]
        self._told(f"{account.name}'s Echo shows the {name}, answered in {seconds:.2f} s")
        shown = {"session": view.session_id, "answer": as_its_maker_takes(answer, own)}
        return web.json_response(shown)

    async def _tell(self, request: web.Request) -> web.Response:
        session, step = request.match_info["session"], request.match_info["step"]
        await form_of(request)
        if (view := self._open.get(session)) is None:
            raise web.HTTPNotFound(text="This view is closed.")
        if step == "disconnected":
            del self._open[session]
        # It is closed here, whatever Home Assistant says to it.
        with contextlib.suppress(NotShownError):
            await (view.connected() if step == "connected" else view.disconnected())
        return web.json_response({})
