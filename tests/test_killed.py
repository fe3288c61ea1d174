"""A closed home loses its power while an account links, in a real Home Assistant process."""

import logging
from pathlib import Path
import random

import pytest

from demo.amazon.simulation import SimulatedAmazon
from demo.home_assistant.killed import Step
from demo.home_assistant.process import HomeAssistant
from scripts.kill_closed import closed_home

# Those between which everything changes; scripts/kill --closed has all of them.
STEPS = (Step.TEMPORARY_FILE, Step.RENAMED, Step.SUBENTRY)


@pytest.mark.timeout(400)
async def test_an_account_that_was_linking_is_there_once_after_a_power_cut(
    amazon: SimulatedAmazon, tmp_path: Path
) -> None:
    logging.getLogger("moto").setLevel(logging.INFO)  # It tells of each of its steps.
    home = HomeAssistant(tmp_path)
    async with closed_home(amazon, home, random.Random()) as killed:
        for step in STEPS:
            print(step, await killed.survive(step))  # noqa: T201 - For whoever sees it fail.
