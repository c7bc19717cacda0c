"""What an agent's phone dials, answered: star codes for herself, and for the call she is in."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.asterisk.agi_channel import AgentPhone
from adapters.asterisk.agi_session import AgiSession
from adapters.speech.prompt_files import Manifest
from desk.call_codes import answer_call_code, is_call_code
from desk.ports import Ask
from desk.star_codes import answer_star_code
from kernel.ids import AgentId


async def answer_star(session: AgiSession, prompts: Manifest, agents: Mapping[str, AgentId], ask: Ask) -> None:
    """Do what was dialled. ``agents``: SIP user -> agent."""
    phone = AgentPhone(session, prompts.seconds)
    agent = agents.get(phone.sip_user)

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
