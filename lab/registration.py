"""Telling the PBX where a phone is, and again before it forgets (RFC 3261 §10)."""

from __future__ import annotations

import asyncio
import contextlib
import secrets

from kernel.errors import Refused
from lab.dialog import AGENT_NAME, new_tag
from lab.line import Line
from lab.sip_wire import Header, Request, parameter, sip_uri, uri_in

#: The share of the granted time after which it registers again.
_RENEW_AT = 0.8
_OK = 200


class Registration:
    """One phone's place in the PBX's book."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._call_id = secrets.token_hex(12)
        self._tag = new_tag()
        self._number = 0
        self._renewing: asyncio.Task[None] | None = None
        #: Seconds the PBX granted; 0 when not registered.
        self.granted_s = 0

    async def begin(self, expires: int) -> None:
        """Register. Raises ``Refused`` when the PBX does not agree, ``TimeoutError`` when it does not answer."""
        self.forget()
        await self._register(expires)
        self._renewing = asyncio.get_running_loop().create_task(self._renew(expires))

    async def end(self) -> None:
        """Unregister, when registered."""
        registered = bool(self.granted_s)
        self.forget()
        if registered:
            await self._register(0)

    def forget(self) -> None:
        """Renew no more, and tell nobody."""
        self.granted_s = 0
        if self._renewing:
            self._renewing.cancel()
            self._renewing = None

    async def _renew(self, expires: int) -> None:
        while True:
            await asyncio.sleep(max(1.0, self.granted_s * _RENEW_AT))
            with contextlib.suppress(TimeoutError, Refused):  # the PBX may be down: a phone goes on trying
                await self._register(expires)

    async def _register(self, expires: int) -> None:
        line = self._line
        book = sip_uri(line.user, line.server)

        def build(more: tuple[Header, ...]) -> Request:
            self._number += 1
            return Request(
                method="REGISTER",
                uri=f"sip:{line.server[0]}:{line.server[1]}",
                headers=(
                    ("Max-Forwards", "70"),
                    ("From", f"<{book}>;tag={self._tag}"),
                    ("To", f"<{book}>"),
                    ("Call-ID", self._call_id),
                    ("CSeq", f"{self._number} REGISTER"),
                    ("Contact", f"<{line.contact}>"),
                    ("Expires", str(expires)),
                    ("User-Agent", AGENT_NAME),
                    *more,
                ),
            )

        response = await line.ask(build, line.server)
        if response.status != _OK:
            raise Refused("register_refused", f"the PBX answered {response.status} to REGISTER")
        ours = [contact for contact in response.every("Contact") if uri_in(contact) == line.contact]
        granted = parameter(ours[0], "expires") if ours else response.first("Expires")
        self.granted_s = (int(granted) if granted.isdigit() else expires) if expires else 0
