"""Finds out whether sound still comes from a phone that answers no OPTIONS (C52)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog

from adapters.asterisk.ami_wire import PACKETS
from kernel.ids import LegId
from kernel.seen_phone import LegSilent

log = structlog.get_logger()

#: Packets received on a leg. Our talks are simple bridges, recorded or not (seen on 22.10.1): each packet is read.
_PACKETS = {"Variable": PACKETS}


class Reply(Protocol):
    """The PBX's answer to one action."""

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a header."""
        ...


class Link(Protocol):
    """What this file needs of the AMI link."""

    def tell(
        self,
        actions: Sequence[tuple[str, Mapping[str, str]]],
        on_reply: Callable[[int, Reply | None], None] | None = None,
    ) -> None:
        """Send actions in one write, in order."""
        ...


class LegProbe:
    """Counts a leg's packets twice."""

    def __init__(self, link: Link, on_silent: Callable[[LegSilent], None], apart_s: float) -> None:
        """``apart_s``: seconds between the two looks; a phone that talks sends fifty packets in one."""
        self._link, self._on_silent, self._apart_s = link, on_silent, apart_s

    def probe(self, leg: LegId) -> None:
        """Look now and again later; tell when no packet came between. Raises as ``Link.tell``."""

        def first(packets: str) -> None:
            asyncio.get_running_loop().call_later(self._apart_s, again, packets)

        def again(before: str) -> None:
            try:
                self._look(leg, lambda packets: self._silent(leg) if packets == before else None)
            except Exception:
                # The link was lost meanwhile: rtp_timeout ends the leg later.
                log.exception("a leg could not be probed again", leg=leg)

        self._look(leg, first)

    def _look(self, leg: LegId, then: Callable[[str], None]) -> None:
        def answered(_index: int, reply: Reply | None) -> None:
            # An error: the leg is gone by itself. Not a number: a leg without sound of its own is left alone.
            packets = "" if reply is None or reply.get("Response") != "Success" else reply.get("Value")
            if packets.isascii() and packets.isdigit():
                then(packets)

        self._link.tell([("Getvar", {"Channel": leg, **_PACKETS})], answered)

    def _silent(self, leg: LegId) -> None:
        log.warning("a phone is out of reach and no sound comes from it", leg=leg)
        self._on_silent(LegSilent(leg=leg))
