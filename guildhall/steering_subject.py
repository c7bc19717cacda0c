"""What steering keeps of one caller: handed out, and erased, by the same rights as her recordings."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass

from guildhall.callers_needs import Order
from guildhall.recordings_wiring import Recordings
from kernel.needs import KnownNeed, NeedSource
from kernel.recording import AuditEntry
from kernel.steered_words import KeptWords
from recordings.core.policy import Person, Reach, Right, reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """Her words and her needs."""

    words: list[KeptWords]
    needs: list[KnownNeed]

    def write(self, archive: zipfile.ZipFile) -> None:
        """Put them into an archive; nothing where there is nothing."""
        if self.words:
            said = [{"call": one.call, "t": one.t, "purpose": one.purpose, "text": one.text} for one in self.words]
            archive.writestr("steering/words.jsonl", "".join(f"{json.dumps(one)}\n" for one in said))
        if self.needs:
            known = [
                {"need": one.need.value, "purpose": one.purpose, "by": one.by, "since": one.since, "until": one.until}
                for one in self.needs
            ]
            archive.writestr("steering/needs.json", json.dumps(known, indent=1))


async def steered_of(recordings: Recordings, person: Person, number: str) -> Steered:
    """What there is, as far as this person may take a copy out."""
    if reach(person, Right.EXPORT) is not Reach.COUNCILS:
        return Steered(words=[], needs=[])
    subject = recordings.keys.subject(number)
    return Steered(
        words=await recordings.words.of_subject(subject, person.councils),
        needs=await recordings.needs.known(subject, person.councils),
    )


async def forget_steered(recordings: Recordings, person: Person, number: str, why: str) -> tuple[int, int]:
    """Erase them; how many sentences and how many needs. Each is a line of the audit log."""
    if reach(person, Right.ERASE) is not Reach.COUNCILS:
        return 0, 0
    subject = recordings.keys.subject(number)
    order = Order(by=person.user, role=person.role.value, source=NeedSource.REGISTERED, purpose="erasure request")
    needs = await recordings.needs.remove(subject, person.councils, None, order)
    words = await recordings.words.forget_subject(subject, person.councils)
    if words:
        told = f"{words} sentences said to steering: {why}"
        now = recordings.needs.now()
        entry = AuditEntry(t=now, who=person.user, role=person.role.value, action="words_erased", details=told)
        await recordings.audit.append(entry)
    return words, needs
