"""The notes on a call, past or under way, for who may listen to its recording; each reading is audited first."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from guildhall.recordings_wiring import Recordings
from kernel.errors import Refused
from kernel.ids import AgentId, ContactId, TenantId
from kernel.recording import AuditEntry
from recordings.core.policy import Person, Right, within


async def notes_of(recordings: Recordings, person: Person, call: ContactId) -> list[dict[str, object]]:
    """Who noted what and when, oldest first. Raises ``Refused`` for who may not hear the call either."""
    facts = await recordings.history.of(call)
    council = council_of(facts)
    entry = AuditEntry(
        t=recordings.needs.now(),
        who=person.user,
        role=person.role.value,
        action="notes_read",
        council=council,
        details=f"call {call}",
    )
    if council is None or not may(person, Right.LISTEN, council, facts):
        await recordings.audit.append(dataclasses.replace(entry, action="refused", details=f"notes_read: call {call}"))
        # One answer for "is not there" and "is not yours".
        raise Refused("no_such_call", "there is no such call, or you may not read what was noted on it")
    notes = await recordings.notes.read(call, person.councils, recordings.needs.now(), entry)
    return [{"id": one.id, "by": one.by, "at": one.t, "text": one.text} for one in notes]


def may(person: Person, right: Right, council: TenantId, facts: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the right reaches this call: its council, or that she took it."""
    took = [AgentId(line["agent"]) for line in facts if line["ev"] == "answer"]
    return any(within(person, right, council, agent) for agent in [None, *took])


def council_of(facts: Sequence[Mapping[str, Any]]) -> TenantId | None:
    """Whose call it is, by the first fact that says so."""
    return next((TenantId(str(line["council"])) for line in facts if "council" in line), None)
