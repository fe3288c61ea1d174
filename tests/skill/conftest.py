"""A Lambda function whose log and environment are the test's own."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
import importlib
from ipaddress import ip_address
from pathlib import Path
import re
import threading
from types import ModuleType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
import pytest

from skill import lambda_function

from .server import WEBHOOK_ID

SHARED_SECRET = "whsec_" + "c2VjcmV0" * 4
TOKEN = "Atza|a-token-of-the-customer"


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> None:
    """Everything here is about real connections, on loopback."""


@pytest.fixture(autouse=True)
def _nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No log line holds a token, the webhook's id or the shared secret."""
    yield
    told = [caplog.handler.format(record) for record in caplog.get_records("call")]
    secret = re.compile("|".join(map(re.escape, (WEBHOOK_ID, SHARED_SECRET, TOKEN, "whsec_"))))
    assert not [line for line in told if secret.search(line)]


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The function's module as after a cold start."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("SHARED_SECRET", SHARED_SECRET)
    monkeypatch.delenv("WEBHOOK_URL", raising=False)
    module = importlib.reload(lambda_function)
    yield module
    module._bridge.close()
    for thread in threading.enumerate():
        if isinstance(thread, module.Asking):
            thread.join()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that only those trust who are told to, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False),
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ]
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1))
    builder = builder.not_valid_after(now + timedelta(days=1))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    certificate = builder.sign(key, SHA256())
    pem = certificate.public_bytes(Encoding.PEM) + key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    path = tmp_path_factory.mktemp("certificate") / "certificate.pem"
    path.write_bytes(pem)
    return path


class Context:
    """What AWS hands to a function beside the event."""

    def __init__(self, milliseconds: int = 10_000) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        """Time until AWS ends the function."""
        return self._milliseconds


type Invoke = Callable[..., dict[str, Any]]


@pytest.fixture
def invoke(function: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Call the handler with that webhook."""

    def invoke(event: Any, url: str, milliseconds: int = 10_000) -> dict[str, Any]:
        monkeypatch.setenv("WEBHOOK_URL", url)
        answer: dict[str, Any] = function.lambda_handler(event, Context(milliseconds))
        return answer

    return invoke


def directive(name: str, namespace: str = "Alexa", **more: Any) -> dict[str, Any]:
    """A directive as Alexa sends it."""
    header = {"namespace": namespace, "name": name, "messageId": "m", "payloadVersion": "3"}
    scope = {"type": "BearerToken", "token": TOKEN}
    return {"directive": {"header": header, "payload": {"scope": scope}} | more}


ACCEPT_GRANT = directive("AcceptGrant", "Alexa.Authorization")
DISCOVER = directive("Discover", "Alexa.Discovery")
REPORT_STATE = directive("ReportState", endpoint={"endpointId": "front-door"})
REPORT_STATE["directive"]["header"]["correlationToken"] = "of-the-directive"
