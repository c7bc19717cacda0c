"""The workshop: the PBX's originals checked, joined and encoded to Opus by ffmpeg; how loud a sound is over time."""

from __future__ import annotations

import math
import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from adapters.audio.dead_sound import is_dead
from adapters.audio.limited import Limits, run
from adapters.audio.wav_header import check_original
from kernel.errors import BadInput
from kernel.recording import Loudness, Original

#: Loudness is told ten times a second: enough for a waveform and for who spoke when.
WINDOW_S = 0.1
#: What digital silence is given as, instead of minus infinity.
SILENCE_DBFS = -99.0
_TELEPHONE = 8000
#: 32 kbit/s for both sides. Coupled, so that every browser plays it; measured on made-up speech, what leaks into a
#: silent side is 41 dB below the other, 43 dB at 48 kbit/s.
_BITRATE = "32k"
#: libopus, of 0 to 10. Ten minutes of both sides, processor time: 10 takes 6.0 s, 5 takes 3.1 s, 2 takes 2.3 s, at the
#: same size.
_EFFORT = "2"
_OPUS = ("-c:a", "libopus", "-b:a", _BITRATE, "-compression_level", _EFFORT, "-application", "voip")
_FLAC = ("-c:a", "flac")
#: Where Ogg tells what it holds: behind the first page's header of 28 bytes (RFC 7845, 5.1).
_OPUS_MARK = slice(28, 36)
#: ffmpeg reads nothing but the files and pipes it is given: no playlist, no network.
_FFMPEG = ("ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file,pipe,fd")
_QUICK = ("-threads", "1", "-filter_complex_threads", "1")

#: What each form of an export is made with. "mp3" and "wav" are what other programs take.
FORMS: dict[str, tuple[str, ...]] = {
    "opus": (*_OPUS, "-f", "ogg"),
    "mp3": ("-c:a", "libmp3lame", "-b:a", "64k", "-ar", "16000", "-f", "mp3"),
    # bitexact: a header of 44 bytes, without ffmpeg's name in it.
    "wav": ("-fflags", "+bitexact", "-c:a", "pcm_s16le", "-ar", "8000", "-f", "wav"),
}


class Workshop:
    """Works on the originals of one folder. All methods block: call them from a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: set[subprocess.Popen[bytes]] = set()

    def names(self) -> list[str]:
        """The files in the folder."""
        # scandir tells a link without a look at the file: the folder holds thousands on a busy day.
        try:
            with os.scandir(self._folder) as entries:
                return sorted(one.name for one in entries if one.name.endswith(".wav") and not one.is_symlink())
        except FileNotFoundError:
            return []

    def check(self, name: str) -> Original:
        """What an original holds. Raises ``BadInput`` for a bad one, ``FileNotFoundError``, ``OSError``."""
        return check_original(self._path(name))

    def delete(self, name: str) -> None:
        """Remove an original; one that is gone is no error."""
        self._path(name).unlink(missing_ok=True)

    def stop(self) -> None:
        """End what is being worked on; it fails there. From any thread."""
        for program in tuple(self._running):
            program.kill()

    def encode(self, sides: Sequence[Original], *, exact: bool = False) -> Iterator[bytes]:
        """Join the sides, one channel each, padded to the same length; give them as Ogg Opus; ``exact``: as FLAC."""
        codec = _FLAC if exact else _OPUS
        return self._run(
            [*self._inputs(sides), *_joined(sides), *_QUICK, *codec, "-f", "ogg", "pipe:1"], _limits(sides)
        )

    def loudness(self, sides: Sequence[Original]) -> Loudness:
        """How loud the originals are over time."""
        count = len(sides) if len(sides) > 1 else sides[0].channels
        graph = _joined(sides, f",{_levels()}")
        return _read_levels(self._run([*self._inputs(sides), *graph, *_QUICK, *_NOTHING], _limits(sides)), count)

    def samples(self, side: Original, start: float, seconds: float) -> bytes:
        """A stretch of an original's samples, by seconds from its beginning; less at its end. ``OSError`` passes."""
        frame = 2 * side.channels
        last = int(side.seconds * side.rate)
        first = min(last, max(0, int(start * side.rate)))
        with self._path(side.name).open("rb") as source:
            source.seek(side.offset + first * frame)
            return source.read(min(last - first, int(seconds * side.rate)) * frame)

    def dead(self, side: Original) -> bool:
        """Whether nothing at all can be heard on a side; reads until something can be. ``OSError`` passes through."""
        with self._path(side.name).open("rb") as source:
            source.seek(side.offset)
            return is_dead(source)

    def listen(self, encoded: Iterable[bytes], channels: int, seconds: float) -> Loudness:
        """How loud an encoded sound is over time: decodes all of it. Raises ``ProgramFailed`` when it cannot be."""
        command = ["-xerror", "-f", "ogg", "-i", "pipe:0", *_QUICK, "-filter_complex"]
        graph = f"[0:a]aresample={_TELEPHONE},{_levels()}"
        return _read_levels(self._run([*command, graph, *_NOTHING], _limit(seconds), encoded), channels)

    def convert(self, encoded: Iterable[bytes], form: str, seconds: float) -> Iterator[bytes]:
        """Give an encoded sound in another form, see ``FORMS``. Raises ``BadInput``, ``ProgramFailed``."""
        if form not in FORMS:
            raise BadInput("bad_form", f"a recording is exported as {', '.join(FORMS)}")
        return self._converted(encoded, form, seconds)

    def _converted(self, encoded: Iterable[bytes], form: str, seconds: float) -> Iterator[bytes]:
        pieces = iter(encoded)
        first = next(pieces, b"")
        made = ("-c:a", "copy", "-f", "ogg") if form == "opus" and first[_OPUS_MARK] == b"OpusHead" else FORMS[form]
        command = ["-f", "ogg", "-i", "pipe:0", *_QUICK, "-map_metadata", "-1", *made, "pipe:1"]
        yield from self._run(command, _limit(seconds), chain([first], pieces))

    def _run(self, arguments: list[str], limits: Limits, fed: Iterable[bytes] | None = None) -> Iterator[bytes]:
        return run([*_FFMPEG, *arguments], limits, fed, self._running)

    def _inputs(self, sides: Sequence[Original]) -> list[str]:
        """The samples themselves: the header was read by us, and ffmpeg's own reader never sees it."""
        told = []
        for side in sides:
            told += ["-skip_initial_bytes", str(side.offset), "-f", "s16le", "-ar", str(side.rate)]
            # The length that was checked: whatever stands behind the samples is none.
            told += ["-ac", str(side.channels), "-t", f"{side.seconds:.6f}", "-i", f"file:{self._path(side.name)}"]
        return told

    def _path(self, name: str) -> Path:
        if name in {"", ".", ".."} or "/" in name or "\0" in name:
            raise BadInput("bad_name", "a recording is named by its file name alone")
        return self._folder / name


