"""How long Alexa waits for a function that was just started, and for a table that is slow."""

import asyncio
import io
import json
from pathlib import Path
import sys
import time
import zipfile

from skill.command import package

from .parts import AlexaApp, ClosedSkill, Home, environment

# Imports as AWS does, and asks the table for the first time.
SCRIPT = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
used = time.process_time()
from lambda_function import lambda_handler
answer = lambda_handler({"ping": {"nonce": "n"}}, None)
print(json.dumps([answer, time.process_time() - used]))
"""


async def cold_start(folder: Path, table_url: str) -> float:
    """Seconds of the processor's until the first answer."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-B", "-c", SCRIPT, str(folder)),
        env=environment(table_url, ""),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    answer, used = json.loads(out)
    assert answer["answer"]["document"]["pong"]["nonce"] == "n"
    return float(used)


async def test_a_function_that_was_just_started_answers_at_once(
    skill: ClosedSkill, tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(package.code())) as archive:
        archive.extractall(tmp_path)
    starts = [await cold_start(tmp_path, skill.table.url) for _ in range(5)]

    # The processor's time, since the machine may be busy with other things.
    assert min(starts) <= 0.3


async def test_tokens_come_in_time_from_a_slow_table(skill: ClosedSkill, home: Home) -> None:
    """Alexa gives up after 4.5 s; a call of the table takes 0.3 s here."""
    alexa = AlexaApp(skill)
    await alexa.link(await home.new_pairing())
    codes = [await alexa.code(await home.new_pairing()) for _ in range(3)]
    skill.table.delay = 0.3
    times: dict[str, list[float]] = {"trade": [], "refresh": []}
    for code in codes:
        started = time.monotonic()
        assert (await alexa.trade(code)).status == 200
        traded = time.monotonic()
        assert (await alexa.refresh()).status == 200
        times["trade"].append(traded - started)
        times["refresh"].append(time.monotonic() - traded)

    for name, seconds in times.items():
        assert min(seconds) <= 1, name
