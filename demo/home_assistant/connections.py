"""Writes down every connection that comes into this process, or that it makes itself."""

from dataclasses import asdict, dataclass
from enum import StrEnum
import json
from pathlib import Path
import socket
import sys
from typing import Any


class Direction(StrEnum):
    """Who called whom."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """A connection over TCP, and where its other end is."""

    direction: Direction
    host: str
    port: int


def record(file: Path) -> None:
    """Add a line to the file for each, from now on."""
    accept = socket.socket.accept

    def accepted(listening: socket.socket) -> tuple[socket.socket, Any]:
        connection, peer = accept(listening)
        note(Direction.IN, connection, peer)
        return connection, peer

    def note(direction: Direction, connection: socket.socket, peer: Any) -> None:
        inner = connection.family not in {socket.AF_INET, socket.AF_INET6}
        if inner or connection.type is not socket.SOCK_STREAM:
            return
        with file.open("a") as lines:
            line = Connection(direction=direction, host=peer[0], port=peer[1])
            lines.write(json.dumps(asdict(line)) + "\n")

    def audited(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            note(Direction.OUT, *arguments)

    # Python tells its audit hooks of calls that are made, and of none that are taken.
    vars(socket)["socket"].accept = accepted
    sys.addaudithook(audited)


def recorded(file: Path) -> list[Connection]:
    """What has been written down so far."""
    found = map(json.loads, file.read_text().splitlines())
    return [Connection(**each | {"direction": Direction(each["direction"])}) for each in found]
