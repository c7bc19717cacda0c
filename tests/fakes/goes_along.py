"""What goes along with a call that is sent on, and what is kept of it: its wish, its notes, its timeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kernel.commands import Oversight, ShowNotes, Supervise
from kernel.ids import AgentId, ContactId
from tests.fakes.recorded_calls import timeline
from tests.fakes.service import MAREK, NIA, PRIYA, TOM, Service, eventually, of

#: A note as it is kept that was pasted with colours for a terminal.
KEPT = "[31m<b>Has a stick</b>"


async def kept_of_it(service: Service, call: str, first: Mapping[str, Any]) -> None:
    """What is kept of the call, and where none of its notes stands."""
    told = await service.ask("explain", call, "--notes")
    for text in (KEPT, "wants the side door", "Is coming on Tuesday"):
        assert text in told
    assert "Tuesday" not in await service.ask("explain", call)
    story = await service.story(call)
    assert (of(story, "arrive"), len(of(story, "end"))) == ([first], 1)
    assert (first["priority"], [one["priority"] for one in of(story, "priority")]) == (0, [5])
    noted = [one for one in of(await service.facts(), "note") if one["contact"] == call]
    assert [one["by"] for one in noted] == [NIA, NIA, MAREK]
    assert {*noted[0]} == {"t", "ev", "contact", "council", "by"}
    everywhere = [path for path in service.place.rglob("*") if path.is_file()]
    assert not [path.name for path in everywhere if b"Has a stick" in path.read_bytes()]
    # One timeline over both transfers, every gap explained; the consult is a recording of its own.
    whole = await eventually(lambda: timeline(service, call, 4), within_s=60)
    kinds = [(one["kind"], one["agent"]) for one in whole["recordings"] if one["kind"] == "call"]
    assert kinds == [("call", NIA), ("call", PRIYA), ("call", MAREK)]
    assert [one["kind"] for one in whole["recordings"]].count("consult") == 1
    assert "unexplained" not in [gap["why"] for gap in whole["gaps"]]


async def first_served(service: Service, call: str) -> bool:
    """A supervisor has it served before the others."""
    asked = Supervise(by=AgentId(TOM), deed=Oversight.PRIORITY, contact=ContactId(call), priority=5)
    return (await service.command(asked)).ok


async def wish_of(service: Service, call: str) -> str:
    """What the caller's channel says of the call: the truth of it (law 1)."""
    names = ("GH_CONTACT", "GH_QUEUE", "GH_PRIORITY", "GH_SKILLS", "GH_ARRIVED")
    [found] = [row for row in await service.channels(*names) if f"GH_CONTACT={call}" in row]
    return found


async def notes_of(service: Service, agent: str) -> tuple[str, list[tuple[str, str]]]:
    """How she stands to the call, and what she reads: by whom, and what."""
    told: Any = (await service.command(ShowNotes(agent=AgentId(agent)))).data
    return told["stand"], [(one["by"], one["text"]) for one in told["notes"]]


async def stands(service: Service, agent: str, stand: str) -> bool:
    told = await service.command(ShowNotes(agent=AgentId(agent)))
    return isinstance(told.data, dict) and told.data["stand"] == stand
