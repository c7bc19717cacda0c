"""``guildhall facts``: the export of what happened, and its check against the ten invariants."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import time
from datetime import UTC, datetime
from typing import Any, TextIO

from sqlalchemy.exc import SQLAlchemyError

from acd.core.invariants import check as check_invariants
from adapters.store.engine import open_engine
from adapters.store.fact_store import FactStore
from guildhall.settings import Settings
from kernel.errors import BadInput, GuildhallError


def moment(text: str | None) -> float | None:
    """Unix seconds from a time as an option takes it: those, or ISO (UTC unless it says so). Raises ``BadInput``."""
    if text is None:
        return None
    with contextlib.suppress(ValueError):
        if math.isfinite(seconds := float(text)):
            return seconds
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput("bad_time", f"'{text}' is no time: write Unix seconds, or 2026-11-22T09:00") from None
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).timestamp()


def export_facts(settings: Settings, since: str | None, out: TextIO, *, check: bool) -> int:
    """Write the export to ``out``, or only its breaches with ``check``; return how many breaches there are.

    Raises ``GuildhallError`` when there is no database to read.
    """
    begin = moment(since)
    try:
        return asyncio.run(_export(settings, begin, out, check=check))
    except BrokenPipeError:
        # The reader of our output has had enough: not the database's fault.
        raise
    except (SQLAlchemyError, OSError) as error:
        # The driver's own words may hold the database's address and password.
        raise GuildhallError(
            "no_facts",
            f"the facts cannot be read ({type(error).__name__}): start the service with 'make up', which makes the "
            "database, or see whether the one of GUILDHALL_DATABASE_URL runs",
        ) from None


async def _export(settings: Settings, since: float | None, out: TextIO, *, check: bool) -> int:
    engine = open_engine(settings.store_url)
    try:
        store = FactStore(engine)
        lines = [line async for line in store.export(since, time.time())] if check else []
        if not check:
            async for line in store.export(since, time.time()):
                out.write(line.rstrip("\n") + "\n")
            return 0
    finally:
        await engine.dispose()
    facts = [json.loads(line) for line in lines]
    breaches = check_invariants(facts)
    out.writelines(f"{breach}\n" for breach in breaches)
    # Excused by the invariants, and still a caller's time: said beside them.
    stood = [fact["t"] - fact["since"] for fact in facts if fact["ev"] == "engine" and fact.get("since") is not None]
    if stood:
        out.write(f"the engine stood still {len(stood)} times, {max(stood):.3f} s at the longest: not its decision\n")
    out.write(f"{len(facts)} facts, {len(breaches)} breaches of the invariants\n")
    return len(breaches)


async def export_lines(settings: Settings, since: float | None) -> list[str]:
    """The lines of an export. Raises ``GuildhallError`` when there is no database to read."""
    engine = open_engine(settings.store_url)
    try:
        return [line async for line in FactStore(engine).export(since, time.time())]
    except (SQLAlchemyError, OSError) as error:
        raise GuildhallError(
            "no_facts", f"the facts cannot be read ({type(error).__name__}): start the service with 'make up'"
        ) from None
    finally:
        await engine.dispose()


async def facts_since(settings: Settings, since: float) -> list[dict[str, Any]]:
    """The stored facts from a moment on, for a short look."""
    engine = open_engine(settings.store_url)
    try:
        return [fact async for fact in FactStore(engine).since(since)]
    finally:
        await engine.dispose()
