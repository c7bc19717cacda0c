"""Every bad input a recordings' worker may meet, one after another, and how much memory they cost.

``python -m tests.fakes.bad_recordings FOLDER`` prints JSON: what became of each, and the highest resident memory before
and after them, in MB.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import structlog

from adapters.vault.directory import DirectoryVault
from adapters.vault.key_file import FileKeys
from kernel.errors import GuildhallError
from kernel.recording import Part, Piece, RecordingId, RecordingState, Wanted
from tests.fakes.recordings_bench import RecordingsBench, contact, highest_mb

ALL = Wanted(councils=None, states=frozenset(RecordingState))
_GIB = 1 << 30


def wav(claimed: int, *, rate: int = 8000, channels: int = 1, bits: int = 16, kind: int = 1) -> bytes:
    """A header that says whatever it is told to."""
    fmt = struct.pack("<HHIIHH", kind, channels, rate, rate * channels * 2 & 0xFFFFFFFF, channels * 2 & 0xFFFF, bits)
    head = b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + struct.pack("<I", 16) + fmt
    return head + b"data" + struct.pack("<I", claimed & 0xFFFFFFFF)


def _sparse(path: Path, head: bytes, size: int) -> None:
    path.write_bytes(head)
    os.truncate(path, size)


#: What is wrong with a file -> how it is written. No block of the large ones is on any disk.
FILES: dict[str, Callable[[Path], object]] = {
    "a header that claims 4 GB": lambda path: path.write_bytes(wav(0xFFFFFFFF) + bytes(1000)),
    "larger than 4 GiB": lambda path: _sparse(path, wav(0), 5 * _GIB),
    "longer than a day": lambda path: _sparse(path, wav(0), 3 * _GIB),
    "0 Hz": lambda path: path.write_bytes(wav(1000, rate=0) + bytes(1000)),
    "4 GHz": lambda path: path.write_bytes(wav(1000, rate=0xFFFFFFFF) + bytes(1000)),
    "0 channels": lambda path: path.write_bytes(wav(1000, channels=0) + bytes(1000)),
    "65535 channels": lambda path: path.write_bytes(wav(1000, channels=65535) + bytes(1000)),
    "no PCM": lambda path: path.write_bytes(wav(1000, kind=0x55) + bytes(1000)),
    "cut in the header": lambda path: path.write_bytes(wav(1000)[:30]),
    "noise": lambda path: path.write_bytes(bytes(range(256)) * 8192),
}
#: Names that are none of ours: they are left alone.
NAMES = ("a,b&c-1.wav", "..%2f..%2fetc%2fpasswd.wav", "-rf-1.wav", "x" * 250 + ".wav", "c1\n-1.wav", "$(id)-1.wav")


async def bad_input(folder: Path) -> dict[str, object]:
    """Meet them all; raises ``AssertionError`` when one of them is not told, or something good is lost by it."""
    bench = await RecordingsBench(folder).open()
    bench.record(1)
    await bench.tell(1)
    await bench.service.settle()
    before, told = highest_mb(), {}
    for number, (what, write) in enumerate(FILES.items(), 2):
        for side in ("", "-caller", "-agent"):
            write(bench.audio / f"{contact(number)}-1{side}.wav")
        await bench.tell(number)
        await bench.service.settle()
        [found] = [one for one in await bench.catalogue.find(ALL) if one.call == contact(number)]
        assert found.state is RecordingState.BROKEN, what
        assert len(list(bench.audio.glob(f"{contact(number)}-*"))) == 3, what
        told[what] = str(found.why)
    for name in NAMES:
        (bench.audio / name).write_bytes(wav(1000) + bytes(1000))
    await bench.service.settle()
    assert len(await bench.catalogue.find(ALL)) == len(FILES) + 1
    told |= await _disk_and_vault(bench, len(FILES) + 2)
    after = highest_mb()
    await bench.close()
    return {"told": told, "before_mb": before, "after_mb": after, "more_mb": after - before}


async def _disk_and_vault(bench: RecordingsBench, number: int) -> dict[str, str]:
    told: dict[str, str] = {}
    bench.record(number, seconds=20.0)
    await bench.tell(number)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Python takes no notice of SIGXFSZ: a write beyond it is an OSError, as on a full disk. The database is smaller.
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        bench.vault.put(Piece(recording=(await _of(bench, 1))[0], part=Part.TEXT), [bytes(100_000)])
    except OSError as error:
        told["a full disk"] = f"errno {error.errno}"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    await bench.service.settle()
    recording, state = await _of(bench, number)
    assert state is RecordingState.FILED
    piece = Piece(recording=recording, part=Part.AUDIO)
    foreign = DirectoryVault(bench.folder / "vault", FileKeys([base64.b64encode(bytes(32)).decode()]))
    told["a key that is missing"] = _refusal(foreign, piece)
    [path] = [one for one in (bench.folder / "vault").rglob(f"*{recording}*") if Part.AUDIO.value in one.name]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
    told["one bit turned"] = _refusal(bench.vault, piece)
    return told


async def _of(bench: RecordingsBench, number: int) -> tuple[RecordingId, RecordingState]:
    [found] = [one for one in await bench.catalogue.find(ALL) if one.call == contact(number)]
    return found.id, found.state


def _refusal(vault: DirectoryVault, piece: Piece) -> str:
    try:
        vault.check(piece)
    except GuildhallError as error:
        return error.code
    raise AssertionError("it was opened")


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    print(json.dumps(asyncio.run(bad_input(Path(sys.argv[1]))), indent=1))  # noqa: T201 - the figures
