"""The two ends of one SIP request over UDP: asked by us, asked of us (RFC 3261 §17)."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable

from lab.kernel_stamp import Address
from lab.resend import PATIENCE_S, Resend
from lab.sip_wire import Header, Request, Response, encode, parameter

#: A response and when the kernel received it, in Unix seconds.
Heard = Callable[[Response, float], None]
Send = Callable[[bytes, Address], None]

#: The statuses phones of the lab give.
REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    404: "Not Found",
    405: "Method Not Allowed",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    503: "Service Unavailable",
    603: "Decline",
}

_FIRST_FINAL = 200
_FIRST_REFUSAL = 300


class Asking:
    """One request of ours, re-sent until answered. A refused INVITE is acknowledged here (§17.1.1.3)."""

    def __init__(self, request: Request, to: Address, send: Send, heard: Heard | None) -> None:
        self.request = request
        self.to = to
        #: When it was first sent, Unix seconds.
        self.sent_at = 0.0
        #: Set once the other side said anything at all: only then may an INVITE be cancelled (§9.1).
        self.heard_of = False
        self._send = send
        self._heard = heard
        self._final: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        # Some answers nobody waits for, a CANCEL's for instance: their time-out is no fault.
        self._final.add_done_callback(lambda final: final.cancelled() or final.exception())
        invite = request.method == "INVITE"
        self._resend = Resend(
            lambda: send(encode(request), to),
            longest_pause_s=PATIENCE_S if invite else 4.0,
            give_up=self._nobody_answered,
        )

    @property
    def key(self) -> tuple[str, str]:
        """What a response must carry to belong here."""
        return self.request.branch, self.request.method

    @property
    def over(self) -> bool:
        """Whether it has its final answer, or nobody waits for one."""
        return self._final.done()

    def start(self) -> None:
        """Send it."""
        self.sent_at = time.time()
        self._resend.start()

    def stop(self) -> None:
        """Wait no longer."""
        self._resend.stop()
        if not self._final.done():
            self._final.cancel()

    def take(self, response: Response, stamp: float) -> None:
        """A response to this request came in."""
        self.heard_of = True
        final = response.status >= _FIRST_FINAL
        if final or self.request.method == "INVITE":
            self._resend.stop()
        if self.request.method == "INVITE" and response.status >= _FIRST_REFUSAL:
            self._send(encode(_ack_of_refusal(self.request, response)), self.to)
        if self._final.done():
            return
        if self._heard:
            self._heard(response, stamp)
        if final and not self._final.done():
            self._final.set_result(response)

    async def final(self) -> Response:
        """The final response. Raises ``TimeoutError`` when none came in 32 s."""
        return await asyncio.shield(self._final)

    def _nobody_answered(self) -> None:
        if not self._final.done():
            self._final.set_exception(TimeoutError(f"no answer to {self.request.method} in {PATIENCE_S:.0f} s"))


class Asked:
    """One request to us: remembers the answer for when the request comes again."""

    def __init__(self, request: Request, source: Address, stamp: float, send: Send) -> None:
        self.request = request
        self.source = source
        #: When the kernel received it, Unix seconds.
        self.stamp = stamp
        self._send = send
        #: Whether a final answer was sent.
        self.over = False
        self._last: bytes | None = None
        self._resend: Resend | None = None

    def answer(self, response: Response) -> None:
        """Send a response; a final one to INVITE is sent again until acknowledged (§13.3.1.4, §17.2.1)."""
        datagram = encode(response)
        self._last = datagram
        self.over = response.status >= _FIRST_FINAL
        if self.request.method == "INVITE" and self.over:
            self._resend = Resend(lambda: self._send(datagram, self.source))
            self._resend.start()
        else:
            self._send(datagram, self.source)

    def came_again(self) -> None:
        """The request was sent again: so is the answer, if there is one yet."""
        if self._last:
            self._send(self._last, self.source)

    def stop(self) -> None:
        """The answer was acknowledged, or nobody waits for it any more."""
        if self._resend:
            self._resend.stop()


def _ack_of_refusal(invite: Request, refusal: Response) -> Request:
    """Same branch, one Via, To with the tag of the refusal (§17.1.1.3)."""
    headers = [
        ("Via", invite.first("Via")),
        ("Max-Forwards", "70"),
        *(("Route", route) for route in invite.every("Route")),
        ("From", invite.first("From")),
        ("To", refusal.first("To")),
        ("Call-ID", invite.first("Call-ID")),
        ("CSeq", f"{invite.cseq[0]} ACK"),
    ]
    return Request(method="ACK", uri=invite.uri, headers=tuple(headers))


def reply(asked: Asked, status: int, *, tag: str = "", headers: tuple[Header, ...] = (), body: bytes = b"") -> Response:
    """A response to this request: Via, From, To, Call-ID and CSeq as they came (§8.2.6.2).

    ``tag`` is ours; it goes onto To where none is.
    """
    request = asked.request
    top, *others = request.every("Via")
    to = request.first("To")
    if tag and not parameter(to, "tag"):
        to = f"{to};tag={tag}"
    return Response(
        status=status,
        reason=REASONS.get(status, "Unnamed"),
        headers=(
            ("Via", _told_where_from(top, asked.source)),
            *(("Via", via) for via in others),
            *(("Record-Route", route) for route in request.every("Record-Route")),
            ("From", request.first("From")),
            ("To", to),
            ("Call-ID", request.first("Call-ID")),
            ("CSeq", request.first("CSeq")),
            *headers,
        ),
        body=body,
    )


def _told_where_from(via: str, source: Address) -> str:
    """Fill in ``rport`` where the sender asked for it (RFC 3581 §4)."""
    host, port = source
    return re.sub(r";rport(?=;|$)", f";rport={port};received={host}", via)
