"""The desk's door to notes on contacts: an agent's own call is the engine's to tell, others by the right to listen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from guildhall.desk_wiring import person_of
from guildhall.explain_notes import council_of, notes_of
from guildhall.recordings_wiring import Recordings
from kernel.commands import Asked, Outcome, ShowNotes, TakeNote
from kernel.errors import Refused
from kernel.ids import ContactId
from kernel.notes import note_text
from kernel.visitor import Visitor
from recordings.core.policy import Reach, Right, reach, within

_NOBODYS: Mapping[str, object] = {"call": None, "needs": [], "notes": []}


class DoorToNotes:
    """Meets the desk's port. ``ask``: asks the engine one thing, and blocks for its answer."""

    def __init__(self, ask: Callable[[Asked], Outcome], recordings: Recordings) -> None:
        self._ask, self._recordings = ask, recordings

    async def mine(self, who: Visitor, seen: str | None) -> Mapping[str, object]:
        """See the port."""
        person_of(who)
        if who.agent is None:
            raise Refused("not_allowed", "only an agent has a call of her own")
        told = await asyncio.to_thread(self._ask, ShowNotes(agent=who.agent, seen=seen))
        if told.code in {"no_call", "not_her_council"}:
            return _NOBODYS
        if not told.ok or not isinstance(told.data, dict):
            raise Refused(told.code, told.message)
        # Her councils here may be fewer than those whose calls she may take.
        return told.data if told.data["council"] in who.councils else _NOBODYS

    async def of_call(self, who: Visitor, call: str) -> Sequence[Mapping[str, object]]:
        """See the port."""
        return await notes_of(self._recordings, person_of(who), ContactId(call))

    async def take(self, who: Visitor, call: str, text: str | None) -> str:
        """See the port."""
        person, contact = person_of(who), ContactId(call)
        council = council_of(await self._recordings.history.of(contact))
        # Whoever may pause a call's recording has a hand in the call. Of her own call the engine knows.
        own = reach(person, Right.PAUSE) is Reach.OWN
        if council is None or not within(person, Right.PAUSE, council, person.agent):
            raise Refused("no_such_call", "no such call is under way, or it is not hers")
        kept = None if text is None else note_text(text)
        asked = TakeNote(agent=who.agent if own else None, contact=contact, text=kept, by="agent" if own else who.user)
        told = await asyncio.to_thread(self._ask, asked)
        if not told.ok:
            raise Refused(told.code, told.message)
        return told.message
