"""Notes on a contact: who may write and read them on which call, and what is told and audited of it.

An agent on the call she is in, is being asked about in a consult, or was in last, until a quarter of an hour after it;
she reads from the moment her phone rings. A supervisor on the calls of her councils that are under way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from desk.after_call import Clock, FactSink, no_call
from kernel.commands import Outcome, ShowNotes, TakeNote
from kernel.fact import Fact
from kernel.facts import NoteTaken
from kernel.ids import AgentId, ContactId, TenantId
from kernel.needs import Need
from kernel.notes import HIDDEN, MOST_A_CALL, Note, note_text
from kernel.recording import AuditEntry

_DAY_S = 86400.0
#: Calls whose changes are remembered; one that is forgotten is read once more.
_MOST_CALLS = 20_000


class Stand(StrEnum):
    """How a person stands to a call."""

    #: Her phone is being rung for it: she may read, and not write yet.
    RINGING = "ringing"
    #: Another agent asks her, while the caller hears music.
    ASKED = "asked"
    TALKING = "talking"
    #: She was in it last.
    AFTER = "after"
    #: She answers for its council.
    SUPERVISING = "supervising"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingCall:
    """A call, whose it is, and how the person who asks stands to it."""

    call: ContactId
    council: TenantId
    stand: Stand


class CallsOfPeople(Protocol):
    """Who stands how to which call."""

    def of_agent(self, agent: AgentId) -> StandingCall | None:
        """The call this agent is rung for, asked about, in, or was in last."""
        ...

    def written_by(self, agent: AgentId) -> StandingCall | None:
        """The same, but one that she is only rung for."""
        ...

    def supervised(self, agent: AgentId, contact: ContactId) -> StandingCall | None:
        """This call under way, when she is a supervisor of its council."""
        ...

    def under_way(self, contact: ContactId) -> StandingCall | None:
        """This call, when it is under way."""
        ...

    def councils(self, agent: AgentId) -> Collection[TenantId] | None:
        """The councils whose calls she may take; None: all."""
        ...


class NoteBook(Protocol):
    """Where notes are kept; each deed with its line in the audit log."""

    async def add(self, note: Note, entry: AuditEntry, /) -> bool:
        """Keep it; False: the call has as many as it may."""
        ...

    async def take_back(self, call: ContactId, by: str, entry: AuditEntry, /) -> bool:
        """Delete this person's last one on this call; False: there is none."""
        ...

    async def read(
        self, call: ContactId, councils: Collection[TenantId] | None, now: float, entry: AuditEntry | None, /
    ) -> list[Note]:
        """Those of a call, oldest first."""
        ...


