"""A floor on the telephone: Nia talks with a caller, two more sit by; who hears whom is measured, a tone a voice."""

from __future__ import annotations

import time
from collections.abc import Mapping

from kernel.commands import CallDeed, MoveCall
from kernel.ids import AgentId
from lab.answering import IncomingLeg
from lab.behaviour import Answer, LetRing
from lab.call_leg import CallLeg
from lab.listen import QUIET_DBFS, hears, rms_dbfs
from lab.phone import Phone
from lab.town import Town
from tests.fakes.service import MAREK, NIA, PRIYA, WASTE, Service, eventually

AGENTS = {"nia": NIA, "priya": PRIYA, "marek": MAREK}
HERTZ = {"caller": 440, "nia": 1000, "priya": 1700, "marek": 2300}
#: How much of what was heard last is listened to, in seconds.
_EAR_S = 0.5


def heard(leg: CallLeg) -> set[str]:
    """Whose voices are in the last half second on this leg, by the clock: one that lost its sound keeps its last."""
    last = leg.media.heard(time.time() - _EAR_S)
    return {name for name, hertz in HERTZ.items() if hears(last, hertz)}


async def hears_only(ears: Mapping[CallLeg, set[str]], within_s: float = 8.0) -> None:
    """Wait until each of these legs hears these voices and no others."""
    await eventually(lambda: all(heard(leg) == voices for leg, voices in ears.items()), within_s)


def hears_music(leg: CallLeg) -> bool:
    """Whether there is sound on this leg: it is asked of one where no voice is."""
    return rms_dbfs(leg.media.heard(time.time() - _EAR_S)) > QUIET_DBFS


async def do(service: Service, agent: str, deed: CallDeed, to: str | None = None) -> str:
    """Ask for it as the command line does; return the answer's code."""
    return (await service.command(MoveCall(agent=AgentId(agent), deed=deed, to=to, by="operator"))).code


class Floor:
    """Nia talks with a caller; Priya and Marek sit by their phones, ready."""

    def __init__(self, caller: CallLeg, call: str, nia: IncomingLeg, phones: Mapping[str, Phone]) -> None:
        self.caller, self.call, self.nia, self.phones = caller, call, nia, phones


async def on_the_phone(service: Service, town: Town, **behaviours: Answer | LetRing) -> Floor:
    nia = await town.agent(NIA, voice=HERTZ["nia"])
    await service.ready(NIA)
    caller = await town.caller("01632960181", voice=HERTZ["caller"])
    leg, call = await service.dial(caller, town.direct_number(WASTE))
    ringing = await nia.next_call()
    await ringing.wait("answered")
    await hears_only({leg: {"nia"}, ringing: {"caller"}})
    phones = {"nia": nia}
    for name, agent in (("priya", PRIYA), ("marek", MAREK)):
        phones[name] = await town.agent(agent, behaviour=behaviours.get(name, Answer()), voice=HERTZ[name])
        await service.ready(agent)
    return Floor(leg, call, ringing, phones)
