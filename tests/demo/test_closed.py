"""`scripts/demo --closed`, from an empty AWS account to what the Echos say."""

from asyncio.subprocess import PIPE, STDOUT, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
import fcntl
import re
import signal
import sys

import aiohttp
import pytest

from demo.home_assistant.client import HomeAssistantClient
from demo.home_assistant.configuration import CHECKOUT, PASSWORD, PRESS_SCRIPT, USERNAME
from demo.home_assistant.first_steps import open_account_window, wait_for_account
from demo.story import SENTENCE

from .linking import open_linking_page, type_code

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(autouse=True)
def _one_demo_at_a_time() -> Iterator[None]:
    """A checkout has one demo only, and tests run side by side."""
    (CHECKOUT / ".cache").mkdir(exist_ok=True)
    with (CHECKOUT / ".cache" / "demo_test.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@asynccontextmanager
async def demo(*options: str) -> AsyncIterator[Process]:
    """The demo, told to stop at the end if it has not ended by itself."""
    process = await create_subprocess_exec(
        *(sys.executable, "-m", "demo", "--closed", *options),
        cwd=CHECKOUT,
        stdout=PIPE,
        stderr=STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.communicate()


async def read_until(process: Process, words: str) -> str:
    """What it tells up to the line that has these words."""
    assert process.stdout
    told = ""
    while words not in told:
        line = await process.stdout.readline()
        assert line, f"It has ended:\n{told}"
        told += line.decode()
    return told


async def test_a_home_that_nothing_can_call_announces_a_press(socket_enabled: None) -> None:
    async with demo("--once") as process:
        told = (await process.communicate())[0].decode()

    assert process.returncode == 0, told
    assert "Home Assistant has no webhook: nothing can call it" in told
    assert SENTENCE in told.splitlines()


async def test_people_link_with_a_code_and_press_until_the_demo_is_told_to_stop(
    session: aiohttp.ClientSession,
) -> None:
    async with demo() as process:
        told = await read_until(process, "Ctrl-C ends the demo.")
        home, app = re.findall(r"^ +(?:Home Assistant|Alexa app) +(\S+)", told, re.MULTILINE)
        app = app.removesuffix("/app")
        client = HomeAssistantClient(home, USERNAME, PASSWORD)
        (entry,) = await client.get("/api/config/config_entries/entry?domain=alexa_doorbell")
        window, code = await open_account_window(client, entry["entry_id"])
        async with session.post(
            f"{app}/api/accounts", json={"name": "Grace", "region": "na"}
        ) as answer:
            assert answer.status == 200
        page = await open_linking_page(session, app, "Grace")
        assert (await type_code(session, page, code))[0] == "/app"
        await wait_for_account(client, window)
        async with session.post(f"{app}/api/discover", json={"account": "Grace"}) as answer:
            assert (await answer.json())["devices"] == ["Front door"]
        await client.act("script", "turn_on", {"entity_id": PRESS_SCRIPT})
        for _ in ("Ada", "Grace"):
            await read_until(process, SENTENCE)
        await client.close()
        process.send_signal(signal.SIGINT)
        assert (await process.communicate())[0].decode().endswith("Stopped.\n")

    assert process.returncode == 0
