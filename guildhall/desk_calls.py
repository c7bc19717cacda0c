"""The desk's door to calls under way: the table of rights decides here, the engine's own rule behind its door."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from guildhall.desk_wiring import person_of
from kernel.commands import Asked, Outcome, PauseRecording, ResumeRecording, ShowRecorders
from kernel.errors import Refused
from kernel.ids import ContactId
from kernel.visitor import Visitor
from recordings.core.policy import Person, Right, reach, within


class DoorToCalls:
    """Meets the desk's port. ``ask``: asks the engine one thing, and blocks for its answer."""

    def __init__(self, ask: Callable[[Asked], Outcome]) -> None:
        self._ask = ask

    async def under_way(self, who: Visitor) -> Sequence[Mapping[str, object]]:
        """The recorded calls under way that she may pause. Raises ``Refused``."""
        person = person_of(who)
        if reach(person, Right.PAUSE) is None:
            raise Refused("not_allowed", "your role may not pause recordings")
        told = (await self._answer(ShowRecorders())).data
        rows: list[dict[str, Any]] = told if isinstance(told, list) else []
        return [row for row in rows if _hers(person, row)]

    async def pause(self, who: Visitor, call: str, why: str) -> str:
        """Silence one's recording. Raises ``Refused``."""
        await self._allowed(who, call)
        told = await self._answer(PauseRecording(contact=ContactId(call), why=why, by=_name(who)))
        return told.message

    async def resume(self, who: Visitor, call: str) -> str:
        """Let it go on. Raises ``Refused``."""
        await self._allowed(who, call)
        return (await self._answer(ResumeRecording(contact=ContactId(call), by=_name(who)))).message

    async def _allowed(self, who: Visitor, call: str) -> None:
        if not any(row["call"] == call for row in await self.under_way(who)):
            # One answer for "is not there" and "is not yours".
            raise Refused("no_such_call", "no such call is under way, or you may not do this with it")

    async def _answer(self, command: Asked) -> Outcome:
        told = await asyncio.to_thread(self._ask, command)
        if not told.ok:
            raise Refused(told.code, told.message)
        return told


def _name(who: Visitor) -> str:
    """As the timeline says it: an agent by her id, like her key."""
    return who.agent or who.user


def _hers(person: Person, row: Mapping[str, Any]) -> bool:
    return within(person, Right.PAUSE, row["council"], row["agent"])
