"""Why a contact waits: who may be offered it now, who may not, why, and until when. Law 4 of the house.

The reasons, in the order in which they are looked for; the first one that holds is told: ``queue`` (she does not serve
it), ``council``, ``skills`` (``lacks`` says which) or ``ask_first`` (the caller has not said yes to her lacking them),
then her word (``offline``, ``paused``, ``wrapup``, ``talking``, ``ringing``), then ``excluded`` (an earlier offer of
this contact to her failed), ``preferred`` (another is waited for), ``floor`` (she is held for emergencies), ``cap``
(the council uses all it may), ``delay`` (she is offered it only after a while) and ``leg`` (a leg of hers is left). Of
a contact that is rung back and rests, ``not_due`` stands before all of ``excluded`` and what follows it.
"""

from __future__ import annotations

from acd.core.bars import NOT_DUE
from acd.core.contact_law import ContactState
from acd.core.counts import word
from acd.core.deadlines import Due
from acd.core.floor import keeps
from acd.core.line import ability, can_take, need
from acd.core.relaxing import Ring, question_of, ring_at, rings
from acd.core.score import bound_s, score
from acd.core.shares import capped
from acd.core.world import Agent, Contact, World, queue_of
from kernel.agent import AgentWord
from kernel.contact import Wish
from kernel.exits import LeaveWhy
from kernel.ids import ContactId
from kernel.queues import Queue
from kernel.skill import Skills, meets

Row = dict[str, object]

_IN_QUEUE = frozenset({ContactState.WAITING, ContactState.OFFERED})


def explain(world: World, contact_id: ContactId, now: float) -> Row | None:
    """Explain a contact at ``now`` (Unix seconds) as JSON-like data; None for one that is not in a queue.

    All times are Unix seconds; ``until`` is None where nobody knows.
    """
    contact = world.contacts.get(contact_id)
    if contact is None or contact.wish is None or contact.state not in _IN_QUEUE:
        return None
    wish = contact.wish
    queue = queue_of(world, wish)
    ring, next_at = _ring_now(contact, queue, wish, now)
    eligible: list[Row] = []
    not_eligible: list[Row] = []
    for agent_id in sorted(world.agents):
        agent = world.agents[agent_id]
        # Whoever is rung for it now is in ``offered_to``.
        if agent.removed or agent.contact == contact.id:
            continue
        reason = _reason(world, contact, wish, ring, agent)
        (eligible if reason is None else not_eligible).append({"agent": agent_id} | (reason or {}))
    return {
        "call": contact.id,
        "at": now,
        "state": contact.state.value,
        "queue": wish.queue,
        "priority": contact.priority,
        "score": round(score(queue, wish, now), 3),
        "ahead_only_before": _bound(world, queue, wish),
        "waited_s": round(max(0.0, now - wish.arrived), 3),
        "required": dict(ring.skills),
        "eligible": eligible,
        "not_eligible": not_eligible,
        "step": ring.number,
        "next_step_at": next_at,
        "asked": _asked(world, contact, queue, wish),
        "rule": queue.strategy.value,
        "limits": _limits(world, contact),
        "offered_to": contact.offer.agent if contact.offer else None,
        "ahead": _ahead(world, contact),
    }


def _bound(world: World, queue: Queue, wish: Wish) -> float:
    """Of the contact's own priority nobody who arrives later than this (Unix seconds) goes ahead of it, decision 0010.

    Emergencies are compared with emergencies only.
    """
    return wish.arrived + bound_s(queue, (one for one in world.queues.values() if one.emergency is queue.emergency))


def _ring_now(contact: Contact, queue: Queue, wish: Wish, now: float) -> tuple[Ring, float | None]:
    """The step in force, and when the next one begins."""
    ring, next_at = ring_at(queue, wish, now)
    if contact.step > ring.number:
        # Steps were passed over because nobody was there for them.
        return Ring(contact.step, now, contact.skills), None
    return ring, next_at


