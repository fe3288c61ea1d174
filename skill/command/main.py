"""The command line: what is wanted, where the secret comes from, and what failed in plain words."""

import argparse
from collections.abc import Mapping, Sequence
import getpass
import os
from pathlib import Path
import sys
from urllib.parse import urlsplit

from . import create, destroy, web
from .aws import Aws
from .errors import CommandError
from .login import find_login
from .package import origin
from .progress import Patience, Progress
from .settings import AWS_REGIONS, DEFAULT_NAME, AmazonLinking, Settings
from .smapi import SkillManagement

CLOUDHOOKS = "hooks.nabu.casa"
HTTPS_PORT = 443
SECRET = "ALEXA_DOORBELL_SECRET"  # noqa: S105 - The name of a variable.


def main(arguments: Sequence[str] | None = None, patience: Patience | None = None) -> int:
    """Run the command; 0 when all is done."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options, os.environ, patience or Patience())
    except CommandError as error:
        print(f"\nIt did not work: {error}\nWhat to do: {error.advice}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run it again at any time: it goes on where it stopped.", file=sys.stderr)
        return 130


def _run(options: argparse.Namespace, environment: Mapping[str, str], patience: Patience) -> int:
    settings = _settings(options, environment) if options.action == "create" else None
    progress = Progress(dry_run=options.dry_run)
    if options.action == "destroy" and not (options.yes or options.dry_run):
        _confirm(options.name)
    login = find_login(environment, Path.home(), options.ask_profile)
    smapi = SkillManagement(environment.get("ASK_SMAPI_SERVER_BASE_URL"), login, patience)
    aws = Aws(options.aws_profile)
    vendor_id = options.vendor_id or login.vendor_id
    if settings is None:
        destroy.destroy(options.name, vendor_id, smapi, aws, progress)
    else:
        create.Creation(settings, smapi, aws, progress, patience).run(vendor_id)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="create_skill.py",
        description="Makes your own Alexa skill for Home Assistant's doorbells, or mends it.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    making = actions.add_parser("create", help="make the skill, or mend it")
    removing = actions.add_parser("destroy", help="take away what create made")
    for action in (making, removing):
        action.add_argument("--dry-run", action="store_true", help="say what would be done")
        action.add_argument("--name", default=DEFAULT_NAME, help="the skill's name in Alexa")
        action.add_argument("--vendor-id", help="which Amazon developer account, of several")
        action.add_argument("--ask-profile", help="which login of the ASK CLI")
        action.add_argument("--aws-profile", help="which login of AWS")
    removing.add_argument("--yes", action="store_true", help="do not ask")
    making.add_argument("--webhook-url", required=True, help="what Home Assistant shows")
    making.add_argument(
        "--shared-secret",
        metavar="SECRET",
        help=f"better left out: then the variable {SECRET} has it, or you are asked",
    )
    making.add_argument(
        "--region",
        nargs="+",
        choices=list(AWS_REGIONS),
        required=True,
        help="where your Amazon account is registered: na (America), eu (Europe, India, the Middle "
        "East), fe (Japan, Australia, New Zealand); further ones for users elsewhere",
    )
    making.add_argument(
        "--home-assistant-url",
        help="where you log in to Home Assistant from outside, if not where the webhook is",
    )
    making.add_argument(
        "--link-with-amazon",
        action="store_true",
        help="link accounts by Login with Amazon, instead of by Home Assistant: the security "
        "profile is in the variables LWA_CLIENT_ID and LWA_CLIENT_SECRET",
    )
    making.add_argument("--skill-id", help="use a skill that you have made by hand")
    making.add_argument(
        "--take-over",
        action="store_true",
        help="use the function of an Alexa Doorbell that is gone",
    )
    return parser


def _settings(options: argparse.Namespace, environment: Mapping[str, str]) -> Settings:
    return Settings(
        name=options.name,
        regions=tuple(dict.fromkeys(options.region)),
        webhook_url=options.webhook_url.strip(),
        shared_secret=_secret(options, environment),
        linking=_linking(options, environment),
        skill_id=options.skill_id,
        take_over=options.take_over,
    )


def _secret(options: argparse.Namespace, environment: Mapping[str, str]) -> str:
    """From wherever it is, best not the command line: others on the computer can see that."""
    given: str | None = options.shared_secret or environment.get(SECRET)
    if given is None:
        interactive = sys.stdin.isatty()
        given = getpass.getpass("Shared secret: ") if interactive else sys.stdin.readline()
    return given.strip()


def _linking(options: argparse.Namespace, environment: Mapping[str, str]) -> str | AmazonLinking:
    if options.link_with_amazon:
        pair = environment.get("LWA_CLIENT_ID"), environment.get("LWA_CLIENT_SECRET")
        if not (pair[0] and pair[1]):
            raise CommandError(
                "Login with Amazon needs a security profile.",
                "Put its client id and secret into LWA_CLIENT_ID and LWA_CLIENT_SECRET.",
            )
        return AmazonLinking(client_id=pair[0], client_secret=pair[1])
    url = options.home_assistant_url
    if url is None:
        if urlsplit(options.webhook_url).hostname == CLOUDHOOKS:
            raise CommandError(
                "A cloudhook is not where one can log in to Home Assistant.",
                "Give the address of its remote access with --home-assistant-url: "
                "https://....ui.nabu.casa.",
            )
        url = options.webhook_url
    if not web.is_safe(url):
        raise CommandError("Home Assistant's address is not safe.", "It must begin with https://.")
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.port not in {None, HTTPS_PORT}:
        raise CommandError(
            "Amazon links accounts only by https on port 443.",
            "Give an address of Home Assistant without a port with --home-assistant-url.",
        )
    return origin(url)


def _confirm(name: str) -> None:
    if not sys.stdin.isatty():
        raise CommandError("Nobody is there to say yes.", "Add --yes if you mean it.")
    if input(f'Delete the skill "{name}" and all that belongs to it? [y/N] ').lower() != "y":
        raise CommandError("Nothing was deleted.", "Answer y if you mean it.")
