"""The browser inside the Alexa app: it shows a skill's own linking page, as the skill made it."""

from collections.abc import Callable

from aiohttp import web

from ..amazon.linking_page import LinkingPage, Shown

# Where the page's form leads: it is one of the function's addresses too.
_PATH = "/authorize"


class InAppBrowser:
    """Shows the linking pages that are open; what leads back to Alexa leads back to the app.

    `told` hears of each account that came back.
    """

    def __init__(self, told: Callable[[str], None], back_to: str) -> None:
        self._told = told
        self._back_to = back_to
        self._open: dict[str, LinkingPage] = {}

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve them."""
        router.add_get(_PATH, self._show)
        router.add_post(_PATH, self._submit)

    def open(self, page: LinkingPage) -> str:
        """The address under which the page is shown."""
        self._open[page.state] = page
        return f"{_PATH}?state={page.state}"

    async def _show(self, request: web.Request) -> web.Response:
        page = self._page(request.query.get("state"))
        return self._answer(page, await page.open(_languages(request)))

    async def _submit(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        page = self._page(form.get("state"))
        return self._answer(page, await page.submit(form, _languages(request)))

    def _page(self, state: str | None) -> LinkingPage:
        if state is None or state not in self._open:
            raise web.HTTPNotFound(text="This page is closed. Go back to the app and link there.")
        return self._open[state]

    def _answer(self, page: LinkingPage, shown: Shown | None) -> web.Response:
        if shown is not None:
            return web.Response(status=shown.status, headers=dict(shown.headers), body=shown.body)
        self._open.pop(page.state, None)
        self._told(f"Alexa app of {page.account.name}: {page.account.notice}")
        raise web.HTTPSeeOther(self._back_to)


def _languages(request: web.Request) -> str:
    return request.headers.get("Accept-Language", "en")
