"""Finds out whether sound still comes from a phone that answers no OPTIONS, and ends its leg when none does (C52)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog

from kernel.ids import LegId

log = structlog.get_logger()

#: Seconds between the two looks. A phone sends 50 packets a second; one that suppresses silence may send none for so
#: long, but then it still answers OPTIONS.
APART_S = 2.0
#: Q.850 44, requested channel not available: what Asterisk itself gives a leg that ran into `rtp_timeout`. The dialplan
#: (asterisk_conf/talk.conf) takes the caller back to the queue by it.
DEAD_PHONE = "44"
_PACKETS = {"Variable": "CHANNEL(rtcp,rxcount,audio)"}


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

    def __init__(self, link: Link) -> None:
        self._link = link

    def probe(self, leg: LegId) -> None:
        """Look now and again in two seconds; end the leg when nothing came between. Raises as ``Link.tell``."""

        def first(packets: str) -> None:
            asyncio.get_running_loop().call_later(APART_S, again, packets)

        def again(before: str) -> None:
            try:
                self._look(leg, lambda packets: self._end(leg) if packets == before else None)
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

    def _end(self, leg: LegId) -> None:
        log.warning("a phone is out of reach and no sound comes from it: its leg is ended", leg=leg)
        self._link.tell([("Hangup", {"Channel": leg, "Cause": DEAD_PHONE})])
