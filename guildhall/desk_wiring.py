"""The desk's door to recordings: the visitor becomes a person of the table of rights, and the reading room decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from guildhall.recordings_timeline import timeline_of
from guildhall.recordings_wiring import Recordings
from kernel.errors import Refused
from kernel.ids import ContactId
from kernel.recording import Part, Recording, RecordingId, Wanted
from kernel.visitor import Visitor
from recordings.core.policy import Person, Right, Role, reach


def person_of(who: Visitor) -> Person:
    """The visitor in the table's words. Raises ``Refused`` for a role that is not in it, the operator's among them.

    ``operator`` is whoever has the machine's command line: nobody gets it by a page.
    """
    if who.role not in list(Role) or who.role == Role.OPERATOR:
        raise Refused("not_allowed", "your role has no rights here")
    return Person(user=who.user, role=Role(who.role), councils=who.councils, agent=who.agent)


class DoorToRecordings:
    """Meets the desk's port."""

    def __init__(self, recordings: Recordings) -> None:
        self._recordings = recordings
        self._room = recordings.room

    def rights(self, who: Visitor) -> Sequence[str]:
        """What she may do at all."""
        person = person_of(who)
        return [right.value for right in Right if reach(person, right) is not None]

    async def find(self, who: Visitor, wanted: Wanted) -> Sequence[Recording]:
        """The recordings asked for that she may see."""
        return await self._room.find(person_of(who), wanted)

    async def show(self, who: Visitor, recording: RecordingId) -> Recording:
        """One of them."""
        return await self._room.show(person_of(who), recording)

    async def timeline(self, who: Visitor, call: str) -> Mapping[str, object]:
        """Everything of one contact that she may see."""
        return await timeline_of(self._recordings, person_of(who), ContactId(call))

    async def size(self, who: Visitor, recording: RecordingId) -> int:
        """Bytes of its audio."""
        found = await self._room.show(person_of(who), recording)
        if found.size is None:
            raise Refused("not_ready", "the recording is not in the vault yet: try again in a minute")
        return found.size

    async def audio(self, who: Visitor, recording: RecordingId, start: int, length: int) -> Iterator[bytes]:
        """A range of its audio."""
        return await self._room.listen(person_of(who), recording, Part.AUDIO, start, length)

    async def peaks(self, who: Visitor, recording: RecordingId) -> Iterator[bytes]:
        """Its waveform."""
        return await self._room.listen(person_of(who), recording, Part.PEAKS)

    async def transcript(self, who: Visitor, recording: RecordingId) -> str:
        """What was said in it."""
        return await self._room.transcript(person_of(who), recording)

    async def export(self, who: Visitor, recording: RecordingId, form: str) -> Iterator[bytes]:
        """The whole, in the form that was asked for."""
        person = person_of(who)
        sealed = await self._room.export(person, recording, form)
        found = await self._room.show(person, recording)
        return self._recordings.workshop.convert(sealed, form, found.seconds)

    async def hold(self, who: Visitor, recording: RecordingId, reason: str | None) -> None:
        """Put a legal hold on it, or take it off."""
        await self._room.hold(person_of(who), recording, reason)

    async def erase(self, who: Visitor, recording: RecordingId, why: str) -> None:
        """Delete it for good."""
        await self._room.erase(person_of(who), recording, why)
