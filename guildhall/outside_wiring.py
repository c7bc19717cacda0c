"""An agent's call out asks the same gate as a flow's does: whom the council may ring at all, and how often.

Looked at whenever a number is about to be dialled: as she asks for it, and once more where the number rings still and
she hangs up, for then it is dialled anew, for the caller, without anybody's word.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog

from acd.core.contact_law import ContactState
from acd.core.transfer_law import PartingState
from acd.core.world import World
from acd.ports import Clock, FactSink
from adapters.asterisk.dialler import AmiDialler, Link
from adapters.asterisk.leg_probe import LegProbe
from adapters.asterisk.readiness import Readiness
from kernel.commands import CallDeed, Command, MoveCall, Outcome
from kernel.facts import AlarmRaised
from kernel.ids import AgentId, QueueId, TenantId
from kernel.number import Dialled
from kernel.orders import Order, SendOutside, SendToHold
from kernel.outbound import OutsideGate
from kernel.seen import OrderRefused, RedirectRefused

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
            why = self._refuses(*out) if out is not None else None
            if why is None:
                return await ask(command)
            return Outcome(
                ok=False,
                code="outside_refused",
                message=f"{why}: tenant.yaml does not allow that; the caller is still with you",
            )

        return answer

    def lets_out(self, order: SendOutside) -> bool:
        """Whether this number may be dialled now; one somebody has just asked for has been looked at and counted."""
        contact = self._world().contacts.get(order.contact)
        return order.asked or contact is None or self._refuses(contact.tenant, order.number) is None

    def _refuses(self, tenant: TenantId, number: Dialled) -> str | None:
        """Why it may not be dialled, with an alarm at the first attempt: somebody tries the list, or has changed it."""
        listed = number in self._world().outside.get(tenant, {}).values()
        why = (
            self._gate.refuses(tenant, number, self._clock.now()) if listed else "a number no longer in 'transfer_to:'"
        )
        if why is not None:
            log.error("ALARM: an agent's call out was refused", tenant=tenant, why=why)
            self._facts.publish(AlarmRaised(t=self._clock.now(), what="outside_refused", council=tenant))
        return why


class CarefulDialler(AmiDialler):
    """Dials a number for a caller only where the door lets it out; else she goes back to the line, at her place."""

    def __init__(  # noqa: PLR0913, PLR0917 - those of its parent, passed on
        self,
        door: Callable[[], OutsideDoor],
        link: Link,
        sip_users: Mapping[AgentId, str],
        on_refused: Callable[[RedirectRefused | OrderRefused], None],
        readiness: Readiness,
        probe: LegProbe | None = None,
    ) -> None:
        super().__init__(link, sip_users, on_refused, readiness, probe)
        self._door = door

    def order(self, order: Order) -> None:
        """Move a call under way."""
        if isinstance(order, SendOutside) and not self._door().lets_out(order):
            order = SendToHold(contact=order.contact, channel=order.channel)
        super().order(order)


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
