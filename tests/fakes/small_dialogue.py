"""A small council that listens: a flow that asks, what callers say there, and what comes of it, in a line."""

from __future__ import annotations

from ivr.core.effects import Effect, Enqueue, Listen, Play
from ivr.core.effects import Steer as SteerEffect
from ivr.core.flow import Flow
from ivr.core.inputs import Began, Input, Understood
from ivr.core.load import Surroundings, load_flow
from ivr.core.step import begin, step
from ivr.core.verbs.steer import DANGER, IS_IT, OR, RIGHT, WHICH
from ivr.core.walk import Walk
from kernel.ids import QueueId, TenantId
from kernel.located import parse
from kernel.meaning import Answer, Guess, Meaning, Urgency
from kernel.queues import Queue
from kernel.steering import Intent, SteeringBook
from kernel.tenant import Tenant

COUNCIL = TenantId("n")
BOOK = SteeringBook(
    intents={
        name: Intent(id=name, says=f"intent_{name}", phrases=(name,), urgent=name == "flood")
        for name in ("bins", "roads", "flood", "other")
    }
)
PROMPTS = (
    *("ask", "again", "sorry_no_match", "sorry_no_input", "menu", RIGHT, IS_IT, OR, WHICH, DANGER),
    *(one.says for one in BOOK.intents.values()),
)
FLOW = """
start: s
steps:
  s:
    verb: steer
    prompts: [ask]
    again: [again]
    intents: {bins: waste, roads: road, flood: water}
    tries: 2
    urgent: urgent
    person: person
    other_language: welsh
    no_input: menu
    no_match: lost
  menu: {verb: menu, prompts: [menu], keys: {1: waste}, tries: 1, no_input: silent, no_match: silent}
  waste: {verb: enqueue, queue: n.waste}
  road: {verb: enqueue, queue: n.road}
  water: {verb: enqueue, queue: n.water}
  urgent: {verb: enqueue, queue: n.urgent}
  person: {verb: enqueue, queue: n.person}
  welsh: {verb: enqueue, queue: n.welsh}
  silent: {verb: enqueue, queue: n.silent}
  lost: {verb: enqueue, queue: n.lost}
"""


def flow(book: SteeringBook = BOOK, text: str = FLOW) -> Flow:
    names = ("waste", "road", "water", "urgent", "person", "welsh", "silent", "lost")
    queues = {QueueId(f"n.{one}"): Queue(id=QueueId(f"n.{one}"), tenant=COUNCIL, name=one) for one in names}
    tenant = Tenant(
        id=COUNCIL,
        name="N",
        languages=("en", "cy"),
        numbers=(),
        default_queue=QueueId("n.person"),
        steering=book,
    )
    return load_flow(parse(text, "f"), "f", Surroundings(tenant=tenant, queues=queues, prompts=PROMPTS))


def said(*guesses: tuple[str, float], **more: object) -> Understood:
    ranked = tuple(Guess(intent=intent, sure=sure) for intent, sure in guesses)
    return Understood(intent=ranked[0].intent if ranked else "", meaning=Meaning(guesses=ranked, **more))  # type: ignore[arg-type]  # a test's shorthand


SURE = said(("bins", 0.97), ("roads", 0.01))
HALF = said(("bins", 0.6), ("roads", 0.05))
TWO = said(("bins", 0.45), ("roads", 0.4))
LOST = said(("bins", 0.1), ("roads", 0.05))
ELSEWHERE = said(("other", 0.95), ("bins", 0.02))
PERSON = said(("bins", 0.2), wants_person=True)
URGENT = said(("flood", 0.9), urgency=Urgency.URGENT)
URGENT_UNCLEAR = said(("bins", 0.1), urgency=Urgency.URGENT)
LIFE = said(("bins", 0.1), urgency=Urgency.DANGER)
WELSH = said(wants_language="cy")
YES, NO = said(("other", 0.1), answer=Answer.YES), said(("other", 0.1), answer=Answer.NO)
FIRST, SECOND = said(answer=Answer.FIRST), said(answer=Answer.SECOND)


def shown(effects: tuple[Effect, ...]) -> str:
    match effects[-1]:
        case Enqueue(queue=queue, priority=priority):
            return f"{queue} {priority}"
        case SteerEffect(prompts=prompts):
            return f"asks {' '.join(prompts)}"
        case Play(prompts=prompts):
            return f"plays {' '.join(prompts)}"
        case Listen():
            return "listens"
        case other:
            return type(other).__name__


def walked(*heard: Input, book: SteeringBook = BOOK, began: Began | None = None) -> tuple[Walk, tuple[Effect, ...]]:
    walk, effects = begin(flow(book), began or Began(), language="en")
    for one in heard:
        walk, effects = step(walk, one)
    return walk, effects
