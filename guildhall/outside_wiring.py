"""An agent's call out asks the same gate as a flow's does: whom the council may ring at all, and how often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from acd.core.contact_law import ContactState
from acd.core.transfer_law import PartingState
from acd.core.world import World
from acd.ports import Clock, FactSink
from kernel.commands import CallDeed, Command, MoveCall, Outcome
from kernel.facts import AlarmRaised
from kernel.ids import AgentId, QueueId, TenantId
from kernel.number import Dialled
from kernel.outbound import OutsideGate

log = structlog.get_logger()

Ask = Callable[[Command], Awaitable[Outcome]]


class OutsideDoor:
    """Stands before the distributor for commands that would dial out."""

    def __init__(self, world: Callable[[], World], gate: OutsideGate, facts: FactSink, clock: Clock) -> None:
        self._world, self._gate, self._facts, self._clock = world, gate, facts, clock

    def door(self, ask: Ask) -> Ask:
        """Hand every command on but those that the gate refuses."""

        async def answer(command: Command) -> Outcome:
            out = _dialled(self._world(), command) if isinstance(command, MoveCall) else None
            why = self._gate.refuses(*out, self._clock.now()) if out is not None else None
            if out is None or why is None:
                return await ask(command)
            # At the first attempt: whoever does this tries the council's list, or has changed it.
            log.error("ALARM: an agent's call out was refused", tenant=out[0], why=why)
            self._facts.publish(AlarmRaised(t=self._clock.now(), what="outside_refused", council=out[0]))
            return Outcome(
                ok=False,
                code="outside_refused",
                message=f"{why}: 'outside:' of tenant.yaml does not allow that; the caller is still with you",
            )

        return answer


def _dialled(world: World, command: MoveCall) -> tuple[TenantId, Dialled] | None:
    """Council and number of what would be dialled for this; None where the distributor dials nothing, or says no."""
    agent = world.agents.get(command.agent)
    contact = world.contacts.get(agent.contact) if agent is not None and agent.contact is not None else None
    talks = contact is not None and contact.agent == command.agent and contact.state is ContactState.JOINED
    if agent is None or contact is None or not talks or not world.deciding:
        return None
    parting = contact.parting
    if command.deed is CallDeed.COMPLETE:
        # It rings still: completing dials it anew, for the caller.
        rings = parting is not None and parting.state is PartingState.RINGING
        return (contact.tenant, parting.outside) if parting is not None and parting.outside and rings else None
    if parting is not None or command.deed not in {CallDeed.CONSULT, CallDeed.TRANSFER}:
        return None
    to = command.to or ""
    if AgentId(to) in world.agents or QueueId(to) in world.queues:
        return None
    number = world.outside.get(contact.tenant, {}).get(to)
    return None if number is None else (contact.tenant, number)
