"""The engines a worker can run: name -> the class, imported only when it is made, so that a worker holds one model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from kernel.hearing import Reading


class SpeechEngine(Protocol):
    """A recogniser that blocks: for a process of its own."""

    def read(self, speech: bytes, /) -> Sequence[Reading]:
        """Readings of 16-bit samples at 8000 a second, best first; none where it hears no words."""


def _moonshine(folder: Path) -> SpeechEngine:
    from adapters.speech.moonshine import Moonshine  # noqa: PLC0415 - see above

    return Moonshine(folder)


def _whisper(folder: Path) -> SpeechEngine:
    from adapters.speech.whisper import Whisper  # noqa: PLC0415 - see above

    return Whisper(folder)


ENGINES: Mapping[str, Callable[[Path], SpeechEngine]] = {"moonshine": _moonshine, "whisper": _whisper}
