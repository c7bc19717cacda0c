"""Callers who speak, all of them in turn, a few at one time."""

from __future__ import annotations

import asyncio

from lab.town import Town
from tests.fakes.service import Service
from tests.fakes.spoken_branches import DIALLED, Case
from tests.fakes.talker import STEERED, Talker

#: Callers who talk at one time: two recognisers on a machine that others use.
_AT_ONCE = 6


def number_of(last: int) -> str:
    return f"01632960{last:03}"


async def all_ring(service: Service, town: Town, cases: tuple[Case, ...], first: int) -> list[Talker]:
    """Each case a call; a few at one time."""
    room, dialling = asyncio.Semaphore(_AT_ONCE), asyncio.Lock()
    talkers: list[Talker] = []

    async def one(number: int, case: Case) -> None:
        async with room:
            async with dialling:
                she = await Talker.dials(service, town, number_of(first + number), DIALLED.get(case, STEERED))
            talkers.append(she)
            try:
                await case(she)
            except AssertionError as wrong:
                raise AssertionError(f"{case.__name__}: {wrong} {she.told(await she.story())}") from None
            finally:
                await she.leg.hang_up()

    ended = await asyncio.gather(*(one(*numbered) for numbered in enumerate(cases)), return_exceptions=True)
    wrong = [one for one in ended if isinstance(one, BaseException)]
    if wrong:
        # All of them: each is a branch of its own.
        raise BaseExceptionGroup("calls that went wrong", wrong)
    return talkers
