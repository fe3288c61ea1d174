"""What people paste, cleaned of what terminals and web pages add; what it is, if it is wrong."""

from collections.abc import Mapping
import getpass
import re
import sys

from .causes import failure
from .errors import CommandError

VARIABLE = "ALEXA_DOORBELL_SECRET"
PROMPT = "Shared secret: "
TRIES = 3
SECRET = r"whsec_[A-Za-z0-9+/=]*"  # noqa: S105 - What they look like.
# Bracketed paste, control characters, byte order mark and others of no width, and quotes.
NOISE = (
    r"\x1b\[20[01]~",
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]",
    r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]",
    r"[\"'`\u2018-\u201f\u00ab\u00bb]",
)
# What else it can be; the first that fits.
WRONG = (
    (r"", "secret_not_entered"),
    # Ctrl+V, and Shift+Insert, as a window of Windows gives them to a program.
    (r"(\x16|\^V|\xe0R|\xe0|\x00R)+", "secret_not_pasted"),
    (r".*\bcreate\b.*--webhook-url.*", "secret_is_command"),
    (r"https?:.*|.*/api/webhook/.*", "secret_is_address"),
    (r"(Atz|amzn1\.).*", "secret_is_credential"),
    (r".*", "secret_is_something_else"),
)


def cleaned(text: str) -> str:
    """The text without what nobody can see, and without quotes around it."""
    return re.sub("|".join(NOISE), "", text).strip()


def found_secret(text: str) -> str:
    """The secret in what was pasted, whatever is around it; CommandError when there is none."""
    secrets = set(re.findall(SECRET, cleaned(text)))
    if len(secrets) == 1:
        return str(secrets.pop())
    raw = text.strip(" \r\n")
    cause = next(cause for pattern, cause in WRONG if re.fullmatch(pattern, raw, re.DOTALL))
    raise failure(cause)


def shared_secret(given: str | None, environment: Mapping[str, str]) -> str:
    """From wherever it is, best not the command line: others on the computer can see that."""
    given = given or environment.get(VARIABLE)
    if given:
        return found_secret(given)
    if sys.stdin is not None and sys.stdin.isatty():
        return _asked_for()
    if environment.get("MSYSTEM"):
        # Its window is a pipe to Python: nothing would be shown but the secret.
        raise failure("git_bash")
    print("The shared secret is read from the standard input.", file=sys.stderr, flush=True)
    line = "" if sys.stdin is None else sys.stdin.readline()
    if not line.strip():
        raise failure("secret_missing")
    return found_secret(line)


def _asked_for() -> str:
    """Ask again when something else was pasted."""
    for left in reversed(range(TRIES)):
        try:
            return found_secret(getpass.getpass(PROMPT))
        except EOFError:
            raise failure("secret_missing") from None
        except CommandError as error:
            if not left:
                raise
            print(f"{error} {error.advice}", file=sys.stderr, flush=True)
    raise AssertionError
