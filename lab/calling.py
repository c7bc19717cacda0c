"""The calling end: INVITE until someone picks up, or until the caller has had enough."""

from __future__ import annotations

from kernel.errors import BadInput, Refused
from lab.call_leg import CallLeg, LegState
from lab.sdp import build_sdp, parse_sdp
from lab.sip_wire import Header, Request, Response
from lab.transactions import Asking

_RINGING, _PROGRESS = 180, 183


class OutgoingLeg(CallLeg):
    """A call this phone makes."""

    _asking: Asking | None = None
    _unwanted = False
    _cancelling = False

    async def run(self) -> None:
        """Send the INVITE and see it through to its final answer."""
        body = build_sdp(self.media.describe())

        def build(more: tuple[Header, ...]) -> Request:
            self._sent("INVITE")
            return self._request("INVITE", more, body)

        try:
            final = await self._line.ask(build, self._line.server, heard=self._heard, began=self._began)
        except (TimeoutError, Refused):
            self.over(by="there")
            return
        if final.status // 100 != 2:  # noqa: PLR2004 - the class of success
            self.over(by="here" if self._unwanted else "there", status=final.status)
        elif self._unwanted:
            # The answer crossed the CANCEL (RFC 3261 §9.1): the call is up and must be ended.
            await super().hang_up()

    async def cancel(self) -> None:
        """Give up before anyone answered; returns when the call has ended. Raises ``TimeoutError``."""
        self._unwanted = True
        self._cancel_if_possible()
        await self.wait("ended", 40)

    async def hang_up(self) -> None:
        """Hang up, or cancel when nobody has answered yet."""
        if self.state in (LegState.CALLING, LegState.RINGING):
            await self.cancel()
        else:
            await super().hang_up()

    def _began(self, asking: Asking) -> None:
        self._asking, self._cancelling = asking, False

    def _cancel_if_possible(self) -> None:
        """Only an INVITE that was heard of may be cancelled (RFC 3261 §9.1)."""
        if self._asking and self._asking.heard_of and not self._asking.over and not self._cancelling:
            self._cancelling = True
            self._sent("CANCEL")
            self._line.endpoint.cancel(self._asking)

    def _heard(self, response: Response, stamp: float) -> None:
        self._note(response, stamp)
        if response.status // 100 == 2:  # noqa: PLR2004 - the class of success
            self._picked_up(response, stamp)
        elif response.status // 100 == 1:
            self._dialog = self._dialog.learn(response)
            self._take_sound(response)
            if response.status in (_RINGING, _PROGRESS):
                self.state = LegState.RINGING
                self.log.happened("ringing" if response.status == _RINGING else "progress", stamp)
            if self._unwanted:
                self._cancel_if_possible()

    def _picked_up(self, response: Response, stamp: float) -> None:
        self._dialog = self._dialog.learn(response)
        self._acknowledge(response)
        self.state = LegState.TALKING
        self._take_sound(response)
        self.log.happened("answered", stamp)
        self.log.happened("confirmed", stamp)

    def _take_sound(self, response: Response) -> None:
        if not response.body:
            return
        try:
            self.media.aim(parse_sdp(response.body))
        except BadInput:
            return  # no sound of ours: the call stands, silent
        self.media.start()
