"""A network with a real round-trip time: two network namespaces, and a relay that holds packets.

Both ends are TUN devices. The relay takes each packet out of one and puts it into the other half a
trip later, so that handshakes, acknowledgements and ends of connections all take their time. The
namespaces have no other way out, and nothing of them is left when the relay ends.
"""

from collections import deque
from collections.abc import Iterable
import contextlib
import fcntl
import gc
from ipaddress import IPv4Address
import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
import os
from pathlib import Path
import select
import signal
import socket
import struct
import subprocess
import time
from typing import Self

ROUND_TRIP = 0.08
# RFC 2544 keeps 198.18.0.0/15 for benchmarks.
HOME = IPv4Address("198.18.0.1")
LOGIN_WITH_AMAZON = IPv4Address("198.18.0.2")
EVENT_GATEWAY = IPv4Address("198.18.0.3")
HOST_NAMES = {"api.amazon.com": LOGIN_WITH_AMAZON, "api.eu.amazonalexa.com": EVENT_GATEWAY}

_NETMASK = IPv4Address("255.255.255.0")
_TUN = "/dev/net/tun"
# From linux/if_tun.h, linux/if.h and linux/sockios.h.
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_SIOCSIFFLAGS, _IFF_UP, _IFF_RUNNING = 0x8914, 0x1, 0x40
_SIOCSIFADDR, _SIOCSIFNETMASK, _SIOCSIFTXQLEN = 0x8916, 0x891C, 0x8943
# Packets that wait in a device: as many as a hundred handshakes at once need.
_QUEUE = 10_000
_LONGEST_PACKET = 65_536
# How many packets are taken out of a device before one is put into the other.
_BURST = 64
_PATIENCE = 10


class UnavailableError(Exception):
    """This machine cannot have such a network; the text says why."""


class Network:
    """The network, for as long as it is entered; `home` and `amazon` are its namespaces."""

    def __init__(self) -> None:
        if os.geteuid() != 0:
            raise UnavailableError("only root may make network namespaces")
        if not Path(_TUN).exists():
            raise UnavailableError(f"there is no {_TUN}")
        self.home = self.amazon = ""
        self._context = multiprocessing.get_context("spawn")
        self._one_way: Synchronized[float] = self._context.Value("d", ROUND_TRIP / 2)
        self._pipe, self._end = self._context.Pipe()
        self._relay = self._context.Process(
            target=_relay, args=(self._end, self._one_way), daemon=True
        )

    def set_round_trip(self, seconds: float) -> None:
        """Hold packets for so long from now on."""
        self._one_way.value = seconds / 2

    def __enter__(self) -> Self:
        self._relay.start()
        self._end.close()
        try:
            said = self._pipe.recv() if self._pipe.poll(_PATIENCE) else "the relay does not start"
        except EOFError:
            said = "the relay ended at once"
        if isinstance(said, str):
            self.__exit__()
            raise UnavailableError(said)
        self.home, self.amazon = (f"/proc/{self._relay.pid}/fd/{number}" for number in said)
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()  # The relay ends with it.
        self._relay.join(_PATIENCE)
        self._relay.kill()


def enter(namespace: str, hosts: Path) -> None:
    """Move this thread, and all that it will start, into a namespace, with hosts of its own."""
    descriptor = os.open(namespace, os.O_RDONLY)
    os.setns(descriptor, os.CLONE_NEWNET)
    os.close(descriptor)
    os.unshare(os.CLONE_NEWNS)
    for command in (["--make-rprivate", "/"], ["--bind", str(hosts), "/etc/hosts"]):
        subprocess.run(["mount", *command], check=True)  # noqa: S603, S607 - util-linux's.


def write_hosts(path: Path) -> None:
    """Write what stands in for Amazon's name servers."""
    names = {"localhost": "127.0.0.1"} | {name: str(at) for name, at in HOST_NAMES.items()}
    path.write_text("".join(f"{address} {name}\n" for name, address in names.items()))


def _relay(pipe: Connection, one_way: Synchronized[float]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it.
    try:
        home, home_namespace = _end_of_network("home", [HOME])
        amazon, amazon_namespace = _end_of_network("amazon", [LOGIN_WITH_AMAZON, EVENT_GATEWAY])
    except OSError as error:
        pipe.send(f"namespaces and devices cannot be made here ({error.strerror})")
        return
    with contextlib.suppress(OSError):
        os.nice(-10)  # A network does not wait for a processor.
    pipe.send((home_namespace, amazon_namespace))
    gc.disable()
    _hold_and_pass_on(home, amazon, pipe, one_way)


def _end_of_network(name: str, addresses: Iterable[IPv4Address]) -> tuple[int, int]:
    """Return the descriptors of a device and of the new namespace that it is in."""
    os.unshare(os.CLONE_NEWNET)
    device = os.open(_TUN, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:

        def configure(request: int, label: str, value: bytes) -> None:
            fcntl.ioctl(control, request, struct.pack("16s24s", label.encode(), value))

        up = struct.pack("H", _IFF_UP | _IFF_RUNNING)
        configure(_SIOCSIFFLAGS, "lo", up)
        configure(_SIOCSIFTXQLEN, name, struct.pack("i", _QUEUE))
        for number, address in enumerate(addresses):
            label = f"{name}:{number}" if number else name
            configure(_SIOCSIFADDR, label, struct.pack("HH4s", socket.AF_INET, 0, address.packed))
            mask = struct.pack("HH4s", socket.AF_INET, 0, _NETMASK.packed)
            configure(_SIOCSIFNETMASK, label, mask)
        configure(_SIOCSIFFLAGS, name, up)
    return device, os.open("/proc/thread-self/ns/net", os.O_RDONLY)


def _hold_and_pass_on(
    home: int, amazon: int, pipe: Connection, one_way: Synchronized[float]
) -> None:
    """Carry packets both ways until whoever made the network is gone."""
    held: dict[int, deque[tuple[float, bytes]]] = {home: deque(), amazon: deque()}
    other = {home: amazon, amazon: home}
    while True:
        now = time.monotonic()
        for device, packets in held.items():
            while packets and packets[0][0] <= now:
                with contextlib.suppress(OSError):  # A full queue drops it, as a router does.
                    os.write(device, packets.popleft()[1])
        due = min((packets[0][0] for packets in held.values() if packets), default=None)
        pause = None if due is None else max(due - time.monotonic(), 0)
        # Not epoll: its pauses are whole milliseconds.
        for ready in select.select([*held, pipe.fileno()], [], [], pause)[0]:
            if ready == pipe.fileno():
                return
            with contextlib.suppress(BlockingIOError):
                for _ in range(_BURST):
                    packet = os.read(ready, _LONGEST_PACKET)
                    held[other[ready]].append((time.monotonic() + one_way.value, packet))
