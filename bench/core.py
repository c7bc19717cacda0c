"""One decision of the distributor, alone: the pure core at 500 and at 5,000 agents."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from acd.core.effects import RingAgent
from acd.core.inputs import (
    AgentMemory,
    CallBegan,
    ContactHolding,
    Input,
    LegHungUp,
    PbxSeen,
    PeopleChanged,
)
from acd.core.step import step
from acd.core.world import World
from bench.measurement import Measurement, Result, Table
from bench.percentiles import percentile
from bench.progress import Progress
from kernel.agent import AgentProfile, Presence
from kernel.contact import Wish
from kernel.ids import AgentId, ContactId, LegId, QueueId, TenantId
from kernel.queues import Queue
from kernel.skill import Skills

#: (agents, waiting contacts), the smaller first.
SIZES = ((500, 1_000), (5_000, 10_000))
SAMPLES, QUICK_SAMPLES = 3_000, 500
_QUEUES, _SKILL_SETS, _SKILLS = 20, 200, 10
_COUNCIL = TenantId("northmere")
_NOBODY_HAS: Skills = {"welsh": 5}
#: Microseconds of one step: by the wall clock, and of the processor.
Cost = tuple[float, float]

#: The same world in every run.
_SEED = 20_261_122
#: Issue 3's aim for one decision at the larger size.
_AIM_US = 1000.0


@dataclass(slots=True, kw_only=True)
class Floor:
    """A world of agents and queues, and the means to let calls come and go in it."""

    world: World
    queues: tuple[QueueId, ...]
    skill_sets: Sequence[Skills]
    chance: random.Random
    numbers: itertools.count[int]
    now: float = 1_764_000_000.0
    #: Processor time of the last step, microseconds: what a busy machine cannot lengthen.
    worked_us: float = 0.0

    def take(self, item: Input) -> tuple[float, LegId | None]:
        """One step: its microseconds, and the leg of the caller for whom it rang somebody."""
        self.now += 0.001
        began, worked = time.perf_counter_ns(), time.process_time_ns()
        effects = step(self.world, item, self.now)
        took = (time.perf_counter_ns() - began) / 1000
        self.worked_us = (time.process_time_ns() - worked) / 1000
        rung = next((effect.contact for effect in effects if isinstance(effect, RingAgent)), None)
        return took, self.world.contacts[rung].leg if rung else None

    def call(self, needs: Skills | None = None) -> tuple[float, LegId | None]:
        """A resident calls and comes to hold: what taking that in cost, and the leg when somebody was rung."""
        number = next(self.numbers)
        contact, leg = ContactId(f"c1764000000-{number}"), LegId(f"1764000000.{number}")
        channel = f"PJSIP/trunk-{number:08x}"
        self.take(CallBegan(contact=contact, channel=channel, leg=leg, tenant=_COUNCIL, number="03069990001"))
        wish = Wish(
            contact=contact,
            channel=channel,
            leg=leg,
            tenant=_COUNCIL,
            queue=self.chance.choice(self.queues),
            skills=needs or dict([self.chance.choice(list(self.chance.choice(self.skill_sets).items()))]),
            arrived=self.now,
        )
        return self.take(ContactHolding(wish=wish))


def floor(agents: int) -> Floor:
    """Everybody ready and idle: 200 different sets of skills, each agent in ten of twenty queues."""
    chance = random.Random(_SEED)  # noqa: S311 - reproducible, nothing secret
    queues = tuple(QueueId(f"northmere.q{number}") for number in range(_QUEUES))
    skills = [f"skill{number}" for number in range(_SKILLS)]
    skill_sets = [{name: chance.randint(1, 5) for name in chance.sample(skills, 4)} for _ in range(_SKILL_SETS)]
    profiles = tuple(
        AgentProfile(
            id=AgentId(f"northmere-a{number}"),
            tenant=_COUNCIL,
            name=f"Agent {number}",
            sip_user=f"a{number}",
            queues=tuple(chance.sample(queues, _QUEUES // 2)),
            skills=skill_sets[number % _SKILL_SETS],
            councils=(_COUNCIL,),
        )
        for number in range(agents)
    )
    made = Floor(world=World(), queues=queues, skill_sets=skill_sets, chance=chance, numbers=itertools.count())
    policies = tuple(Queue(id=queue, tenant=_COUNCIL, name=queue, ring_time_s=3600.0) for queue in queues)
    made.take(PeopleChanged(agents=profiles, queues=policies))
    memories = tuple(_ready(profile.id, made.now) for profile in profiles)
    ids = frozenset(profile.id for profile in profiles)
    made.take(PbxSeen(calls=(), legs=(), reachable=ids, memories=memories, epoch=1))
    return made


def _ready(agent: AgentId, now: float) -> AgentMemory:
    return AgentMemory(
        agent=agent,
        presence=Presence.READY,
        aux_code=None,
        pending=None,
        pending_aux=None,
        wrap_up_until=None,
        idle_since=now,
    )


def contact_arrives(agents: int, waiting: int, samples: int) -> list[Cost]:
    """Microseconds from a caller in ``[hold]`` to the agent to ring: all idle, and others wait for a skill none has."""
    made = floor(agents)
    for _ in range(waiting):
        made.call(_NOBODY_HAS)
    took: list[Cost] = []
    while len(took) < samples:
        us, rung = made.call()
        if rung is not None:
            took.append((us, made.worked_us))
            made.take(LegHungUp(leg=rung))
    return took


def agent_freed(agents: int, waiting: int, samples: int) -> list[Cost]:
    """Microseconds from a hang-up that frees an agent to the next contact to ring her for, with a full backlog."""
    made = floor(agents)
    ringing: list[LegId] = []
    while len(made.world.contacts) < agents + waiting:
        ringing += [leg for leg in [made.call()[1]] if leg is not None]
    took: list[Cost] = []
    while len(took) < samples:
        gone = made.chance.randrange(len(ringing))
        us, rung = made.take(LegHungUp(leg=ringing[gone]))
        ringing[gone] = ringing[-1]
        ringing.pop()
        if rung is not None:
            took.append((us, made.worked_us))
            ringing.append(rung)
        ringing += [leg for leg in [made.call()[1]] if leg is not None]
    return took


_DECISIONS: tuple[tuple[str, Callable[[int, int, int], list[Cost]]], ...] = (
    ("a contact arrives, all agents idle", contact_arrives),
    ("an agent is freed, all others busy", agent_freed),
)


def measure(quick: bool, progress: Progress) -> Result:  # noqa: FBT001 - every measurement has this shape
    """Measure both decisions at both sizes."""
    samples = QUICK_SAMPLES if quick else SAMPLES
    rows: list[tuple[str | int | float, ...]] = []
    figures: dict[str, float | int | str | None] = {}
    for name, decide in _DECISIONS:
        p50s = []
        for agents, waiting in SIZES:
            progress.say(f"{name}: {agents} agents, {waiting} waiting")
            took = decide(agents, waiting, samples)
            wall, work = [one[0] for one in took], [one[1] for one in took]
            p50s.append(percentile(wall, 50))
            p99, busy = percentile(wall, 99), percentile(work, 99)
            rows.append((name, agents, waiting, len(took), p50s[-1], p99, busy, max(wall), p50s[-1] / p50s[0]))
            figures[f"p99_processor_us {name} {agents}"] = busy
            figures |= {f"p50_us {name} {agents}": p50s[-1], f"p99_us {name} {agents}": p99}
    return _result(rows, figures)


def _result(rows: Sequence[tuple[str | int | float, ...]], figures: dict[str, float | int | str | None]) -> Result:
    worst = max(float(row[5]) for row in rows)
    return Result(
        tables=(
            Table(
                title="The distributor's core: one step that makes an offer, microseconds",
                headings=(
                    "decision",
                    "agents",
                    "waiting",
                    "n",
                    "p50",
                    "p99",
                    "p99 of processor",
                    "max",
                    "growth of p50",
                ),
                rows=tuple(rows),
            ),
        ),
        notes=(
            f"Worst p99: {worst:.0f} µs (aim: at most {_AIM_US:.0f}).",
            '"p99 cpu" is processor time of the step alone, which other load on the machine hardly lengthens.',
            "Pure Python, one thread, no I/O; 200 sets of skills, 20 queues, each agent in ten of them. The step takes",
            "the input in, keeps the lines, chooses, and makes the facts. Where all agents are idle, those who wait",
            "need a skill that nobody has.",
        ),
        figures={"worst_p99_us": worst, **figures},
    )


MEASUREMENT = Measurement(
    name="core",
    tells="one decision of the pure core at 500 and 5,000 agents, 1,000 and 10,000 waiting: p50, p99, growth",
    takes="15 s, quick 10 s",
    run=measure,
)
