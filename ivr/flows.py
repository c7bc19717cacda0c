"""The flows in force: which flow or queue answers which number of which council."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ivr.core.bind import bind_all
from ivr.core.exit_flows import exit_flows
from ivr.core.flow import Flow
from ivr.core.load import Surroundings
from ivr.ports import SoundPaths
from kernel.exits import LeaveWhy
from kernel.ids import AgentId, QueueId, TenantId
from kernel.located import ConfigError, ConfigErrors, Located
from kernel.queues import Queue
from kernel.tenant import CouncilNumber, Tenant
from kernel.versions import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowBook:
    """One version of everything that is in force. Never changed: a new version is a new book."""

    tenants: Mapping[TenantId, Tenant]
    queues: Mapping[QueueId, Queue]
    flows: Mapping[tuple[TenantId, str], Flow]
    #: The prompts as this version has them; None: those all calls share.
    sounds: SoundPaths | None = None
    #: Its number in the journal; 0: none was published.
    version: int = 0
    #: The ways out of queues, by queue and by why a caller leaves it.
    exits: Mapping[tuple[QueueId, LeaveWhy], Flow] = field(default_factory=dict)

    def tenant(self, tenant: str) -> Tenant | None:
        """The council, when there is one of that id."""
        return self.tenants.get(TenantId(tenant))

    def answering(self, tenant: Tenant, number: str) -> Flow | Queue | None:
        """What answers this number: a flow, a queue (a direct number), or None when it is not the council's."""
        for one in tenant.numbers:
            if one.number == number:
                return self._target(one)
        return None

    def _target(self, number: CouncilNumber) -> Flow | Queue | None:
        if number.queue is not None:
            return self.queues.get(number.queue)
        return self.flows.get((number.tenant, number.flow or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedBook:
    """A version that is tried on a part of the calls."""

    book: FlowBook
    stage: Stage


class FlowsInForce:
    """Holds the book in force. A call takes its book once, so it ends on the version it began with."""

    def __init__(self, book: FlowBook, staged: StagedBook | None = None) -> None:
        self.book = book
        self._staged = staged

    def publish(self, book: FlowBook, staged: StagedBook | None = None) -> None:
        """From now on new calls follow this book, and a part of them the staged one."""
        self.book, self._staged = book, staged

    def for_call(self, number: str, contact: str) -> FlowBook:
        """The book a new call follows to its end."""
        staged = self._staged
        return staged.book if staged is not None and staged.stage.holds(number, contact) else self.book


def make_book(  # noqa: PLR0913 - a book is made of these
    *,
    tenants: Sequence[Tenant],
    queues: Sequence[Queue],
    trees: Mapping[TenantId, Mapping[str, Located]],
    prompts: Mapping[TenantId, Collection[str]],
    sounds: SoundPaths | None = None,
    version: int = 0,
    agents: Mapping[QueueId, Collection[AgentId]] | None = None,
) -> FlowBook:
    """Check all flows and bind them into a book.

    ``trees``: council -> flow name -> its file. ``prompts``: council -> the prompts its flows may play, the shared
    ones among them. ``agents``: queue -> who serves it. Raises ``ConfigErrors`` with everything that is wrong in any
    of them.
    """
    policies = {queue.id: queue for queue in queues}
    flows: dict[tuple[TenantId, str], Flow] = {}
    errors: list[ConfigError] = []
    for tenant in tenants:
        around = Surroundings(tenant=tenant, queues=policies, prompts=prompts.get(tenant.id, ()), agents=agents or {})
        bound, wrong = bind_all(trees.get(tenant.id, {}), around)
        flows |= {(tenant.id, name): flow for name, flow in bound.items()}
        errors.extend(wrong)
    if errors:
        # A shared piece is bound once for each council: its mistakes are told once.
        raise ConfigErrors(list({str(error): error for error in errors}.values()))
    by_id = {tenant.id: tenant for tenant in tenants}
    exits = {key: flow for tenant in tenants for key, flow in exit_flows(tenant, policies)}
    return FlowBook(tenants=by_id, queues=policies, flows=flows, sounds=sounds, version=version, exits=exits)
