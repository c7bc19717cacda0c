"""What an agent's phone dials, answered: star codes for herself, and for the call she is in; at once, or later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog

from adapters.asterisk.agi_channel import AgentPhone
from adapters.asterisk.agi_session import AgiSession
from adapters.asterisk.ami_wire import Frame
from adapters.speech.prompt_files import Manifest
from desk.call_codes import answer_call_code, is_call_code
from desk.ports import Ask
from desk.star_codes import answer_star_code, asked
from guildhall.directory import Directory
from kernel.errors import OutcomeUnknown, Refused
from kernel.ids import AgentId
from kernel.seen import OwnCallBegan

log = structlog.get_logger()

#: What agents dialled while nobody decided, in order: ``a001*482/a003*47/``. Written by the dialplan ([star]).
_KEPT = "GH_STARS"
#: How soon they are done once the engine is back, in seconds; a look is one line to the PBX.
_LOOK_S = 1.0
_UNSET = frozenset({"", "(null)"})


class Link(Protocol):
    """The PBX's event port (``adapters/asterisk/ami_link.py``)."""

    async def ask(self, action: str, headers: Mapping[str, str], /) -> Frame: ...  # noqa: D102 - AMI's own


async def answer_star(
    session: AgiSession,
    prompts: Manifest,
    agents: Mapping[str, AgentId],
    ask: Ask,
    in_use: Callable[[OwnCallBegan], None],
) -> None:
    """Do what was dialled. ``agents``: SIP user -> agent. ``in_use`` is told first that her phone is in this call."""
    phone = AgentPhone(session, prompts.seconds)
    agent = agents.get(phone.sip_user)
    if agent is not None:
        # AMI's Newchannel says so too, on a wire of its own: behind this one she would be rung under her own star code.
        in_use(OwnCallBegan(agent=agent, leg=phone.leg))

    def sound(prompt: str) -> str | None:
        return prompts.path("_shared", "en", prompt)

    def by_digits(digits: str) -> AgentId | None:
        # ``003`` is ``a003``.
        found = [agent for user, agent in agents.items() if user[1:] == digits]
        return found[0] if len(found) == 1 else None

    if is_call_code(phone.dialled):
        await answer_call_code(phone, agent, phone.dialled, by_digits, ask, sound)
    else:
        await answer_star_code(phone, agent, phone.dialled, ask, sound)


async def do_kept_stars(link: Link, directory: Directory, ask: Ask) -> None:
    """Do, one after the other, what agents dialled while the engine was away. Runs until cancelled."""
    while True:
        await asyncio.sleep(_LOOK_S)
        try:
            kept = (await link.ask("Getvar", {"Variable": _KEPT})).get("Value")
            if kept not in _UNSET:
                await _do(kept, link, directory.agents, ask)
        except (Refused, OutcomeUnknown) as error:
            log.debug("the PBX cannot be asked for kept star codes", code=error.code)


async def _do(kept: str, link: Link, agents: Mapping[str, AgentId], ask: Ask) -> None:
    rows = [row.partition("*") for row in kept.split("/") if row]
    for user, _, code in rows:
        agent = agents.get(user)
        command = None if agent is None else asked(agent, f"*{code}")
        if command is None:
            continue
        outcome = await ask(command)
        if outcome.code in {"starting", "timeout"}:
            # It has not seen the PBX yet. All of them come once more, in order; doing one twice changes nothing.
            return
        log.info("star code kept by the PBX", agent=agent, code=f"*{code[:2]}", outcome=outcome.code)
    for user in {user for user, _, _ in rows if user in agents}:
        await link.ask("Setvar", {"Variable": f"GH_RESTS_{user}", "Value": ""})
    await link.ask("Setvar", {"Variable": _KEPT, "Value": ""})
