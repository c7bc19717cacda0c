"""Two engines as one: who is asked when, and what is made of two opinions."""

from __future__ import annotations

import asyncio

import pytest

from adapters.speech.second_opinion import SecondOpinion
from kernel.hearing import EngineFailed, SpeechFull
from tests.fakes.spoken_call import ScriptedReader

pytestmark = pytest.mark.shell

DEAD = EngineFailed("engine_died", "dead")
FULL = SpeechFull("speech_full", "full")


async def _ask(first: ScriptedReader, second: ScriptedReader) -> list[str]:
    _, readings = await SecondOpinion(first, second, sure=0.8, sure_when_busy=0.4).read(bytes(320))
    return [one.text for one in readings]


def _reader(text: str | Exception, confidence: float = 0.9) -> ScriptedReader:
    return ScriptedReader(text, takes_s=0, confidence=confidence)


async def test_given_a_sure_first_engine_when_asked_then_the_second_is_left_alone() -> None:
    second = _reader("other")
    assert await _ask(_reader("bins"), second) == ["bins"]
    assert not second.asked


async def test_given_an_unsure_first_engine_when_asked_then_both_opinions_are_heard() -> None:
    assert await _ask(_reader("bins", 0.5), _reader("bins", 0.7)) == ["bins"]
    assert sorted(await _ask(_reader("wins", 0.5), _reader("bins", 0.7))) == ["bins", "wins"]


# "'' is no-match → second engine"; slow, dead, full: the second reads alone.
@pytest.mark.parametrize("first", ["", DEAD, FULL])
async def test_given_no_words_of_the_first_when_asked_then_the_second_reads(first: str | Exception) -> None:
    assert await _ask(_reader(first), _reader("bins")) == ["bins"]


@pytest.mark.parametrize("second", ["", DEAD, FULL])
async def test_given_no_second_opinion_when_unsure_then_the_first_stands(second: str | Exception) -> None:
    assert await _ask(_reader("bins", 0.3), _reader(second)) == ["bins"]


@pytest.mark.parametrize(
    ("first", "second", "error"), [(DEAD, DEAD, EngineFailed), (FULL, FULL, SpeechFull), (FULL, DEAD, SpeechFull)]
)
async def test_given_neither_when_asked_then_it_is_said_why(
    first: Exception, second: Exception, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await _ask(_reader(first), _reader(second))


# A second opinion that would have to wait is asked only where the first engine is lost.
@pytest.mark.parametrize(("confidence", "asked"), [(0.6, False), (0.3, True)])
async def test_given_a_busy_second_engine_when_the_first_is_unsure_then_only_the_lost_wait(
    confidence: float,
    asked: bool,  # noqa: FBT001 - a parameter of pytest's
) -> None:
    second = _reader("bins", 0.7)
    second.is_idle = False
    await _ask(_reader("wins", confidence), second)
    assert bool(second.asked) == asked


# 0051: a long turn leaves the second engine no time; asking it then costs a processor and brings nothing.
@pytest.mark.parametrize(("first", "asked"), [("wins", False), ("", True)])
async def test_given_too_little_time_left_when_unsure_then_the_second_is_asked_only_without_any_words(
    first: str,
    asked: bool,  # noqa: FBT001 - a parameter of pytest's
) -> None:
    second = _reader("bins")
    both = SecondOpinion(_reader(first, 0.5), second, sure=0.8, sure_when_busy=0.4, within_s=1.3, takes_s=1.4)
    await both.read(bytes(320))
    assert bool(second.asked) == asked


# A doubt must not cost her a long silence: what the first engine read is then good enough.
async def test_given_a_slow_second_opinion_when_unsure_then_the_first_stands_in_time() -> None:
    slow = ScriptedReader("bins", takes_s=60, confidence=0.9)
    both = SecondOpinion(_reader("wins", 0.5), slow, sure=0.8, sure_when_busy=0.4, within_s=1.3)
    began = asyncio.get_running_loop().time()
    _, readings = await both.read(bytes(320))
    assert [one.text for one in readings] == ["wins"]
    assert asyncio.get_running_loop().time() - began < 2
