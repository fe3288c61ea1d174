"""Requests to Amazon's Skill Management API: with a login, patience, and plain words for a no."""

from http import HTTPStatus
import json
import time
from typing import Any

from . import web
from .causes import failure
from .login import Login
from .progress import Patience
from .report import Answer, Report

SMAPI_URL = "https://api.amazonalexa.com"
PASSING = {429, 500, 502, 503, 504}
# Whatever else happens, these were not done.
NOT_DONE = {429, 503}
# Seconds for which a busy Amazon is asked again.
BUSY_LIMIT = 120
LONGEST_RETRY_AFTER = 60
CAUSES_BY_STATUS = {
    401: "smapi_login",
    403: "smapi_forbidden",
    409: "smapi_conflict",
    412: "smapi_conflict",
    429: "smapi_busy",
    500: "smapi_broken",
    502: "smapi_broken",
    503: "smapi_broken",
    504: "smapi_broken",
}


class Requests:
    """Asks with that login; waits as long as Amazon is busy."""

    def __init__(self, url: str | None, login: Login, patience: Patience, report: Report) -> None:
        self._url = (url or SMAPI_URL).rstrip("/")
        if not web.is_safe(self._url):
            raise failure("smapi_unsafe")
        self._login = login
        self._patience = patience
        self._report = report

    def call(
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
        renewed, cause, problem = False, "smapi_unreachable", ""
        pauses = self._patience.pauses(BUSY_LIMIT)
        while next(pauses, None) is not None:
            try:
                answer = self._ask_once(method, path, body, headers or {})
            except web.NoConnectionError as error:
                cause, problem = "smapi_unreachable", str(error)
                if method == "POST":
                    break
                continue
            if answer.status < HTTPStatus.MULTIPLE_CHOICES or answer.status in (accepted or ()):
                return answer
            cause, problem = CAUSES_BY_STATUS.get(answer.status, "smapi_refused"), said(answer)
            if answer.status == HTTPStatus.UNAUTHORIZED and not renewed:
                self._login.access_token(renew=True)
                renewed = True
                continue
            if answer.status not in (NOT_DONE if method == "POST" else PASSING):
                break
            self._obey(answer)
        raise failure(cause, said=problem)

    def _ask_once(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> web.Response:
        token, began = self._login.access_token(), time.monotonic()
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._report.hide(token)
        try:
            answer = web.request(method, self._url + path, headers=sent | headers, body=body)
        except web.NoConnectionError as error:
            self._report.note(f"SMAPI {method} {path} -> no answer ({error.kind})")
            raise
        refused = answer.status >= HTTPStatus.MULTIPLE_CHOICES
        self._report.hear(
            Answer(
                who="SMAPI",
                asked=f"{method} {path}",
                status=answer.status,
                said=said(answer) if refused else _build_said(answer.document),
                seconds=time.monotonic() - began,
                date=answer.headers.get("Date"),
            )
        )
        return answer

    def _obey(self, answer: web.Response) -> None:
        """Wait as long as the answer asks for, if it does."""
        after = answer.headers.get("Retry-After") or ""
        if after.isdecimal():
            self._patience.sleep(min(int(after), LONGEST_RETRY_AFTER))


def said(answer: web.Response) -> str:
    """What Amazon says of a refusal, in one line."""
    violations = answer.document.get("violations") or []
    messages = [answer.document.get("message"), *(v.get("message") for v in violations)]
    text = " ".join(str(message) for message in messages if message)
    return f"{text or 'no reason given'} (status {answer.status})"


def _build_said(document: dict[str, Any]) -> str:
    """How a build goes, for the report."""
    manifest = document.get("manifest")
    request = manifest.get("lastUpdateRequest") if isinstance(manifest, dict) else None
    if not isinstance(request, dict):
        return ""
    messages = [str(error.get("message")) for error in request.get("errors") or []]
    return " ".join([str(request.get("status")), *messages])
