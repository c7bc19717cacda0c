"""A catalogue row and the kernel's ``Recording``: each written as the other, and the fields the chain covers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement

from adapters.store.tables import RECORDINGS
from kernel.chain import digest
from kernel.ids import AgentId, ContactId, QueueId, TenantId
from kernel.recording import Gap, Recording, RecordingId, RecordingState, Wanted

#: What an erased row no longer tells, and what the chain covers while it does.
COVERED = ("call", "join_no", "kind", "queue", "agent", "began", "ended", "seconds", "sha256", "size")
#: Not covered, but personal all the same.
FORGOTTEN = ("outcome", "why", "gaps", "figures", "subject", "salt", "hold")


def content_of(row: Mapping[str, Any]) -> str:
    """The digest that the chain holds of a row."""
    fields = {name: row[name] for name in ("id", "council", *COVERED)}
    return digest(fields, row["salt"] or "")


def row_of(recording: Recording) -> dict[str, Any]:
    """A new row; the chain's columns stay empty until the recording is kept."""
    return {
        "id": recording.id,
        "call": recording.call,
        "join_no": recording.join,
        "kind": recording.kind,
        "queue": recording.queue,
        "agent": recording.agent,
        "began": float(recording.began),
        "ended": float(recording.ended),
        "seconds": float(recording.seconds),
        "council": recording.council,
        "outcome": recording.outcome,
        "purpose": recording.purpose,
        "state": recording.state.value,
        "why": recording.why,
        "gaps": gaps_text(recording.gaps),
        "figures": json.dumps(dict(recording.figures)),
        "subject": recording.subject,
        "keep_until": recording.keep_until,
        "hold": recording.hold,
        "attempts": 0,
        "not_before": 0.0,
    }


def gaps_text(gaps: tuple[Gap, ...]) -> str:
    """Gaps as they stand in their column."""
    return json.dumps([[gap.start, gap.seconds, gap.why, *([True] if gap.lost else [])] for gap in gaps])


def _gap(start: float, seconds: float, why: str, lost: bool = False) -> Gap:  # noqa: FBT001, FBT002 - a row's list, in its order
    return Gap(start=start, seconds=seconds, why=why, lost=lost)


def recording_of(row: Mapping[str, Any]) -> Recording:
    """The recording of a row that is not erased."""
    return Recording(
        id=RecordingId(row["id"]),
        call=ContactId(row["call"]),
        join=row["join_no"],
        council=TenantId(row["council"]),
        queue=None if row["queue"] is None else QueueId(row["queue"]),
        agent=None if row["agent"] is None else AgentId(row["agent"]),
        began=row["began"],
        ended=row["ended"],
        seconds=row["seconds"],
        kind=row["kind"],
        outcome=row["outcome"],
        purpose=row["purpose"],
        state=RecordingState(row["state"]),
        why=row["why"],
        sha256=row["sha256"],
        size=row["size"],
        gaps=tuple(_gap(*gap) for gap in json.loads(row["gaps"])),
        figures=json.loads(row["figures"]),
        keep_until=row["keep_until"],
        hold=row["hold"],
        subject=row["subject"],
    )


def conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What ``wanted`` asks of a row, as bound parameters only (SECURITY V08)."""
    table = RECORDINGS.c
    found = [table.state.in_([state.value for state in wanted.states]), table.state != RecordingState.ERASED.value]
    if wanted.councils is not None:
        found.append(table.council.in_(wanted.councils))
    equal: dict[str, object] = {"call": wanted.call, "queue": wanted.queue, "agent": wanted.agent}
    equal |= {"subject": wanted.subject, "outcome": wanted.outcome}
    found += [table[name] == value for name, value in equal.items() if value is not None]
    if wanted.since is not None:
        found.append(table.began >= wanted.since)
    if wanted.until is not None:
        found.append(table.began < wanted.until)
    if wanted.least_s is not None:
        found.append(table.seconds >= wanted.least_s)
    if wanted.most_s is not None:
        found.append(table.seconds <= wanted.most_s)
    return found
