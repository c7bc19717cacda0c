"""Joins callers with outside numbers, through the one gate; a refused attempt is an alarm at the first time."""

from __future__ import annotations

import structlog

from ivr.ports import CallerLine, Clock, FactSink
from kernel.facts import AlarmRaised
from kernel.ids import TenantId
from kernel.number import Dialled
from kernel.outbound import OutsideGate

log = structlog.get_logger()


class OutsideCalls:
    """Meets ``ivr.ports.Transfers``."""

    def __init__(self, gate: OutsideGate, facts: FactSink, clock: Clock) -> None:
        self._gate, self._facts, self._clock = gate, facts, clock

    async def join(self, line: CallerLine, to: Dialled, ring_s: float) -> bool:
        """Ring the number and join it with the caller; False: refused, busy or nobody answered.

        A caller who was joined does not come back: her line ends with the talk, as ``LineGone``.
        """
        council, now = TenantId(line.tenant), self._clock.now()
        if (why := self._gate.refuses(council, to, now)) is not None:
            # P22: at the first attempt. What is rung is the council's own list, so somebody changed it or is at it.
            log.error("ALARM: a call out was refused", tenant=council, contact=line.contact, why=why)
            self._facts.publish(AlarmRaised(t=now, what="outside_refused", council=council))
            return False
        ended = await line.reach(to, ring_s, line.number)
        log.info("a call out was not answered", tenant=council, contact=line.contact, how=ended)
        return False
