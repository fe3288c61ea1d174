"""A router on the way that forgot a connection: both ends think it open, and nothing arrives.

Packets are dropped where they reach the far end, before its TCP sees them, by a filter at the
socket. Nobody acknowledges them, just as if they had been dropped on the way; connections that are
made afterwards work. Linux lets everybody do that, without a network of its own.
"""

import ctypes
import socket
import struct
from typing import Protocol

# From asm-generic/socket.h and linux/filter.h.
_SO_ATTACH_FILTER = 26
_RETURN = 0x06


class Socket(Protocol):
    """A socket, or what asyncio shows of one."""

    def setsockopt(self, level: int, option: int, value: bytes, /) -> None:
        """See socket.socket."""


def forget(connection: Socket) -> None:
    """Let nothing arrive at this end any more; OSError where the kernel knows no such filter."""
    keep_no_byte = ctypes.create_string_buffer(struct.pack("HBBI", _RETURN, 0, 0, 0))
    program = struct.pack("HP", 1, ctypes.addressof(keep_no_byte))
    connection.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


def reset_when_closed(connection: Socket) -> None:
    """Let the other end know at once when this one is closed, for what it says does arrive."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
