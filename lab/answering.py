"""The called end: ring, pick up, refuse."""

from __future__ import annotations

import asyncio
import contextlib
import time

from kernel.errors import BadInput
from lab.behaviour import DECLINE_AFTER_S, Answer, Behaviour, LetRing, Reject, Silent
from lab.call_leg import CallLeg, LegState
from lab.dialog import accept, new_tag
from lab.line import Line
from lab.sdp import build_sdp, parse_sdp
from lab.timeline import Way
from lab.transactions import Asked


class IncomingLeg(CallLeg):
    """A call that comes to this phone."""

    def __init__(self, line: Line, invite: Asked) -> None:
        super().__init__(line, accept(invite.request, contact=line.contact, tag=new_tag()))
        self.invite = invite
        self.log.note(invite.stamp, Way.RECEIVED, "INVITE")
        self.log.happened("offered", invite.stamp)

    @property
    def shown_caller(self) -> str:
        """The From header as this phone's display would read it: personal data, for assertions only."""
        return self.invite.request.first("From")

    def ring(self) -> None:
        """Begin to ring."""
        if self.state is LegState.CALLING:
            self._answer(self.invite, 180)
            self.state = LegState.RINGING
            self.log.happened("ringing", time.time())

    def pick_up(self) -> None:
        """Answer the call; without a codec in common it is refused with 488."""
        if self.state not in (LegState.CALLING, LegState.RINGING):
            return
        try:
            offer = parse_sdp(self.invite.request.body)
            formats = self.media.answer_formats(offer)
        except BadInput:
            self.refuse(488)
            return
        self.media.aim(offer)
        self._answer(self.invite, 200, build_sdp(self.media.describe(formats=formats)))
        self.state = LegState.TALKING
        self.media.start()
        self.log.happened("answered", time.time())

    def refuse(self, code: int, *, forward_to: str | None = None) -> None:
        """Refuse the call with this SIP status; ``forward_to``: the number a 302 names."""
        if self.state in (LegState.CALLING, LegState.RINGING):
            contact = None if forward_to is None else f"sip:{forward_to}@127.0.0.1"
            self._answer(self.invite, code, contact=contact)
            self.over(by="here", status=code)

    def cancelled(self, cancel: Asked) -> None:
        """The caller gave up."""
        self.log.note(cancel.stamp, Way.RECEIVED, "CANCEL")
        self._answer(cancel, 200)
        if self.state in (LegState.CALLING, LegState.RINGING):
            self._answer(self.invite, 487)
            self.over(by="there", at=cancel.stamp, status=487)

    async def hang_up(self) -> None:
        """Hang up, or decline when it still rings."""
        if self.state in (LegState.CALLING, LegState.RINGING):
            self.refuse(603)
        else:
            await super().hang_up()

    async def behave(self, behaviour: Behaviour) -> None:
        """Do with this call what the phone does with its calls."""
        if isinstance(behaviour, Silent):
            return
        if isinstance(behaviour, Reject) and not behaviour.after_ringing:
            self.refuse(behaviour.code, forward_to=behaviour.forward_to)
            return
        self.ring()
        if isinstance(behaviour, LetRing):
            return
        if isinstance(behaviour, Reject):
            await asyncio.sleep(DECLINE_AFTER_S)
            self.refuse(behaviour.code)
            return
        await self._answer_as(behaviour)

    async def _answer_as(self, behaviour: Answer) -> None:
        if behaviour.after_s:
            await asyncio.sleep(behaviour.after_s)
        self.pick_up()
        if behaviour.hang_up_after_s is not None and self.alive:
            # A talk begins where the other side knows of it. A PBX that stood still got the answer and the goodbye in
            # one, and took the caller back: nobody had been there to be joined with.
            with contextlib.suppress(TimeoutError):
                await self.wait("confirmed")
            await asyncio.sleep(behaviour.hang_up_after_s)
            await self.hang_up()
