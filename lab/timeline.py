"""What happened on one call leg and when: every message, every named event, and waiting for one."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """Which way a message went."""

    SENT = ">"
    RECEIVED = "<"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One SIP message of a call; repeated datagrams are not told again.

    Received ones carry the kernel's arrival time, sent ones the clock read right before the send: both are
    CLOCK_REALTIME, and over loopback a send arrives within the same system call.
    """

    #: Unix seconds.
    at: float
    way: Way
    #: Method of a request, status of a response as text.
    what: str


class Timeline:
    """Moments in order, and named events of which the test can wait for any."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        #: Event → Unix seconds of its first time.
        self.first: dict[str, float] = {}
        #: Event → Unix seconds of its latest time.
        self.latest: dict[str, float] = {}
        self._events: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def note(self, at: float, way: Way, what: str) -> None:
        """A message went."""
        self.moments.append(Moment(at=at, way=way, what=what))

    def happened(self, event: str, at: float) -> None:
        """An event took place; whoever waits for it goes on."""
        self.first.setdefault(event, at)
        self.latest[event] = at
        self._events[event].set()

    def undone(self, event: str) -> None:
        """The event no longer holds: the next wait for it is for the next time."""
        self._events[event].clear()

    async def wait(self, event: str, timeout: float) -> float:  # noqa: ASYNC109 - a deadline is what a test states
        """Wait for the event; return when it last happened, Unix seconds.

        Raises ``TimeoutError`` that names the messages so far (methods and statuses only, nothing of the caller),
        at once when the call has ended and the event can no longer come.
        """
        wanted = asyncio.ensure_future(self._events[event].wait())
        ended = asyncio.ensure_future(self._events["ended"].wait())
        try:
            await asyncio.wait((wanted, ended), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            wanted.cancel()
            ended.cancel()
        if not self._events[event].is_set():
            ending = "before the call ended" if self._events["ended"].is_set() else f"in {timeout:g} s"
            raise TimeoutError(f"not {event} {ending}; messages: {self.told()}")
        return self.latest[event]

    def when(self, what: str, way: Way) -> float:
        """When this message first went this way, Unix seconds. Raises ``LookupError`` when it did not."""
        for moment in self.moments:
            if (moment.what, moment.way) == (what, way):
                return moment.at
        raise LookupError(f"no {way} {what} among: {self.told()}")

    def told(self) -> str:
        """All messages on one line."""
        return " ".join(f"{moment.way}{moment.what}" for moment in self.moments) or "none"
