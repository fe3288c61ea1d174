"""The ports that a process has open, as Linux sees it."""

from collections.abc import Iterator
import contextlib
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
import struct

# The states of sockets that take what comes from anybody.
_LISTENS = "0A"
_UNCONNECTED = "07"


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenPort:
    """A port on which anybody who reaches the address is heard."""

    protocol: str
    address: IPv4Address | IPv6Address
    port: int


def open_ports(pid: int) -> set[OpenPort]:
    """Those of the process, over TCP and UDP."""
    inodes = set(_inodes(Path(f"/proc/{pid}")))
    return {
        found
        for protocol, state in (("tcp", _LISTENS), ("udp", _UNCONNECTED))
        for table in (protocol, f"{protocol}6")
        for inode, found in _open(Path(f"/proc/{pid}/net/{table}"), protocol, state)
        if inode in inodes
    }


def _inodes(process: Path) -> Iterator[str]:
    for descriptor in (process / "fd").iterdir():
        # It may have been closed since.
        with contextlib.suppress(FileNotFoundError):
            kind, _, inode = str(descriptor.readlink()).partition(":")
            if kind == "socket":
                yield inode.strip("[]")


def _open(table: Path, protocol: str, state: str) -> Iterator[tuple[str, OpenPort]]:
    if not table.exists():
        return  # A system without IPv6.
    for line in table.read_text().splitlines()[1:]:
        columns = line.split()
        if columns[3] == state:
            address, _, port = columns[1].partition(":")
            yield (
                columns[9],
                OpenPort(protocol=protocol, address=_address(address), port=int(port, 16)),
            )


def _address(written: str) -> IPv4Address | IPv6Address:
    """Words of 32 bits, each in this machine's order."""
    words = [int(written[at : at + 8], 16) for at in range(0, len(written), 8)]
    return ip_address(b"".join(struct.pack("=I", word) for word in words))
