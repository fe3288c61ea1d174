"""`scripts/demo --closed --once`, from an empty AWS account to what the Echo says."""

import asyncio
import sys

import pytest

from demo.home_assistant.configuration import CHECKOUT


@pytest.mark.timeout(180)
async def test_a_home_that_nothing_can_call_announces_a_press(socket_enabled: None) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demo", "--closed", "--once"),
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told = (await process.communicate())[0].decode()

    assert process.returncode == 0, told
    assert "Home Assistant has no webhook: nothing can call it" in told
    assert "Someone is at the Front door" in told.splitlines()
