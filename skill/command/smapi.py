"""Amazon's Skill Management API, as far as a smart home skill in development needs it."""

from collections.abc import Iterator
import contextlib
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from .causes import failure
from .progress import Patience
from .smapi_requests import Requests, said

STAGE = "development"
# Seconds that a build may take.
BUILD_LIMIT = 300
# Nobody has seen yet which of these Amazon gives for a smart home skill: the app can do it.
REFUSED_ENABLEMENT = (400, 403, 404, 405, 409, 422)


class BuildError(Exception):
    """Amazon did not take a manifest; the text is Amazon's."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The skill's Alexa Skill Messaging pair."""

    client_id: str
    client_secret: str = field(repr=False)


class SkillManagement:
    """What this command asks of SMAPI."""

    def __init__(self, requests: Requests, patience: Patience) -> None:
        self._call = requests.call
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
        answer = self._call("GET", _manifest(skill_id), accepted={HTTPStatus.NOT_FOUND})
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        return answer.document.get("manifest") or {}, answer.headers.get("ETag")

    def update_manifest(self, skill_id: str, manifest: dict[str, Any], version: str | None) -> None:
        """Replace the manifest, unless somebody else did meanwhile, and wait until it is built.

        BuildError: Amazon does not want it.
        """
        headers = {"If-Match": version} if version else {}
        refused = {HTTPStatus.BAD_REQUEST}
        body = {"manifest": manifest}
        path = _manifest(skill_id)
        answer = self._call("PUT", path, body, accepted=refused, headers=headers)
        if answer.status == HTTPStatus.BAD_REQUEST:
            raise BuildError(said(answer))
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
        raise failure("build_late", limit=str(BUILD_LIMIT))

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
            raise failure("no_messaging_pair")
        return Credentials(str(pair["clientId"]), str(pair["clientSecret"]))

    def is_enabled(self, skill_id: str) -> bool:
        """Whether the developer's own account has enabled the skill."""
        answer = self._call("GET", _enablement(skill_id), accepted={HTTPStatus.NOT_FOUND})
        return answer.status != HTTPStatus.NOT_FOUND

    def enable(self, skill_id: str) -> str | None:
        """Enable it for that account; what Amazon says if it does not want to."""
        refused = {HTTPStatus(status) for status in REFUSED_ENABLEMENT}
        answer = self._call("PUT", _enablement(skill_id), accepted=refused)
        return None if answer.status < HTTPStatus.MULTIPLE_CHOICES else said(answer)

    def exists(self, skill_id: str) -> bool:
        """Whether this developer has such a skill."""
        foreign = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
        answer = self._call("GET", _manifest(skill_id), accepted=foreign)
        return answer.status < HTTPStatus.MULTIPLE_CHOICES

    def delete(self, skill_id: str) -> None:
        """Delete the skill."""
        self._call("DELETE", f"/v1/skills/{skill_id}", accepted={HTTPStatus.NOT_FOUND})


def _manifest(skill_id: str) -> str:
    return f"/v1/skills/{skill_id}/stages/{STAGE}/manifest"


def _linking(skill_id: str) -> str:
    return f"/v1/skills/{skill_id}/stages/{STAGE}/accountLinkingClient"


def _enablement(skill_id: str) -> str:
    return f"/v1/skills/{skill_id}/stages/{STAGE}/enablement"
