"""UDP sockets whose datagrams carry the kernel's arrival time, so that a busy Python cannot make a PBX look slow."""

from __future__ import annotations

import socket
import struct
import time

#: ``SO_TIMESTAMPNS`` of Linux (asm-generic/socket.h); Python's ``socket`` does not name it. The ancillary
#: message has the same number: two longs, seconds and nanoseconds of CLOCK_REALTIME.
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@ll")
_ANCILLARY_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)
#: The largest UDP datagram.
_DATAGRAM_BYTES = 65535

Address = tuple[str, int]


def open_udp(ip: str, port: int = 0, *, even: bool = False) -> socket.socket:
    """Open a non-blocking UDP socket that stamps arrivals; port 0 takes any free one.

    ``even``: RTP wants an even port, the odd one above it belongs to RTCP (RFC 3550 §11).
    Raises ``OSError`` when the address is not this machine's or the port is taken.
    """
    while True:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            sock.bind((ip, port))
        except OSError:
            sock.close()
            raise
        if not even or port or sock.getsockname()[1] % 2 == 0:
            return sock
        sock.close()


def read_stamped(sock: socket.socket) -> tuple[bytes, Address, float] | None:
    """Read one datagram: bytes, sender, arrival in Unix seconds. None when there is none.

    An ICMP error of an earlier send (``ConnectionRefusedError``) counts as none: UDP promises nothing.
    """
    try:
        data, ancillary, _flags, address = sock.recvmsg(_DATAGRAM_BYTES, _ANCILLARY_BYTES)
    except (BlockingIOError, ConnectionError):
        return None
    for level, kind, stamp in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(stamp) >= _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack_from(stamp)
            return data, address, seconds + nanoseconds / 1e9
    return data, address, time.time()
