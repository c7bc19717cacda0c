"""Many residents at once: sipp, driven and counted."""

from __future__ import annotations

import asyncio
import csv
import os
import shutil
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import BadInput, Refused
from kernel.number import parse_dialled
from lab.g711 import A_LAW, FRAME
from lab.kernel_stamp import Address, open_udp

#: The one scenario kept here; others may be given by path.
RESIDENT = Path(__file__).parent / "sipp" / "resident.xml"

#: Beyond the last call's start and stay: for sipp to end.
_SPARE_S = 15.0
#: 100 ms: enough that one packet arrives.
_FIRST_PACKETS = 5
#: ``play_dtmf`` sends through a raw socket.
_PRESS = '<nop><action><exec play_dtmf="{}"/></action></nop>'


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """What sipp counted."""

    started: int
    #: Calls that went through the whole scenario.
    ok: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What to run."""

    number: str
    server: Address
    #: New calls a second.
    rate: float
    count: int
    scenario: Path = RESIDENT
    local_ip: str = "127.0.0.2"
    from_number: str = "01632960001"
    #: Keys to press after the answer, empty for a direct number.
    keys: str = ""
    #: When to press them, seconds after the answer.
    keys_after_s: float = 0.5
    #: How long a resident stays, in seconds, unless the other side hangs up first.
    stay_s: float = 60.0
    #: True: a resident who stayed so long hangs up and is content. False: that is a failed call.
    resident_may_end: bool = False
    #: Residents at one time; None: as many as ``count``.
    at_once: int | None = None


async def run_sipp(load: Load, enough: asyncio.Event | None = None) -> LoadResult:
    """Run the load and count. Takes ``count / rate`` seconds and the last call's stay.

    ``enough``: once it is set no new resident calls; those who are there stay until their calls end.

    Raises ``Refused`` when sipp is missing, may not do what is asked, or fails as a whole; ``TimeoutError`` when it
    does not end.
    """
    sipp = shutil.which("sipp")
    if sipp is None:
        raise Refused("no_sipp", "sipp is not installed: apt-get install sip-tester")
    if load.keys and os.geteuid() != 0:
        raise Refused("needs_root", "sipp presses keys through a raw socket: run it as root, or use lab.phone")
    with tempfile.TemporaryDirectory(prefix="lab-sipp-") as folder:
        process = await asyncio.create_subprocess_exec(
            sipp,
            *_arguments(load, Path(folder)),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        stopping = asyncio.create_task(_stop(process, enough)) if enough else None
        try:
            async with asyncio.timeout(load.count / load.rate + load.stay_s + _SPARE_S):
                _, complaint = await process.communicate()
        finally:
            if stopping is not None:
                stopping.cancel()
            if process.returncode is None:
                process.kill()
                await process.wait()
        statistics = Path(folder) / "statistics.csv"
        if not statistics.exists():
            raise Refused("sipp_failed", f"sipp ended with {process.returncode}: {complaint.decode()[-300:].strip()}")
        return read_statistics(statistics.read_text(encoding="utf-8"))


async def _stop(process: asyncio.subprocess.Process, enough: asyncio.Event) -> None:
    """SIGUSR1 tells sipp to let its calls end and begin no other."""
    await enough.wait()
    if process.returncode is None:
        process.send_signal(signal.SIGUSR1)


def read_statistics(text: str) -> LoadResult:
    """The last row of sipp's statistics file. Raises ``BadInput`` when it has none."""
    rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
    try:
        last = rows[-1]
        return LoadResult(
            started=int(last["TotalCallCreated"]), ok=int(last["SuccessfulCall(C)"]), failed=int(last["FailedCall(C)"])
        )
    except (IndexError, KeyError, ValueError) as reason:
        raise BadInput("bad_statistics", "this is not a statistics file of sipp") from reason


def write_scenario(load: Load, folder: Path) -> Path:
    """Fill the scenario in. Raises ``BadInput`` for numbers and keys no telephone has."""
    keys = parse_dialled(load.keys) if load.keys else ""
    press = f'<pause milliseconds="{load.keys_after_s * 1000:.0f}"/>' + _PRESS.format(keys) if keys else ""
    silence = folder / "silence.alaw"
    silence.write_bytes(A_LAW.silence * FRAME * _FIRST_PACKETS)
    sound = f'<nop><action><exec rtp_stream="{silence},1,{A_LAW.payload_type}"/></action></nop>'
    text = load.scenario.read_text(encoding="utf-8")
    for mark, value in {
        "@FROM@": parse_dialled(load.from_number),
        "@SOUND@": sound,
        "@KEYS@": press,
        "@STAY_MS@": f"{load.stay_s * 1000:.0f}",
        "@AT_LAST@": 'ontimeout="1"' if load.resident_may_end else "",
    }.items():
        text = text.replace(mark, value)
    path = folder / "scenario.xml"
    path.write_text(text, encoding="utf-8")
    return path


def _arguments(load: Load, folder: Path) -> list[str]:
    host, port = load.server
    return [
        f"{host}:{port}",
        *("-sf", str(write_scenario(load, folder))),
        *("-s", parse_dialled(load.number)),
        *("-i", load.local_ip, "-p", str(_free_port(load.local_ip))),
        *("-mi", load.local_ip, "-mp", str(_free_port(load.local_ip))),
        *("-r", f"{load.rate:g}", "-m", str(load.count), "-l", str(load.at_once or load.count)),
        *("-trace_stat", "-stf", str(folder / "statistics.csv"), "-fd", "1"),
        # sipp opens a port for remote control: never beyond this machine.
        *("-ci", "127.0.0.1", "-nostdin"),
    ]


def _free_port(ip: str) -> int:
    """A port free at this moment; sipp cannot choose one itself and say which."""
    with open_udp(ip, even=True) as sock:
        return int(sock.getsockname()[1])
