"""Amazon's Skill Management API, as far as a smart home skill in development needs it."""

from collections.abc import Iterator
import contextlib
from dataclasses import dataclass, field
from http import HTTPStatus
import json
from typing import Any
from urllib.parse import urlencode

from . import web
from .errors import CommandError
from .login import LOG_IN, Login
from .progress import Patience

SMAPI_URL = "https://api.amazonalexa.com"
STAGE = "development"
PASSING = {429, 500, 502, 503, 504}
# Whatever else happens, these were not done.
NOT_DONE = {429, 503}
# Seconds: how long a busy Amazon is asked again, and how long a build may take.
BUSY_LIMIT = 120
BUILD_LIMIT = 300
LONGEST_RETRY_AFTER = 60


class BuildError(Exception):
    """Amazon did not take a manifest; the text is Amazon's."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The skill's Alexa Skill Messaging pair."""

    client_id: str
    client_secret: str = field(repr=False)


class SkillManagement:
    """Speaks to SMAPI with that login; waits as long as Amazon is busy."""

    def __init__(self, url: str | None, login: Login, patience: Patience) -> None:
        self._url = (url or SMAPI_URL).rstrip("/")
        if not web.is_safe(self._url):
            raise CommandError(
                "ASK_SMAPI_SERVER_BASE_URL is not safe.", "It must begin with https://."
            )
        self._login = login
        self._patience = patience

    def vendor_ids(self) -> list[str]:
        """The developer accounts of the login."""
        vendors = self._call("GET", "/v1/vendors").document.get("vendors") or []
        return [str(vendor["id"]) for vendor in vendors]

    def skills(self, vendor_id: str) -> Iterator[dict[str, Any]]:
        """Summaries of the smart home skills in development."""
        token = None
        while True:
            query = {"vendorId": vendor_id, "maxResults": "50"}
            query |= {"nextToken": token} if token else {}
            page = self._call("GET", f"/v1/skills?{urlencode(query)}").document
            for skill in page.get("skills") or []:
                if skill.get("stage") == STAGE and "smartHome" in (skill.get("apis") or []):
                    yield skill
            token = page.get("nextToken")
            if not token:
                return

    def create(self, vendor_id: str, manifest: dict[str, Any]) -> str:
        """Make a skill; its id."""
        body = {"vendorId": vendor_id, "manifest": manifest}
        return str(self._call("POST", "/v1/skills", body).document["skillId"])

    def manifest(self, skill_id: str) -> tuple[dict[str, Any], str | None] | None:
        """The manifest and its version; None when there is no such skill."""
        path = f"/v1/skills/{skill_id}/stages/{STAGE}/manifest"
        answer = self._call("GET", path, accepted={HTTPStatus.NOT_FOUND})
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        return answer.document.get("manifest") or {}, answer.headers.get("ETag")

    def update_manifest(self, skill_id: str, manifest: dict[str, Any], version: str | None) -> None:
        """Replace the manifest, unless somebody else did meanwhile, and wait until it is built.

        BuildError: Amazon does not want it.
        """
        path = f"/v1/skills/{skill_id}/stages/{STAGE}/manifest"
        headers = {"If-Match": version} if version else {}
        refused = {HTTPStatus.BAD_REQUEST}
        body = {"manifest": manifest}
        answer = self._call("PUT", path, body, accepted=refused, headers=headers)
        if answer.status == HTTPStatus.BAD_REQUEST:
            raise BuildError(_said(answer))
        self.wait_for_build(skill_id)

    def wait_for_build(self, skill_id: str) -> None:
        """Wait until Amazon has built the manifest; BuildError when it could not."""
        path = f"/v1/skills/{skill_id}/status?resource=manifest"
        for _ in self._patience.pauses(BUILD_LIMIT):
            answer = self._call("GET", path, accepted={HTTPStatus.NOT_FOUND})
            status = answer.document.get("manifest") or {}
            request = status.get("lastUpdateRequest") or {}
            if answer.status == HTTPStatus.NOT_FOUND or request.get("status") == "SUCCEEDED":
                return
            if request.get("status") == "FAILED":
                errors = request.get("errors") or []
                raise BuildError(" ".join(str(error.get("message")) for error in errors))
        raise CommandError(
            f"Amazon has not built the skill within {BUILD_LIMIT} s.",
            "Run the command again later: it goes on where it stopped.",
        )

    def settle(self, skill_id: str) -> None:
        """Wait until Amazon builds nothing any more, however it went."""
        with contextlib.suppress(BuildError):
            self.wait_for_build(skill_id)

    def account_linking(self, skill_id: str) -> dict[str, Any] | None:
        """How accounts are linked, without the secret; None when they are not."""
        answer = self._call("GET", _linking(skill_id), accepted={HTTPStatus.NOT_FOUND})
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        document: dict[str, Any] = answer.document.get("accountLinkingResponse") or {}
        return document

    def set_account_linking(self, skill_id: str, wanted: dict[str, Any]) -> None:
        """Say how accounts are linked."""
        self._call("PUT", _linking(skill_id), {"accountLinkingRequest": wanted})

    def credentials(self, skill_id: str) -> Credentials:
        """The pair that Home Assistant needs."""
        answer = self._call("GET", f"/v1/skills/{skill_id}/credentials")
        pair = answer.document.get("skillMessagingCredentials") or {}
        if not (pair.get("clientId") and pair.get("clientSecret")):
            raise CommandError(
                "Amazon has no Alexa Skill Messaging credentials for the skill yet.",
                "Run the command again in a minute.",
            )
        return Credentials(str(pair["clientId"]), str(pair["clientSecret"]))

    def is_enabled(self, skill_id: str) -> bool:
        """Whether the developer's own account has enabled the skill."""
        answer = self._call("GET", _enablement(skill_id), accepted={HTTPStatus.NOT_FOUND})
        return answer.status != HTTPStatus.NOT_FOUND

    def enable(self, skill_id: str) -> None:
        """Enable it for that account; linking is up to the Alexa app."""
        self._call("PUT", _enablement(skill_id))

    def delete(self, skill_id: str) -> None:
        """Delete the skill."""
        self._call("DELETE", f"/v1/skills/{skill_id}", accepted={HTTPStatus.NOT_FOUND})

    def _call(
        self,
        method: str,
        path: str,
        document: dict[str, Any] | None = None,
        *,
        accepted: set[HTTPStatus] | None = None,
        headers: dict[str, str] | None = None,
    ) -> web.Response:
        """Ask until Amazon is not busy any more; CommandError for any other refusal."""
        body = None if document is None else json.dumps(document).encode()
        renewed, problem = False, ""
        pauses = self._patience.pauses(BUSY_LIMIT)
        while next(pauses, None) is not None:
            token = self._login.access_token()
            sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            try:
                answer = web.request(
                    method, self._url + path, headers=sent | (headers or {}), body=body
                )
            except web.NoConnectionError as error:
                problem = str(error)
                if method == "POST":
                    break
                continue
            if answer.status < HTTPStatus.MULTIPLE_CHOICES or answer.status in (accepted or ()):
                return answer
            problem = _said(answer)
            if answer.status == HTTPStatus.UNAUTHORIZED and not renewed:
                self._login.access_token(renew=True)
                renewed = True
                continue
            if answer.status not in (NOT_DONE if method == "POST" else PASSING):
                raise _refusal(answer.status, problem)
            self._obey(answer)
        raise CommandError(
            f"Amazon's skill management is not to be had: {problem}.",
            "Run the command again later: it goes on where it stopped.",
        )

    def _obey(self, answer: web.Response) -> None:
        """Wait as long as the answer asks for, if it does."""
        after = answer.headers.get("Retry-After") or ""
        if after.isdecimal():
            self._patience.sleep(min(int(after), LONGEST_RETRY_AFTER))


def _linking(skill_id: str) -> str:
    return f"/v1/skills/{skill_id}/stages/{STAGE}/accountLinkingClient"


def _enablement(skill_id: str) -> str:
    return f"/v1/skills/{skill_id}/stages/{STAGE}/enablement"


def _said(answer: web.Response) -> str:
    """What Amazon says of a refusal, in one line."""
    violations = answer.document.get("violations") or []
    messages = [answer.document.get("message"), *(v.get("message") for v in violations)]
    text = " ".join(str(message) for message in messages if message)
    return f"{text or 'no reason given'} (status {answer.status})"


def _refusal(status: int, problem: str) -> CommandError:
    what = f"Amazon's skill management refused: {problem}."
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return CommandError(what, LOG_IN)
    if status in {HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED}:
        return CommandError(
            what, "Somebody else is changing the skill. Run the command again in a minute."
        )
    return CommandError(what, "Run the command again; if it stays so, see docs/skill.md.")
