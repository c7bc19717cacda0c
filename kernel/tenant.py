"""A tenant is a council: its numbers, its languages, and where its calls go when nothing else is known."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.ids import QueueId, TenantId
from kernel.number import Dialled


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
class Tenant:
    """A council."""

    id: TenantId
    name: str
    languages: tuple[str, ...]
    numbers: tuple[CouncilNumber, ...]
    #: Where a caller goes when the engine is away or a flow fails: towards a person (law 5).
    default_queue: QueueId
