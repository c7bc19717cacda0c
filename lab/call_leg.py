"""One phone's part in one call, from either end: talk, keys, hold, hang-up, and what was heard."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import BadInput, Refused
from lab.dialog import ALLOW, Dialog
from lab.line import Line
from lab.listen import rms_dbfs
from lab.media import Media
from lab.sdp import ANSWERING, Direction, build_sdp, parse_sdp
from lab.sip_wire import Header, Request, Response, parameter
from lab.timeline import Moment, Timeline, Way
from lab.transactions import Asked, reply
from lab.voice import Sound


class LegState(StrEnum):
    """Where the call stands for this phone."""

    #: Asked for, nothing rings yet.
    CALLING = "calling"
    RINGING = "ringing"
    TALKING = "talking"
    #: This phone has put the other side on hold.
    HOLDING = "holding"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What reached this phone's ear so far."""

    #: dB below full scale, over everything heard.
    rms_dbfs: float
    #: Kernel arrival of the first frame that was not silence, Unix seconds.
    first_audio_at: float | None


class CallLeg:
    """What both ends have in common.

    Events to wait for: ``ringing`` ``progress`` ``answered`` ``confirmed`` (its ACK) ``audio`` (first sound heard)
    ``held`` ``resumed`` (by the other side) ``ended``.
    """

    def __init__(self, line: Line, dialog: Dialog) -> None:
        self.state = LegState.CALLING
        #: "here" or "there", once ended.
        self.ended_by: str | None = None
        #: The final status when the call was refused or cancelled.
        self.refused_with: int | None = None
        self.log = Timeline()
        self.media = Media(
            line.local_ip,
            flows=line.media,
            codecs=line.codecs,
            on_audio=lambda at: self.log.happened("audio", at),
        )
        self._line = line
        self._dialog = dialog
        self._number = 0
        self._changing = False

    @property
    def timeline(self) -> list[Moment]:
        """Every message with its time."""
        return self.log.moments

    @property
    def alive(self) -> bool:
        """Whether the call has not ended."""
        return self.state is not LegState.ENDED

    async def wait(self, event: str, timeout: float = 10.0) -> float:  # noqa: ASYNC109 - a test states its deadline
        """Wait for an event of this call; return its time, Unix seconds. Raises ``TimeoutError``."""
        return await self.log.wait(event, timeout)

    def speak(self, sound: Sound) -> None:
        """Say a WAV file, a tone (Hz) or silence (None) from now on. Raises ``BadInput`` for an unfit file."""
        self.media.speak(sound)

    def hears(self) -> Hearing:
        """How loud it was so far, and since when."""
        return Hearing(rms_dbfs=rms_dbfs(self.media.heard()), first_audio_at=self.media.first_audio_at)

    async def press(self, keys: str, gap_s: float = 0.15) -> None:
        """Press keys for 100 ms each, with pauses; return when done. Raises ``BadInput`` for no telephone key."""
        await self.media.press(keys, gap_s)

    async def hold(self) -> None:
        """Put the other side on hold. Raises ``Refused`` when it does not agree."""
        await self._change(Direction.SEND_ONLY)
        self.state, self.media.muted = LegState.HOLDING, True

    async def resume(self) -> None:
        """Take the other side off hold. Raises ``Refused`` when it does not agree."""
        await self._change(Direction.BOTH)
        self.state, self.media.muted = LegState.TALKING, False

    async def hang_up(self) -> None:
        """End the call, whatever its state. Returns when the other side knows, or after 32 s does not answer."""
        if not self.alive:
            return
        self.over(by="here")
        self._sent("BYE")
        try:
            await self._line.ask(lambda more: self._request("BYE", more), self._dialog.next_hop, heard=self._note)
        except TimeoutError:
            return  # the other side is gone: hung up all the same

    def over(self, *, by: str, at: float | None = None, status: int | None = None) -> None:
        """The call has ended."""
        if not self.alive:
            return
        self.state, self.ended_by, self.refused_with = LegState.ENDED, by, status
        self.media.close()
        self.log.happened("ended", at or time.time())

    def belongs(self, request: Request) -> bool:
        """Whether a request is part of this call."""
        ours = parameter(request.first("To"), "tag") == parameter(self._dialog.local, "tag")
        return ours and request.first("Call-ID") == self._dialog.call_id

    def take(self, asked: Asked) -> None:
        """A request within this call came in."""
        self.log.note(asked.stamp, Way.RECEIVED, asked.request.method)
        match asked.request.method:
            case "BYE":
                self._answer(asked, 200)
                self.over(by="there", at=asked.stamp)
            case "INVITE":
                self._take_change(asked)
            case "ACK":
                self.log.happened("confirmed", asked.stamp)
            case "OPTIONS":
                self._answer(asked, 200)
            case _:
                self._answer(asked, 405)

    def _take_change(self, asked: Asked) -> None:
        """A re-INVITE: hold, resume, or the PBX telling its mind."""
        if self._changing:
            self._answer(asked, 491)
            return
        direction = Direction.SEND_ONLY if self.state is LegState.HOLDING else Direction.BOTH
        if asked.request.body:
            try:
                offer = parse_sdp(asked.request.body)
                formats = self.media.answer_formats(offer)
            except BadInput:
                self._answer(asked, 488)
                return
            self.media.aim(offer)
            direction = direction if offer.direction is Direction.BOTH else ANSWERING[offer.direction]
            self._heard_of_hold(held=offer.direction in (Direction.SEND_ONLY, Direction.NEITHER), at=asked.stamp)
            body = build_sdp(self.media.describe(direction, formats=formats))
        else:
            body = build_sdp(self.media.describe(direction))
        self._answer(asked, 200, body)

    def _heard_of_hold(self, *, held: bool, at: float) -> None:
        now, other = ("held", "resumed") if held else ("resumed", "held")
        if held or "held" in self.log.first:
            self.log.undone(other)
            self.log.happened(now, at)

    async def _change(self, direction: Direction) -> None:
        if self.state not in (LegState.TALKING, LegState.HOLDING):
            raise Refused("not_talking", "only a call that was answered can be held or resumed")
        body = build_sdp(self.media.describe(direction))
        self._changing = True
        self._sent("INVITE")
        try:
            answer = await self._line.ask(
                lambda more: self._request("INVITE", more, body), self._dialog.next_hop, heard=self._heard_change
            )
        finally:
            self._changing = False
        if answer.status // 100 != 2:  # noqa: PLR2004 - the class of success
            raise Refused("hold_refused", f"the other side answered {answer.status} to the re-INVITE")

    def _heard_change(self, response: Response, stamp: float) -> None:
        self._note(response, stamp)
        if response.status // 100 == 2:  # noqa: PLR2004 - the class of success
            self._acknowledge(response)
            if response.body:
                self.media.aim(parse_sdp(response.body))

    def _acknowledge(self, response: Response) -> None:
        ack = self._dialog.request("ACK", response.cseq[0])
        self._sent("ACK")
        self._line.endpoint.acknowledge(ack, self._dialog.next_hop)

    def _request(self, method: str, more: tuple[Header, ...], body: bytes = b"") -> Request:
        self._number += 1
        return self._dialog.request(method, self._number, more, body)

    def _answer(self, asked: Asked, status: int, body: bytes = b"", *, contact: str | None = None) -> None:
        headers: list[Header] = [("Contact", f"<{contact or self._line.contact}>"), ("Allow", ALLOW)]
        if body:
            headers.append(("Content-Type", "application/sdp"))
        self._sent(str(status))
        asked.answer(reply(asked, status, tag=parameter(self._dialog.local, "tag"), headers=tuple(headers), body=body))

    def _note(self, response: Response, stamp: float) -> None:
        self.log.note(stamp, Way.RECEIVED, str(response.status))

    def _sent(self, what: str) -> None:
        self.log.note(time.time(), Way.SENT, what)
