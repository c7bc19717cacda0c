"""A council with as many agents as a measurement needs, all for one queue."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from adapters.control.client import ask
from guildhall.settings import Settings
from kernel.agent import Presence
from kernel.commands import SetPresence
from kernel.errors import GuildhallError
from kernel.ids import AgentId
from lab.behaviour import Answer
from lab.phone import Phone
from lab.service import eventually
from lab.town import Town
from lab.voice import Sound

COUNCIL, QUEUE = "northmere", "northmere.waste"


def sip_users(count: int) -> list[str]:
    """Return the endpoints of ``count`` agents."""
    return [f"b{number:03}" for number in range(1, count + 1)]


def agent_id(sip_user: str) -> str:
    """Return the agent who has this endpoint."""
    return f"{COUNCIL}-{sip_user}"


def write_people(dialplans: Path, count: int) -> None:
    """Add ``count`` agents to the sample councils' own, who stay at home."""
    rows = [
        f"  - {{id: {agent_id(user)}, name: Agent {user}, sip_user: {user}, councils: [{COUNCIL}], queues: [{QUEUE}],"
        " skills: {waste: 3}}\n"
        for user in sip_users(count)
    ]
    with (dialplans / COUNCIL / "people.yaml").open("a", encoding="utf-8") as people:
        people.write("".join(rows))


async def at_their_phones(town: Town, count: int, *, talk_s: float, voice: Sound) -> list[Phone]:
    """Return the agents' phones, registered; each answers at once and hangs up after ``talk_s``."""
    behaviour = Answer(hang_up_after_s=talk_s)
    return [
        await town.agent(agent_id(user), behaviour=behaviour, voice=voice, media=voice is not None)
        for user in sip_users(count)
    ]


async def say(settings: Settings, count: int, presence: Presence) -> None:
    """Log all in and make them ready, or log them out. Raises ``GuildhallError`` when one is not taken."""
    steps: Sequence[tuple[Presence, str | None]] = (
        [(Presence.NOT_READY, "login"), (Presence.READY, None)] if presence is Presence.READY else [(presence, None)]
    )
    for user in sip_users(count):
        for wanted, aux in steps:
            command = SetPresence(agent=AgentId(agent_id(user)), presence=wanted, aux_code=aux, by="operator")

            async def taken(command: SetPresence = command) -> bool:
                outcome = await asyncio.to_thread(ask, settings.control, command, 5.0)
                if not outcome.ok and outcome.code not in {"same", "busy"}:
                    raise GuildhallError(outcome.code, outcome.message)
                return True

            await eventually(taken, within_s=10)
