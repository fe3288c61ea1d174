"""The login for skill management: from the environment, or what the ASK CLI has stored."""

from collections.abc import Mapping
import contextlib
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import shutil
import subprocess
from typing import Any, Protocol
from urllib.parse import urlencode

from . import web
from .errors import CommandError

LWA_URL = "https://api.amazon.com"
LOG_IN = (
    "Log in with the ASK CLI (`npx ask-cli configure`, with the Amazon account that your Echos "
    "belong to). Or give a Login with Amazon refresh token in ASK_REFRESH_TOKEN, and the security "
    "profile it was made with in ASK_LWA_CLIENT_ID and ASK_LWA_CLIENT_CONFIRMATION."
)
TIMEOUT = 120
# Installed, or fetched by npx before: nothing is fetched here.
ASK_CLI = (("ask",), ("npx", "--no", "ask-cli"))


class Login(Protocol):
    """Where access tokens come from."""

    vendor_id: str | None

    def access_token(self, *, renew: bool = False) -> str:
        """An access token; with `renew`, not the one that was refused."""


def find_login(environment: Mapping[str, str], home: Path, profile: str | None) -> Login:
    """The login to use; CommandError when there is none."""
    if environment.get("ASK_REFRESH_TOKEN"):
        return RefreshTokenLogin(environment)
    return AskCliLogin(environment, home / ".ask" / "cli_config", profile)


class RefreshTokenLogin:
    """A refresh token of Login with Amazon, in the environment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.vendor_id = environment.get("ASK_VENDOR_ID")
        self._url = environment.get("ASK_LWA_TOKEN_HOST") or LWA_URL
        # A refresh token is only good together with the client that it was made for.
        self._form = {
            "grant_type": "refresh_token",
            "refresh_token": environment["ASK_REFRESH_TOKEN"],
            "client_id": environment.get("ASK_LWA_CLIENT_ID", ""),
            "client_secret": environment.get("ASK_LWA_CLIENT_CONFIRMATION", ""),
        }
        if not (self._form["client_id"] and self._form["client_secret"]):
            raise CommandError("ASK_REFRESH_TOKEN alone is not enough.", LOG_IN)
        self._token: str | None = None

    def access_token(self, *, renew: bool = False) -> str:
        """The token of this run."""
        if self._token is None or renew:
            self._token = self._refresh()
        return self._token

    def _refresh(self) -> str:
        try:
            answer = web.request(
                "POST",
                f"{self._url.rstrip('/')}/auth/o2/token",
                headers={"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"},
                body=urlencode(self._form).encode(),
            )
        except web.NoConnectionError as error:
            raise CommandError(f"Login with Amazon: {error}.", "Try again later.") from None
        token = answer.document.get("access_token")
        if not isinstance(token, str):
            code = answer.document.get("error", f"status {answer.status}")
            raise CommandError(f"Login with Amazon refused the refresh token ({code}).", LOG_IN)
        return token


class AskCliLogin:
    """What `ask configure` has stored. Only the ASK CLI itself may refresh it."""

    def __init__(self, environment: Mapping[str, str], path: Path, profile: str | None) -> None:
        self._path = path
        self._profile = profile or environment.get("ASK_DEFAULT_PROFILE") or "default"
        self._environment = environment
        stored = self._stored()
        self.vendor_id = environment.get("ASK_VENDOR_ID") or stored.get("vendor_id")

    def access_token(self, *, renew: bool = False) -> str:
        """The stored token, made new by the ASK CLI when it has ended."""
        token = self._stored()["token"]
        if renew or _has_ended(token):
            self._let_the_cli_refresh()
            before, token = token, self._stored()["token"]
            if token["access_token"] == before["access_token"]:
                raise CommandError("The ASK CLI's login has ended.", LOG_IN)
        return str(token["access_token"])

    def _stored(self) -> dict[str, Any]:
        try:
            profiles = json.loads(self._path.read_text())["profiles"]
            stored: dict[str, Any] = profiles[self._profile]
            stored["token"]["access_token"]
        except OSError:
            raise CommandError("There is no login for Amazon's skill management.", LOG_IN) from None
        except (ValueError, LookupError, TypeError):
            raise CommandError(
                f"The ASK CLI has stored no login under the profile {self._profile}.", LOG_IN
            ) from None
        return stored

    def _let_the_cli_refresh(self) -> None:
        path = self._environment.get("PATH")
        for program, *more in ASK_CLI:
            if found := shutil.which(program, path=path):
                command = [found, *more, "smapi", "get-vendor-list", "--profile", self._profile]
                break
        else:
            raise CommandError("The ASK CLI's login has ended, and `ask` was not found.", LOG_IN)
        # Whether it worked shows in what it has stored. What it prints may hold anything.
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(  # noqa: S603 - The user's own program.
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(self._environment),
                timeout=TIMEOUT,
            )


def _has_ended(token: Mapping[str, Any]) -> bool:
    """Whether it has ended, or will within a minute."""
    try:
        end = datetime.fromisoformat(str(token["expires_at"]))
    except (LookupError, ValueError):
        return False
    return end.astimezone(UTC) < datetime.now(UTC) + timedelta(minutes=1)
