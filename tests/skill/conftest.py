"""A Lambda function whose log and environment are the test's own."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
import importlib.util
from ipaddress import ip_address
import logging
from pathlib import Path
import re
import secrets
import shlex
import sys
import threading
from types import ModuleType
from typing import Any

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
import pytest
from pytest_aiohttp import AiohttpServer

from demo.developer.aws import SimulatedAws
from demo.developer.skill_management import SimulatedSkillManagement
from skill import lambda_function

from .box import Box, Internet
from .closed_story import amazon_itself, story  # noqa: F401 - Fixtures.
from .developer import STAND_IN, Developer, forget_tokens
from .server import SHARED_SECRET, WEBHOOK_ID
from .world import CREDENTIALS, HomeAssistant, World

TOKEN = "Atza|a-token-of-the-customer"


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> None:
    """Everything here is about real connections, on loopback."""


@pytest.fixture(autouse=True)
def _nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No log line holds a token, the webhook's id or the shared secret."""
    yield
    # A web server logs what it serves, and libraries everything when they are asked to.
    told = [
        caplog.handler.format(record)
        for record in caplog.get_records("call")
        if record.levelno > logging.DEBUG and record.name != "aiohttp.access"
    ]
    secret = re.compile("|".join(map(re.escape, (WEBHOOK_ID, SHARED_SECRET, TOKEN, "whsec_"))))
    assert not [line for line in told if secret.search(line)]


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The function's module as after a cold start."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("SHARED_SECRET", SHARED_SECRET)
    monkeypatch.delenv("WEBHOOK_URL", raising=False)
    # A copy of its own: reloaded in place, it would raise errors that nobody else knows.
    spec = importlib.util.spec_from_file_location("cold_lambda_function", lambda_function.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
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


@pytest.fixture
def aws(socket_enabled: None) -> Iterator[SimulatedAws]:
    """An empty AWS account."""
    with SimulatedAws() as aws:
        aws.reset()
        yield aws


@pytest.fixture
async def world(
    aws: SimulatedAws,
    aiohttp_server: AiohttpServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> AsyncIterator[World]:
    """Everything that the command meets; Home Assistant waits for a skill."""
    for library in ("botocore", "urllib3", "asyncio"):
        logging.getLogger(library).setLevel(logging.INFO)
    home_assistant = HomeAssistant()
    app = web.Application()
    app.router.add_post(f"/api/webhook/{WEBHOOK_ID}", home_assistant.take)
    app.router.add_post("/api/webhook/unknown", home_assistant.ignore)
    server = await aiohttp_server(app)
    home_assistant.url = str(server.make_url(f"/api/webhook/{WEBHOOK_ID}"))
    async with SimulatedSkillManagement(aws.may_alexa_call, CREDENTIALS) as smapi:
        environment = {
            **aws.environment(),
            **smapi.environment(),
            "HOME": str(tmp_path),
            "ALEXA_DOORBELL_SECRET": SHARED_SECRET,
        }
        yield World(aws, smapi, home_assistant, tmp_path, capsys, environment)
    # Credentials are not stored anywhere.
    stored = "".join(
        path.read_text()
        for path in tmp_path.rglob("*")  # noqa: ASYNC240 - Nothing else runs any more.
        if path.is_file()
    )
    assert SHARED_SECRET not in stored
    assert CREDENTIALS[1] not in stored


@pytest.fixture
def internet() -> Iterator[Internet]:
    """An internet that has the archive of the tag, and uv's installer."""
    with Internet() as internet:
        yield internet


@pytest.fixture
async def shell(
    world: World, internet: Internet, aiohttp_server: AiohttpServer
) -> AsyncIterator[Box]:
    """A shell as AWS CloudShell's, before anything was done in it."""
    forget_tokens(world)
    login, token = secrets.token_hex(), secrets.token_hex()
    developer = Developer(world.smapi)

    async def credentials(request: web.Request) -> web.Response:
        """Give the rights of whoever is logged in to the console."""
        assert request.headers["Authorization"] == token
        pair = {"AccessKeyId": "ASIA", "SecretAccessKey": login, "Token": secrets.token_hex()}
        return web.json_response(pair | {"Expiration": "2999-01-01T00:00:00Z"})

    app = web.Application()
    app.router.add_post("/auth/o2/token", developer.token)
    app.router.add_get("/latest/container/security-credentials", credentials)
    server = await aiohttp_server(app)
    home = str(server.make_url("")).rstrip("/")
    keys = {"HOME", "ALEXA_DOORBELL_SECRET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    with Box() as box:
        box.have("curl")
        box.have_packages()
        box.have_program("ask", f'exec {shlex.join([sys.executable, str(STAND_IN)])} "$@"')
        box.environment |= {
            name: world.environment[name] for name in world.environment.keys() - keys
        }
        box.environment |= {
            "ALEXA_DOORBELL_UV_INSTALLER": f"{internet.url}/install.sh",
            "ASK_LWA_TOKEN_HOST": home,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{home}/latest/container/security-credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
        }
        yield box
