"""The folder the PBX writes callers' messages into: length by name, removal, and an end after a month."""

from __future__ import annotations

import asyncio
import contextlib
import time
import wave
from pathlib import Path

from kernel.ids import checked_id

#: A message that nobody took out after a month is of no use to the caller any more, and personal data still.
KEPT_S = 31 * 24 * 3600.0
_SWEEP_EVERY_S = 3600.0


class MessageFolder:
    """Messages as files, ``<name>.wav``. Raises ``BadInput`` for a name that is no id of ours."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where the message is, or would be."""
        return self._folder / f"{checked_id(name, 'a message')}.wav"

    def seconds(self, name: str) -> float | None:
        """How long it is; None when it is not there or no sound yet."""
        with contextlib.suppress(OSError, EOFError, wave.Error), wave.open(str(self.path(name)), "rb") as sound:
            return sound.getnframes() / sound.getframerate()
        return None

    def remove(self, name: str) -> None:
        """Remove it; harmless when it is not there."""
        self.path(name).unlink(missing_ok=True)

    async def keep_swept(self, every_s: float = _SWEEP_EVERY_S) -> None:
        """Sweep now and each ``every_s`` seconds, for ever."""
        while True:
            # In a thread: the disk may be slow, and calls go on meanwhile.
            await asyncio.to_thread(self.sweep)
            await asyncio.sleep(every_s)

    def sweep(self) -> int:
        """Remove what is older than a month; how many."""
        swept = 0
        for path in self._folder.glob("*.wav"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < time.time() - KEPT_S:
                    path.unlink()
                    swept += 1
        return swept
