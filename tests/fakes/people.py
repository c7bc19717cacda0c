"""A small council: agents who can take everything, one queue or two, and a switchboard with them logged in."""

from __future__ import annotations

from acd.core.inputs import PresenceAsked
from kernel.agent import AgentProfile, Presence
from kernel.commands import Outcome
from kernel.ids import AgentId, QueueId, TenantId
from kernel.queues import Queue
from kernel.skill import Skills
from tests.fakes.small_pbx import SmallPbx
from tests.fakes.small_pbx_view import COUNCIL
from tests.fakes.world_law import world_law

WASTE = QueueId("northmere.waste")
RENT = QueueId("northmere.rent")


def a_queue(queue: QueueId = WASTE, **policy: object) -> Queue:
    """Return a queue with this policy and defaults for the rest."""
    return Queue(id=queue, tenant=COUNCIL, name=queue, **policy)  # type: ignore[arg-type] # a policy's own types


def an_agent(
    name: str,
    *,
    queues: tuple[QueueId, ...] = (WASTE,),
    skills: Skills | None = None,
    councils: tuple[TenantId, ...] = (COUNCIL,),
) -> AgentProfile:
    """Return an agent of the council."""
    return AgentProfile(
        id=AgentId(name),
        tenant=COUNCIL,
        name=f"Agent {name}",
        sip_user=name,
        queues=queues,
        skills=skills or {},
        councils=councils,
    )


def ask(pbx: SmallPbx, agent: str, presence: Presence, aux_code: str | None = None) -> Outcome:
    """Ask for a presence and return the answer."""
    number = len(pbx.outcomes) + 1
    pbx.feed(PresenceAsked(agent=AgentId(agent), presence=presence, aux_code=aux_code, ask=number))
    pbx.settle()
    return pbx.outcomes[number]


def switchboard(*agents: AgentProfile, queues: tuple[Queue, ...] | None = None) -> SmallPbx:
    """Return a switchboard whose agents became ready one second after another, in this order."""
    pbx = SmallPbx(agents=agents, queues=queues or (a_queue(), a_queue(RENT)), watch=world_law)
    pbx.reachable = {agent.id for agent in agents}
    pbx.boot()
    for agent in agents:
        ask(pbx, agent.id, Presence.NOT_READY)
        ask(pbx, agent.id, Presence.READY)
        pbx.advance(1.0)
    pbx.lines.clear()
    return pbx


def story(pbx: SmallPbx) -> list[str]:
    """Return the facts since the last call of this, each as one short sentence."""
    told = [_sentence(line) for line in pbx.lines]
    pbx.lines.clear()
    return told


_FIELDS = {
    "call": ("call",),
    "arrive": ("call", "queue"),
    "offer": ("call", "agent", "by"),
    "offer_end": ("call", "agent", "why"),
    "answer": ("call", "agent", "via"),
    "transfer": ("call", "queue", "agent"),
    "consult": ("call", "agent", "to"),
    "consult_end": ("call", "agent", "why"),
    "supervise": ("by", "act", "agent", "call"),
    "leave": ("call", "agent", "why"),
    "end": ("call", "why", "src"),
    "agent": ("agent", "state", "reason"),
    "priority": ("call", "priority"),
    "relax": ("call", "skills"),
    "exit": ("call", "queue", "why", "to"),
    "asked": ("call", "step", "skills"),
    "agreed": ("call", "step"),
    "announced": ("call", "position", "withheld"),
    "scored": ("call", "right"),
    "engine": ("state", "since"),
    "hold": ("call", "agent"),
    "unhold": ("call", "agent"),
    "config": ("queue",),
}


def _sentence(line: dict[str, object]) -> str:
    if line["ev"] == "may":
        only, barred = line.get("agents"), line.get("not")
        names = only if isinstance(only, list) else barred if isinstance(barred, list) else []
        return f"may {line['call']} {'not' if only is None else 'only'} {' '.join(names)}".rstrip()
    told = [line.get(field) for field in _FIELDS[str(line["ev"])]]
    # Every answer by an offer would say so.
    words = [str(value) for value in told if value is not None and value != "offer"]
    return " ".join([str(line["ev"]), *words])
