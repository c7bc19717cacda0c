"""One UDP socket that speaks SIP: sorts what comes in to the request or the answer it belongs to."""

from __future__ import annotations

import asyncio
import random
import secrets
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from kernel.errors import BadInput
from lab.kernel_stamp import Address, open_udp, read_stamped
from lab.resend import PATIENCE_S
from lab.sip_wire import Request, Response, encode, parse
from lab.transactions import Asked, Asking, Heard

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

#: Datagrams read in one go before other tasks get their turn.
_AT_ONCE = 50


class SipEndpoint:
    """Asks, answers, re-sends. What is asked of it for the first time goes to ``on_request``."""

    def __init__(self, local_ip: str, on_request: Callable[[Asked], None], port: int = 0) -> None:
        self._local_ip, self._port = local_ip, port
        self._on_request = on_request
        self._socket: socket.socket | None = None
        self._asking: dict[tuple[str, str], Asking] = {}
        self._asked: dict[tuple[str, str], Asked] = {}
        #: 2xx to INVITE that found no one waiting: repeated ones, by Call-ID and CSeq.
        self._acks: dict[tuple[str, tuple[int, str]], tuple[Request, Address]] = {}
        #: The share of datagrams that a bad line loses, each way.
        self.loses = 0.0
        #: Datagrams that were no SIP.
        self.unreadable = 0
        #: Requests that came again: the other side did not hear our answer in time.
        self.repeated = 0

    async def open(self) -> None:
        """Take its port, or a free one. Raises ``OSError`` when the address is not this machine's."""
        self._socket = open_udp(self._local_ip, self._port)
        asyncio.get_running_loop().add_reader(self._socket, self._readable, self._socket)

    def close(self) -> None:
        """Give the port back; nothing is sent any more."""
        if not self._socket:
            return
        asyncio.get_running_loop().remove_reader(self._socket)
        for asking in self._asking.values():
            asking.stop()
        for asked in self._asked.values():
            asked.stop()
        self._socket.close()
        self._socket = None

    @property
    def address(self) -> Address:
        """Where this phone is reached. Raises ``RuntimeError`` before ``open``."""
        if not self._socket:
            raise RuntimeError("the phone is not started")
        host, port = self._socket.getsockname()
        return host, port

    def ask(self, request: Request, to: Address, heard: Heard | None = None) -> Asking:
        """Send a request (without Via: it is added); ``heard`` gets every new response."""
        asking = Asking(self.with_via(request), to, self._send, heard)
        self._keep(self._asking, asking.key, asking)
        asking.start()
        return asking

    def acknowledge(self, ack: Request, to: Address) -> None:
        """Send the ACK of a 2xx, now and whenever that 2xx comes again (RFC 3261 §13.2.2.4)."""
        ack = self.with_via(ack)
        self._keep(self._acks, (ack.first("Call-ID"), (ack.cseq[0], "INVITE")), (ack, to))
        self._send(encode(ack), to)

    def cancel(self, asking: Asking, heard: Heard | None = None) -> Asking:
        """Cancel an INVITE that had a provisional response: same branch, same number (RFC 3261 §9.1)."""
        invite = asking.request
        kept = ("via", "max-forwards", "from", "to", "call-id", "route")
        headers = tuple((name, value) for name, value in invite.headers if name.lower() in kept)
        cseq = ("CSeq", f"{invite.cseq[0]} CANCEL")
        request = replace(invite, method="CANCEL", headers=(*headers, cseq), body=b"")
        cancelling = Asking(request, asking.to, self._send, heard)
        self._keep(self._asking, cancelling.key, cancelling)
        cancelling.start()
        return cancelling

    def invite_of(self, cancel: Request) -> Asked | None:
        """The INVITE that a CANCEL means."""
        return self._asked.get((cancel.branch, "INVITE"))

    def with_via(self, request: Request) -> Request:
        """The request with this phone's Via on top, in a transaction of its own."""
        host, port = self.address
        via = ("Via", f"SIP/2.0/UDP {host}:{port};branch=z9hG4bK{secrets.token_hex(8)};rport")
        return replace(request, headers=(via, *request.headers))

    def _keep(self, table: dict[_Key, _Value], key: _Key, value: _Value) -> None:
        """Remember for as long as the other side may repeat itself, and an open question until it is answered."""
        table[key] = value
        asyncio.get_running_loop().call_later(2 * PATIENCE_S, self._forget, table, key, value)

    def _forget(self, table: dict[_Key, _Value], key: _Key, value: _Value) -> None:
        if table.get(key) is not value:
            return
        if self._socket and isinstance(value, Asking | Asked) and not value.over:
            self._keep(table, key, value)
        else:
            del table[key]

    def _send(self, datagram: bytes, to: Address) -> None:
        if self._socket and not self._lost():
            self._socket.sendto(datagram, to)

    def _lost(self) -> bool:
        return self.loses > 0.0 and random.random() < self.loses  # noqa: S311 - a bad line, not a secret

    def _readable(self, sock: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            got = read_stamped(sock)
            if got is None or not self._socket:
                return
            data, source, stamp = got
            if self._lost():
                continue
            if not data.strip(b"\r\n\0"):
                continue  # keep-alive (RFC 5626 §3.5.1)
            try:
                message = parse(data)
            except BadInput:
                self.unreadable += 1
                continue
            if isinstance(message, Request):
                self._take_request(message, source, stamp)
            else:
                self._take_response(message, stamp)

    def _take_response(self, response: Response, stamp: float) -> None:
        asking = self._asking.get((response.branch, response.cseq[1]))
        if asking is None:
            return
        ack = self._acks.get((response.first("Call-ID"), response.cseq))
        if ack and response.status // 100 == 2:  # noqa: PLR2004 - the class of success
            self._send(encode(ack[0]), ack[1])
        asking.take(response, stamp)

    def _take_request(self, request: Request, source: Address, stamp: float) -> None:
        if request.method == "ACK":
            self._take_ack(request, source, stamp)
            return
        key = (request.branch, request.method)
        known = self._asked.get(key)
        if known:
            self.repeated += 1
            known.came_again()
            return
        asked = Asked(request, source, stamp, self._send)
        self._keep(self._asked, key, asked)
        self._on_request(asked)

    def _take_ack(self, ack: Request, source: Address, stamp: float) -> None:
        """An ACK ends the re-sending of the INVITE's answer; that of a 2xx has a branch of its own."""
        number = ack.cseq[0]
        for asked in self._asked.values():
            invite = asked.request
            if invite.cseq == (number, "INVITE") and invite.first("Call-ID") == ack.first("Call-ID"):
                asked.stop()
        self._on_request(Asked(ack, source, stamp, self._send))
