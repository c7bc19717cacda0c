"""A tenant is a council: its numbers, its languages, and where its calls go when nothing else is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kernel.figures import Definition
from kernel.hours import Hours
from kernel.ids import QueueId, TenantId
from kernel.number import Dialled
from kernel.outbound import OutsidePolicy
from kernel.steering import SteeringBook

#: Key -> field -> text.
Table = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilNumber:
    """One number residents dial. Exactly one of ``flow`` and ``queue`` is set."""

    number: Dialled
    tenant: TenantId
    #: The flow that answers.
    flow: str | None = None
    #: A direct number: the call goes straight to this queue, without a menu.
    queue: QueueId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something callers ought to hear now: a flood, a strike. In force from ``begins`` until before ``ends``."""

    prompts: tuple[str, ...]
    #: Aware. There is always an end: a forgotten announcement is worse than none.
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A council."""

    id: TenantId
    name: str
    languages: tuple[str, ...]
    numbers: tuple[CouncilNumber, ...]
    #: Where a caller goes when the engine is away or a flow fails: towards a person (law 5).
    default_queue: QueueId
    #: The queue of danger to people: every number's flow must lead there (`guildhall check`).
    emergency_queue: QueueId | None = None
    #: By the name of the hours, and by each queue and number they are for.
    hours: Mapping[str, Hours] = field(default_factory=dict)
    #: Where somebody in charge changes hours by telephone, with a PIN.
    hours_line: Dialled | None = None
    #: The only numbers a flow may transfer a caller to, by name.
    transfer_to: Mapping[str, Dialled] = field(default_factory=dict)
    #: What kinds of numbers may be dialled at all, and how often.
    outside: OutsidePolicy = field(default_factory=OutsidePolicy)
    #: By which definitions its figures are reckoned, each with its first day.
    definitions: tuple[Definition, ...] = ()
    #: What verb `lookup` may look into, by name.
    tables: Mapping[str, Table] = field(default_factory=dict)
    #: What verb `lookup` may ask over the network, by name. The allow-list itself is the adapter's.
    services: frozenset[str] = frozenset()
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    #: Days a recording is kept, by purpose; ``*`` for every other purpose.
    retention_days: Mapping[str, int] = field(default_factory=dict)
    #: What verb `steer` understands; None: nothing was taught.
    steering: SteeringBook | None = None
