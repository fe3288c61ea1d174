"""What Amazon answered at each step, fit to be shown to others: for what only it can tell."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
import importlib.metadata
import json
from pathlib import Path
import platform
import re

from .causes import failure

INTEGRATION = "custom_components/alexa_doorbell/manifest.json"
DISTRIBUTION = "alexa-doorbell-skill"
# Whatever looks like a secret, a token, an id, an address or a person.
HIDDEN = (
    (r"whsec_[\w+/=-]*", "<secret>"),
    (r"\bAtz[a-z]\|[^\s\"',]*", "<token>"),
    (r"\bamzn1\.ask\.skill\.[\w-]+", "<skill>"),
    (r"\bamzn1\.[\w.-]+", "<id>"),
    (r"\barn:[\w-]+:[^\s\"',]+", "<arn>"),
    (r"https?://[^\s\"']+", "<address>"),
    (r"\b[\w.+-]+@[\w-]+\.[\w.-]+", "<email>"),
    (r"\b[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b", "<id>"),
    (r"\b(AKIA|ASIA|AROA|AIDA)[A-Z0-9]{8,}\b", "<key>"),
    (r"\b\d{12}\b", "<account>"),
    (r"\bM[A-Z0-9]{12,13}\b", "<developer>"),
    (r"\b[Uu]ser:? \S+", "<user>"),
    (r"\b\d{1,3}(\.\d{1,3}){3}\b", "<address>"),
    (r"\b[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){3,7}\b", "<address>"),
    (r"(?<=[?&])(\w+)=[^&\s]*", r"\1=..."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one of Amazon's services answered; `date` is its clock."""

    who: str
    asked: str
    status: int
    said: str
    seconds: float
    date: str | None


class Report:
    """Hears every answer; tells by them how far this computer's clock is off."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._hidden: set[str] = set()
        self._lines: list[str] = []
        # Seconds by which this computer is ahead of Amazon; None before Amazon answered.
        self.ahead: float | None = None

    def open(self) -> None:
        """Make sure that it can be written, before anything is done."""
        if self._path is not None:
            self._write(self._path)

    def hide(self, *known: str) -> None:
        """Never write these: what this run knows of persons, addresses and secrets."""
        self._hidden |= {one for one in known if one}

    def step(self, title: str) -> None:
        """A step begins."""
        self._lines.append(f"\n{title}")

    def note(self, text: str) -> None:
        """Anything else that is worth knowing."""
        self._lines.append(f"  {text}")

    def hear(self, answer: Answer) -> None:
        """Take in an answer."""
        if answer.date:
            self._compare_clocks(answer.date)
        said = f": {answer.said}" if answer.said else ""
        milliseconds = round(answer.seconds * 1000)
        self.note(f"{answer.who} {answer.asked} -> {answer.status} ({milliseconds} ms){said}")

    def finish(self, outcome: str) -> None:
        """Write it, if it is wanted."""
        self.note("")
        self._lines.append(f"Ended: {outcome}")
        if self._path is not None:
            self._write(self._path)

    def _compare_clocks(self, date: str) -> None:
        try:
            theirs = parsedate_to_datetime(date)
        except ValueError:
            return
        if theirs.tzinfo is not None:
            self.ahead = (datetime.now(UTC) - theirs).total_seconds()

    def _write(self, path: Path) -> None:
        text = "\n".join([*_versions(), self._shown("\n".join(self._lines)), ""])
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise failure("report_unwritable", why=error.strerror or "no") from None

    def _shown(self, text: str) -> str:
        for known in sorted(self._hidden, key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", "<hidden>", text)
        for pattern, instead in HIDDEN:
            text = re.sub(pattern, instead, text)
        return text


def version() -> str:
    """The version of the command, which is that of the integration."""
    manifest = Path(__file__).parent.parent.parent / INTEGRATION
    try:
        return str(json.loads(manifest.read_text(encoding="utf-8"))["version"])
    except OSError:
        return _installed(DISTRIBUTION)


def _installed(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _versions() -> list[str]:
    libraries = ", ".join(f"{one} {_installed(one)}" for one in ("boto3", "botocore"))
    computer = f"{platform.system()} {platform.machine()}"
    return [
        f"Alexa Doorbell {version()}",
        f"Python {platform.python_version()}, {libraries}, {computer}",
        "No secrets, account ids, addresses or names are in here; look it through all the same.",
    ]
