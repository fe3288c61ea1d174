"""A developer's login to Amazon: what the ASK CLI's stand-in asks, and where it is installed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import shlex
import sys
from typing import Any

from aiohttp import web

from demo.developer.skill_management import SimulatedSkillManagement

from .world import World

STAND_IN = Path(__file__).parent / "ask.py"
TOKENS = ("ASK_REFRESH_TOKEN", "ASK_LWA_CLIENT_ID", "ASK_LWA_CLIENT_CONFIRMATION")
# What a user answers to the ASK CLI, by its questions.
LOGIN = [
    ("enter the Authorization Code:", "ANRz-code-of-amazon"),
    ("link your AWS account", "n"),
]


@dataclass
class Developer:
    """Login with Amazon, for the ASK CLI: codes that a user was given, each good once."""

    smapi: SimulatedSkillManagement
    codes: set[str] = field(default_factory=lambda: {"ANRz-code-of-amazon"})
    refresh_tokens: set[str] = field(default_factory=set)
    renewed: int = 0

    async def token(self, request: web.Request) -> web.Response:
        """Trade a code or a refresh token."""
        form = await request.json()
        code, refresh_token = form.get("code"), form.get("refresh_token")
        if code in self.codes:
            self.codes.remove(code)
            refresh_token = f"Atzr|{len(self.refresh_tokens)}"
            self.refresh_tokens.add(refresh_token)
        elif refresh_token in self.refresh_tokens:
            self.renewed += 1
        else:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response(
            {
                "access_token": self.smapi.new_access_token(),
                "refresh_token": refresh_token,
                "token_type": "bearer",
                "expires_in": 3600,
            }
        )


def install(world: World, name: str = "ask", lines: Iterable[str] = ()) -> None:
    """Put a program on the PATH, which has nothing else: the stand-in, or a shell script."""
    folder = world.home / "bin"
    folder.mkdir(exist_ok=True)
    program = folder / name
    run = shlex.join([sys.executable, str(STAND_IN)])
    program.write_text("\n".join(["#!/bin/sh", *(lines or [f'exec {run} "$@"'])]) + "\n")
    program.chmod(0o755)
    world.environment["PATH"] = str(folder)


def forget_tokens(world: World) -> None:
    """Leave the environment without a login."""
    for name in TOKENS:
        world.environment.pop(name, None)


def store(
    world: World, token: str, ends_in: timedelta, profile: str = "default", **more: Any
) -> Path:
    """What the ASK CLI leaves behind, and nothing else to log in with."""
    forget_tokens(world)
    path = world.home / ".ask" / "cli_config"
    path.parent.mkdir(exist_ok=True)
    end = (datetime.now(UTC) + ends_in).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    tokens = {"access_token": token, "refresh_token": "Atzr|stored", "expires_at": end}
    stored = {"token": tokens, "vendor_id": world.smapi.vendor_ids[0]} | more
    path.write_text(json.dumps({"profiles": {profile: stored}}))
    return path
