"""Counts what of a package runs between a press and the first byte that goes to a socket."""

from asyncio import selector_events
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
import inspect
from pathlib import Path
import sys
from types import CodeType

_TOOL = sys.monitoring.PROFILER_ID
_EVENTS = sys.monitoring.events
_WRITE = selector_events._SelectorSocketTransport.write.__code__  # type: ignore[attr-defined]  # noqa: SLF001 - Where every connection ends up.


@dataclass(slots=True)
class Way:
    """The package's functions in the order of their calls, and how often it had to wait."""

    functions: list[str] = field(default_factory=list)
    coroutines: int = 0
    waits: int = 0
    arrived: bool = False


@contextmanager
def count_way(folder: Path) -> Iterator[Way]:
    """Follow what is called inside, as far as it lies in the folder, up to the first write."""
    way = Way()
    prefix = f"{folder}/"

    def started(code: CodeType, _offset: int) -> object:
        if way.arrived:
            return sys.monitoring.DISABLE
        if code is _WRITE:
            way.arrived = True
        elif code.co_filename.startswith(prefix) and not code.co_name.startswith("<"):
            way.functions.append(f"{Path(code.co_filename).stem}.{code.co_qualname}")
            way.coroutines += bool(code.co_flags & inspect.CO_COROUTINE)
        return None

    def yielded(code: CodeType, _offset: int, _value: object) -> object:
        if (
            not way.arrived
            and code.co_filename.startswith(prefix)
            and code.co_flags & inspect.CO_COROUTINE
        ):
            way.waits += 1
        return None

    sys.monitoring.use_tool_id(_TOOL, "benchmark")
    try:
        sys.monitoring.register_callback(_TOOL, _EVENTS.PY_START, started)
        sys.monitoring.register_callback(_TOOL, _EVENTS.PY_YIELD, yielded)
        sys.monitoring.set_events(_TOOL, _EVENTS.PY_START | _EVENTS.PY_YIELD)
        yield way
    finally:
        sys.monitoring.set_events(_TOOL, 0)
        sys.monitoring.free_tool_id(_TOOL)
        sys.monitoring.restart_events()
