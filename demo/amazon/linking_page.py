"""The page on which a skill asks its customer something before they link, as Alexa opens it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
import secrets
from typing import Any
from urllib.parse import parse_qsl

import aiohttp

from .account import Account

# Those that say something of how the page is to be shown.
_SHOWN = ("Content-Type", "Content-Language", "Content-Security-Policy", "Referrer-Policy")
_OK = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What the browser shows."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class LinkingPage:
    """The page, opened for one account; `linking` is what Amazon was told of the account linking.

    `link` takes the access token that comes of it. Whether the account has linked is in `is_linked`
    then, and why it has not in the account's notice.
    """

    def __init__(
        self,
        account: Account,
        linking: Mapping[str, Any],
        redirect_uri: str,
        link: Callable[[str], Awaitable[bool]],
    ) -> None:
        self.account = account
        self.state = secrets.token_urlsafe()
        self.is_linked = False
        self._linking = linking
        self._redirect_uri = redirect_uri
        self._link = link

    async def open(self, languages: str = "en") -> Shown | None:
        """The page as it comes at first; None: it led back to Alexa at once."""
        asked = {
            "response_type": "code",
            "client_id": self._linking["clientId"],
            "redirect_uri": self._redirect_uri,
            "state": self.state,
            "scope": " ".join(self._linking["scopes"]),
        }
        return await self._ask("GET", languages, params=asked)

    async def submit(self, fields: Mapping[str, str], languages: str = "en") -> Shown | None:
        """What comes of its form; None: it led back to Alexa."""
        return await self._ask("POST", languages, data=dict(fields))

    async def _ask(self, method: str, languages: str, **more: Any) -> Shown | None:
        url = self._linking["authorizationUrl"]
        headers = {"Accept-Language": languages}
        async with (
            _browser() as browser,
            browser.request(method, url, headers=headers, allow_redirects=False, **more) as answer,
        ):
            address, _, query = answer.headers.get("Location", "").partition("?")
            if address != self._redirect_uri:
                kept = {name: answer.headers[name] for name in _SHOWN if name in answer.headers}
                return Shown(status=answer.status, headers=kept, body=await answer.read())
        await self._come_back(dict(parse_qsl(query)))
        return None

    async def _come_back(self, answer: Mapping[str, str]) -> None:
        """Trade what the page gave for tokens, and link with them."""
        if answer.get("state") != self.state or "code" not in answer:
            self._fail(f"the page gave no code: {answer.get('error', 'another state')}")
            return
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self._redirect_uri,
            "client_id": self._linking["clientId"],
            "client_secret": self._linking["clientSecret"],
        }
        async with (
            _browser() as alexa,
            alexa.post(self._linking["accessTokenUrl"], data=form) as traded,
        ):
            if traded.status != _OK:
                self._fail(f"no tokens: {await traded.text()}")
                return
            token = str((await traded.json())["access_token"])
        self.is_linked = await self._link(token)

    def _fail(self, why: str) -> None:
        self.account.notice = f"We were unable to link Alexa Doorbell at this time ({why})."


def _browser() -> aiohttp.ClientSession:
    """The one in Alexa's app loses its cookies."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
