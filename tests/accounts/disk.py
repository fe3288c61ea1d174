"""A disk below Home Assistant's storage that a test can stall or fill."""

from threading import Event
from typing import Any

from homeassistant.helpers.storage import Store
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
        write: Any = Store._write_prepared_data

        def write_when_free(store: Store[Any], *args: Any) -> None:
            if store.key == self._key:
                assert self._is_free.wait(PATIENCE)
                if self.is_full:
                    raise OSError(28, "No space left on device")
            write(store, *args)

        monkeypatch.setattr(Store, "_write_prepared_data", write_when_free)
