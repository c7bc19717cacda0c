"""What callers said to steering, in SQL: sealed, with a last day, found by call and by subject."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.engine import reading
from adapters.store.tables import STEERED_WORDS
from kernel.errors import GuildhallError
from kernel.ids import ContactId, TenantId
from kernel.steered_words import KeptWords

log = structlog.get_logger()

#: As subjects are written: calls come in bunches.
_EVERY_S = 0.5
#: A database that is away for long: the newest are not kept. Only steering's lesson is poorer by it.
_MOST_WAITING = 5_000
#: A page of ids in one question to the database.
_PAGE = 200
_AT = STEERED_WORDS.c

#: Name and text -> sealed; name and sealed -> text.
Seal = Callable[[str, str], str]


class SqlSteeredWords:
    """``put`` from the engine's loop, ``run`` beside it; the rest anywhere."""

    def __init__(self, engine: AsyncEngine, seal: Seal, unseal: Seal) -> None:
        self._engine, self._reader = engine, reading(engine)
        self._seal, self._unseal = seal, unseal
        self._waiting: list[KeptWords] = []

    def put(self, words: KeptWords) -> None:
        """Remember it until the next write."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append(words)

    async def run(self) -> None:
        """Write what waits, for ever."""
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self.flush()
            except Exception as error:  # noqa: BLE001 - whatever the driver or a key device throws, the next round tries again
                log.warning("steered words cannot be stored", error=type(error).__name__, waiting=len(self._waiting))

    async def flush(self) -> None:
        """Write what waits. SQLAlchemy's errors pass through; nothing is lost by them."""
        batch = list(self._waiting)
        if batch:
            # In a thread: the master key may lie in a device that takes its time.
            rows = await asyncio.to_thread(self._sealed, batch)
            async with self._engine.begin() as connection:
                await connection.execute(insert(STEERED_WORDS), rows)
            del self._waiting[: len(batch)]

    def _sealed(self, batch: list[KeptWords]) -> list[dict[str, Any]]:
        names = [name for name in _AT.keys() if name not in {"id", "sealed"}]  # noqa: SIM118 - a collection of columns, not a dict
        return [
            {name: getattr(one, name) for name in names} | {"sealed": self._seal(_name(one.call), one.text)}
            for one in batch
        ]

    async def of_calls(self, calls: Iterable[ContactId]) -> list[KeptWords]:
        """What was said in these calls, oldest first."""
        asked, found = list(calls), []
        for at in range(0, len(asked), _PAGE):
            found += await self._read(_AT.call.in_(asked[at : at + _PAGE]))
        return found

    async def of_subject(self, subject: str, councils: frozenset[TenantId] | None) -> list[KeptWords]:
        """What a caller said; ``councils`` None means all of them."""
        mine = [] if councils is None else [_AT.council.in_(sorted(councils))]
        return await self._read(_AT.subject == subject, *mine)

    async def one(self, id_: int) -> KeptWords | None:
        """One utterance by its number."""
        found = await self._read(_AT.id == id_)
        return found[0] if found else None

    async def forget_subject(self, subject: str, councils: frozenset[TenantId] | None) -> int:
        """Delete what a caller said; how many utterances."""
        mine = [] if councils is None else [_AT.council.in_(sorted(councils))]
        return await self._delete(_AT.subject == subject, *mine)

    async def prune(self, now: float) -> int:
        """Delete what is past its last moment; how many."""
        return await self._delete(_AT.keep_until <= now)

    async def _delete(self, *which: Any) -> int:  # noqa: ANN401 - conditions of SQLAlchemy
        async with self._engine.begin() as connection:
            return int((await connection.execute(delete(STEERED_WORDS).where(*which))).rowcount)

    async def _read(self, *which: Any) -> list[KeptWords]:  # noqa: ANN401 - as above
        async with self._reader.connect() as connection:
            rows = (await connection.execute(select(STEERED_WORDS).where(*which).order_by(_AT.id))).mappings().all()
        return [words for row in rows if (words := self._opened(row)) is not None]

    def _opened(self, row: Mapping[Any, Any]) -> KeptWords | None:
        fields: dict[str, Any] = {str(name): value for name, value in row.items()}
        try:
            text = self._unseal(_name(fields["call"]), fields.pop("sealed"))
        except GuildhallError as error:
            log.error("steered words cannot be opened", code=error.code, call=fields["call"])  # noqa: TRY400 - the code says all
            return None
        return KeptWords(**fields, text=text)


def _name(call: str) -> str:
    return f"words-{call}"
