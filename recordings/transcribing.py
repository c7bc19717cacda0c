"""Writes down what was said, where that is wished for: a stretch of talk at a time, from the PBX's own files."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from kernel.errors import GuildhallError
from kernel.recording import Loudness, Original
from recordings.core.transcript import Stretch, stretches, written
from recordings.ports import Scribe, Workshop

log = structlog.get_logger()

#: What the PBX writes, and what recognisers of telephone speech read.
_TELEPHONE = 8000


class Transcribing:
    """One a worker. Blocks: for its thread; ``stop`` is any thread's."""

    def __init__(self, scribe: Scribe, workshop: Workshop) -> None:
        self._scribe, self._workshop = scribe, workshop
        self._stopped = False

    def stop(self) -> None:
        """End the one under way: no stretch is begun any more, ever."""
        self._stopped = True

    def of(self, sides: Sequence[Original], names: Sequence[str], heard: Loudness) -> bytes | None:
        """The transcript; None when it cannot be had: the recording is kept without one."""
        if any(side.channels != 1 or side.rate != _TELEPHONE for side in sides):
            return None
        try:
            return written(self._lines(sides, names, heard))
        except GuildhallError as error:
            # Law 5: a model that is not there takes the text away and nothing else.
            log.error("NO TRANSCRIPT of a recording", code=error.code, reason=error.message)  # noqa: TRY400 - told whole
            return None

    def _lines(self, sides: Sequence[Original], names: Sequence[str], heard: Loudness) -> list[tuple[Stretch, str]]:
        lines = []
        for side, name, levels in zip(sides, names, heard.rms, strict=True):
            for stretch in stretches(levels, heard.window_s, name):
                if self._stopped:
                    raise GuildhallError("stopped", "the worker is being ended")
                pcm = self._workshop.samples(side, stretch.start, stretch.end - stretch.start)
                lines.append((stretch, self._scribe.words(pcm)))
        return lines
