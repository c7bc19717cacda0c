"""One timeline a contact: its recordings in order, and every gap between and inside them with reason and length."""

from __future__ import annotations

import time

from guildhall.recordings_wiring import Recordings
from kernel.errors import Refused
from kernel.ids import ContactId
from kernel.recording import Recording, Wanted
from recordings.core.gaps import Span, gaps_of
from recordings.core.policy import Person
from recordings.core.story import story_of


async def timeline_of(recordings: Recordings, person: Person, call: ContactId) -> dict[str, object]:
    """The timeline as programs see it; Unix seconds. Raises ``Refused`` when there is nothing that she may see."""
    found = await recordings.room.find(person, Wanted(councils=person.councils, call=call))
    parts = sorted(found, key=lambda one: one.began)
    if not parts:
        raise Refused("no_such_recording", "there is no recording of that call that you may see")
    story = story_of(await recordings.history.of(call))
    gaps = gaps_of([Span(start=one.began, end=one.ended) for one in parts if one.kind == "call"], story.silences)
    return {
        "call": call,
        "council": parts[0].council,
        "outcome": parts[0].outcome,
        "told": story.told,
        "from": parts[0].began,
        "to": max(one.ended for one in parts),
        "recordings": [_part(one) for one in parts],
        "gaps": [gap.as_json() for gap in gaps],
    }


def _part(one: Recording) -> dict[str, object]:
    return {
        "id": one.id,
        "kind": one.kind,
        "join": one.join,
        "queue": one.queue,
        "agent": one.agent,
        "from": one.began,
        "to": one.ended,
        "seconds": one.seconds,
        "state": one.state.value,
    }


def told(timeline: dict[str, object]) -> list[str]:
    """The timeline as people read it, a line a part or gap, in order."""
    parts = [(one, f"{one['agent'] or '-'}  {one['id']}") for one in _rows(timeline, "recordings")]
    gaps = [(one, f"GAP: {one['why']}") for one in _rows(timeline, "gaps")]
    ordered = sorted([*parts, *gaps], key=lambda row: _seconds(row[0]["from"]))
    return [f"{_clock(one['from'])}  {_seconds(one['seconds']):7.1f} s  {text}" for one, text in ordered]


def _rows(timeline: dict[str, object], name: str) -> list[dict[str, object]]:
    found = timeline[name]
    return found if isinstance(found, list) else []


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _clock(value: object) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(_seconds(value)))
