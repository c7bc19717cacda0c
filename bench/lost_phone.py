"""An agent's phone is gone without a word, idle, ringing, talking: how soon it is known, and what asking costs."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.many_agents import QUEUE, agent_id, at_their_phones, say, sip_users, write_people
from bench.measurement import Figure, Measurement, Result, Table
from bench.own_service import NO_LIMITS, NO_WRAP_UP, own_service, settings_of
from bench.percentiles import percentile
from bench.processor_time import other_cores, processor_time
from bench.progress import Progress
from guildhall.facts_export import facts_since
from guildhall.settings import Settings
from kernel.agent import Presence
from lab.behaviour import Answer, LetRing
from lab.call_leg import CallLeg
from lab.phone import Phone
from lab.service import HOME, Edit, ServiceProcess, eventually
from lab.town import Town

#: Phones that vanish in each state; phones of the council whose asking is paid for.
PHONES, QUICK_PHONES, COUNCIL_PHONES = 20, 5, 300
#: Plugs are pulled at moments spread over two of Asterisk's rounds.
_SPREAD_S = 4.0
#: A phone that is not given up by then counts as never.
_PATIENCE_S = 45.0
#: Bad lines: the share of SIP packets lost each way, and for how long they are watched.
LOSSES, LOSS_S, QUICK_LOSS_S = (0.02, 0.05, 0.1), 30.0, 10.0
_PAID_S, _QUICK_PAID_S = 20.0, 5.0
#: What row C52 of the conformance list allows, for the note and for nothing else.
_AIM_S = 5.0
#: Nobody's phone rings out while plugs are pulled.
RING_LONG = Edit(files="*/queues.yaml", pattern=r"ring_time: \w+", by="ring_time: 60s")

#: Which fact tells it, in which state.
_TOLD: Mapping[str, tuple[str, str, str]] = {
    "idle": ("agent", "state", "offline"),
    "ringing": ("offer_end", "why", "unreachable"),
    "talking": ("leave", "why", "failed"),
}


@dataclass(slots=True, kw_only=True)
class Found:
    """What was measured."""

    #: State -> seconds from the plug to the fact, one a phone; infinite where none came.
    known_s: dict[str, list[float]] = field(default_factory=dict)
    #: Share lost -> false "out of reach" of idle phones and talks that were ended, both of so many phones.
    false: dict[float, tuple[int, int]] = field(default_factory=dict)
    #: Phones registered -> cores Asterisk and the engine take by that alone, and what else ran.
    cores: dict[int, tuple[float, float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A service and its town."""

    service: ServiceProcess
    settings: Settings
    town: Town
    count: int

    async def facts(self, since: float) -> list[dict[str, Any]]:
        """What happened since then (Unix seconds)."""
        return [fact for fact in await facts_since(self.settings, since) if fact["t"] >= since]

    async def busy(self, since: float, ev: str) -> Sequence[CallLeg]:
        """One resident for each agent; returns once each has got so far."""
        number = self.town.direct_number(QUEUE)
        legs = [await (await self.town.caller("01632960101", voice=440)).call(number) for _ in range(self.count)]

        async def there() -> bool:
            told = [fact for fact in await self.facts(since) if fact["ev"] == ev]
            return len(told) >= self.count

        await eventually(there, within_s=30, every_s=0.5)
        return legs


async def _vanish(phones: Sequence[Phone]) -> dict[str, float]:
    """Pull every plug at a moment of its own; when, by agent (Unix seconds)."""
    pulled: dict[str, float] = {}

    async def one(phone: Phone) -> None:
        await asyncio.sleep(random.uniform(0, _SPREAD_S))  # noqa: S311 - moments, not secrets
        pulled[agent_id(phone.user)] = time.time()
        await phone.vanish()

    await asyncio.gather(*(one(phone) for phone in phones))
    return pulled


async def _state(place: Place, state: str) -> list[float]:
    """All phones vanish in this state; seconds until each is known to be gone."""
    phones = await at_their_phones(place.town, place.count, talk_s=_PATIENCE_S * 2, voice=1000)
    await say(place.settings, place.count, Presence.READY)
    began, legs = time.time(), list[CallLeg]()
    for phone in phones:
        phone.behaviour = LetRing() if state == "ringing" else Answer()
    if state != "idle":
        legs = list(await place.busy(began, "answer" if state == "talking" else "offer"))
        await asyncio.sleep(1.0)
    pulled = await _vanish(phones)
    ev, name, word = _TOLD[state]
    told: dict[str, float] = {}

    async def all_told() -> bool:
        for fact in await place.facts(began):
            if fact["ev"] == ev and fact.get(name) == word and fact["t"] >= pulled.get(fact["agent"], float("inf")):
                told.setdefault(fact["agent"], fact["t"])
        return len(told) == place.count or time.time() > began + _PATIENCE_S

    await eventually(all_told, within_s=_PATIENCE_S * 2, every_s=0.5)
    await asyncio.gather(*(leg.hang_up() for leg in legs))
    await say(place.settings, place.count, Presence.LOGGED_OUT)
    return [told.get(agent, float("inf")) - at for agent, at in pulled.items()]


