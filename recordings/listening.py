"""The reading room: whoever wants to list, hear, export, hold or erase comes through here, by right, and is logged."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Iterator

from kernel.errors import BadInput, Refused
from kernel.recording import AuditEntry, ChainState, Part, Piece, Recording, RecordingId, RecordingState, Wanted
from recordings.core.policy import Person, Reach, Right, may, reach
from recordings.core.transcript import why_none
from recordings.erasing import Eraser
from recordings.ports import AuditLog, Catalogue, Clock, Vault

_ID = re.compile(r"[0-9a-f]{32}")
_MOST_TEXT = 200
_SEALED = frozenset({RecordingState.KEPT, RecordingState.FILED})


def _no_such() -> Refused:
    # One answer for "is not there" and "is not yours": who may not hear a recording does not learn that it is there.
    return Refused("no_such_recording", "there is no such recording, or you may not do this with it")


def _checked(text: str) -> None:
    if not text.isprintable() or len(text) > _MOST_TEXT:
        raise BadInput("bad_reason", f"a reason is one line of at most {_MOST_TEXT} characters")


class ReadingRoom:
    """Every way to a recording. Deny by default; nothing is given out before the audit log has its line."""

    def __init__(self, catalogue: Catalogue, vault: Vault, audit: AuditLog, eraser: Eraser, clock: Clock) -> None:
        self._catalogue = catalogue
        self._vault = vault
        self._audit = audit
        self._eraser = eraser
        self._clock = clock

    async def find(self, person: Person, wanted: Wanted) -> list[Recording]:
        """The recordings asked for that the person may see, newest first. Raises ``Refused`` without the right."""
        found = reach(person, Right.LIST)
        if found is None:
            await self._log(person, "refused", None, "list")
            raise Refused("not_allowed", "you may not list recordings")
        councils = wanted.councils
        if person.councils is not None:
            councils = person.councils if councils is None else councils & person.councils
        wanted = dataclasses.replace(wanted, councils=councils)
        texts = (wanted.call, wanted.queue, wanted.agent, wanted.outcome, *(councils or ()))
        if not all((text or "").isprintable() for text in texts):
            return []
        if found is Reach.OWN:
            if wanted.agent not in {None, person.agent}:
                return []
            wanted = dataclasses.replace(wanted, agent=person.agent)
        return await self._catalogue.find(wanted)

    async def show(self, person: Person, recording: RecordingId) -> Recording:
        """What the catalogue tells of one. Raises ``Refused``."""
        return await self._allowed(person, Right.LIST, recording)

    async def listen(
        self, person: Person, recording: RecordingId, part: Part = Part.AUDIO, start: int = 0, length: int | None = None
    ) -> Iterator[bytes]:
        """A range of a recording's audio, waveform or text. The iterator blocks: a thread's. Raises ``Refused``."""
        found = await self._allowed(person, Right.LISTEN, recording)
        return await self._opened(person, "listen", found, part, start, length)

    async def transcript(self, person: Person, recording: RecordingId) -> str:
        """What was said, as a machine read it. Raises ``Refused``, with the reason where there is none."""
        found = await self._allowed(person, Right.LISTEN, recording)
        missing = why_none(found.figures.get("transcript"))
        if found.state in _SEALED and missing is not None:
            raise Refused("no_transcript", missing)
        content = await self._opened(person, "listen", found, Part.TEXT, 0, None)
        return (await asyncio.to_thread(b"".join, content)).decode()

    async def export(self, person: Person, recording: RecordingId, form: str) -> Iterator[bytes]:
        """The whole audio, to be taken out of the system. Raises ``Refused``."""
        found = await self._allowed(person, Right.EXPORT, recording)
        return await self._opened(person, "export", found, Part.AUDIO, 0, None, form)

    async def hold(self, person: Person, recording: RecordingId, reason: str | None) -> None:
        """Put a legal hold on it, or take it off with None. Raises ``Refused``."""
        _checked(reason or "")
        found = await self._allowed(person, Right.HOLD, recording)
        entry = self._entry(person, "release" if reason is None else "hold", found, reason or "")
        if not await self._catalogue.hold(recording, reason, entry):
            raise _no_such()

    async def erase(self, person: Person, recording: RecordingId, why: str) -> None:
        """Delete it for good, with a certificate in the audit log. Raises ``Refused`` under a legal hold."""
        _checked(why)
        found = await self._allowed(person, Right.ERASE, recording)
        if found.hold is not None:
            await self._log(person, "refused", found, "erase: under a legal hold")
            raise Refused("on_hold", "the recording is under a legal hold: release it first")
        if not await self._eraser.erase(found, who=person.user, role=person.role.value, why=why):
            raise _no_such()

    async def verify_catalogue(self, person: Person, anchor: str | None = None) -> ChainState:
        """Check the chain of the catalogue. Raises ``Refused``."""
        await self._must(person, Right.VERIFY)
        return await self._catalogue.verify(anchor)

    async def verify_seals(self, person: Person, recording: Recording) -> str | None:
        """Open a sealed recording whole; what is wrong with it, None when it is what was sealed. Raises ``Refused``."""
        await self._must(person, Right.VERIFY)
        if recording.state not in _SEALED:
            return None
        piece = Piece(recording=recording.id, part=Part.AUDIO)
        sealed = await asyncio.to_thread(self._vault.check, piece)
        same = (sealed.sha256, sealed.size) == (recording.sha256, recording.size)
        return None if same else "what is in the vault is not what the catalogue tells of"

    async def verify_audit(self, person: Person, anchor: str | None = None) -> ChainState:
        """Check the chain of the audit log. Raises ``Refused``."""
        await self._must(person, Right.AUDIT)
        return await self._audit.verify(anchor)

    async def _opened(  # noqa: PLR0913, PLR0917 - a range of a part, for somebody, by a right
        self,
        person: Person,
        action: str,
        found: Recording,
        part: Part,
        start: int,
        length: int | None,
        form: str = "",
    ) -> Iterator[bytes]:
        if found.state not in _SEALED:
            raise Refused("not_ready", f"the recording is {found.state.value}: it is not in the vault yet")
        whole = start == 0 and length is None
        asked = part.value if whole else f"{part.value} from {start}, {length if length is not None else 'all'} bytes"
        await self._log(person, action, found, f"{asked} {form}".strip())
        return self._vault.read(Piece(recording=found.id, part=part), start, length)

    async def _allowed(self, person: Person, right: Right, recording: RecordingId) -> Recording:
        # Outside text reaches the database only as what it must be.
        found = await self._catalogue.get(recording) if _ID.fullmatch(recording) else None
        if found is None:
            raise _no_such()
        if not may(person, right, found):
            await self._log(person, "refused", found, right.value)
            raise _no_such()
        return found

    async def _must(self, person: Person, right: Right) -> None:
        if reach(person, right) is None:
            await self._log(person, "refused", None, right.value)
            raise Refused("not_allowed", f"you may not do this: {right.value}")

    async def _log(self, person: Person, action: str, recording: Recording | None, details: str) -> None:
        await self._audit.append(self._entry(person, action, recording, details))

    def _entry(self, person: Person, action: str, recording: Recording | None, details: str) -> AuditEntry:
        return AuditEntry(
            t=self._clock.now(),
            who=person.user,
            role=person.role.value,
            action=action,
            recording=None if recording is None else recording.id,
            council=None if recording is None else recording.council,
            details=details,
        )
