"""``guildhall call``: one call between the lab's own phones, told as it happens, and where its recording lies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from adapters.control.client import ask
from guildhall.facts_export import facts_since
from guildhall.prompts import host_sound
from guildhall.settings import HOME, Settings
from kernel.agent import Presence
from kernel.commands import SetPresence, ShowState
from kernel.errors import GuildhallError
from kernel.ids import AgentId
from lab.behaviour import Answer
from lab.listen import read_wav, rms_dbfs
from lab.phone import Phone
from lab.town import Town

Say = Callable[[str], None]

#: A resident of the drama range (Ofcom).
_CALLER = "01632960101"
_TALK_S = 5.0
_RING_S = 1.0
#: The store writes every 0.2 s and the story looks every 0.1 s.
_FLUSH_S = 0.5
#: Quieter than this is no voice. Our speech prompts measure about -20 dBFS.
_VOICE_DBFS = -45.0
#: From the call's begin: greeting, menu, ringing, talk, filing.
_LIMIT_S = 60.0


def demonstrate(settings: Settings, description: Mapping[str, Any], number: str | None, say: Say) -> bool:
    """Place the call. True when it was answered and recorded with both voices."""
    return asyncio.run(_demonstrate(settings, description, number, say))


async def _demonstrate(settings: Settings, description: Mapping[str, Any], number: str | None, say: Say) -> bool:
    town = Town.from_description(description, root=HOME)
    dialled = number or town.menu_number()
    agent = _free_agent(settings, town, _council(town, dialled))
    async with town, _agent_at_work(settings, town, agent, say):
        began = time.time()
        story = asyncio.create_task(_tell(settings, began, say))
        try:
            await _call(settings, town, dialled, say, began)
            call = await asyncio.wait_for(story, _LIMIT_S)
        finally:
            story.cancel()
    return _judge(settings, call, say)


def _council(town: Town, number: str) -> str:
    for row in town.numbers:
        if row.number == number:
            return row.council
    raise GuildhallError("unknown_number", f"{number} is not one of ours: see 'guildhall town'")


def _free_agent(settings: Settings, town: Town, council: str) -> str:
    """An agent of that council's queues whose own phone is not registered: nobody's phone is taken from her."""
    outcome = ask(settings.control, ShowState())
    if not outcome.ok or not isinstance(outcome.data, dict):
        raise GuildhallError(outcome.code, outcome.message)
    rows = {row["id"]: row for row in outcome.data["agents"]}
    fit = [one for one in town.agents.values() if any(queue.startswith(f"{council}.") for queue in one.queues)]
    for one in sorted(fit, key=lambda one: -len(one.queues)):
        if not rows[one.agent]["reachable"]:
            return one.agent
    raise GuildhallError("no_free_agent", "every agent's phone is in use: unregister one for the demonstration")


@asynccontextmanager
async def _agent_at_work(settings: Settings, town: Town, agent: str, say: Say) -> AsyncIterator[Phone]:
    phone = await town.agent(
        agent, behaviour=Answer(after_s=_RING_S), voice=host_sound(settings, "_shared", "en", "lab_agent")
    )
    say(f"   agent  {agent} registers her phone, dials {town.star_codes['login']} and {town.star_codes['ready']}")
    await town.login(phone)
    try:
        yield phone
    finally:
        # Leave her as she was: out, so that no later call rings a phone that is gone.
        command = SetPresence(agent=AgentId(agent), presence=Presence.LOGGED_OUT, by="operator")
        await asyncio.to_thread(ask, settings.control, command)


async def _call(settings: Settings, town: Town, number: str, say: Say, began: float) -> None:
    caller = await town.caller(
        _CALLER, display="Demonstration", voice=host_sound(settings, "_shared", "en", "lab_caller")
    )
    say(f"  caller  dials {number} from {_CALLER}")
    leg = await caller.call(number)
    await leg.wait("answered", 10.0)
    direct = any(row.direct for row in town.numbers if row.number == number)
    if not direct:
        await asyncio.sleep(_RING_S)
        say(f"{time.time() - began:7.3f}  caller presses 1")
        await leg.press("1")
    await _joined(settings, began)
    await asyncio.sleep(_TALK_S)
    # A moment for the story to catch up, so that its lines stay in order.
    await asyncio.sleep(_FLUSH_S)
    say(f"{time.time() - began:7.3f}  caller hangs up")
    await leg.hang_up()


async def _joined(settings: Settings, began: float) -> None:
    async with asyncio.timeout(_LIMIT_S):
        while not any(fact["ev"] == "answer" for fact in await facts_since(settings, began)):  # noqa: ASYNC110 - another process writes them
            await asyncio.sleep(0.1)


async def _tell(settings: Settings, began: float, say: Say) -> str:
    """Print each fact as it is stored, until the recording is filed; return the call's id."""
    told = 0
    while True:
        facts = await facts_since(settings, began)
        for fact in facts[told:]:
            rest = "  ".join(f"{key}={value}" for key, value in fact.items() if key not in {"t", "ev"})
            say(f"{fact['t'] - began:7.3f}  {fact['ev']:<9} {rest}")
            if fact["ev"] == "recording":
                return str(fact["call"])
        told = len(facts)
        await asyncio.sleep(0.1)


def _judge(settings: Settings, call: str, say: Say) -> bool:
    good = True
    for side, name in (("both", ""), ("caller", "-caller"), ("agent", "-agent")):
        for path in sorted(Path(settings.recordings).glob(f"{call}-[0-9]*{name}.wav")):
            if not name and path.stem.endswith(("-caller", "-agent")):
                continue
            level = rms_dbfs(read_wav(path).channels[0])
            good = good and level > _VOICE_DBFS
            say(f"recording  {side:<6} {path}  {level:.1f} dBFS")
    minutes = settings.originals_for_s / 60
    say(f"These files go {minutes:.0f} minutes after they are sealed; then: guildhall recordings list --call {call}")
    say("The call was answered and recorded." if good else "A side of the recording is silent: that is a fault.")
    return good
