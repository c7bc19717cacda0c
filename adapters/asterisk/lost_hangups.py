"""Ends legs whose own hang-up Asterisk has lost, so that nobody talks into a dead line.

A hang-up reaches a channel as one frame on its queue. While Asterisk plays a sound to a leg inside a bridge
(``Bridge(…,p)``, ``Dial(…,L())``), the playing reads that frame, stops, and goes back to a bridge that never looks
again: the channel stays for ever, and with it the call (docs/decisions/0059-a-hang-up-that-is-lost.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog

from adapters.asterisk.ami_meaning import Event

log = structlog.get_logger()

#: Seconds a leg may take to go after its hang-up was heard of: no dialplan of ours does anything by then.
OVERDUE_S = 2.0
#: How often to look, seconds.
_EVERY_S = 0.5


class Link(Protocol):
    """What this file needs of the AMI link."""

    @property
    def up(self) -> bool:
        """Whether the link is logged in."""
        ...

    def tell(
        self,
        actions: Sequence[tuple[str, Mapping[str, str]]],
        on_reply: Callable[[int, Event | None], None] | None = None,
    ) -> None:
        """Send actions in one write, in order."""
        ...


class LostHangups:
    """Remembers who hung up and is still there; hangs up once more, until it is gone."""

    def __init__(self, link: Link) -> None:
        self._link = link
        #: Unique id of a channel -> when to hang up (again), in the loop's seconds.
        self._due: dict[str, float] = {}

    def hear(self, event: Event) -> None:
        """Take note of ``HangupRequest`` (its phone or line hung up) and ``Hangup`` (it is gone)."""
        leg = event.get("Uniqueid")
        if event.get("Event") == "HangupRequest":
            self._due.setdefault(leg, asyncio.get_running_loop().time() + OVERDUE_S)
        elif event.get("Event") == "Hangup":
            self._due.pop(leg, None)

    async def run(self) -> None:
        """Look for ever; cancel to stop."""
        while True:
            await asyncio.sleep(_EVERY_S)
            now = asyncio.get_running_loop().time()
            for leg in [leg for leg, due in self._due.items() if due <= now and self._link.up]:
                log.warning("a leg hung up and is still there: hung up once more", leg=leg)
                # The next one may be read by a playing, too.
                self._due[leg] = now + OVERDUE_S
                self._link.tell([("Hangup", {"Channel": leg})], self._gone_by_itself(leg))

    def _gone_by_itself(self, leg: str) -> Callable[[int, Event | None], None]:
        def answered(_index: int, reply: Event | None) -> None:
            # No such channel: its Hangup was told while the link was down.
            if reply is not None and reply.get("Response") == "Error":
                self._due.pop(leg, None)

        return answered
