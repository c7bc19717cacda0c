"""The sockets a process holds, as the kernel shows them: proves where a service listens."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

#: proc(5): the state of a TCP socket that listens; of a UDP socket that is not connected.
_LISTENS, _UNCONNECTED = "0A", "07"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Listener:
    """A port that takes packets from anybody who reaches its address."""

    kind: str
    address: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return ipaddress.ip_address(self.address).is_loopback


def listeners_of(pid: int) -> list[Listener]:
    """Every TCP port this process listens on and every UDP port it is bound to. Raises ``OSError`` when it is gone."""
    own = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        # It may close one while we look.
        with contextlib.suppress(FileNotFoundError):
            own.add(str(handle.readlink()))
    return sorted(
        listener
        for kind, state in (("tcp", _LISTENS), ("tcp6", _LISTENS), ("udp", _UNCONNECTED), ("udp6", _UNCONNECTED))
        for inode, listener in _table(pid, kind, state)
        if f"socket:[{inode}]" in own
    )


def _table(pid: int, kind: str, state: str) -> list[tuple[str, Listener]]:
    try:
        rows = Path(f"/proc/{pid}/net/{kind}").read_text(encoding="ascii").splitlines()[1:]
    except FileNotFoundError:
        return []  # no IPv6 here
    found = [row.split() for row in rows]
    return [(row[9], _listener(kind, row[1])) for row in found if row[3] == state]


def _listener(kind: str, local: str) -> Listener:
    address, _, port = local.partition(":")
    raw = bytes.fromhex(address)
    # Each 32-bit word was printed as a number of this machine, so in its byte order.
    words = struct.unpack(f">{len(raw) // 4}I", raw)
    packed = struct.pack(f"={len(words)}I", *words)
    return Listener(kind=kind.rstrip("6"), address=str(ipaddress.ip_address(packed)), port=int(port, 16))


def speaks_sip(port: int) -> bool:
    """Whether an OPTIONS there is answered within half a second."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.2", 0))
        probe.settimeout(0.5)
        here = f"127.0.0.2:{probe.getsockname()[1]}"
        options = (
            f"OPTIONS sip:03069990001@127.0.0.1:{port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {here};rport;branch=z9hG4bK{port}\r\n"
            f"From: <sip:probe@{here}>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: probe-{port}\r\nCSeq: 1 OPTIONS\r\n"
            f"Contact: <sip:probe@{here}>\r\nMax-Forwards: 1\r\nContent-Length: 0\r\n\r\n"
        )
        probe.sendto(options.encode(), ("127.0.0.1", port))
        try:
            return probe.recv(2000).startswith(b"SIP/2.0")
        except TimeoutError:
            return False


def free_port(address: str = "127.0.0.1", kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that nobody has there just now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])
