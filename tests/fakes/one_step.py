"""A small council and one step of a flow, walked: what the caller hears and where she ends."""

from __future__ import annotations

from datetime import datetime

from ivr.core.bind import bind_all
from ivr.core.effects import Effect, Enqueue, NoteStep
from ivr.core.flow import Flow
from ivr.core.inputs import Began, Input, LookedAround
from ivr.core.load import Surroundings
from ivr.core.step import begin, step
from ivr.core.walk import Walk
from kernel.hours import LONDON, Hours, Span
from kernel.ids import QueueId, TenantId
from kernel.located import ConfigErrors, parse
from kernel.number import Dialled
from kernel.queues import Queue
from kernel.tenant import CouncilNumber, Incident, Tenant

COUNCIL = TenantId("northmere")
HOUSING, DESK = QueueId("northmere.housing"), QueueId("northmere.desk")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


OFFICE = Hours(
    name="office",
    weekly={day: (Span(opens=9 * 60, closes=17 * 60),) for day in range(5)},
    holidays={at("2026-12-25").date(): "Christmas Day"},
)
TENANT = Tenant(
    id=COUNCIL,
    name="Northmere",
    languages=("en", "cy"),
    numbers=(CouncilNumber(number=Dialled("03069990001"), tenant=COUNCIL, flow="main"),),
    default_queue=DESK,
    hours={"office": OFFICE, "northmere.housing": OFFICE},
    transfer_to={"water": Dialled("03069990099")},
    tables={"wards": {"12": {"name": "Millside"}}},
    services=frozenset({"accounts"}),
    incidents={"flood": Incident(prompts=("flood",), begins=at("2026-12-01 00:00"), ends=at("2026-12-02 00:00"))},
)
AROUND = Surroundings(
    tenant=TENANT,
    queues={one: Queue(id=one, tenant=COUNCIL, name="x") for one in (HOUSING, DESK)},
    prompts=("ask", "flood", "sorry_no_input", "sorry_no_match"),
)
ENDS = """
  a: {verb: enqueue, queue: northmere.housing}
  b: {verb: enqueue, queue: northmere.desk, priority: 1}
  c: {verb: enqueue, queue: northmere.desk, priority: 2}
"""
A, B, C = "northmere.housing 0", "northmere.desk 1", "northmere.desk 2"


def book(**flows: str) -> dict[str, Flow]:
    """Flows by name. Raises ``ConfigErrors``."""
    bound, errors = bind_all({name: parse(text, name) for name, text in flows.items()}, AROUND)
    if errors:
        raise ConfigErrors(errors)
    return bound


def flow(steps: str, start: str = "s") -> Flow:
    return book(main=f"start: {start}\nsteps:\n{steps}")["main"]


def drive(text: str, *heard: Input, typed: str = "", tail: str = ENDS) -> list[Effect]:
    """All effects but the notes; the step under test is called ``s``."""
    _, effects = walked(flow(text + tail), *heard, typed=typed)
    return effects


def walked(on: Flow, *heard: Input, typed: str = "") -> tuple[Walk, list[Effect]]:
    walk, effects = begin(on, Began(typed=typed), language="en", number="03069990001")
    done = list(effects)
    for one in heard:
        walk, effects = step(walk, one)
        done += effects
    return walk, [effect for effect in done if not isinstance(effect, NoteStep)]


def end(effects: list[Effect]) -> str:
    last = effects[-1]
    assert isinstance(last, Enqueue)
    return f"{last.queue} {last.priority}"


def seen(when: str, waiting: int | None = None) -> LookedAround:
    return LookedAround(now=at(when).timestamp(), waiting={} if waiting is None else {HOUSING: waiting})


GATHER = "  s: {{verb: gather, prompts: [ask], variable: v, tries: 2, next: a, no_input: b, no_match: c{more}}}\n"
