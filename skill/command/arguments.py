"""The arguments of the command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from .package import LOGIN_HOSTS
from .paste import VARIABLE
from .settings import AWS_REGIONS, DEFAULT_NAME


@dataclass(slots=True, kw_only=True)
class Options(argparse.Namespace):
    """What was given; what belongs to the other action keeps its default."""

    action: str = ""
    dry_run: bool = False
    name: str = DEFAULT_NAME
    vendor_id: str | None = None
    ask_profile: str | None = None
    aws_profile: str | None = None
    report: str | None = None
    skill_id: str | None = None
    yes: bool = False
    webhook_url: str | None = None
    closed: bool = False
    shared_secret: str | None = None
    region: Sequence[str] = ()
    home_assistant_url: str | None = None
    login_host: str | None = None
    link_with_amazon: bool = False
    replace: bool = False
    take_over: bool = False


def parsed(arguments: Sequence[str] | None) -> Options:
    """The arguments, or the end of the program with a word about what is wrong with them."""
    parser = argparse.ArgumentParser(
        description="Makes your own Alexa skill for Home Assistant's doorbells, or mends it.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    making = actions.add_parser("create", help="make the skill, or mend it")
    removing = actions.add_parser("destroy", help="take away what create made")
    for action in (making, removing):
        _add_common(action)
    removing.add_argument("--yes", action="store_true", help="do not ask")
    _add_making(making)
    return parser.parse_args(arguments, namespace=Options())


def _add_common(action: argparse.ArgumentParser) -> None:
    action.add_argument("--dry-run", action="store_true", help="say what would be done")
    action.add_argument("--name", default=DEFAULT_NAME, help="the skill's name in Alexa")
    action.add_argument("--skill-id", help="a skill that you have made by hand")
    action.add_argument("--vendor-id", help="which Amazon developer account, of several")
    action.add_argument("--ask-profile", help="which login of the ASK CLI")
    action.add_argument("--aws-profile", help="which login of AWS")
    action.add_argument(
        "--report",
        metavar="FILE",
        help="write what Amazon answered into this file, without secrets, ids and addresses",
    )


def _add_making(making: argparse.ArgumentParser) -> None:
    way = making.add_mutually_exclusive_group(required=True)
    way.add_argument("--webhook-url", help="what Home Assistant shows")
    way.add_argument(
        "--closed",
        action="store_true",
        help="nothing of yours is open to the internet: Home Assistant only calls out, to a "
        "function of your own",
    )
    making.add_argument(
        "--shared-secret",
        metavar="SECRET",
        help=f"better left out: then the variable {VARIABLE} has it, or you are asked",
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
        "--login-host",
        choices=sorted(LOGIN_HOSTS.values()),
        help="where your Alexa app comes from when you log in to Home Assistant: that goes by the "
        "language it is set to (guessed by the region)",
    )
    making.add_argument(
        "--link-with-amazon",
        action="store_true",
        help="link accounts by Login with Amazon, instead of by Home Assistant: the security "
        "profile is in the variables LWA_CLIENT_ID and LWA_CLIENT_SECRET",
    )
    making.add_argument(
        "--replace",
        action="store_true",
        help="with --skill-id: even if that skill serves other devices until now",
    )
    making.add_argument(
        "--take-over",
        action="store_true",
        help="use the function of an Alexa Doorbell that is gone, or change the way of this one",
    )
