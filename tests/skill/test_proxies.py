"""The function before a real nginx and a real Caddy, and behind them a real Home Assistant."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import timedelta
import os
from pathlib import Path
import subprocess
from typing import Any

import aiohttp
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from demo.amazon import messages as alexa
from demo.developer.lambda_runtime import LambdaRuntime
from demo.home_assistant.configuration import CHECKOUT
from demo.home_assistant.process import free_port
from skill.command import package
from tests.conftest import SHARED_SECRET, WEBHOOK_ID
from tests.home import set_up

from .conftest import DISCOVER, Invoke
from .proxies import Proxies, hashed

PING = {"ping": {"nonce": "of-the-test"}}
TRUSTED = {"use_x_forwarded_for": True, "trusted_proxies": ["127.0.0.1"]}

type Start = Callable[..., Awaitable[Proxies]]
type Proxy = Callable[[Proxies], AbstractContextManager[int]]


@pytest.fixture(scope="session")
def programs() -> Path:
    """Where nginx and Caddy are; without them these are skipped, but never where CI judges them."""
    found = subprocess.run(
        [CHECKOUT / "scripts" / "proxies"], capture_output=True, text=True, check=False
    )
    if found.returncode == 0:
        return Path(found.stdout.strip())
    if os.environ.get("CI") == "true":
        pytest.fail(found.stderr)
    pytest.skip(found.stderr)


@pytest.fixture
def start(
    programs: Path,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    tmp_path: Path,
) -> Start:
    """Start Home Assistant with these settings of its web server; the proxies before it."""
    hass.config.config_dir = str(tmp_path)

    async def start(**settings: Any) -> Proxies:
        assert await async_setup_component(hass, "http", {"http": settings})
        assert await async_setup_component(hass, "api", {})
        await set_up(hass, entry)
        client = await hass_client_no_auth()
        assert client.port is not None
        return Proxies(programs=programs, folder=tmp_path, upstream=client.port)

    return start


@pytest.fixture
def away(programs: Path, tmp_path: Path) -> Proxies:
    """The proxies before nothing."""
    return Proxies(programs=programs, folder=tmp_path, upstream=free_port())


@pytest.fixture
def ask(invoke: Invoke) -> Callable[..., Awaitable[Any]]:
    """Invoke the function with the address of the proxy, and what it shall ask."""

    async def ask(port: int, event: Any = PING, scheme: str = "http") -> Any:
        url = f"{scheme}://127.0.0.1:{port}/api/webhook/{WEBHOOK_ID}"
        return await asyncio.to_thread(invoke, event, url)

    return ask


type Ask = Callable[..., Awaitable[Any]]

BOTH: dict[str, Proxy] = {"nginx": Proxies.nginx, "Caddy": Proxies.caddy}
both = pytest.mark.parametrize("proxy", BOTH.values(), ids=BOTH)


def problem(answer: Any) -> tuple[str, str]:
    """The cause and the words of what the function told."""
    return answer["problem"]["cause"], answer["problem"]["message"]


@both
async def test_a_trusted_proxy_brings_directive_and_answer(
    start: Start, ask: Ask, proxy: Proxy
) -> None:
    with proxy(await start(**TRUSTED)) as port:
        answer = await ask(port, DISCOVER)

    assert alexa.event_name(answer) == "Discover.Response"


@both
async def test_a_ping_is_answered_by_the_integration_itself(
    start: Start, ask: Ask, proxy: Proxy
) -> None:
    with proxy(await start(**TRUSTED)) as port:
        told = (await ask(port))["answer"]

    assert told["status"] == 200
    assert told["document"]["pong"]["nonce"] == PING["ping"]["nonce"]


@both
async def test_a_wrong_secret_is_told_through_a_proxy(
    start: Start, ask: Ask, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHARED_SECRET", "whsec_" + "YW5vdGhl" * 4)
    with proxy(await start(**TRUSTED)) as port:
        answer = await ask(port)

    assert problem(answer) == (
        "signature",
        "Home Assistant refused the signature: SHARED_SECRET is another",
    )


# nginx dates every answer by its own clock.
CLOCKS: dict[str, tuple[Proxy, str]] = {
    "nginx": (Proxies.nginx, "is wrong by more than 5 minutes"),
    "Caddy": (Proxies.caddy, "is 39 minutes ahead"),
}


@pytest.mark.parametrize(("proxy", "difference"), CLOCKS.values(), ids=CLOCKS)
async def test_home_assistants_wrong_clock_is_told_through_a_proxy(
    start: Start, freezer: FrozenDateTimeFactory, proxy: Proxy, difference: str
) -> None:
    # The function runs in a process of its own, which has the right time.
    freezer.tick(timedelta(minutes=39))
    with proxy(await start(**TRUSTED)) as port:
        url = f"http://127.0.0.1:{port}/api/webhook/{WEBHOOK_ID}"
        given = {"WEBHOOK_URL": url, "SHARED_SECRET": SHARED_SECRET}
        async with LambdaRuntime(package.code(), given) as aws:
            answer = await aws.invoke(PING)

    assert problem(answer) == ("clock", f"Home Assistant's clock {difference}")


@pytest.mark.parametrize(
    "settings",
    [{}, TRUSTED | {"trusted_proxies": ["192.0.2.1"]}],
    ids=["nobody is trusted", "another is trusted"],
)
@both
async def test_a_proxy_that_home_assistant_does_not_trust_is_named(
    start: Start, ask: Ask, proxy: Proxy, settings: dict[str, Any]
) -> None:
    with proxy(await start(**settings)) as port:
        answer = await ask(port)

    assert problem(answer) == (
        "untrusted_proxy",
        (
            "Home Assistant does not trust the proxy before it: trusted_proxies is missing, or "
            "names another"
        ),
    )


def nginx_with_a_password(proxies: Proxies) -> AbstractContextManager[int]:
    """An nginx that lets in Ada only."""
    passwords = proxies.folder / "passwords"
    passwords.write_text(f"ada:{hashed('her password')}\n")
    return proxies.nginx(f'auth_basic "Home"; auth_basic_user_file {passwords};')


def caddy_with_a_password(proxies: Proxies) -> AbstractContextManager[int]:
    """A Caddy that lets in Ada only."""
    hash_ = base64.b64encode(hashed("her password").encode()).decode()
    return proxies.caddy(f"basicauth {{\n ada {hash_}\n }}")


@pytest.mark.parametrize(
    "proxy", [nginx_with_a_password, caddy_with_a_password], ids=["nginx", "Caddy"]
)
async def test_a_proxy_that_asks_for_a_password_is_not_taken_for_home_assistant(
    start: Start, ask: Ask, proxy: Proxy
) -> None:
    with proxy(await start(**TRUSTED)) as port:
        answer = await ask(port)

    assert problem(answer) == (
        "asks_for_login",
        "something before Home Assistant asks for a login (answer 401)",
    )


FORBIDDEN: dict[str, Proxy] = {
    "nginx": lambda proxies: proxies.nginx("deny all;"),
    "Caddy": lambda proxies: proxies.caddy("respond 403"),
}


@pytest.mark.parametrize("proxy", FORBIDDEN.values(), ids=FORBIDDEN)
async def test_a_proxys_own_refusal_is_not_home_assistants(
    start: Start, ask: Ask, proxy: Proxy
) -> None:
    with proxy(await start(**TRUSTED)) as port:
        answer = await ask(port)

    assert problem(answer) == (
        "refused",
        "something before Home Assistant refused the message (answer 403)",
    )


LOGIN: dict[str, Proxy] = {
    "nginx": lambda proxies: proxies.nginx("return 302 https://login.example/;"),
    "Caddy": lambda proxies: proxies.caddy("redir https://login.example/"),
}


@pytest.mark.parametrize("proxy", LOGIN.values(), ids=LOGIN)
async def test_a_proxy_that_sends_to_a_page_for_logging_in_is_not_followed(
    start: Start, ask: Ask, proxy: Proxy
) -> None:
    with proxy(await start(**TRUSTED)) as port:
        answer = await ask(port)

    assert problem(answer) == (
        "redirected",
        "something before Home Assistant sends to another address, perhaps to a login (answer 302)",
    )


async def test_a_proxys_rate_limit_is_told(start: Start, ask: Ask) -> None:
    limited = (await start(**TRUSTED)).nginx(
        "limit_req zone=all; limit_req_status 429;",
        everywhere="limit_req_zone $host zone=all:1m rate=1r/m;",
    )
    with limited as port:
        assert alexa.event_name(await ask(port, DISCOVER)) == "Discover.Response"
        answer = await ask(port)

    assert problem(answer) == (
        "rate_limited",
        "something before Home Assistant allows no more requests (answer 429)",
    )


async def test_a_proxy_that_takes_less_than_a_message_is_told(start: Start, ask: Ask) -> None:
    with (await start(**TRUSTED)).nginx("client_max_body_size 1;") as port:
        answer = await ask(port)

    assert problem(answer) == (
        "too_large",
        "the message is too large for Home Assistant, or for something before it",
    )


@both
async def test_home_assistant_that_is_away_is_told_by_its_proxy(
    away: Proxies, ask: Ask, proxy: Proxy
) -> None:
    with proxy(away) as port:
        answer = await ask(port)

    assert problem(answer) == (
        "away",
        "a proxy answers, but does not reach Home Assistant (answer 502)",
    )


@both
async def test_home_assistants_own_ban_is_not_its_proxys_refusal(
    start: Start, ask: Ask, proxy: Proxy
) -> None:
    proxies = await start(**TRUSTED, ip_ban_enabled=True, login_attempts_threshold=1)
    with proxy(proxies) as port:
        await log_in_wrongly(port)
        answer = await ask(port)

    assert problem(answer) == (
        "banned",
        "Home Assistant has banned the address that the message came from",
    )


async def log_in_wrongly(port: int) -> None:
    """Try a token that is none, often enough."""
    headers = {"Authorization": "Bearer nobodys"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for status in (401, 403):
            async with session.get(f"http://127.0.0.1:{port}/api/") as answer:
                assert answer.status == status


@both
async def test_a_webhook_that_home_assistant_does_not_know_is_told_through_a_proxy(
    start: Start, ask: Ask, proxy: Proxy, entry: MockConfigEntry, hass: HomeAssistant
) -> None:
    proxies = await start(**TRUSTED)
    await hass.config_entries.async_unload(entry.entry_id)
    with proxy(proxies) as port:
        answer = await ask(port)

    assert problem(answer) == (
        "unknown_webhook",
        "the answer was empty, so Home Assistant does not know this webhook (now)",
    )


TLS: dict[str, Callable[[Proxies, Path], AbstractContextManager[int]]] = {
    "nginx": lambda proxies, certificate: proxies.nginx(
        listen="ssl http2",
        server=f"ssl_certificate {certificate}; ssl_certificate_key {certificate};"
        "gzip on; gzip_types *; gzip_proxied any; gzip_min_length 1;",
    ),
    "Caddy": lambda proxies, certificate: proxies.caddy(
        f"tls {certificate} {certificate}\n encode gzip", address="https://127.0.0.1"
    ),
}


@pytest.mark.parametrize("proxy", TLS.values(), ids=TLS)
async def test_http_2_and_compression_on_the_proxy_do_no_harm(
    start: Start,
    ask: Ask,
    proxy: Callable[[Proxies, Path], AbstractContextManager[int]],
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with proxy(await start(**TRUSTED), certificate) as port:
        answer = await ask(port, DISCOVER, "https")

    assert alexa.event_name(answer) == "Discover.Response"


async def test_the_connection_to_a_proxy_with_tls_is_kept(
    start: Start,
    ask: Ask,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    proxies = await start(**TRUSTED)
    numbers = proxies.folder / "connections"
    proxy = proxies.nginx(
        everywhere=f"log_format number $connection; access_log {numbers} number;",
        listen="ssl http2",
        server=f"ssl_certificate {certificate}; ssl_certificate_key {certificate};",
    )
    with proxy as port:
        for _ in range(3):
            await ask(port, DISCOVER, "https")

    first, *others = numbers.read_text().split()
    assert others == [first, first]


def nginx_with_certificates(proxies: Proxies, certificate: Path) -> AbstractContextManager[int]:
    """An nginx that lets in those who have a certificate."""
    return proxies.nginx(
        listen="ssl",
        server=f"ssl_certificate {certificate}; ssl_certificate_key {certificate};"
        f"ssl_client_certificate {certificate}; ssl_verify_client on;",
    )


def caddy_with_certificates(proxies: Proxies, certificate: Path) -> AbstractContextManager[int]:
    """A Caddy that lets in those who have a certificate."""
    asked = f"mode require_and_verify\n trusted_ca_cert_file {certificate}"
    return proxies.caddy(
        f"tls {certificate} {certificate} {{\n client_auth {{\n {asked}\n }}\n }}",
        # Else it would refuse an address without a name by other means.
        everywhere="servers {\n strict_sni_host insecure_off\n }\n default_sni 127.0.0.1",
        address="https://127.0.0.1",
    )


HANDSHAKE: dict[str, Callable[[Proxies, Path], AbstractContextManager[int]]] = {
    "nginx wants a certificate": nginx_with_certificates,
    "Caddy wants a certificate": caddy_with_certificates,
    "nginx knows no such host": lambda proxies, _: proxies.nginx(
        listen="ssl", server="ssl_reject_handshake on;"
    ),
    "Caddy knows no such host": lambda proxies, _: proxies.caddy(
        "tls internal", address="https://home.example"
    ),
}


@pytest.mark.parametrize("proxy", HANDSHAKE.values(), ids=HANDSHAKE)
async def test_a_proxy_that_ends_the_handshake_is_told_from_one_without_https(
    start: Start,
    ask: Ask,
    proxy: Callable[[Proxies, Path], AbstractContextManager[int]],
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with proxy(await start(**TRUSTED), certificate) as port:
        answer = await ask(port, scheme="https")

    assert problem(answer) == (
        "handshake",
        (
            "Home Assistant's address refuses to speak HTTPS for this host name, or asks for a "
            "certificate"
        ),
    )