def _asked(world: World, contact: Contact, queue: Queue, wish: Wish) -> Row | None:
    """The step that waits for the caller's yes, and when she is asked next (Unix seconds); None when there is none."""
    ring = question_of(queue, wish)
    if ring is None:
        return None
    at = world.deadlines.when(Due.ASK, contact.id)
    return {"step": ring.number, "required": dict(ring.skills), "next_at": at}


def _limits(world: World, contact: Contact) -> list[Row]:
    """The limits that run for it: why, when it is met (Unix seconds), and by which way it would leave."""
    if contact.wish is None:
        return []
    limits = queue_of(world, contact.wish).limits
    running = ((why, world.deadlines.when(Due.LIMIT, contact.id, why), limits.exit_for(why)) for why in LeaveWhy)
    return [{"why": why.value, "at": at, "to": way.kind.value} for why, at, way in running if at is not None and way]


def _ahead(world: World, contact: Contact) -> int | None:
    """How many contacts of its queue stand before it; None while it does not stand in line."""
    if contact.place is None:
        return None
    queue, _need, mine = contact.place
    return sum(place < mine for places in world.waiting.kinds(queue).values() for place in places)


def _reason(world: World, contact: Contact, wish: Wish, ring: Ring, agent: Agent) -> Row | None:
    """Why this agent is not offered it now; None when she may be."""
    profile = agent.profile
    if wish.queue not in profile.queues:
        return _because("queue")
    if not can_take(ability(profile.skills, profile.councils), need({}, contact.tenant)):
        return _because("council")
    if not meets(profile.skills, ring.skills):
        at, asked = _admitted(world, wish, agent)
        return _because("ask_first" if asked else "skills", at) | {"lacks": lacking(profile.skills, ring.skills)}
    shown = word(world, agent)
    if shown is not AgentWord.AVAILABLE:
        return _away(world, agent, shown)
    return _barred(world, contact, wish, agent) if contact.due is None else _because(NOT_DUE, contact.due)


def _barred(world: World, contact: Contact, wish: Wish, agent: Agent) -> Row | None:
    """What keeps an idle agent with everything that is required from this contact for now."""
    if agent.id in contact.excluded:
        return _because("excluded", contact.excluded[agent.id])
    if contact.only is not None and contact.only != agent.id:
        return _because("preferred", contact.told_only[1] if contact.told_only else None) | {"for": contact.only}
    if keeps(world, agent, contact):
        return _because("floor")
    if capped(world, wish.queue):
        return _because("cap")
    delay = agent.profile.delay_s.get(wish.queue)
    seen_at = wish.arrived + (delay or 0.0)
    if delay and seen_at > world.now:
        return _because("delay", seen_at)
    return None if agent.place is not None else _because("leg")


def _away(world: World, agent: Agent, shown: AgentWord) -> Row:
    until = agent.wrap_up_until if shown is AgentWord.WRAP_UP else None
    if shown is not AgentWord.PAUSED:
        return _because(shown.value, until)
    if agent.resting is not None:
        return _because("paused", world.deadlines.when(Due.REST, agent.id)) | {"reason": agent.resting}
    return _because("paused") | {"reason": agent.aux_code}


def _admitted(world: World, wish: Wish, agent: Agent) -> tuple[float | None, bool]:
    """When a relaxing step will let her in, Unix seconds; and whether that hangs on the caller's yes."""
    asked = False
    for step in rings(queue_of(world, wish), wish):
        asked = asked or step.ask is not None
        if meets(agent.profile.skills, step.skills):
            return (None if asked else step.begins), asked
    return None, False


def lacking(have: Skills, needed: Skills) -> dict[str, int]:
    """The skills, with the least level required, that are missing or too low."""
    return {name: level for name, level in needed.items() if not meets(have, {name: level})}


def _because(why: str, until: float | None = None) -> Row:
    return {"why": why, "until": until}
