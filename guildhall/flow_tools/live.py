"""`guildhall test --live`: the scenarios once more, as real calls through a real Asterisk of their own.

The clock, the staff and outages of a scenario cannot be had on a real switchboard, so what is compared is the real call
with the same call in text, now: the same steps, the same end. Who speaks does it with sound files, through the real
recognisers. Scenarios that press keys after a silence or a wrong key, that speak without sound files, or that need a
staged world, are passed over and named.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from guildhall.facts_export import facts_since
from guildhall.flow_tools.dialling import Exchange
from guildhall.flow_tools.scenarios import Planned
from guildhall.flow_tools.speaking import LISTENING, somebody_listens, speak, unfit_to_speak
from guildhall.flow_tools.text_call import Story
from guildhall.settings import HOME, Settings
from ivr.core.verbs.steer import Steer
from kernel.hours import LONDON
from lab.calling import OutgoingLeg
from lab.service import ServiceProcess, eventually
from lab.town import Town

Say = Callable[[str], None]

#: Real calls at one time: each waits for its prompts.
_AT_ONCE = 8
#: The longest way through a flow: prompts, menus, three silences.
_LIMIT_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveResult:
    """What became of one scenario. ``passed_over``: why no call was placed."""

    planned: Planned
    passed_over: str = ""
    complaints: tuple[str, ...] = ()


def run_live(exchange: Exchange, folder: Path, planned: list[Planned], say: Say) -> list[LiveResult]:
    """Start a switchboard with these files, place the calls, take it away. Raises ``GuildhallError``."""
    return asyncio.run(_run(exchange, folder, planned, say))


async def _run(exchange: Exchange, folder: Path, planned: list[Planned], say: Say) -> list[LiveResult]:
    now = datetime.now(LONDON)
    results = [LiveResult(planned=one, passed_over=why) for one in planned if (why := _unfit(exchange, one, now))]
    fit = [one for one in planned if not _unfit(exchange, one, now)]
    if not fit:
        return results
    speaking = any(one.script.says for one in fit)
    questions = {
        (flow.name, step)
        for flow in exchange.book.flows.values()
        for step, verb in flow.steps.items()
        if isinstance(verb, Steer)
    }
    async with _switchboard(folder, say, speaking=speaking) as (service, town):
        calls = _Calls(service, town, questions)
        gate, done = asyncio.Semaphore(_AT_ONCE), 0

        async def one_call(one: Planned) -> LiveResult:
            nonlocal done
            async with gate:
                complaints = tuple(await calls.compare(one, _in_text(exchange, one, now)))
            done += 1
            say(f"{done} of {len(fit)} calls: {one.name}")
            return LiveResult(planned=one, complaints=complaints)

        return [*results, *await asyncio.gather(*map(one_call, fit))]


def _unfit(exchange: Exchange, one: Planned, now: datetime) -> str:
    """Why this scenario cannot be a real call; empty when it can."""
    script = one.script
    staged = (script.outages, script.waiting, script.staff, script.services, script.needs)
    if script.after is not None or any(staged):
        return "it needs a world that a real switchboard does not have"
    if script.says:
        return unfit_to_speak(script)
    ahead = _in_text(exchange, one, now)
    keyed = exchange.call(dataclasses.replace(script, at=now))[1]
    if set(script.keys) - {"."} and (ahead.steps, ahead.queue) != (keyed.steps, keyed.queue):
        return "it presses keys after a silence or a wrong key"
    return ""


def _in_text(exchange: Exchange, one: Planned, now: datetime) -> Story:
    if one.script.says:
        return exchange.call(dataclasses.replace(one.script, at=now))[1]
    keys = one.script.keys if set(one.script.keys) - {"."} else ""
    return exchange.call(dataclasses.replace(one.script, at=now, keys=keys, ahead=True))[1]


@asynccontextmanager
async def _switchboard(folder: Path, say: Say, *, speaking: bool) -> AsyncIterator[tuple[ServiceProcess, Town]]:
    # A short path: a unix socket's name has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="gh-") as place:
        os.chmod(place, 0o755)  # noqa: PTH101, S103 - Asterisk's own user must pass through; ASYNC240 forbids Path here
        service = ServiceProcess(Path(place), dialplans=folder, **(LISTENING if speaking else {}))
        say("a switchboard of its own starts")
        try:
            await asyncio.to_thread(service.up)
            if speaking:
                say("its recognisers are loaded")
                await somebody_listens(service)
            async with Town.from_description(await service.town(), root=HOME) as town:
                yield service, town
        finally:
            say("and is taken away")
            await asyncio.to_thread(service.down)


class _Calls:
    """Places calls and reads what became of them from the facts."""

    def __init__(self, service: ServiceProcess, town: Town, questions: Collection[tuple[str, str]]) -> None:
        self._settings = Settings(var=service.place / "var")
        self._town, self._began = town, time.time()
        self._questions = questions
        #: Facts do not tell who called: one call is begun at a time.
        self._beginning = asyncio.Lock()
        self._callers = iter(f"016329602{number:02d}" for number in range(100))

    async def compare(self, one: Planned, expected: Story) -> list[str]:
        """Place the call; tell where it went another way than in text."""
        leg, call = await self._begin(one)
        try:
            if one.script.says:
                await speak(leg, one.script, lambda: self._story(call), self._questions)
            story = await eventually(lambda: self._ended(call), within_s=_LIMIT_S, every_s=0.3)
        except AssertionError:
            return [f"the real call came to no end within {_LIMIT_S:g} s"]
        finally:
            await leg.hang_up()
        return list(differs(story, expected))

    async def _begin(self, one: Planned) -> tuple[OutgoingLeg, str]:
        async with self._beginning:
            before = {fact["call"] for fact in await self._facts() if fact["ev"] == "call"}
            caller = await self._town.caller(next(self._callers))
            leg = await caller.call(str(one.script.number))

            async def fresh() -> str | None:
                found = (str(fact["call"]) for fact in await self._facts() if fact["ev"] == "call")
                return next((call for call in found if call not in before), None)

            call = await eventually(fresh, 10.0) or ""
        await leg.wait("answered")
        if set(one.script.keys) - {"."} and not one.script.says:
            await leg.press(one.script.keys)
        return leg, call

    async def _story(self, call: str) -> list[dict[str, Any]]:
        return [fact for fact in await self._facts() if fact.get("call") == call]

    async def _ended(self, call: str) -> list[dict[str, Any]] | None:
        story = await self._story(call)
        return story if any(fact["ev"] in {"arrive", "end"} for fact in story) else None

    async def _facts(self) -> list[dict[str, Any]]:
        return await facts_since(self._settings, self._began)


def differs(story: list[dict[str, Any]], expected: Story) -> Iterator[str]:
    """Where a real call, told by its facts, went another way than the call in text."""
    steps = [str(fact["step"]) for fact in story if fact["ev"] == "step"]
    wanted = [step for _, step in expected.steps]
    if steps != wanted:
        yield f"steps: in text {', '.join(wanted) or 'none'}; the real call {', '.join(steps) or 'none'}"
    arrived = next((fact for fact in story if fact["ev"] == "arrive"), {})
    if arrived.get("queue") != expected.queue:
        yield f"queue: in text {expected.queue}; the real call {arrived.get('queue')}"
    elif expected.queue is not None and arrived.get("priority") != expected.priority:
        yield f"priority: in text {expected.priority}; the real call {arrived.get('priority')}"
