"""A simulated Skill Management API: it refuses what Amazon refuses, and takes its time likewise."""

from collections.abc import Callable
from dataclasses import dataclass, field
import json
import re
import secrets
from typing import Any, Self
import uuid

from aiohttp import web

from ..server import Server
from . import skill_manifest

type Handler = Callable[[web.Request], Any]

PERMISSION = {"name": "alexa::async_event:write"}
TRIGGER_MISSING = (
    'Please make sure that "Alexa Smart Home" is selected for the event source type of {arn}.'
)
STAGE = "/v1/skills/{skill_id}/stages/development"


class _RefusedError(Exception):
    """Amazon refuses."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(eq=False, kw_only=True)
class SimulatedSkill:
    """What Amazon knows of a skill in development."""

    skill_id: str = field(default_factory=lambda: f"amzn1.ask.skill.{uuid.uuid4()}")
    manifest: dict[str, Any]
    version: str = field(default_factory=lambda: uuid.uuid4().hex)
    account_linking: dict[str, Any] | None = None
    is_enabled: bool = False
    building: dict[str, Any] | None = None
    polls_left: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def endpoints(self) -> dict[str, str]:
        """ARN by region; the default one under its own name."""
        return skill_manifest.endpoints(self.manifest)


class SimulatedSkillManagement:
    """SMAPI and the developer's login, on a loopback port.

    `may_alexa_call(arn, skill_id)` says whether a function has the trigger. `throttled`: so many
    requests are refused from now on. `build_polls`: so often a build is still in progress.
    `permission_delay`: so many builds do not see a trigger that is there.
    """

    def __init__(
        self, may_alexa_call: Callable[[str, str], bool], credentials: tuple[str, str]
    ) -> None:
        self.vendor_ids = ["M2ABCDEFGHIJKL"]
        self.skills: dict[str, SimulatedSkill] = {}
        self.requests: list[tuple[str, str]] = []
        self.throttled = 0
        self.retry_after: str | None = None
        self.broken = 0
        self.build_polls = 2
        self.permission_delay = 0
        self.page_size = 2
        self.client = (f"amzn1.application-oa2-client.{secrets.token_hex(16)}", secrets.token_hex())
        self.refresh_token = f"Atzr|{secrets.token_urlsafe(64)}"
        self.access_tokens: set[str] = set()
        self._may_alexa_call = may_alexa_call
        self._credentials = credentials
        self._server = Server(self._app)

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop()

    @property
    def url(self) -> str:
        """Where it is."""
        return self._server.url

    def environment(self) -> dict[str, str]:
        """What the command needs to find it, and to log in."""
        return {
            "ASK_SMAPI_SERVER_BASE_URL": self.url,
            "ASK_LWA_TOKEN_HOST": self.url,
            "ASK_REFRESH_TOKEN": self.refresh_token,
            "ASK_LWA_CLIENT_ID": self.client[0],
            "ASK_LWA_CLIENT_CONFIRMATION": self.client[1],
        }

    def new_access_token(self) -> str:
        """A token of the developer's."""
        token = f"Atza|{secrets.token_urlsafe(64)}"
        self.access_tokens.add(token)
        return token

    def expire_access_tokens(self) -> None:
        """End every token now."""
        self.access_tokens.clear()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._answer])
        routes: list[tuple[str, str, Handler]] = [
            ("POST", "/auth/o2/token", self._token),
            ("GET", "/v1/vendors", self._vendors),
            ("GET", "/v1/skills", self._list),
            ("POST", "/v1/skills", self._create),
            ("DELETE", "/v1/skills/{skill_id}", self._delete),
            ("GET", "/v1/skills/{skill_id}/status", self._status),
            ("GET", "/v1/skills/{skill_id}/credentials", self._give_credentials),
            ("GET", f"{STAGE}/manifest", self._manifest),
            ("PUT", f"{STAGE}/manifest", self._update),
            ("GET", f"{STAGE}/accountLinkingClient", self._linking),
            ("PUT", f"{STAGE}/accountLinkingClient", self._link),
            ("GET", f"{STAGE}/enablement", self._enablement),
            ("PUT", f"{STAGE}/enablement", self._enable),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, handler)
        return app

    @web.middleware
    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append((request.method, request.path))
        try:
            if request.path != "/auth/o2/token":
                self._admit(request)
            answer: web.StreamResponse = await handler(request)
        except _RefusedError as refused:
            headers = {"Retry-After": self.retry_after} if self.retry_after else {}
            return web.json_response(
                {"message": str(refused)}, status=refused.status, headers=headers
            )
        return answer

    def _admit(self, request: web.Request) -> None:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if bearer not in self.access_tokens:
            raise _RefusedError(401, "Token is invalid/expired.")
        if self.throttled:
            self.throttled -= 1
            raise _RefusedError(429, "Request is throttled.")
        if self.broken:
            self.broken -= 1
            raise _RefusedError(500, "Internal Server Error")

    def _skill(self, request: web.Request) -> SimulatedSkill:
        try:
            return self.skills[request.match_info["skill_id"]]
        except KeyError:
            raise _RefusedError(404, "Skill not found.") from None

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if (form.get("client_id"), form.get("client_secret")) != self.client:
            return web.json_response({"error": "invalid_client"}, status=401)
        if form.get("refresh_token") != self.refresh_token:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"access_token": self.new_access_token(), "expires_in": 3600})

    async def _vendors(self, _: web.Request) -> web.Response:
        vendors = [
            {"id": one, "name": "Ada", "roles": ["ROLE_ADMINISTRATOR"]} for one in self.vendor_ids
        ]
        return web.json_response({"vendors": vendors})

    async def _list(self, request: web.Request) -> web.Response:
        first = int(request.query.get("nextToken", 0))
        summaries = [
            {
                "skillId": skill.skill_id,
                "stage": "development",
                "apis": list(skill.manifest["apis"]),
                "nameByLocale": {
                    locale: texts["name"]
                    for locale, texts in skill_manifest.locales(skill.manifest).items()
                },
                "publicationStatus": "DEVELOPMENT",
            }
            for skill in self.skills.values()
        ]
        end = first + self.page_size
        page: dict[str, Any] = {"skills": summaries[first:end], "isTruncated": False}
        if end < len(summaries):
            page |= {"isTruncated": True, "nextToken": str(end)}
        return web.json_response(page)

    def _check(self, manifest: dict[str, Any]) -> None:
        if (problem := skill_manifest.problem(manifest)) is not None:
            raise _RefusedError(400, problem)

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("vendorId") not in self.vendor_ids:
            raise _RefusedError(403, "Not authorized for this vendor.")
        self._check(body["manifest"])
        if skill_manifest.endpoints(body["manifest"]):
            # Nobody can have allowed a skill that does not exist yet.
            raise _RefusedError(400, TRIGGER_MISSING.format(arn="the endpoint"))
        skill = SimulatedSkill(manifest=body["manifest"])
        skill.polls_left = self.build_polls
        skill.building = body["manifest"]
        self.skills[skill.skill_id] = skill
        return web.json_response({"skillId": skill.skill_id}, status=202)

    async def _delete(self, request: web.Request) -> web.Response:
        del self.skills[self._skill(request).skill_id]
        return web.Response(status=204)

    async def _status(self, request: web.Request) -> web.Response:
        skill = self._skill(request)
        if skill.building is not None:
            if skill.polls_left:
                skill.polls_left -= 1
            else:
                self._finish(skill, skill.building)
        status: dict[str, Any] = {"status": "SUCCEEDED"}
        if skill.building is not None:
            status = {"status": "IN_PROGRESS"}
        elif skill.errors:
            errors = [{"message": message} for message in skill.errors]
            status = {"status": "FAILED", "errors": errors}
        document = {"manifest": {"eTag": skill.version, "lastUpdateRequest": status}}
        return web.json_response(document)

    def _finish(self, skill: SimulatedSkill, manifest: dict[str, Any]) -> None:
        skill.building = None
        arns = set(skill_manifest.endpoints(manifest).values())
        skill.errors = [
            TRIGGER_MISSING.format(arn=arn)
            for arn in sorted(arns)
            if not self._may_alexa_call(arn, skill.skill_id) or self.permission_delay
        ]
        self.permission_delay = max(0, self.permission_delay - bool(arns))
        if not skill.errors:
            skill.manifest = manifest
            skill.version = uuid.uuid4().hex
            # Amazon has been seen to forget it with every build.
            skill.account_linking = None

    async def _manifest(self, request: web.Request) -> web.Response:
        skill = self._skill(request)
        # Amazon adds what it has defaults for.
        manifest = json.loads(json.dumps(skill.manifest))
        manifest["publishingInformation"].setdefault("gadgetSupport", None)
        return web.json_response({"manifest": manifest}, headers={"ETag": skill.version})

    async def _update(self, request: web.Request) -> web.Response:
        skill, body = self._skill(request), await request.json()
        if skill.building is not None:
            raise _RefusedError(409, "The skill is being built.")
        if request.headers.get("If-Match", skill.version) != skill.version:
            raise _RefusedError(412, "The manifest was changed meanwhile.")
        self._check(body["manifest"])
        skill.building, skill.polls_left = body["manifest"], self.build_polls
        return web.Response(status=202)

    async def _linking(self, request: web.Request) -> web.Response:
        linking = self._skill(request).account_linking
        if linking is None:
            raise _RefusedError(404, "There is no account linking.")
        told = {
            key: value
            for key, value in linking.items()
            if key not in {"clientSecret", "skipOnEnablement"}
        }
        hosts = ("pitangui.amazon.com", "layla.amazon.com", "alexa.amazon.co.jp")
        told["redirectUrls"] = [
            f"https://{host}/api/skill/link/{self.vendor_ids[0]}" for host in hosts
        ]
        return web.json_response({"accountLinkingResponse": told})

    async def _link(self, request: web.Request) -> web.Response:
        skill = self._skill(request)
        linking = (await request.json()).get("accountLinkingRequest") or {}
        urls = (linking.get("authorizationUrl", ""), linking.get("accessTokenUrl", ""))
        if linking.get("type") != "AUTH_CODE" or not linking.get("scopes"):
            raise _RefusedError(400, "Smart home skills need AUTH_CODE and a scope.")
        if not all(re.match(r"https://|http://127\.0\.0\.1[:/]", url) for url in urls):
            raise _RefusedError(400, "The addresses must be https.")
        if not (linking.get("clientId") and linking.get("clientSecret")):
            raise _RefusedError(400, "The client is missing.")
        skill.account_linking = linking
        return web.Response(status=204)

    async def _give_credentials(self, request: web.Request) -> web.Response:
        skill = self._skill(request)
        if PERMISSION not in skill.manifest.get("permissions", []):
            return web.json_response({})
        client_id, client_secret = self._credentials
        pair = {"clientId": client_id, "clientSecret": client_secret}
        return web.json_response({"skillMessagingCredentials": pair})

    async def _enablement(self, request: web.Request) -> web.Response:
        if not self._skill(request).is_enabled:
            raise _RefusedError(404, "The skill is not enabled.")
        return web.Response(status=204)

    async def _enable(self, request: web.Request) -> web.Response:
        skill = self._skill(request)
        if not skill.endpoints or skill.account_linking is None:
            raise _RefusedError(400, "The skill is not complete.")
        skill.is_enabled = True
        return web.Response(status=204)
