"""A program under limits: its own argument list, never a shell; memory, processor time, wall time and files bounded."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from kernel.errors import GuildhallError

_READ = 1 << 16
_TOLD = 500
#: What the program may write into files, its complaints: 1 MiB.
_FILE_BYTES = 1 << 20


class ProgramFailed(GuildhallError):
    """A program ended with an error, was stopped by a limit, or is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``memory`` in bytes of address space; times in seconds."""

    memory: int = 768 << 20
    cpu_s: int = 120
    wall_s: float = 300.0


def run(
    arguments: Sequence[str],
    limits: Limits,
    fed: Iterable[bytes] | None = None,
    running: set[subprocess.Popen[bytes]] | None = None,
) -> Iterator[bytes]:
    """Give what the program writes; ``fed`` is what it reads. Blocks: for a thread. Raises ``ProgramFailed``.

    The program is killed when the caller stops reading. It stands in ``running`` while it runs: whoever kills it there
    ends the reading with an error. Memory stays constant whatever flows through.
    """
    with tempfile.TemporaryFile() as complaints:
        program = _start(arguments, limits, complaints, fed=fed is not None)
        running = set() if running is None else running
        running.add(program)
        late = threading.Timer(limits.wall_s, program.kill)
        late.daemon = True
        late.start()
        trouble: list[Exception] = []
        feeder = _feed(program, fed, trouble)
        try:
            assert program.stdout is not None  # noqa: S101 - asked for above
            while chunk := program.stdout.read1(_READ):  # type: ignore[attr-defined]  # a BufferedReader
                yield chunk
            code = program.wait()
        finally:
            late.cancel()
            running.discard(program)
            program.kill()
            program.wait()
            if program.stdout is not None:
                program.stdout.close()
            if feeder is not None:
                feeder.join()
        if trouble:
            raise trouble[0]
        if code:
            complaints.seek(0)
            said = complaints.read(_TOLD).decode("utf-8", "replace").strip()
            raise ProgramFailed("program_failed", f"{arguments[0]} ended with {code}: {said or 'it said nothing'}")


def _start(arguments: Sequence[str], limits: Limits, complaints: IO[bytes], *, fed: bool) -> subprocess.Popen[bytes]:
    # nice: nobody's call stutters because a recording is encoded. prlimit: before the program's first instruction.
    command = [
        *("nice", "-n", "15", "prlimit", f"--as={limits.memory}", f"--cpu={limits.cpu_s}", f"--fsize={_FILE_BYTES}"),
        *("--core=0", "--", *arguments),
    ]
    try:
        return subprocess.Popen(  # noqa: S603 - a fixed program, arguments of our own, no shell
            command,
            stdin=subprocess.PIPE if fed else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            # A group of its own, in our session: in a new one its nice would count for nothing (sched(7), autogroup).
            process_group=0,
        )
    except FileNotFoundError as error:
        raise ProgramFailed("no_program", f"{error.filename} is not installed") from None


def _feed(
    program: subprocess.Popen[bytes], fed: Iterable[bytes] | None, trouble: list[Exception]
) -> threading.Thread | None:
    if fed is None:
        return None

    def write() -> None:
        assert program.stdin is not None  # noqa: S101 - asked for by the caller
        try:
            with contextlib.suppress(BrokenPipeError):
                for chunk in fed:
                    program.stdin.write(chunk)
        except Exception as error:  # noqa: BLE001 - told to the reader, whose thread it concerns
            trouble.append(error)
            program.kill()
        finally:
            with contextlib.suppress(BrokenPipeError):
                program.stdin.close()

    feeder = threading.Thread(target=write, name="feeder", daemon=True)
    feeder.start()
    return feeder
