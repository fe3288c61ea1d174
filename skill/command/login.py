"""The login for skill management: from the environment, or what the ASK CLI has stored."""

import codecs
from collections.abc import Mapping
from datetime import UTC, datetime
import json
from pathlib import Path
import signal
import sys
from typing import Any, Protocol
from urllib.parse import urlencode

from . import web
from .ask_cli import NEEDED_NODE, AskCli
from .causes import failure
from .causes_login import REFUSED_TOKENS

LWA_URL = "https://api.amazon.com"
# How the ASK CLI ends when it is stopped with Ctrl+C, which may reach it alone.
STOPPED = {-signal.SIGINT, 128 + signal.SIGINT}
OTHERS = """
The ASK CLI has no login under the profile {profile}, only under {others}.
To use that, stop this with Ctrl+C, and add --ask-profile."""


class Login(Protocol):
    """Where access tokens come from."""

    vendor_id: str | None

    def access_token(self, *, renew: bool = False) -> str:
        """An access token; with `renew`, not the one that was refused."""


def find_login(environment: Mapping[str, str], home: Path, profile: str | None) -> Login:
    """The login to use; without one, the ASK CLI asks for it in a terminal, or CommandError."""
    # As in the ASK CLI, a profile that is asked for comes before the environment.
    if profile is None and environment.get("ASK_REFRESH_TOKEN"):
        return RefreshTokenLogin(environment)
    if profile is None and environment.get("ASK_ACCESS_TOKEN"):
        return AccessTokenLogin(environment)
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
            raise failure("refresh_token_alone")
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
            raise failure("lwa_away", why=str(error)) from None
        token = answer.document.get("access_token")
        if not isinstance(token, str):
            code = str(answer.document.get("error", f"status {answer.status}"))
            raise failure(REFUSED_TOKENS.get(code, "refresh_token_refused"), code=code)
        return token


class AccessTokenLogin:
    """An access token in the environment, which nobody can renew."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.vendor_id = environment.get("ASK_VENDOR_ID")
        self._token = environment["ASK_ACCESS_TOKEN"]

    def access_token(self, *, renew: bool = False) -> str:
        """The token, until it is refused."""
        if renew:
            raise failure("access_token_ended")
        return self._token


class AskCliLogin:
    """What the ASK CLI has stored, or stores now. Only it may renew that."""

    def __init__(self, environment: Mapping[str, str], path: Path, profile: str | None) -> None:
        self._path = path
        self._profile = profile or environment.get("ASK_DEFAULT_PROFILE") or "default"
        self._environment = environment
        self._asked = False
        stored = self._stored() or self._log_in()
        self.vendor_id = environment.get("ASK_VENDOR_ID") or stored.get("vendor_id")

    def access_token(self, *, renew: bool = False) -> str:
        """The stored token, made new by the ASK CLI when it has ended."""
        stored = self._stored() or self._log_in()
        if renew or _has_ended(stored["token"]):
            self._cli().renew()
            before, stored = stored, self._stored() or {}
            if not _differ(before, stored):
                # Amazon itself says why it takes a login that was just made, or does not.
                stored = before if self._asked else self._log_in(before)
        return str(stored["token"]["access_token"])

    def _log_in(self, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Have the ASK CLI ask the user, once; what is stored then, in the place of what was."""
        others = ", ".join(sorted(self._logins().keys() - {self._profile}))
        if self._asked or not sys.stdin.isatty():
            if before:
                raise failure("login_ended", profile=self._profile)
            if others:
                raise failure("login_elsewhere", profile=self._profile, others=others)
            raise failure("login_missing", profile=self._profile)
        self._asked = True
        cli = self._cli()
        if others:
            print(OTHERS.format(profile=self._profile, others=others))
        status = cli.log_in()
        stored = self._stored()
        # The ASK CLI may fail after the login, for want of a developer account: we say it better.
        if stored and _differ(before, stored):
            return stored
        if status in STOPPED:
            raise KeyboardInterrupt
        if version := cli.old_node():
            raise failure("node_too_old", version=version, needed=str(NEEDED_NODE))
        raise failure("login_not_made", status=str(status))

    def _cli(self) -> AskCli:
        """The ASK CLI, if it can read what it has stored itself."""
        if self._path.is_file() and self._path.read_bytes().startswith(codecs.BOM_UTF8):
            raise failure("login_marked", path=str(self._path))
        return AskCli(self._environment, self._profile)

    def _stored(self) -> dict[str, Any] | None:
        """The profile, if there is a login in it."""
        return self._logins().get(self._profile)

    def _logins(self) -> dict[str, dict[str, Any]]:
        """All profiles that there is a login in."""
        try:
            config = json.loads(self._path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise failure("login_unreadable", path=str(self._path), why=why) from None
        except (ValueError, RecursionError):
            raise failure("login_broken", path=str(self._path)) from None
        profiles = config.get("profiles") if isinstance(config, dict) else None
        found = profiles if isinstance(profiles, dict) else {}
        return {name: stored for name, stored in found.items() if _is_login(stored)}


def _is_login(stored: object) -> bool:
    """Whether there is a token in a profile."""
    token = stored.get("token") if isinstance(stored, dict) else None
    return isinstance(token, dict) and isinstance(token.get("access_token"), str)


def _differ(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> bool:
    """Whether there is another token now."""
    return bool(after) and (before is None or before["token"] != after["token"])


def _has_ended(token: Mapping[str, Any]) -> bool:
    """Whether the ASK CLI too would renew it."""
    try:
        end = datetime.fromisoformat(str(token["expires_at"])).astimezone(UTC)
    except (LookupError, ValueError, OverflowError):
        return False
    return end < datetime.now(UTC)
