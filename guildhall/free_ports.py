"""The ports of this checkout: free ones, chosen once and kept, so that two checkouts run side by side."""

from __future__ import annotations

import contextlib
import fcntl
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from kernel.errors import GuildhallError

#: Steps between tries; and the width of one checkout's RTP range: 500 calls, two legs, RTP and RTCP.
_STEP = 10
_TRIES = 50
_RTP_WIDTH = 2000
#: RTP from here upwards; Linux hands out ephemeral ports from 32768 on.
_RTP_FIRST = 10000
_RTP_SLOTS = 11
_CLAIM = "\0guildhall-port-{}"
_TURN = "\0guildhall-chooses-ports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where this checkout's service listens; all on loopback unless settings say otherwise."""

    sip: int
    ami: int
    agi: int
    rtp_from: int
    rtp_to: int
    #: The desk's pages; none in a file that an older version wrote.
    http: int | None = None


def claim_ports(ports: Ports) -> list[socket.socket]:
    """Keep these ports for this checkout, also while a process that listens on one is being started again.

    Abstract sockets (unix(7)) are as wide as the ports are, one network namespace. Good while they stay open.
    """
    claims = []
    for port in filter(None, (ports.sip, ports.ami, ports.agi, ports.http)):
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with contextlib.suppress(OSError):
            claim.bind(_CLAIM.format(port))
        claims.append(claim)
    return claims


def _claimed(port: int) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(_CLAIM.format(port))
        except OSError:
            return True
    return False


def _free(host: str, port: int, kind: socket.SocketKind) -> bool:
    if _claimed(port):
        return False
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _first_free(host: str, first: int, kind: socket.SocketKind) -> int:
    for port in range(first, first + _TRIES * _STEP, _STEP):
        if _free(host, port, kind):
            return port
    raise GuildhallError("no_free_port", f"no free port from {first} to {first + _TRIES * _STEP}: see 'ss -lntup'")


@contextlib.contextmanager
def one_choice_at_a_time(wait_s: float) -> Iterator[None]:
    """Keep two checkouts that start at once from choosing the same ports: hold from the choice until all are claimed.

    An abstract socket (unix(7)) is as wide as the ports are, one network namespace, and vanishes with its process.
    Whoever holds it longer than ``wait_s`` is not waited for.
    """
    deadline = time.monotonic() + wait_s
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as turn:
        while time.monotonic() < deadline:
            try:
                turn.bind(_TURN)
                break
            except OSError:
                time.sleep(0.1)
        yield


@contextlib.contextmanager
def one_start_of(folder: Path, wait_s: float) -> Iterator[None]:
    """Let one start of this checkout come after the other; one that takes longer than ``wait_s`` is not waited for."""
    deadline = time.monotonic() + wait_s
    with (folder / "starting.lock").open("ab") as lock:
        while time.monotonic() < deadline:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                time.sleep(0.1)
        yield


def choose_ports(bind: str, sip: int | None) -> Ports:
    """Choose free ports. Raises ``GuildhallError`` when a port that was asked for is taken."""
    if sip is not None and not _free(bind, sip, socket.SOCK_DGRAM):
        raise GuildhallError("port_taken", f"SIP port {sip} is taken: give another GUILDHALL_SIP_PORT, or none")
    chosen = sip or _first_free(bind, 5060, socket.SOCK_DGRAM)
    # One slot a SIP port: two checkouts differ in the one and so in the other. Asterisk skips a taken RTP port.
    slot = (chosen - 5060) // _STEP % _RTP_SLOTS
    rtp = _RTP_FIRST + slot * _RTP_WIDTH
    return Ports(
        sip=chosen,
        ami=_first_free("127.0.0.1", 5038, socket.SOCK_STREAM),
        agi=_first_free("127.0.0.1", 4573, socket.SOCK_STREAM),
        rtp_from=rtp,
        rtp_to=rtp + _RTP_WIDTH - 1,
        http=_first_free("127.0.0.1", 8080, socket.SOCK_STREAM),
    )


def save_ports(path: Path, ports: Ports) -> None:
    """Write the ports in use."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(ports)) + "\n", encoding="ascii")


def load_ports(path: Path) -> Ports | None:
    """The ports in use, or None when nothing was started yet."""
    try:
        return Ports(**json.loads(path.read_text(encoding="ascii")))
    except (OSError, ValueError, TypeError):
        return None
