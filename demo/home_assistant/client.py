"""A user of Home Assistant who works through its HTTP and WebSocket interfaces."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp

_UNAUTHORIZED = 401
_NOT_FOUND = 404
_ERRORS = 400


class RefusedError(Exception):
    """Home Assistant answered with an error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text}")
        self.status = status


class HomeAssistantClient:
    """Logs in by itself, again when its token has ended.

    `source`: the address of this computer's that it calls from, if not the usual one.
    """

    def __init__(
        self, url: str, username: str, password: str, *, source: str | None = None
    ) -> None:
        self._url = url
        self._username = username
        self._password = password
        self._source = (source, 0) if source else None
        self._token: str | None = None
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Give the connections back; the next request opens new ones."""
        self._token = None
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, path: str) -> Any:
        """GET as the user; the JSON that comes back."""
        return await self._request("GET", path)

    async def post(self, path: str, data: Any = None) -> Any:
        """POST JSON as the user; the JSON that comes back."""
        return await self._request("POST", path, {} if data is None else data)

    async def delete(self, path: str) -> Any:
        """DELETE as the user; the JSON that comes back."""
        return await self._request("DELETE", path)

    async def access_token(self) -> str:
        """An access token of the user, as account linking hands one to Amazon too."""
        if self._token is None:
            self._token = await self._log_in()
        return self._token

    async def _log_in(self) -> str:
        client_id = f"{self._url}/"
        start = {
            "client_id": client_id,
            "handler": ["homeassistant", None],
            "redirect_uri": f"{self._url}/?auth_callback=1",
        }
        flow = await self._exchange("POST", "/auth/login_flow", json=start)
        user = {
            "client_id": client_id,
            "username": self._username,
            "password": self._password,
        }
        step = await self._exchange("POST", f"/auth/login_flow/{flow['flow_id']}", json=user)
        if step["type"] != "create_entry":
            raise RefusedError(_UNAUTHORIZED, f"The login failed: {step.get('errors')}")
        grant = {
            "client_id": client_id,
            "grant_type": "authorization_code",
            "code": step["result"],
        }
        return str((await self._exchange("POST", "/auth/token", data=grant))["access_token"])

    async def _request(self, method: str, path: str, data: Any = None) -> Any:
        for attempt in (1, 2):
            token = await self.access_token()
            try:
                return await self._exchange(
                    method, path, json=data, headers={"Authorization": f"Bearer {token}"}
                )
            except RefusedError as refused:
                if refused.status != _UNAUTHORIZED or attempt > 1:
                    raise
                self._token = None
        raise AssertionError

    async def _exchange(self, method: str, path: str, **arguments: Any) -> Any:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=60)
            connector = aiohttp.TCPConnector(local_addr=self._source)
            self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)
        async with self._session.request(method, self._url + path, **arguments) as response:
            if response.status >= _ERRORS:
                raise RefusedError(response.status, await response.text())
            return await response.json() if response.content_type == "application/json" else None

    async def start_flow(self, domain: str) -> dict[str, Any]:
        """Begin to add an integration; the first step."""
        return _object(await self.post("/api/config/config_entries/flow", {"handler": domain}))

    async def continue_flow(self, flow_id: str, data: dict[str, Any]) -> dict[str, Any]:
        """Submit a step's form; the next step or the result."""
        return _object(await self.post(f"/api/config/config_entries/flow/{flow_id}", data))

    async def start_subentry_flow(self, entry_id: str, subentry_type: str) -> dict[str, Any]:
        """Begin to add a subentry; the first step."""
        handler = {"handler": [entry_id, subentry_type]}
        return _object(await self.post("/api/config/config_entries/subentries/flow", handler))

    async def subentry_flow(self, flow_id: str) -> dict[str, Any]:
        """The step at which a subentry flow stands."""
        return _object(await self.get(f"/api/config/config_entries/subentries/flow/{flow_id}"))

    async def continue_subentry_flow(self, flow_id: str, data: dict[str, Any]) -> dict[str, Any]:
        """Submit a subentry step's form; the next step or the result."""
        return _object(
            await self.post(f"/api/config/config_entries/subentries/flow/{flow_id}", data)
        )

    async def state(self, entity_id: str) -> dict[str, Any] | None:
        """The entity's state and attributes, or None."""
        try:
            return _object(await self.get(f"/api/states/{entity_id}"))
        except RefusedError as refused:
            if refused.status == _NOT_FOUND:
                return None
            raise

    async def wait_for_state(
        self,
        entity_id: str,
        wanted: str | Callable[[str], bool],
        timeout: float = 10,  # noqa: ASYNC109
    ) -> dict[str, Any]:
        """Wait until the entity has the state, or one that fits; TimeoutError says its last."""
        seen: str | None = None
        try:
            async with asyncio.timeout(timeout):
                while True:
                    if state := await self.state(entity_id):
                        seen = str(state["state"])
                        if wanted(seen) if callable(wanted) else seen == wanted:
                            return state
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise TimeoutError(f"{entity_id} is {seen} after {timeout} s") from None

    async def act(
        self, domain: str, action: str, data: dict[str, Any], *, response: bool = False
    ) -> Any:
        """Perform an action; its response if asked for, else the states that changed."""
        query = "?return_response" if response else ""
        answer = await self.post(f"/api/services/{domain}/{action}{query}", data)
        return answer["service_response"] if response else answer

    async def command(self, command: str, **arguments: Any) -> Any:
        """One WebSocket command on a connection of its own; its result."""
        token = await self.access_token()
        assert self._session is not None  # noqa: S101 - For mypy: the login opened it.
        async with self._session.ws_connect(f"{self._url}/api/websocket") as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": token})
            if (await socket.receive_json())["type"] != "auth_ok":
                raise RefusedError(_UNAUTHORIZED, "The WebSocket login failed")
            await socket.send_json({"id": 1, "type": command, **arguments})
            answer = await socket.receive_json()
            if not answer["success"]:
                raise RefusedError(_ERRORS, str(answer["error"]))
            return answer["result"]


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RefusedError(_ERRORS, f"An object was expected, not {value!r}")
    return value