class Notes:
    """Answers ``TakeNote`` and ``ShowNotes``."""

    def __init__(  # noqa: PLR0913 - what it works with, each by name
        self,
        *,
        book: NoteBook,
        calls: CallsOfPeople,
        subject: Callable[[ContactId], Awaitable[str | None]],
        needs: Callable[[ContactId, TenantId], Awaitable[Collection[Need]]],
        days: Callable[[TenantId], int],
        facts: FactSink,
        clock: Clock,
    ) -> None:
        """``subject``: whose call it is, as a keyed digest; ``needs``: its caller's; ``days``: that notes are kept."""
        self._book, self._calls, self._subject, self._days = book, calls, subject, days
        self._needs = needs
        self._facts, self._clock = facts, clock
        #: What each agent saw last, and through whom: looking again at the same is no new reading.
        self._seen: dict[tuple[AgentId, str], tuple[ContactId, int]] = {}
        #: How often something was noted on a call since this engine began, for pages that look every few seconds.
        self._changes: dict[ContactId, int] = {}
        self._began = clock.now()

    def hear(self, fact: Fact) -> None:
        """Follow what is noted, by whomever."""
        if isinstance(fact, NoteTaken):
            count = self._changes.pop(fact.contact, 0) + 1
            if len(self._changes) >= _MOST_CALLS:
                self._changes.pop(next(iter(self._changes)))
            self._changes[fact.contact] = count

    async def take(self, asked: TakeNote) -> Outcome:
        """Write a note down, or take the last one back. Raises ``BadInput`` for a text that is none."""
        found = self._written(asked)
        if isinstance(found, Outcome):
            return found
        by = str(asked.agent or asked.by)[:64]
        if asked.text is None:
            return await self._back(found, by, asked)
        return await self._take(found, by, asked, note_text(asked.text))

    async def show(self, asked: ShowNotes) -> Outcome:
        """The notes on a call, for one who has it. The audit log has its line before they are opened."""
        agent, contact = asked.agent, asked.contact
        found = self._calls.of_agent(agent)
        if contact is not None and (found is None or found.call != contact):
            found = self._calls.supervised(agent, contact)
        if found is None:
            return no_call() if contact is None else _no_such_call()
        if not self._hers(agent, found):
            return _not_hers()
        stand, seen = found.stand.value, self._version(found)
        data: dict[str, object] = {"call": found.call, "council": found.council, "stand": stand, "seen": seen}
        if asked.seen == seen:
            return Outcome(ok=True, code="notes", message=f"nothing new on {found.call}", data=data | {"same": True})
        notes = await self._read(asked, found)
        rows = [{"id": one.id, "by": one.by, "at": one.t, "text": one.text} for one in notes]
        needs = sorted(await self._needs(found.call, found.council))
        data |= {"needs": needs, "notes": rows}
        return Outcome(ok=True, code="notes", message=_counted(len(rows), found.call), data=data)

    def _version(self, found: StandingCall) -> str:
        """Another one when something was noted, and with another engine."""
        told = f"{found.call} {self._began} {self._changes.get(found.call, 0)}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    async def _read(self, asked: ShowNotes, found: StandingCall) -> list[Note]:
        agent, reader = asked.agent, (asked.agent, asked.by)
        now, councils = self._clock.now(), self._calls.councils(agent)
        role = "supervisor" if found.stand is Stand.SUPERVISING else "agent"
        entry = self._entry(
            "notes_read", found, agent, role, f"call {found.call}, {found.stand.value}{_through(agent, asked.by)}"
        )
        # Without a line first: are there others than those she has seen?
        last = self._seen.get(reader)
        if last is not None and last[0] == found.call:
            notes = await self._book.read(found.call, councils, now, None)
            if not notes or notes[-1].id <= last[1]:
                return notes
        notes = await self._book.read(found.call, councils, now, entry)
        if notes:
            self._seen[reader] = (found.call, notes[-1].id)
        return notes

    def _written(self, asked: TakeNote) -> StandingCall | Outcome:
        agent, contact = asked.agent, asked.contact
        if agent is None:
            found = None if contact is None else self._calls.under_way(contact)
            return found or _no_such_call()
        found = self._calls.written_by(agent)
        if contact is not None and (found is None or found.call != contact):
            return self._calls.supervised(agent, contact) or _no_such_call()
        if found is None:
            return no_call()
        return found if self._hers(agent, found) else _not_hers()

    def _hers(self, agent: AgentId, found: StandingCall) -> bool:
        councils = self._calls.councils(agent)
        return councils is None or found.council in councils

    async def _take(self, found: StandingCall, by: str, asked: TakeNote, text: str) -> Outcome:
        now, days = self._clock.now(), self._days(found.council)
        if days == 0:
            return _no("no_notes", f"{found.council} keeps no notes (retention: notes: 0 in its tenant.yaml)")
        note = Note(
            call=found.call,
            council=found.council,
            subject=await self._subject(found.call),
            t=now,
            keep_until=now + days * _DAY_S,
            by=by,
            text=text,
        )
        if not await self._book.add(note, self._written_entry("note_added", found, by, asked)):
            return _no("too_many_notes", f"the call has {MOST_A_CALL} notes already: take one of yours back")
        self._facts.publish(NoteTaken(t=now, contact=found.call, council=found.council, by=by))
        hidden = "; a long number in it is hidden" if HIDDEN in text and HIDDEN not in (asked.text or "") else ""
        message = f"noted on {found.call}, kept for {days} day{'s' * (days != 1)}{hidden}"
        return Outcome(ok=True, code="done", message=message, data={"call": found.call})

    async def _back(self, found: StandingCall, by: str, asked: TakeNote) -> Outcome:
        if not await self._book.take_back(found.call, by, self._written_entry("note_removed", found, by, asked)):
            return _no("no_such_note", f"there is no note by {by} on {found.call}")
        fact = NoteTaken(t=self._clock.now(), contact=found.call, council=found.council, by=by, taken_back=True)
        self._facts.publish(fact)
        return Outcome(ok=True, code="done", message=f"the last note by {by} on {found.call} is gone")

    def _written_entry(self, action: str, found: StandingCall, by: str, asked: TakeNote) -> AuditEntry:
        role = "supervisor" if found.stand is Stand.SUPERVISING or asked.agent is None else "agent"
        return self._entry(action, found, by, role, f"call {found.call}{_through(by, asked.by)}")

    def _entry(self, action: str, found: StandingCall, who: str, role: str, details: str) -> AuditEntry:
        return AuditEntry(
            t=self._clock.now(), who=who, role=role, action=action, council=found.council, details=details
        )


def _through(who: str, by: str) -> str:
    """Whoever has the command line of the machine writes and reads in anybody's name: the log says so."""
    return f", by {by}" if by not in {who, "agent"} else ""


def _counted(number: int, call: ContactId) -> str:
    return f"{number or 'no'} note{'s' * (number != 1)} on {call}"


def _no(code: str, message: str) -> Outcome:
    return Outcome(ok=False, code=code, message=message)


def _not_hers() -> Outcome:
    return _no("not_her_council", "she may not take that council's calls: notes on them are not hers to read or write")


def _no_such_call() -> Outcome:
    # One answer for "is not there" and "is not hers".
    return _no("no_such_call", "no such call is under way, or it is not hers")
