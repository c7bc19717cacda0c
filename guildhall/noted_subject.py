"""What agents noted on one caller's calls: handed out, and erased, by the same rights as her recordings."""

from __future__ import annotations

import json
import zipfile

from guildhall.recordings_wiring import Recordings
from kernel.notes import Note
from kernel.recording import AuditEntry
from recordings.core.policy import Person, Reach, Right, reach


async def noted_of(recordings: Recordings, person: Person, number: str) -> list[Note]:
    """What there is, as far as this person may take a copy out."""
    if reach(person, Right.EXPORT) is not Reach.COUNCILS:
        return []
    return await recordings.notes.of_subject(recordings.keys.subject(number), person.councils)


def write_notes(archive: zipfile.ZipFile, notes: list[Note]) -> None:
    """Put them into an archive; nothing where there is nothing."""
    if notes:
        said = [{"call": one.call, "t": one.t, "by": one.by, "text": one.text} for one in notes]
        archive.writestr("notes/notes.jsonl", "".join(f"{json.dumps(one)}\n" for one in said))


async def forget_noted(recordings: Recordings, person: Person, number: str, why: str) -> int:
    """Erase them, with a line in the audit log; how many."""
    if reach(person, Right.ERASE) is not Reach.COUNCILS:
        return 0
    notes = await recordings.notes.forget_subject(recordings.keys.subject(number), person.councils)
    if notes:
        entry = AuditEntry(
            t=recordings.needs.now(),
            who=person.user,
            role=person.role.value,
            action="notes_erased",
            details=f"{notes} notes on calls: {why}",
        )
        await recordings.audit.append(entry)
    return notes
