"""Sound files become sentences by the recognisers of a call, through as good or bad a line as is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from adapters.audio.any_sound import check_there, read_any
from guildhall.file_ears import FileEars, FileHeard, as_on_a_line
from guildhall.settings import Settings
from kernel.errors import BadInput
from lab.telephone import Samples, babble, band, hum, through_telephone

_SAID_EVERY = 10
#: Both engines let go of Python's lock; each uses one thread.
_AT_ONCE = 2
#: So many talk at once in a babble, and so many faulty files are named in one message.
_TALKERS, _NAMED = 5, 5

#: Readings, best first.
Said = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The line the files are heard through. Files that are not of 8000 samples a second go through one anyway."""

    #: 300 to 3400 Hz, the nominal level, A-law.
    telephone: bool = False
    #: Noise so many dB below the talker, which takes a telephone: even files hum, odd ones five other talkers.
    noise_db: float | None = None


@dataclass(slots=True)
class Sounds:
    """Files with their intents, heard one after another."""

    files: Sequence[tuple[Path, str]]
    line: Line
    _voices: dict[int, Samples] = field(default_factory=dict)

    def check(self) -> None:
        """Raise ``BadInput`` naming the files that are missing or empty, before minutes are spent on the others."""
        faults = []
        for path, _ in self.files:
            try:
                check_there(path)
            except BadInput as error:
                faults.append(error.message)
        if faults:
            more = f" (and {len(faults) - _NAMED} more)" if len(faults) > _NAMED else ""
            raise BadInput("bad_sounds", "; ".join(faults[:_NAMED]) + more)

    def samples(self, at: int) -> bytes:
        """What arrives at the switchboard of one file. Raises ``BadInput``."""
        path = self.files[at][0]
        if not self.line.telephone and self.line.noise_db is None:
            return as_on_a_line(path)
        sound, rate = read_any(path)
        if self.line.noise_db is None:
            return through_telephone(sound, rate)
        return through_telephone(sound, rate, noise=self._noise(at, len(sound), rate), snr_db=self.line.noise_db)

    def _noise(self, at: int, count: int, rate: int) -> Samples:
        others = [(at + 7 * step + 3) % len(self.files) for step in range(1, _TALKERS + 1)]
        if at % 2 == 0 or len(self.files) <= _TALKERS:
            return hum(max(1, count * 8000 // rate), at)
        return babble([self._voice(other) for other in others])

    def _voice(self, at: int) -> Samples:
        if at not in self._voices:
            self._voices[at] = band(*read_any(self.files[at][0]))
        return self._voices[at]


def heard_in(settings: Settings, sounds: Sounds, say: Callable[[str], None]) -> list[tuple[Said, str]]:
    """What is read in each file, with its intent. Raises ``GuildhallError`` without models, ``BadInput`` for a file."""
    if not sounds.files:
        return []
    sounds.check()
    ears = FileEars(settings)
    ears.load()

    def hear(at: int) -> FileHeard:
        return ears.hear(sounds.samples(at))

    found: list[tuple[Said, str]] = []
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        try:
            for number, one in enumerate(_told(threads.map(hear, range(len(sounds.files))), len(sounds.files), say)):
                words = (one.heard.text, *one.heard.alternatives)
                found.append((tuple(text for text in words if text), sounds.files[number][1]))
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
    return found


def _told(found: Iterator[FileHeard], count: int, say: Callable[[str], None]) -> Iterator[FileHeard]:
    """The same, with a line of progress now and then."""
    began, done = time.monotonic(), 0
    while some := list(islice(found, _SAID_EVERY)):
        yield from some
        done += len(some)
        left = (time.monotonic() - began) / done * (count - done)
        say(f"{done} of {count} files heard" + (f", {left:.0f} s to go" if done < count else ""))
