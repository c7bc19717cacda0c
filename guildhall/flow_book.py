"""The councils' flows, read and checked: what the engine answers by, and what `up` and `doctor` look at beforehand."""

from __future__ import annotations

from adapters.files.dialplans import Dialplans
from ivr.flows import FlowBook, make_book
from ivr.ports import SoundPaths
from kernel.ids import AgentId, QueueId


def flow_book(plans: Dialplans, *, sounds: SoundPaths | None = None, version: int = 0) -> FlowBook:
    """Every flow of every council; ``sounds``: the version's own prompts.

    Raises ``ConfigErrors`` with file and line of all that is wrong.
    """
    serves: dict[QueueId, list[AgentId]] = {}
    for agent in plans.agents:
        for queue in agent.queues:
            serves.setdefault(queue, []).append(agent.id)
    return make_book(
        tenants=plans.tenants,
        queues=plans.queues,
        trees=plans.flows,
        prompts={one.id: plans.prompt_ids(one.id) for one in plans.tenants},
        sounds=sounds,
        version=version,
        agents=serves,
    )
