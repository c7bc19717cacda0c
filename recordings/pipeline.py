"""The worker's steps: from the PBX's files to a sealed, verified recording; each step may be repeated after a kill.

Theory of operation. The catalogue is the queue. FOUND: the sides are joined, encoded and sealed, opened again, decoded
and compared with the original; only then the catalogue says KEPT. KEPT: the originals are deleted, then FILED. ERASING:
the deletion goes on where it stopped. A kill before the catalogue's word repeats the step: sealing replaces what was
sealed, deleting what is gone is no error, and the catalogue takes each word once. Nothing is lost, nothing comes twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from kernel.errors import BadInput, GuildhallError
from kernel.recording import Loudness, Original, Part, Piece, Recording, RecordingId, RecordingState, Sealed
from recordings.core import transcript
from recordings.core.figures import difference, figures, waveform
from recordings.erasing import Eraser
from recordings.intake import sides_of
from recordings.originals import delete_originals, originals_of
from recordings.ports import Catalogue, Clock, Scribe, Vault, Workshop
from recordings.transcribing import Transcribing

log = structlog.get_logger()

_FIRST_RETRY_S = 10.0
_LAST_RETRY_S = 600.0
#: An encoder that failed so often will fail again; a full disk is waited out without end.
_MOST_TRIES = 5


class NotTheSame(GuildhallError):
    """What was sealed does not sound like its original."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    sealed: Sealed
    figures: dict[str, object]


class Pipeline:
    """Does one step at a time. ``originals_for_s``: how long the PBX's files stay after the vault has been verified."""

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        catalogue: Catalogue,
        vault: Vault,
        workshop: Workshop,
        eraser: Eraser,
        clock: Clock,
        *,
        originals_for_s: float = 0.0,
        scribe: Scribe | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._vault = vault
        self._workshop = workshop
        self._clock = clock
        self._originals_for_s = originals_for_s
        self._eraser = eraser
        self._transcribing = None if scribe is None else Transcribing(scribe, workshop)
        #: How often each was tried in this life, for the pause before the next time.
        self._tries: dict[RecordingId, int] = {}

    async def step(self) -> bool:
        """Do the next thing; False when there is nothing to do now."""
        work = await self._catalogue.work(self._clock.now(), 1)
        if not work:
            return False
        recording = work[0]
        try:
            if recording.state is RecordingState.FOUND:
                await self._keep(recording)
            elif recording.state is RecordingState.KEPT:
                await self._file(recording)
            else:
                await self._eraser.finish(recording)
        except OSError as error:
            # A full disk, a file server away: it passes, and the originals stay until it has.
            await self._later(recording, f"{type(error).__name__} {error.errno}", error)
        except GuildhallError as error:
            await self._later(recording, error.code, error)
        return True

    async def _keep(self, recording: Recording) -> None:
        try:
            made = await self._in_thread(recording)
        except BadInput as error:
            await self._catalogue.broken(recording.id, error.message)
            log.error("ALARM: a recording cannot be used; its files stay", recording=recording.id, code=error.code)  # noqa: TRY400 - the code says it
            return
        then = self._clock.now() + self._originals_for_s
        if not await self._catalogue.keep(recording.id, made.sealed, made.figures, then):
            await self._not_wanted(recording)
            return
        self._tries.pop(recording.id, None)
        log.info("recording kept", recording=recording.id, call=recording.call, bytes=made.sealed.size)

    async def _in_thread(self, recording: Recording) -> _Made:
        try:
            return await asyncio.to_thread(self._make, recording)
        except asyncio.CancelledError:
            # The thread cannot be cancelled, but what it waits for can be ended: nobody waits for an hour's encoding.
            self._workshop.stop()
            if self._transcribing is not None:
                self._transcribing.stop()
            raise
        except (OSError, GuildhallError):
            raise
        except Exception as error:
            # A bug of ours met by one recording: it waits, and those behind it go on.
            log.exception("a recording cannot be made")
            raise GuildhallError("not_made", type(error).__name__) from error

    def _make(self, recording: Recording) -> _Made:
        """Seal, open again, compare. In a thread: it blocks."""
        originals = self._usable(recording)
        names, sides = zip(*sides_of(originals), strict=True)
        piece = Piece(recording=recording.id, part=Part.AUDIO)
        # Two programs that read the same files: beside one another on two processors.
        with ThreadPoolExecutor(1, "loudness") as beside:
            measured = beside.submit(self._workshop.loudness, sides)
            sealed = self._vault.put(piece, self._workshop.encode(sides))
            was = measured.result()
        wrong = self._difference(piece, was, sides)
        if wrong is not None:
            # A sound that Opus makes another of, such as a line with half its packets lost: kept as it is instead.
            log.warning("a recording is sealed without loss", recording=recording.id, reason=wrong)
            sealed = self._vault.put(piece, self._workshop.encode(sides, exact=True))
            wrong = self._difference(piece, was, sides)
        if wrong is not None:
            raise NotTheSame("not_the_same", f"what was sealed is not the recording: {wrong}")
        self._vault.put(Piece(recording=recording.id, part=Part.PEAKS), [waveform(was, names)])
        language = recording.figures.get("language")
        state = transcript.state(language, wanted=self._transcribing is not None)
        if self._transcribing is not None and state == transcript.WRITTEN:
            text = self._transcribing.of(sides, names, was)
            if text is None:
                state = transcript.FAILED
            else:
                self._vault.put(Piece(recording=recording.id, part=Part.TEXT), [text])
        told = figures(was, names) | {"finished": all(side.finished for side in sides), "transcript": state}
        if language is not None:
            told["language"] = language
        return _Made(sealed=sealed, figures=told)

    def _difference(self, piece: Piece, was: Loudness, sides: Sequence[Original]) -> str | None:
        seconds = max(side.seconds for side in sides)
        return difference(was, self._workshop.listen(self._vault.read(piece), len(was.rms), seconds))

    def _usable(self, recording: Recording) -> list[Original]:
        """Its files but the empty ones. Raises ``BadInput`` for a bad one, and when there is none."""
        found = []
        for name in originals_of(recording, self._workshop):
            try:
                found.append(self._workshop.check(name))
            except BadInput as error:
                if error.code != "empty_recording":
                    raise
        if not found:
            raise BadInput("no_audio", "the recording's files are gone or empty")
        return found

    async def _file(self, recording: Recording) -> None:
        """Delete the originals: the vault has been read back before the catalogue said KEPT."""
        await asyncio.to_thread(delete_originals, recording, self._workshop)
        await self._catalogue.filed(recording.id)

    async def _not_wanted(self, recording: Recording) -> None:
        """Its deletion began while it was being sealed: what was sealed since goes as well."""
        now = await self._catalogue.get(recording.id)
        if now is None:
            await asyncio.to_thread(self._eraser.delete_all, recording)

    async def _later(self, recording: Recording, why: str, error: Exception) -> None:
        tried = self._tries.get(recording.id, 0)
        wait = min(_LAST_RETRY_S, _FIRST_RETRY_S * 2.0**tried)
        tries = await self._catalogue.postpone(recording.id, why, self._clock.now() + wait)
        self._tries[recording.id] = tries
        # The first time it may pass by itself; from the second on somebody must look.
        say = log.error if tries > 1 else log.warning
        say("ALARM: a recording waits", recording=recording.id, why=why, tries=tries, again_in_s=wait)
        hopeless = tries >= _MOST_TRIES and not isinstance(error, OSError)
        if hopeless and recording.state is RecordingState.FOUND:
            await self._catalogue.broken(recording.id, why)
            log.error("ALARM: a recording cannot be used; its files stay", recording=recording.id, code=why)
