"""Star codes: what an agent presses on her phone to log in, log out, be ready or not, and what she hears back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import structlog

from desk.ports import AgentLine, Ask
from desk.refusals import REFUSED, UNKNOWN_CODE, refusal_of
from kernel.agent import Presence
from kernel.commands import GiveReason, SetNeed, SetPresence, SetWrapUp
from kernel.errors import LineGone, PlaybackFailed
from kernel.ids import AgentId
from kernel.needs import Need

log = structlog.get_logger()

#: The codes, as `guildhall town --json` prints them. A digit after *48 names the aux code.
STAR_CODES: Mapping[str, str] = MappingProxyType(
    {
        "need": "*42",
        "reason": "*43",
        "login": "*45",
        "logout": "*46",
        "ready": "*47",
        "not_ready": "*48",
        "wrap_up": "*49",
    }
)

#: *48 and a digit: why not ready.
AUX_BY_DIGIT: Mapping[str, str] = MappingProxyType(
    {"": "break", "1": "break", "2": "lunch", "3": "training", "4": "meeting", "5": "admin"}
)

#: *42 and a digit: a need of the caller she talks with, or talked with last; *420 and the digit takes it back.
NEED_BY_DIGIT: Mapping[str, Need] = MappingProxyType({"1": Need.MORE_TIME, "2": Need.WELSH, "3": Need.RELAY})
#: *43 and two digits: what her call was about, by the codes of `intents.yaml`.
_REASON_DIGITS = 2

#: *49 and a digit: so many minutes of after-call work from now on; without a digit one more minute.
_MINUTES: Mapping[str, float] = MappingProxyType({"": 60.0} | {str(n): n * 60.0 for n in range(10)})

#: Login leaves her not ready until she says ready: nobody is rung because of having sat down.
_PRESENCE = {
    "*45": Presence.NOT_READY,
    "*46": Presence.LOGGED_OUT,
    "*47": Presence.READY,
    "*48": Presence.NOT_READY,
}
#: What she hears when it was done.
_DONE = {
    "*45": "agent_logged_in",
    "*46": "agent_logged_out",
    "*47": "agent_ready",
    "*48": "agent_not_ready",
    "*49": "agent_wrap_up",
    "*42": "agent_done",
    "*43": "agent_done",
}


def asked(agent: AgentId, dialled: str) -> SetPresence | SetWrapUp | GiveReason | SetNeed | None:
    """Return what the dialled star code asks for; None for one we do not know."""
    code, digit = dialled[:3], dialled[3:]
    if code == "*49" and digit in _MINUTES:
        return SetWrapUp(agent=agent, seconds=_MINUTES[digit])
    if code in {"*42", "*43"}:
        return _of_the_call(agent, code, digit)
    presence = _PRESENCE.get(code)
    if presence is None or (digit and (code != "*48" or digit not in AUX_BY_DIGIT)):
        return None
    aux = {"*45": "login", "*48": AUX_BY_DIGIT.get(digit)}.get(code)
    return SetPresence(agent=agent, presence=presence, aux_code=aux)


def _of_the_call(agent: AgentId, code: str, digits: str) -> GiveReason | SetNeed | None:
    if code == "*43":
        right = len(digits) == _REASON_DIGITS and digits.isascii() and digits.isdecimal()
        return GiveReason(agent=agent, reason=digits) if right else None
    need = NEED_BY_DIGIT.get(digits.removeprefix("0"))
    return None if need is None else SetNeed(agent=agent, need=need, forget=digits.startswith("0"))


async def answer_star_code(
    line: AgentLine, agent: AgentId | None, dialled: str, ask: Ask, sound: Callable[[str], str | None]
) -> None:
    """Do what the code asks and say what became of it. ``sound``: prompt name -> path, None when not rendered."""
    command = asked(agent, dialled) if agent is not None else None
    if command is None:
        prompt = REFUSED if agent is None else UNKNOWN_CODE
    else:
        outcome = await ask(command)
        log.info("star code", agent=agent, code=dialled[:3], outcome=outcome.code)
        prompt = _DONE[dialled[:3]] if outcome.ok else refusal_of(outcome)
        if outcome.code == "pending":
            prompt = "agent_pending"
    path = sound(prompt)
    try:
        if path is not None:
            await line.play([path], interruptible=True)
    except (LineGone, PlaybackFailed):
        return
