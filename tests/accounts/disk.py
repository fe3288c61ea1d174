"""A disk below Home Assistant's storage that a test can stall or fill."""

from pathlib import Path
from threading import Event
from typing import Any

from homeassistant.helpers import storage
from homeassistant.util.file import WriteError, write_utf8_file_atomic
import pytest

# A test that forgot to let the disk go on must end too, in seconds.
PATIENCE = 10


class Disk:
    """Where the files of one key lie; others are written as ever."""

    def __init__(self, key: str) -> None:
        self.is_full = False
        self._key = key
        self._is_free = Event()
        self._is_free.set()

    def stall(self) -> None:
        """Finish no write from now on."""
        self._is_free.clear()

    def go_on(self) -> None:
        """Finish what waits."""
        self._is_free.set()

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand in the way of whatever Home Assistant writes."""
        write = write_utf8_file_atomic

        def write_when_free(path: str, *args: Any, **options: Any) -> None:
            if Path(path).name == self._key:
                assert self._is_free.wait(PATIENCE)
                if self.is_full:
                    raise WriteError("No space left on device")
            write(path, *args, **options)

        monkeypatch.setattr(storage, "write_utf8_file_atomic", write_when_free)
