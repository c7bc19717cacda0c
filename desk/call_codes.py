"""Star codes for calls under way: an agent asks, transfers, takes back; a supervisor listens, whispers, barges.

An agent dials them on a second line: her phone puts the caller's line on hold by itself, and she takes it up again when
the code was heard out. What is dialled behind a code names an agent by the digits of her phone's user, ``003`` for
``a003``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import structlog

from desk.ports import Ask, SpyingLine
from desk.refusals import REFUSED, UNKNOWN_CODE, refusal_of
from kernel.commands import CallDeed, Command, MoveCall, Oversight, Supervise
from kernel.errors import LineGone, PlaybackFailed
from kernel.ids import AgentId, LegId

log = structlog.get_logger()

#: As `guildhall town --json` prints them.
CALL_CODES: Mapping[str, str] = MappingProxyType(
    {
        "listen": "*61",
        "whisper": "*62",
        "barge": "*63",
        "consult": "*71",
        "complete": "*72",
        "take_back": "*73",
        "transfer": "*74",
    }
)
_MOVES = {"*71": CallDeed.CONSULT, "*72": CallDeed.COMPLETE, "*73": CallDeed.CANCEL, "*74": CallDeed.TRANSFER}
_SPIES = {"*61": Oversight.LISTEN, "*62": Oversight.WHISPER, "*63": Oversight.BARGE}
_WITH_WHOM = frozenset({"*61", "*62", "*63", "*71", "*74"})

#: The digits behind a code -> the agent they name.
Find = Callable[[str], AgentId | None]


def is_call_code(dialled: str) -> bool:
    """Whether this module answers what was dialled."""
    return dialled[:3] in _MOVES or dialled[:3] in _SPIES


def asked(agent: AgentId, dialled: str, find: Find) -> Command | None:
    """Return what the dialled code asks for; None for one we do not know."""
    code, digits = dialled[:3], dialled[3:]
    whom = find(digits) if digits else None
    if (code in _WITH_WHOM) != bool(digits) or (digits and whom is None):
        return None
    if code in _MOVES:
        return MoveCall(agent=agent, deed=_MOVES[code], to=whom)
    return Supervise(by=agent, deed=_SPIES[code], agent=whom) if code in _SPIES else None


async def answer_call_code(  # noqa: PLR0913, PLR0917 - a phone, who and what, and what it is answered with
    line: SpyingLine, agent: AgentId | None, dialled: str, find: Find, ask: Ask, sound: Callable[[str], str | None]
) -> None:
    """Do what the code asks and say what became of it; a spy is then joined by the dialplan."""
    command = asked(agent, dialled, find) if agent is not None else None
    prompt = REFUSED if agent is None else UNKNOWN_CODE
    try:
        if command is not None:
            outcome = await ask(command)
            log.info("call code", agent=agent, code=dialled[:3], outcome=outcome.code)
            prompt = "agent_done" if outcome.ok else refusal_of(outcome)
            if outcome.ok and isinstance(command, Supervise) and isinstance(outcome.data, dict):
                await line.listen_at(LegId(str(outcome.data["leg"])), command.deed.value)
                return
        path = sound(prompt)
        if path is not None:
            await line.play([path], interruptible=True)
    except (LineGone, PlaybackFailed):
        return
