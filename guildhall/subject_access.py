"""What there is of a caller, in one archive; and the erasure of it, with a certificate."""

from __future__ import annotations

import asyncio
import json
import os
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypedDict

from guildhall.noted_subject import forget_noted, noted_of, write_notes
from guildhall.recordings_wiring import Recordings
from guildhall.steering_subject import forget_steered, steered_of
from kernel.errors import BadInput, GuildhallError
from kernel.recording import Part, Piece, Recording, RecordingState, Wanted
from recordings.core.policy import Person

_READABLE = {RecordingState.KEPT, RecordingState.FILED}
_README = """What this switchboard keeps of calls from one number
====================================================

made      {made}
calls     {calls}
recordings {recordings}

{rows}

audio/  what was recorded, one MP3 a recording: the caller on the left, what the caller heard on the right
texts/  transcripts, where there are any
facts/  what happened in each call, one JSON object a line: times are Unix seconds (UTC)
steering/  sentences said to the switchboard that were kept, and needs registered for the number, where there are any
notes/  what agents noted on the calls for the next agent, as far as it is still kept

A recording that is not here although its call is was never made, is past its last day, or was erased. gaps.json says of
each recording what is silent in it, and why.
"""


class Exported(TypedDict):
    """What went into the archive."""

    calls: int
    recordings: int
    #: Sentences said to steering, and needs.
    words: int
    needs: int
    notes: int


class Erased(TypedDict):
    """The certificate: ids and digests, nothing of the calls themselves."""

    at: float
    by: str
    why: str
    erased: list[dict[str, Any]]
    held: list[str]
    words: int
    needs: int
    notes: int


async def _found(recordings: Recordings, person: Person, number: str) -> list[Recording]:
    await recordings.service.sweep()
    # Broken ones too: their files are there, and theirs as well.
    states = Wanted().states | {RecordingState.BROKEN}
    subject = recordings.keys.subject(number)
    wanted = Wanted(councils=person.councils, subject=subject, states=states, most=100_000)
    return await recordings.room.find(person, wanted)


async def export_subject(recordings: Recordings, person: Person, number: str, out: Path) -> Exported:
    """Write the archive. Raises ``Refused``, ``BadInput`` when the file is there already."""
    found = await _found(recordings, person, number)
    calls = sorted({one.call for one in found} | set(await recordings.subjects.calls(recordings.keys.subject(number))))
    facts = {call: await recordings.history.of(call) for call in calls}
    if person.councils is not None:
        # A call of another council is not hers to hand out, recorded or not.
        facts = {call: lines for call, lines in facts.items() if _council(lines) in person.councils}
    sealed = {one.id: await recordings.room.export(person, one.id, "mp3") for one in found if one.state in _READABLE}
    steered, noted = await steered_of(recordings, person, number), await noted_of(recordings, person, number)
    texts = {piece.recording for piece in await asyncio.to_thread(_texts, recordings)}
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadInput("file_exists", f"{out} is there already: name another file") from None

    def write() -> None:
        with os.fdopen(handle, "wb") as target, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", _readme(found, len(facts)))
            steered.write(archive)
            write_notes(archive, noted)
            archive.writestr("gaps.json", json.dumps([_gaps(one) for one in found], indent=1))
            for call, lines in facts.items():
                archive.writestr(f"facts/{call}.jsonl", "".join(f"{json.dumps(line)}\n" for line in lines))
            for one in found:
                if one.id in sealed:
                    sound = recordings.workshop.convert(sealed[one.id], "mp3", one.seconds)
                    _stream(archive, f"audio/{one.id}.mp3", sound)
                if one.id in texts:
                    _stream(
                        archive, f"texts/{one.id}.txt", recordings.vault.read(Piece(recording=one.id, part=Part.TEXT))
                    )

    try:
        await asyncio.to_thread(write)
    except BaseException:
        await asyncio.to_thread(out.unlink, missing_ok=True)
        raise
    words, needs = len(steered.words), len(steered.needs)
    return {"calls": len(facts), "recordings": len(sealed), "words": words, "needs": needs, "notes": len(noted)}


async def erase_subject(recordings: Recordings, person: Person, number: str, why: str) -> Erased:
    """Erase what the person may erase; what a hold keeps is named."""
    erased: list[dict[str, Any]] = []
    held: list[str] = []
    for one in await _found(recordings, person, number):
        try:
            await recordings.room.erase(person, one.id, why)
        except GuildhallError as error:
            if error.code != "on_hold":
                raise
            held.append(one.id)
        else:
            erased.append({"id": one.id, "council": one.council, "sha256": one.sha256})
    words, needs = await forget_steered(recordings, person, number, why)
    notes = await forget_noted(recordings, person, number, why)
    if person.councils is None and not held:
        # Calls without a recording too; whoever speaks for one council leaves another's alone.
        for call in await recordings.subjects.calls(recordings.keys.subject(number)):
            await recordings.subjects.forget(call)
    return {
        "at": round(time.time(), 3),
        "by": person.user,
        "why": why,
        "erased": erased,
        "held": held,
        "words": words,
        "needs": needs,
        "notes": notes,
    }


def _texts(recordings: Recordings) -> list[Piece]:
    return [piece for piece in recordings.vault.pieces() if piece.part is Part.TEXT]


def _council(lines: Iterable[dict[str, object]]) -> object:
    return next((line["council"] for line in lines if "council" in line), None)


def _stream(archive: zipfile.ZipFile, name: str, content: Iterable[bytes]) -> None:
    with archive.open(name, "w", force_zip64=True) as entry:
        for piece in content:
            entry.write(piece)


def _readme(found: list[Recording], calls: int) -> str:
    rows = "\n".join(
        f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(one.began))} UTC  {one.seconds:7.1f} s  {one.queue or '-'}"
        f"  {one.outcome or '-'}  audio/{one.id}.mp3"
        for one in sorted(found, key=lambda one: one.began)
    )
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    return _README.format(made=made, calls=calls, recordings=len(found), rows=rows or "(no recording)")


def _gaps(one: Recording) -> dict[str, object]:
    return {
        "recording": one.id,
        "call": one.call,
        "gaps": [gap.as_json() for gap in one.gaps],
    }
