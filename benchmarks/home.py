"""A real Home Assistant in this process, with as many entities as wanted."""

import asyncio
from collections.abc import Iterator, Sequence
import gc
from itertools import count, cycle
import json
from pathlib import Path
import sys
import time

from homeassistant import bootstrap
from homeassistant.core import HomeAssistant
from homeassistant.runner import RuntimeConfig, configure_event_loop

from demo.home_assistant.configuration import prepare

from . import network
from .way import Way, count_way

# Any home has something that follows states; without it, Home Assistant would not even look
# who follows which entity, and the first to follow one would seem to cost what all share.
CONFIGURATION = """\
logger:
  default: error
automation:
  - alias: Light in the hall
    triggers:
      - trigger: state
        entity_id: binary_sensor.hall
    actions: []
"""
DOMAINS = ("sensor", "binary_sensor", "switch", "light")
ATTRIBUTES = {"device_class": "occupancy"}
# In seconds: a doorbell's press may be tried for 30.
_PATIENCE = 40


class Home:
    """A home; subclasses add an integration that announces so many doorbells.

    The credentials are the skill's client id and secret.
    """

    def __init__(
        self, folder: Path, port: int, doorbells: int, credentials: tuple[str, str]
    ) -> None:
        self.folder = folder
        self.credentials = credentials
        self.url = f"http://{network.HOME}:{port}"
        self.doorbells = [f"binary_sensor.door_{number}" for number in range(doorbells)]
        self.hass: HomeAssistant
        self._port = port
        self._unrelated: list[str] = []
        self._next: Iterator[str] = iter(())
        self._numbers = count()

    @property
    def configuration(self) -> str:
        """What configuration.yaml holds."""
        return CONFIGURATION

    def prepare(self, *, networked: bool) -> None:
        """Make the folder of a home that nobody has started yet."""
        prepare(self.folder, self._port)
        (self.folder / "configuration.yaml").write_text(self.configuration)
        if networked:
            http = self.folder / ".storage" / "http"
            settings = json.loads(http.read_text())
            settings["data"]["stable"]["server_host"] = [str(network.HOME)]
            http.write_text(json.dumps(settings))

    async def start(self) -> None:
        """Start Home Assistant; what the folder holds is there afterwards."""
        configure_event_loop(asyncio.get_running_loop())
        config = RuntimeConfig(config_dir=str(self.folder), skip_pip=True)
        hass = await bootstrap.async_setup_hass(config)
        if hass is None or hass.config.recovery_mode:
            raise RuntimeError("Home Assistant does not start")
        self.hass = hass
        for entity_id in self.doorbells:
            hass.states.async_set(entity_id, "off", ATTRIBUTES)
        await hass.async_start()
        await hass.async_block_till_done()

    async def stop(self) -> None:
        """Stop Home Assistant, all of it stored."""
        await self.hass.async_stop(force=True)

    def add_entities(self, entities: int) -> None:
        """Have so many entities that ring no bell."""
        for number in range(len(self._unrelated), entities):
            entity_id = f"{DOMAINS[number % len(DOMAINS)]}.unrelated_{number}"
            self.hass.states.async_set(entity_id, "off")
            self._unrelated.append(entity_id)
        self._next = cycle(self._unrelated)
        # What is there already shall not be looked through while something is measured.
        gc.collect()
        gc.freeze()

    async def change_unrelated(self, changes: int) -> float:
        """Change states that ring no bell; the processor time of each, in seconds."""
        await self.hass.async_block_till_done()
        # A number never seen before, so that each is a change.
        new_states = [(next(self._next), str(next(self._numbers))) for _ in range(changes)]
        async_set = self.hass.states.async_set
        began = time.process_time()
        for entity_id, state in new_states:
            async_set(entity_id, state)
        await self.hass.async_block_till_done()
        return (time.process_time() - began) / changes

    async def press(self, door: int = 0) -> tuple[float, float]:
        """Press a bell and wait until all that sets in motion is over; the times of both."""
        pressed_at = await self._ring(self.doorbells[door : door + 1])
        return pressed_at, time.monotonic()

    async def press_together(self, bells: int | None = None) -> float:
        """Press so many bells at once, or all, and wait until all is over; the time of it."""
        return await self._ring(self.doorbells[:bells])

    async def _ring(self, entity_ids: Sequence[str]) -> float:
        await self._release(entity_ids)
        before = asyncio.all_tasks()
        pressed_at = time.monotonic()
        for entity_id in entity_ids:
            self.hass.states.async_set(entity_id, "on", ATTRIBUTES)
        async with asyncio.timeout(_PATIENCE):
            while begun := asyncio.all_tasks() - before:
                await asyncio.wait(begun)
        return pressed_at

    async def _release(self, entity_ids: Sequence[str]) -> None:
        for entity_id in entity_ids:
            self.hass.states.async_set(entity_id, "off", ATTRIBUTES)
        await asyncio.sleep(0)

    async def processor_time_of_presses(self, presses: int) -> float:
        """Press one bell after the other; the processor time of each, in seconds."""
        began = time.process_time()
        for number in range(presses):
            await self.press(number % len(self.doorbells))
        return (time.process_time() - began) / presses

    async def way(self, package: str) -> Way:
        """Press a bell, and count what the package does until the request is written."""
        folder = Path(str(sys.modules[package].__file__)).parent
        await self._release(self.doorbells[:1])
        with count_way(folder) as way:
            await self._ring(self.doorbells[:1])
        return way
