"""Who is who on the PBX: shared by all that read its events, and grown while they run."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.files.dialplans import Dialplans
from kernel.ids import AgentId, QueueId
from kernel.queues import Queue


@dataclass(slots=True)
class Directory:
    """Names of every version taken so far: a call under way may still carry one that is gone from the files."""

    #: SIP user -> agent.
    agents: dict[str, AgentId] = field(default_factory=dict)
    #: Agent -> SIP user.
    sip_users: dict[AgentId, str] = field(default_factory=dict)
    queues: dict[QueueId, Queue] = field(default_factory=dict)

    def take(self, plans: Dialplans) -> None:
        """Add what a version says."""
        self.agents.update({agent.sip_user: agent.id for agent in plans.agents})
        self.sip_users.update({agent.id: agent.sip_user for agent in plans.agents})
        self.queues.update({queue.id: queue for queue in plans.queues})
