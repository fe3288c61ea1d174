"""Why this computer does not trust Amazon: it trusts nobody, or somebody answers in its place."""

from collections.abc import Callable
from pathlib import Path
import re
import ssl

from .causes import failure
from .errors import CommandError

# OpenSSL's words; the first that fits. Only clocks make Amazon's certificates old or too young.
WORDS = (
    (r"expired|not yet valid", "certificate_time"),
    (r"unable to get local issuer", "no_certificates"),
    (r"", "resigned"),
)


def certificate_failure(
    host: str, said: str, trusts_anybody: Callable[[], bool] | None = None
) -> CommandError:
    """What a certificate of Amazon's that was not trusted means; `said` is OpenSSL's sentence."""
    cause = next(cause for words, cause in WORDS if re.search(words, said))
    # A list that is there, and knows Amazon's authorities as any does, was shown another.
    if cause == "no_certificates" and (trusts_anybody or _trusts_anybody)():
        cause = "resigned"
    found = re.search(r"certificate verify failed: ([^(]+)", said)
    why = found[1].strip() if found else "its certificate is not trusted"
    return failure(cause, host=host, why=why)


def _trusts_anybody() -> bool:
    """Whether there is a list of certificates on this computer."""
    if ssl.create_default_context().cert_store_stats()["x509_ca"]:
        return True
    folder = ssl.get_default_verify_paths().capath
    return bool(folder and Path(folder).is_dir() and any(Path(folder).iterdir()))
