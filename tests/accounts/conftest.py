"""A disk of its own for the tokens of the skill."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.const import DOMAIN

from .disk import Disk


@pytest.fixture
def disk(
    entry: MockConfigEntry, storage_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Disk]:
    """The disk that the accounts of `entry` are written to."""
    disk = Disk(f"{DOMAIN}.{entry.entry_id}")
    disk.install(monkeypatch)
    yield disk
    disk.go_on()
