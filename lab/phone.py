"""A SIP phone: registers, calls, is called. One UDP socket, one identity."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Coroutine
from dataclasses import replace

from kernel.errors import Refused
from lab.answering import IncomingLeg
from lab.behaviour import Answer, Behaviour, LetRing, Reject, Silent
from lab.call_leg import CallLeg, LegState
from lab.calling import OutgoingLeg
from lab.dialog import AGENT_NAME, ALLOW, begin, new_tag
from lab.kernel_stamp import Address
from lab.line import Line
from lab.registration import Registration
from lab.sip_endpoint import SipEndpoint
from lab.sip_wire import name_addr, parameter, sip_uri
from lab.transactions import Asked, reply
from lab.voice import Sound

__all__ = ["Answer", "CallLeg", "IncomingLeg", "LegState", "LetRing", "OutgoingLeg", "Phone", "Reject", "Silent"]

#: How long a phone that is put away waits for goodbyes to be answered.
_GOODBYE_S = 1.0


class Phone:
    """A telephone of the lab. ``server`` is the PBX, or another phone to call without one.

    ``media`` False: calls carry no sound but the one packet Asterisk waits for; for load and timing. ``codecs``: what
    it speaks, best first (``("PCMU",)``); it then answers in the first of its own that it is offered.
    """

    def __init__(  # noqa: PLR0913 - a phone's settings, each by name
        self,
        *,
        user: str,
        server: Address,
        local_ip: str = "127.0.0.1",
        display: str = "",
        password: str | None = None,
        media: bool = True,
        port: int = 0,
        codecs: tuple[str, ...] = (),
    ) -> None:
        endpoint = SipEndpoint(local_ip, self._on_request, port)
        self._line = Line(
            endpoint=endpoint,
            local_ip=local_ip,
            user=user,
            display=display,
            server=server,
            password=password,
            media=media,
            codecs=codecs,
        )
        self._registration = Registration(self._line)
        self._tasks: set[asyncio.Task[None]] = set()
        self._offered: asyncio.Queue[IncomingLeg] = asyncio.Queue()
        #: What it does with calls that come.
        self.behaviour: Behaviour = Answer()
        #: What it says on every call from the answer on.
        self.voice: Sound = None
        #: Every call so far, made or received.
        self.calls: list[CallLeg] = []

    async def start(self) -> None:
        """Take a free port. Raises ``OSError`` when the address is not this machine's."""
        await self._line.endpoint.open()

    async def close(self) -> None:
        """Hang up, unregister, give the port back; waits a second for answers at most."""
        with contextlib.suppress(TimeoutError, Refused):
            async with asyncio.timeout(_GOODBYE_S):
                living = [leg.hang_up() for leg in self.calls if leg.alive]
                await asyncio.gather(*living, return_exceptions=True)
                await self._registration.end()
        await self.vanish()

    async def vanish(self) -> None:
        """Be gone without a word, as when the plug is pulled."""
        self._registration.forget()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for leg in self.calls:
            leg.over(by="here")
        self._line.endpoint.close()

    def lose(self, share: float) -> None:
        """From now on a bad line: this share of its SIP is lost, each way; sound goes through."""
        self._line.endpoint.loses = share

    @property
    def address(self) -> Address:
        """Where this phone is reached."""
        return self._line.endpoint.address

    @property
    def user(self) -> str:
        """The user part of its address."""
        return self._line.user

    async def register(self, expires: int = 300) -> None:
        """Tell the PBX where this phone is, and again before it forgets. Raises ``Refused`` or ``TimeoutError``."""
        await self._registration.begin(expires)

    async def unregister(self) -> None:
        """Take the registration back. Raises ``Refused`` or ``TimeoutError``."""
        await self._registration.end()

    async def call(self, number: str, *, display: str | None = None) -> OutgoingLeg:
        """Dial. Returns as the INVITE leaves; wait for ``ringing``, ``answered`` or ``ended`` on the leg."""
        line = self._line
        name = line.display if display is None else display
        to = sip_uri(number, line.server)
        dialog = begin(
            call_id=secrets.token_hex(12),
            local=name_addr(name, sip_uri(line.user, line.server)),
            to_uri=to,
            contact=line.contact,
        )
        leg = OutgoingLeg(line, dialog)
        leg.speak(self.voice)
        self.calls.append(leg)
        self._soon(leg.run())
        await asyncio.sleep(0)
        return leg

    async def next_call(self, timeout: float = 10.0) -> IncomingLeg:  # noqa: ASYNC109 - a test states its deadline
        """The next call that comes in and was not yet handed out. Raises ``TimeoutError``."""
        try:
            return await asyncio.wait_for(self._offered.get(), timeout)
        except TimeoutError:
            raise TimeoutError(f"no call came to this phone in {timeout:g} s") from None

    def _on_request(self, asked: Asked) -> None:
        request = asked.request
        leg = next((leg for leg in reversed(self.calls) if leg.belongs(request)), None)
        if request.method == "CANCEL":
            self._take_cancel(asked)
        elif leg:
            leg.take(asked)
        elif request.method == "INVITE" and not parameter(request.first("To"), "tag"):
            self._take_call(asked)
        elif request.method == "OPTIONS":
            self._refuse(asked, 200)
        elif request.method == "BYE" or parameter(request.first("To"), "tag"):
            self._refuse(asked, 481)
        else:
            self._refuse(asked, 405)

    def _take_call(self, asked: Asked) -> None:
        leg = IncomingLeg(self._line, asked)
        leg.speak(self.voice)
        self.calls.append(leg)
        self._offered.put_nowait(leg)
        self._soon(leg.behave(replace(self.behaviour)))

    def _take_cancel(self, cancel: Asked) -> None:
        invite = self._line.endpoint.invite_of(cancel.request)
        for leg in self.calls:
            if isinstance(leg, IncomingLeg) and leg.invite is invite:
                leg.cancelled(cancel)
                return
        self._refuse(cancel, 481)

    def _refuse(self, asked: Asked, status: int) -> None:
        if asked.request.method != "ACK":  # an ACK is never answered (RFC 3261 §17)
            headers = (("Allow", ALLOW), ("User-Agent", AGENT_NAME))
            asked.answer(reply(asked, status, tag=new_tag(), headers=headers))

    def _soon(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
