"""Promises to ring back, wired: kept in SQL, seated on the PBX, watched by the facts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from sqlalchemy.ext.asyncio import AsyncEngine

from acd.engine import Engine
from adapters.asterisk.ami_link import AmiLink
from adapters.asterisk.seats import set_seat
from adapters.bus.memory import MemoryBus
from adapters.clock import SteadyClock
from adapters.store.promises import SqlPromises
from ivr.promises import CallbackDesk, Promise
from kernel.ids import ContactId, QueueId, TenantId
from kernel.number import parse_dialled
from kernel.outbound import OutsideGate

#: What the resident hears when the agent went before she answered, and when she waits again: in the dialplan's hand.
SORRY, HOLD = "callback_sorry", "sorry_hold"

#: Council, language, prompt -> the sound's path, None when there is none.
SoundOf = Callable[[str, str, str], str | None]


class PromisesInSql:
    """Meets ``ivr.promises.PromiseBook``."""

    def __init__(self, promises: SqlPromises) -> None:
        self._promises = promises

    async def add(self, promise: Promise) -> bool:
        """Keep it; False when one for this number of this council is open already."""
        row = dataclasses.asdict(promise)
        row["council"] = row.pop("tenant")
        return await self._promises.add(row)

    async def open(self) -> list[Promise]:
        """Those that are not over."""
        return [_promise(row) for row in await self._promises.open()]

    async def renamed(self, before: ContactId, after: ContactId) -> None:
        """It stands under another contact now."""
        await self._promises.renamed(before, after)

    async def over(self, contact: ContactId) -> None:
        """It is kept or given up."""
        await self._promises.over(contact)


class AmiSeats:
    """Meets ``ivr.promises.Seats``."""

    def __init__(self, link: AmiLink, sound: SoundOf) -> None:
        self._link, self._sound = link, sound

    async def seat(self, promise: Promise) -> None:
        """Ask the PBX for one. Raises ``GuildhallError``."""
        variables = {
            "GH_CONTACT": promise.contact,
            "GH_TENANT": promise.tenant,
            "GH_NUMBER": promise.shown,
            "GH_QUEUE": promise.queue,
            "GH_LANG": promise.language,
            "GH_ARRIVED": f"{promise.arrived:.6f}",
            "GH_CALLBACK_SORRY": self._sound(promise.tenant, promise.language, SORRY) or "",
            "GH_SORRY": self._sound(promise.tenant, promise.language, HOLD) or "",
        }
        await set_seat(self._link, variables, contact=promise.contact, to=promise.number)


def callback_desk(  # noqa: PLR0913 - the whole outside of a promise
    *,
    gate: OutsideGate,
    database: AsyncEngine,
    link: AmiLink,
    engine: Engine,
    facts: MemoryBus,
    clock: SteadyClock,
    sound: SoundOf,
) -> CallbackDesk:
    """The desk, hearing the facts."""

    def waiting(contact: ContactId) -> bool:
        known = engine.world.contacts.get(contact)
        return known is not None and known.channel.startswith("Local/")

    desk = CallbackDesk(
        gate=gate,
        book=PromisesInSql(SqlPromises(database)),
        seats=AmiSeats(link, sound),
        waiting=waiting,
        facts=facts,
        clock=clock,
    )
    facts.subscribe(desk.hear)
    return desk


def _promise(row: Mapping[str, object]) -> Promise:
    return Promise(
        contact=ContactId(str(row["contact"])),
        tenant=TenantId(str(row["council"])),
        queue=QueueId(str(row["queue"])),
        language=str(row["language"]),
        number=str(row["number"]),
        shown=parse_dialled(str(row["shown"])),
        arrived=float(str(row["arrived"])),
    )
