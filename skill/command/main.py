"""The command line: what is wanted, where the secret comes from, and what failed in plain words."""

from collections.abc import Mapping, Sequence
import contextlib
import os
from pathlib import Path
import sys
import traceback
from urllib.parse import urlsplit

from . import web
from .arguments import Options, parsed
from .aws import Aws
from .causes import failure
from .create import Creation
from .create_closed import ClosedCreation
from .destroy import Destruction
from .errors import CommandError
from .login import find_login
from .package import origin
from .paste import cleaned, shared_secret
from .progress import Patience, Progress
from .report import Report
from .settings import AmazonLinking, Settings, Webhook
from .skills import VendorId
from .smapi import SkillManagement
from .smapi_requests import Requests

CLOUDHOOKS = "hooks.nabu.casa"
HTTPS_PORT = 443
STOPPED = "Stopped. Run it again at any time: it goes on where it stopped."


def main(arguments: Sequence[str] | None = None, patience: Patience | None = None) -> int:
    """Run the command; 0 when all is done."""
    _let_every_console_do()
    options = parsed(arguments)
    report = Report(Path(options.report) if options.report else None)
    try:
        error = _failure(options, patience or Patience(), report)
        if error is None:
            return 0
        print(f"\nIt did not work: {error}\nWhat to do: {error.advice}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"\n{STOPPED}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Nobody reads any more what is printed; Python would complain of that at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _failure(options: Options, patience: Patience, report: Report) -> CommandError | None:
    """Why it did not work; None when it did. Whatever happens, the report is written."""
    outcome = "stopped"
    try:
        report.open()
        _run(options, os.environ, patience, report)
        outcome = "all is done"
    except CommandError as error:
        outcome = f"{error.cause}: {error}"
        return error
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - Whoever runs it can do nothing with a traceback.
        fault = _fault(error)
        outcome = f"{fault.cause}: {fault}"
        return fault
    finally:
        with contextlib.suppress(CommandError):
            report.finish(outcome)
    return None


def _fault(error: Exception) -> CommandError:
    """What a foreign exception is called; its own text may hold anything."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).parent == Path(__file__).parent]
    place = f"{Path(ours[-1].filename).name}, line {ours[-1].lineno}"
    return failure("fault", kind=type(error).__name__, place=place)


def _let_every_console_do() -> None:
    """One that knows few letters shows the others as numbers, instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _run(
    options: Options, environment: Mapping[str, str], patience: Patience, report: Report
) -> None:
    settings = _settings(options, environment) if options.action == "create" else None
    _hide(options, settings, report)
    progress = Progress(dry_run=options.dry_run, report=report)
    if options.action == "destroy" and not (options.yes or options.dry_run):
        _confirm(options.name)
    login = find_login(environment, Path.home(), options.ask_profile)
    url = environment.get("ASK_SMAPI_SERVER_BASE_URL")
    smapi = SkillManagement(Requests(url, login, patience, report), patience)
    aws = Aws(options.aws_profile, report)
    vendor_id = VendorId(wanted=options.vendor_id, remembered=login.vendor_id)
    if settings is None:
        Destruction(smapi, aws, progress).run(options.name, vendor_id, options.skill_id)
    elif settings.webhook is None:
        ClosedCreation(settings, smapi, aws, progress, patience).run(vendor_id)
    else:
        Creation(settings, smapi, aws, progress, patience).run(vendor_id)


def _hide(options: Options, settings: Settings | None, report: Report) -> None:
    report.hide(options.name, options.vendor_id or "", options.ask_profile or "")
    report.hide(options.aws_profile or "", options.skill_id or "", Path.home().name)
    if settings is None or settings.webhook is None:
        return
    webhook = settings.webhook
    url = urlsplit(webhook.url)
    report.hide(webhook.shared_secret, url.netloc, url.hostname or "", settings.resource)
    report.hide(url.path.rpartition("/")[2])
    if isinstance(webhook.linking, str):
        report.hide(urlsplit(webhook.linking).hostname or "")
    else:
        report.hide(webhook.linking.client_id, webhook.linking.client_secret)


def _settings(options: Options, environment: Mapping[str, str]) -> Settings:
    return Settings(
        name=options.name,
        regions=tuple(dict.fromkeys(options.region)),
        webhook=_webhook(options, environment),
        skill_id=options.skill_id,
        replace=options.replace,
        take_over=options.take_over,
    )


def _webhook(options: Options, environment: Mapping[str, str]) -> Webhook | None:
    """None for a closed home."""
    if options.webhook_url is None:
        if given := [name for name, value in _only_with_a_webhook(options) if value]:
            raise failure("closed_with", options=", ".join(given))
        return None
    url = cleaned(options.webhook_url)
    # Before anybody is asked for anything.
    linking = _linking(options, url, environment)
    return Webhook(
        url=url,
        shared_secret=shared_secret(options.shared_secret, environment),
        linking=linking,
        login_host=options.login_host,
    )


def _only_with_a_webhook(options: Options) -> list[tuple[str, object]]:
    return [
        ("--shared-secret", options.shared_secret),
        ("--home-assistant-url", options.home_assistant_url),
        ("--login-host", options.login_host),
        ("--link-with-amazon", options.link_with_amazon),
    ]


def _linking(
    options: Options, webhook_url: str, environment: Mapping[str, str]
) -> str | AmazonLinking:
    if options.link_with_amazon:
        pair = environment.get("LWA_CLIENT_ID"), environment.get("LWA_CLIENT_SECRET")
        if not (pair[0] and pair[1]):
            raise failure("half_security_profile")
        return AmazonLinking(client_id=pair[0], client_secret=pair[1])
    url = options.home_assistant_url and cleaned(options.home_assistant_url)
    if url is None:
        url = webhook_url
        if web.is_safe(url) and urlsplit(url).hostname == CLOUDHOOKS:
            raise failure("cloudhook_login")
    if not web.is_safe(url):
        raise failure("login_unsafe")
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.port not in {None, HTTPS_PORT}:
        raise failure("login_port")
    return origin(url)


def _confirm(name: str) -> None:
    if sys.stdin is None or not sys.stdin.isatty():
        raise failure("nobody_says_yes")
    try:
        said = input(f'Delete the skill "{name}" and all that belongs to it? [y/N] ')
    except EOFError:
        said = ""
    if said.strip().lower() not in {"y", "yes"}:
        raise failure("nothing_deleted")
