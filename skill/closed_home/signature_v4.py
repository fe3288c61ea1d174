"""AWS's Signature Version 4, as far as a POST of JSON needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import hashlib
import hmac
import os
import time
from urllib.parse import urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What AWS gives to a function for its role."""

    key_id: str
    secret: str = field(repr=False)
    session_token: str = field(repr=False)

    @classmethod
    def from_environment(cls) -> "Credentials":
        """Those of this function."""
        return cls(
            key_id=os.environ.get("AWS_ACCESS_KEY_ID", ""),
            secret=os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
            session_token=os.environ.get("AWS_SESSION_TOKEN", ""),
        )


def signed(  # noqa: PLR0913 - Each by its name.
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    credentials: Credentials,
    region: str,
    service: str,
    now: float,
) -> dict[str, str]:
    """The headers, and those that AWS knows the sender by; `now` is Unix time."""
    parts = urlsplit(url)
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    everything = {**headers, "Host": parts.netloc, "X-Amz-Date": moment}
    if credentials.session_token:
        everything["X-Amz-Security-Token"] = credentials.session_token
    lines = sorted((name.lower(), " ".join(value.split())) for name, value in everything.items())
    names = ";".join(name for name, _ in lines)
    request = "\n".join(
        [
            *("POST", parts.path or "/", parts.query),
            *(f"{name}:{value}" for name, value in lines),
            *("", names, hashlib.sha256(body).hexdigest()),
        ]
    )
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{credentials.secret}".encode()
    for part in (*scope.split("/"), f"{ALGORITHM}\n{moment}\n{scope}\n{digest}"):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    everything["Authorization"] = (
        f"{ALGORITHM} Credential={credentials.key_id}/{scope}, SignedHeaders={names}, "
        f"Signature={key.hex()}"
    )
    return everything