async def _bad_lines(place: Place, share: float, seconds: float) -> tuple[int, int]:
    """Everybody's line loses SIP packets: how often an idle phone, or a talk, is given up all the same."""
    phones = await at_their_phones(place.town, place.count, talk_s=seconds * 10, voice=1000)
    await say(place.settings, place.count, Presence.READY)
    began = time.time()
    for phone in phones:
        phone.lose(share)
    await asyncio.sleep(seconds)
    offline = sum(fact["ev"] == "agent" and fact["state"] == "offline" for fact in await place.facts(began))
    for phone in phones:
        phone.lose(0.0)
    await asyncio.sleep(3.0)
    began = time.time()
    legs = await place.busy(began, "answer")
    for phone in phones:
        phone.lose(share)
    await asyncio.sleep(seconds)
    failed = sum(fact["ev"] == "leave" and fact["why"] == "failed" for fact in await place.facts(began))
    for phone in phones:
        phone.lose(0.0)
    await asyncio.gather(*(leg.hang_up() for leg in legs))
    await say(place.settings, place.count, Presence.LOGGED_OUT)
    await asyncio.gather(*(phone.close() for phone in phones))
    return offline, failed


async def _gone(service: ServiceProcess, count: int, loss_s: float, progress: Progress) -> Found:
    found = Found()
    async with Town.from_description(await service.town(), root=HOME) as town:
        place = Place(service=service, settings=settings_of(service), town=town, count=count)
        for state in _TOLD:
            progress.say(f"{count} phones vanish, {state}")
            found.known_s[state] = await _state(place, state)
        for share in LOSSES:
            progress.say(f"{count} bad lines that lose {share:.0%} each way, idle and talking")
            found.false[share] = await _bad_lines(place, share, loss_s)
    return found


async def _paid(service: ServiceProcess, seconds: float, progress: Progress) -> dict[int, tuple[float, float, float]]:
    """What Asterisk and the engine take with no phone at all, and with a large council's that do nothing."""
    pids = {name: service.pid(name) for name in ("engine", "asterisk")}
    found = {}
    async with Town.from_description(await service.town(), root=HOME) as town:
        for count in (0, len(sip_users(COUNCIL_PHONES))):
            progress.say(f"{count} phones are asked every two seconds, for {seconds:g} s")
            await at_their_phones(town, count, talk_s=1.0, voice=None)
            await asyncio.sleep(2.0)
            before = processor_time(pids)
            await asyncio.sleep(seconds)
            after = processor_time(pids)
            took = {name: (after.processes[name] - before.processes[name]) / (after.at - before.at) for name in pids}
            found[count] = (took["asterisk"], took["engine"], other_cores(before, after))
    return found


def measure(quick: bool, progress: Progress) -> Result:  # noqa: FBT001 - every measurement has this shape
    """Pull the plugs and tabulate. Takes about six minutes, three with ``quick``."""
    count = QUICK_PHONES if quick else PHONES
    edits = [NO_WRAP_UP, NO_LIMITS, RING_LONG]
    with own_service(progress, edits, prepare=lambda dialplans: write_people(dialplans, count)) as service:
        found = asyncio.run(_gone(service, count, QUICK_LOSS_S if quick else LOSS_S, progress))
    with own_service(progress, edits, prepare=lambda plans: write_people(plans, COUNCIL_PHONES)) as service:
        found.cores = asyncio.run(_paid(service, _QUICK_PAID_S if quick else _PAID_S, progress))
    return _result(found, count)


def _result(found: Found, count: int) -> Result:
    known: list[tuple[Figure, ...]] = [
        (state, len(times), *(percentile(times, percent) for percent in (50, 95, 100)))
        for state, times in found.known_s.items()
    ]
    longest = max(max(times) for times in found.known_s.values())
    return Result(
        tables=(
            Table(
                title="A phone is gone without a word: seconds from the plug to the fact",
                headings=("state", "phones", "p50", "p95", "longest"),
                rows=tuple(known),
            ),
            Table(
                title=f"Bad lines: {count} phones, SIP lost each way, sound untouched",
                headings=("lost", "idle phones given up", "talks ended"),
                rows=tuple((share, *counts) for share, counts in found.false.items()),
            ),
            Table(
                title="What the asking takes, in cores",
                headings=("phones", "Asterisk", "engine", "other load"),
                rows=tuple((phones, *cores) for phones, cores in found.cores.items()),
            ),
        ),
        notes=(
            f"Longest of all: {longest:.2f} s (aim: {_AIM_S:g}). Talking: until the caller's talk is ended as failed.",
            "An idle phone that was given up wrongly is back with its next answer, two seconds later.",
        ),
        figures={
            **{f"{state}_longest_s": max(times) for state, times in found.known_s.items()},
            **{f"{state}_p50_s": percentile(times, 50) for state, times in found.known_s.items()},
            **{f"asterisk_cores {phones}": cores[0] for phones, cores in found.cores.items()},
        },
        failures=tuple(
            f"{state}: {sum(one == float('inf') for one in times)} never known"
            for state, times in found.known_s.items()
            if float("inf") in times
        ),
    )


MEASUREMENT = Measurement(
    name="lost_phone",
    tells="an agent's phone is gone without a word, idle, ringing, talking: how soon that is known, what asking costs",
    takes="6 min, quick 3 min",
    run=measure,
)
