"""A Function URL of AWS's, on loopback: requests become events of payload format 2.0, and back."""

import asyncio
import base64
from collections.abc import Callable, Iterable
import secrets
import time
from typing import Any, Protocol, Self

from aiohttp import web

from ..server import Server

# What AWS takes, and gives, at the most.
LARGEST = 6 * 1024 * 1024
# Bodies of these types come as they are, all others in Base64.
TEXTS = ("text/", "application/json", "application/javascript", "application/xml")
# What AWS answers for a function whose policy does not let the request in.
FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)


class Instance(Protocol):
    """What runs the function's code."""

    async def invoke(self, event: dict[str, Any]) -> Any:
        """Return the handler's answer; RuntimeError when it died."""


class FunctionUrl:
    """The address of a function; each of its instances handles one request at a time."""

    def __init__(
        self, instances: Iterable[Instance], is_open: Callable[[], bool] = lambda: True
    ) -> None:
        self._is_open = is_open
        self._idle: asyncio.LifoQueue[Instance] = asyncio.LifoQueue()
        for instance in instances:
            self._idle.put_nowait(instance)
        self._server = Server(self._app)

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return self._server.url

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST)
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.Response:
        if not self._is_open():
            return web.json_response({"Message": FORBIDDEN}, status=403)
        event = event_of(request, await request.read())
        instance = await self._idle.get()
        try:
            answer = await instance.invoke(event)
        except RuntimeError:
            return web.json_response({"Message": "Internal Server Error"}, status=502)
        finally:
            self._idle.put_nowait(instance)
        return response_of(answer)


def event_of(request: web.Request, body: bytes) -> dict[str, Any]:
    """The event that AWS makes of a request."""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        key = name.lower()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    cookies = [one.strip() for one in headers.pop("cookie", "").split(";") if one.strip()]
    path, _, query = request.raw_path.partition("?")
    now = time.time()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "simulated",
            "domainName": request.host,
            "domainPrefix": "simulated",
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.remote,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": secrets.token_hex(16),
            "routeKey": "$default",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if request.query:
        event["queryStringParameters"] = {
            name: ",".join(request.query.getall(name)) for name in request.query
        }
    if cookies:
        event["cookies"] = cookies
    if body:
        event |= _body(headers.get("content-type", ""), body)
    return event


def _body(content_type: str, body: bytes) -> dict[str, Any]:
    try:
        if content_type.lower().startswith(TEXTS):
            return {"body": body.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        pass
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def response_of(answer: Any) -> web.Response:
    """The response that AWS makes of the function's answer."""
    if not isinstance(answer, dict) or "statusCode" not in answer:
        # AWS takes whatever else there is for the body.
        return web.json_response(answer)
    text = answer.get("body", "")
    body = base64.b64decode(text) if answer.get("isBase64Encoded") else text.encode()
    response = web.Response(status=int(answer["statusCode"]), body=body)
    for name, value in answer.get("headers", {}).items():
        response.headers[name] = str(value)
    for cookie in answer.get("cookies", []):
        response.headers.add("Set-Cookie", cookie)
    return response
