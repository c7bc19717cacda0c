"""What ``guildhall recordings`` does, once SQLAlchemy and the vault are loaded: each a question to the reading room."""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from adapters import log as logging_setup
from adapters.clock import SteadyClock
from adapters.store.engine import migrate, open_engine
from guildhall.recordings_wiring import Recordings, StoredFacts, recordings_of
from guildhall.settings import Settings
from kernel.errors import BadInput, GuildhallError
from kernel.recording import ChainState, Recording, RecordingId, RecordingState, Wanted
from recordings.core.policy import Person, Right, may

_Answer = TypeVar("_Answer")
#: The two lengths in a WAV header of 44 bytes: of all behind the first eight, and of the samples.
_RIFF_LENGTH_AT, _RIFF_HEAD, _DATA_LENGTH_AT, _WAV_HEAD = 4, 8, 40, 44


@contextlib.asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Recordings]:
    await migrate(settings.store_url)
    database = open_engine(settings.store_url)
    try:
        facts = StoredFacts(database, settings, "command-line")
        yield recordings_of(settings, database, SteadyClock(), facts)
        await facts.store.flush()
    finally:
        await database.dispose()


def ask(settings: Settings, question: Callable[[Recordings], Coroutine[Any, Any, _Answer]]) -> _Answer:
    """Answer one question. Raises ``GuildhallError``; never the driver's words, which may hold the URL's password."""

    async def answer() -> _Answer:
        async with _opened(settings) as recordings:
            return await question(recordings)

    # Alarms go where people see them; standard output belongs to the answer, which may be sound or JSON.
    logging_setup.configure(sys.stderr, "warning")
    try:
        return asyncio.run(answer())
    except ConnectionError as error:
        raise GuildhallError("away", f"{error}: try again when it is back") from None
    except SQLAlchemyError as error:
        raise GuildhallError(
            "no_catalogue",
            f"the catalogue of recordings cannot be read ({type(error).__name__}): see whether the database runs",
        ) from None


async def find(recordings: Recordings, person: Person, wanted: Wanted) -> list[Recording]:
    """The recordings asked for, also those whose call has just ended and that nobody took in yet."""
    await recordings.service.sweep()
    return await recordings.room.find(person, wanted)


async def give(recordings: Recordings, person: Person, recording: RecordingId, form: str, out: Path | None) -> int:
    """Listen: decrypt into a new file or to standard output; how many bytes."""
    sealed = await recordings.room.listen(person, recording)
    return await _converted(recordings, recording, sealed, form, out)


async def export(recordings: Recordings, person: Person, recording: RecordingId, form: str, out: Path | None) -> int:
    """Export: the same, by the right to take a copy out."""
    sealed = await recordings.room.export(person, recording, form)
    return await _converted(recordings, recording, sealed, form, out)


async def _converted(
    recordings: Recordings, recording: RecordingId, sealed: Iterable[bytes], form: str, out: Path | None
) -> int:
    found = await recordings.catalogue.get(recording)
    seconds = found.seconds if found is not None else 0.0
    return await asyncio.to_thread(_write, recordings.workshop.convert(sealed, form, seconds), form, out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What ``verify`` found."""

    chain: ChainState
    #: Seals opened, and what is wrong with those that are not what they should be.
    opened: int
    wrong: dict[str, str]

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return self.chain.broken is None and not self.wrong


async def verify(recordings: Recordings, person: Person, wanted: Wanted, anchor: str | None) -> Verified:
    """Check the chain, then open every seal that the person's councils have, and what broke on its way in."""
    chain = await recordings.room.verify_catalogue(person, anchor)
    wrong: dict[str, str] = {}
    opened = 0
    everything = await recordings.catalogue.find(wanted)
    for one in everything:
        if not may(person, Right.VERIFY, one):
            continue
        if one.state is RecordingState.BROKEN:
            wrong[one.id] = f"not in the vault: {one.why}"
            continue
        try:
            told = await recordings.room.verify_seals(person, one)
        except GuildhallError as error:
            told = error.message
        opened += one.state in {RecordingState.KEPT, RecordingState.FILED}
        if told is not None:
            wrong[one.id] = told
    return Verified(chain=chain, opened=opened, wrong=wrong)


async def work(recordings: Recordings) -> None:
    """Do what waits, where no engine does it. Raises ``GuildhallError`` when one is at it."""
    if not recordings.vault.claim():
        raise GuildhallError("busy", "the engine's own worker is at it: nothing to do here")
    try:
        recordings.vault.sweep()
        await recordings.service.settle()
        await recordings.service.retention()
    finally:
        recordings.vault.release()


def _write(content: Iterable[bytes], form: str, out: Path | None) -> int:
    if out is None:
        if sys.stdout.isatty():
            raise BadInput("terminal", "sound does not belong on a terminal: name a file with --out, or pipe it on")
        return _copy(content, sys.stdout.buffer)
    try:
        # Its owner's alone, and never over something that is there: it is a copy of somebody's call.
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadInput("file_exists", f"{out} is there already: name another file") from None
    except OSError as error:
        raise BadInput("bad_file", f"{out} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as target:
            written = _copy(content, target)
            if form == "wav":
                _finish_wav(target, written)
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return written


def _copy(content: Iterable[bytes], target: BinaryIO) -> int:
    written = 0
    for piece in content:
        target.write(piece)
        written += len(piece)
    target.flush()
    return written


def _finish_wav(target: BinaryIO, written: int) -> None:
    """Write the lengths into the header: ffmpeg wrote into a pipe and could not go back to it."""
    for at, less in ((_RIFF_LENGTH_AT, _RIFF_HEAD), (_DATA_LENGTH_AT, _WAV_HEAD)):
        target.seek(at)
        target.write(struct.pack("<I", written - less))