_NOTHING = ("-f", "null", "-")
#: Tenths of a decibel from silence to full scale; a square wave is just above it.
_LEVELS: dict[float, float] = {}


def _limits(sides: Sequence[Original]) -> Limits:
    return _limit(max(side.seconds for side in sides))


def _limit(seconds: float) -> Limits:
    """An hour may take six minutes of one processor and twelve by the clock: ten times what it takes."""
    return Limits(cpu_s=30 + int(seconds / 10), wall_s=60.0 + seconds / 5)


def _joined(sides: Sequence[Original], then: str = "") -> list[str]:
    """A filter that makes one sound of the sides, each a channel of its own."""
    if len(sides) == 1:
        return ["-filter_complex", f"[0:a]aresample={_TELEPHONE}{then}"]
    length = max(side.seconds for side in sides)
    mono = f"aresample={_TELEPHONE},aformat=sample_fmts=s16:sample_rates={_TELEPHONE}:channel_layouts=mono"
    graph = "".join(f"[{n}:a]{mono},apad=whole_dur={length:.6f}[s{n}];" for n in range(len(sides)))
    names = "".join(f"[s{n}]" for n in range(len(sides)))
    return ["-filter_complex", f"{graph}{names}amerge=inputs={len(sides)}{then}"]


def _levels() -> str:
    size = round(_TELEPHONE * WINDOW_S)
    return (
        f"asetnsamples={size}:p=0,astats=metadata=1:reset=1:measure_overall=none:measure_perchannel=Peak_level+RMS_level,"
        "ametadata=mode=print:file='pipe\\:1'"
    )


def _read_levels(told: Iterable[bytes], channels: int) -> Loudness:
    rms: list[list[float]] = [[] for _ in range(channels)]
    peaks = [bytearray() for _ in range(channels)]
    for line in _lines(told):
        # lavfi.astats.1.Peak_level=-15.917136
        key, _, value = line.partition("=")
        parts = key.split(".")
        if len(parts) != 4 or not parts[2].isdigit():  # noqa: PLR2004 - the four words above
            continue
        number = int(parts[2]) - 1
        if number >= channels:
            continue
        level = _level(value)
        if parts[3] == "RMS_level":
            rms[number].append(level)
        elif parts[3] == "Peak_level":
            peaks[number].append(min(255, round(255 * 10 ** (level / 20))) if level > SILENCE_DBFS else 0)
    return Loudness(window_s=WINDOW_S, rms=tuple(map(tuple, rms)), peaks=tuple(map(bytes, peaks)))


def _level(text: str) -> float:
    try:
        level = float(text)
    except ValueError:
        return SILENCE_DBFS
    level = min(20.0, max(SILENCE_DBFS, round(level, 1))) if math.isfinite(level) else SILENCE_DBFS
    # One object a value: a day of both sides is 1.7 million of them, 41 MB otherwise.
    return _LEVELS.setdefault(level, level)


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.decode("ascii", "replace")
