"""Promises to ring back: who may be promised, what is kept of it, and the seat in the queue that stands for the caller.

The caller's place is a channel of the PBX like any waiting caller's (law 1): a seat that stands in ``[hold]`` under the
same contact, so the distributor offers it in its turn. An agent who takes it hears the resident's phone ring; the two
are joined when the resident answers. The store keeps the number and the arrival, so that seats that died with a PBX
are set again; when the promise is over the number is wiped. docs/decisions/0018-callback-seat.md tells why.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from ivr.ports import CallerLine, Clock, FactSink
from kernel.errors import BadInput, GuildhallError
from kernel.fact import Fact
from kernel.facts import AlarmRaised, ContactEnded, EngineChanged
from kernel.facts_services import CallbackPromised
from kernel.ids import ContactId, QueueId, TenantId
from kernel.number import Dialled, parse_dialled
from kernel.outbound import OutsideGate

log = structlog.get_logger()

#: Seconds for a seat to be seen in the queue: two Local channels and an event, some 20 ms.
_SEATED_WITHIN_S, _LOOK_EACH_S = 1.5, 0.02
#: After the engine decides again, seconds until promises without a seat are given one: the ends of calls come first.
_SETTLE_S = 3.0
_NUMBER = re.compile(r"(?:\+|00)?[0-9]{6,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One promise. ``number`` is personal: it reaches the store and the PBX, no log and no fact."""

    contact: ContactId
    tenant: TenantId
    queue: QueueId
    language: str
    number: str = field(repr=False)
    #: The council's number that is shown.
    shown: Dialled
    #: Unix seconds: the place in the queue.
    arrived: float


class PromiseBook(Protocol):
    """Where promises are kept. Every method raises when the store is away."""

    async def add(self, promise: Promise, /) -> bool:
        """Keep it; False when one for this number of this council is open already."""

    async def open(self) -> list[Promise]:
        """Those that are not over."""

    async def renamed(self, before: ContactId, after: ContactId, /) -> None:
        """It stands under another contact now."""

    async def over(self, contact: ContactId, /) -> None:
        """It is kept or given up: forget the number."""


class Seats(Protocol):
    """Puts seats into the queue."""

    async def seat(self, promise: Promise, /) -> None:
        """Ask the PBX for one. Raises ``GuildhallError`` when it refuses."""


class CallbackDesk:
    """Meets ``ivr.ports.Callbacks``; hears the facts, to see promises end."""

    def __init__(  # noqa: PLR0913 - the whole outside of a promise
        self,
        *,
        gate: OutsideGate,
        book: PromiseBook,
        seats: Seats,
        waiting: Callable[[ContactId], bool],
        facts: FactSink,
        clock: Clock,
    ) -> None:
        """``waiting``: whether a contact stands in a queue by its seat."""
        self._gate, self._book, self._seats, self._waiting = gate, book, seats, waiting
        self._facts, self._clock = facts, clock
        self._tasks: set[asyncio.Task[None]] = set()

    async def offer(self, line: CallerLine, typed: str) -> str | None:
        """The number that may be rung: national form, of a kind the council allows."""
        given = (typed or line.caller).replace(" ", "")
        if not _NUMBER.fullmatch(given):
            # Withheld or no number: nobody's fault, she may type one.
            return None
        number = _national(given)
        policy = self._gate.policies.get(TenantId(line.tenant))
        why = "a council that is not known here" if policy is None else policy.refuses(parse_dialled(number))
        if why is not None:
            self._alarm(line, why)
            return None
        return number

    async def book(self, line: CallerLine, queue: QueueId, language: str, number: str) -> bool:
        """Keep the promise, then put the seat into the queue: the caller may hang up from then on."""
        now, council = self._clock.now(), TenantId(line.tenant)
        promise = Promise(
            contact=ContactId(line.contact),
            tenant=council,
            queue=queue,
            language=language,
            number=number,
            shown=parse_dialled(line.number),
            arrived=now,
        )
        if (why := self._gate.refuses(council, parse_dialled(number), now)) is not None:
            self._alarm(line, why)
            return False
        if not await self._book.add(promise):
            # Never two for one number: the first promise stands, and she keeps the place she has.
            await line.user_event("GuildhallOutcome", {"Contact": line.contact, "Why": "callback"})
            return True
        # From here on the caller's own channel is no contact any more: the seat is.
        await line.set_variables({"GH_ROLE": "promised"})
        await line.user_event("GuildhallOutcome", {"Contact": line.contact, "Why": "none"})
        self._facts.publish(CallbackPromised(t=now, call=promise.contact, due=now))
        if await self._takes_seat(promise):
            return True
        await self._book.over(promise.contact)
        await line.set_variables({"GH_ROLE": "caller"})
        return False

    async def _takes_seat(self, promise: Promise) -> bool:
        try:
            await self._seats.seat(promise)
        except GuildhallError as error:
            log.error("no seat for a call back", contact=promise.contact, code=error.code)  # noqa: TRY400 - told whole
            return False
        return await self._seated(promise.contact)

    async def _seated(self, contact: ContactId) -> bool:
        for _ in range(round(_SEATED_WITHIN_S / _LOOK_EACH_S)):
            if self._waiting(contact):
                return True
            await asyncio.sleep(_LOOK_EACH_S)
        return False

    def hear(self, fact: Fact) -> None:
        """See promises end; put seats back that died with their PBX."""
        if isinstance(fact, ContactEnded) and fact.why != "failed":
            self._soon(self._over(fact.call))
        elif isinstance(fact, EngineChanged) and fact.state == "up" and fact.since is None:
            self._soon(self._seat_again())

    async def drain(self) -> None:
        """Wait until everything heard so far was seen to."""
        await asyncio.gather(*self._tasks)

    async def _over(self, contact: ContactId) -> None:
        await self._book.over(contact)

    async def _seat_again(self) -> None:
        await asyncio.sleep(_SETTLE_S)
        for promise in await self._book.open():
            if self._waiting(promise.contact):
                continue
            # Its contact has ended with the PBX; the promise goes on under another, at the same place in the queue.
            name, _, times = promise.contact.partition("_")
            again = replace(promise, contact=ContactId(f"{name}_{int(times or 0) + 1}"))
            await self._book.renamed(promise.contact, again.contact)
            await self._seats.seat(again)
            log.warning("a promise to ring back has its seat again", contact=again.contact, before=promise.contact)

    def _soon(self, work: Coroutine[None, None, None]) -> None:
        async def carefully() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001 - the store may be away; the seats stand on the PBX
                log.error("a promise could not be seen to", error=type(error).__name__)  # noqa: TRY400 - the text may hold a number

        task = asyncio.get_running_loop().create_task(carefully())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _alarm(self, line: CallerLine, why: str) -> None:
        log.error("ALARM: a call back was refused", tenant=line.tenant, contact=line.contact, why=why)
        council = TenantId(line.tenant)
        self._facts.publish(AlarmRaised(t=self._clock.now(), what="callback_refused", council=council))


def _national(given: str) -> str:
    """``+44…`` and ``0044…`` in national form, other countries' as ``00…``. Raises ``BadInput``."""
    digits = f"00{given[1:]}" if given.startswith("+") else given
    if not digits.isdigit():
        raise BadInput("bad_number", "a number holds digits")
    return f"0{digits[4:]}" if digits.startswith("0044") else digits
