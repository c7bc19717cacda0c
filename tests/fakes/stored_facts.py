"""A few facts of each kind, put into a store and read back."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import MappingProxyType

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.fact_store import FactStore
from kernel import facts
from kernel.ids import AgentId, ContactId, QueueId, TenantId
from tests.fakes.fact_log import FactLog

A1, K1, K2, K3 = AgentId("n-a001"), ContactId("c1-1"), ContactId("c1-2"), ContactId("c1-3")
NORTHMERE, WASTE = TenantId("northmere"), QueueId("northmere.waste")


def step(number: int, t: float | None = None) -> facts.Fact:
    return facts.FlowStepped(t=float(number) if t is None else t, call=K1, flow="main", step=f"s{number}")


def begin(t: float, call: ContactId) -> facts.Fact:
    return facts.CallBegan(t=t, call=call, council=NORTHMERE, number="03069990001")


def arrive(t: float, call: ContactId) -> facts.Fact:
    skills = MappingProxyType({"waste": 1})
    return facts.ContactArrived(t=t, call=call, queue=WASTE, priority=0, skills=skills, council=NORTHMERE)


def first_sight(t: float) -> facts.Fact:
    return facts.AgentChanged(
        t=t,
        agent=A1,
        state="available",
        skills=MappingProxyType({"waste": 3}),
        queues=(WASTE,),
        council=NORTHMERE,
        councils=(NORTHMERE,),
    )


def policy(t: float) -> facts.Fact:
    return facts.PolicyInForce(
        t=t, queue=WASTE, max_parallel_offers=1, wrapup_ms=10_000, rona_exclude_ms=60_000, sl_s=20.0
    )


async def read(store: FactStore | FactLog, since: float | None = None) -> list[dict[str, object]]:
    return [line async for line in store.since(since)]


async def steps_in(engine: AsyncEngine) -> list[str]:
    return [str(line["step"]) async for line in FactStore(engine, spill=Path("unused")).since(None)]


@contextlib.asynccontextmanager
async def running(store: FactStore) -> AsyncIterator[None]:
    task = asyncio.create_task(store.run())
    await asyncio.sleep(0)  # a task that is cancelled before its first step never takes one
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(holds: Callable[[], Awaitable[bool]], within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not await holds():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        await asyncio.sleep(0.02)
