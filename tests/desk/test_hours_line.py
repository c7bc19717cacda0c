"""The hours' line: who gets in, what is said before anything is done, and what a key does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from desk.hours_line import GUESSES, GUESSES_WITHIN_S, PinLock, What, answer_hours_line
from kernel.errors import BadInput, LineGone

pytestmark = pytest.mark.shell

PIN = "40718263"


@dataclass
class Line:
    """A caller who presses these keys one after the other, each while we listen; then she is silent or gone."""

    keys: list[str]
    heard: list[str] = field(default_factory=list)
    leaves: bool = False

    async def play(self, sounds: Sequence[str], *, interruptible: bool) -> str:
        assert interruptible
        self.heard.extend(sounds)
        return ""

    async def listen(self, seconds: float, /) -> str | None:
        assert seconds > 0
        if self.keys:
            return self.keys.pop(0)
        if self.leaves:
            raise LineGone("line_gone", "she hung up")
        return None


@dataclass
class Desk:
    """Hours that note what was done."""

    hours: tuple[str, ...] = ("main",)
    done: list[tuple[str, What]] = field(default_factory=list)
    wrong: str = ""

    def names(self) -> Sequence[str]:
        return self.hours

    def state(self, name: str) -> str:
        return f"{name} is open."

    def plan(self, name: str, what: What) -> tuple[str, Callable[[], None]]:
        if self.wrong:
            raise BadInput("no", self.wrong)
        return f"{name} will change.", lambda: self.done.append((name, what))


async def spoken(text: str, /) -> str | None:
    return text


async def ring(keys: str, desk: Desk | None = None, lock: PinLock | None = None, *, leaves: bool = False) -> Line:
    line = Line(list(keys), leaves=leaves)
    await answer_hours_line(line, desk or Desk(), lock or PinLock(PIN, lambda: 0.0), spoken)
    return line


# "by telephone with a PIN: shows what exactly changes": nothing is done before it was said and confirmed.
@pytest.mark.parametrize("what", What)
async def test_given_the_pin_when_a_change_is_confirmed_then_it_is_done_and_told(what: What) -> None:
    desk = Desk()
    line = await ring(f"{PIN}#{what.value}1", desk)
    assert desk.done == [("main", what)]
    assert any("main will change. To confirm" in one for one in line.heard)
    assert "Done." in line.heard


@pytest.mark.parametrize("answer", ["2", "#", ""])
async def test_given_a_change_when_it_is_not_confirmed_then_nothing_is_done(answer: str) -> None:
    desk = Desk()
    line = await ring(f"{PIN}#1{answer}", desk)
    assert desk.done == []
    assert "Nothing was changed." in line.heard


# C25, C42: a wrong PIN is told, three end the call, five lock the line for a quarter of an hour, whoever rings.
async def test_c25_given_wrong_pins_when_keyed_in_then_the_line_locks_for_a_while() -> None:
    now = 0.0
    lock = PinLock(PIN, lambda: now)
    first = await ring("1111#2222#3333#", Desk(), lock)
    assert first.heard.count("That PIN is not right.") == 3
    assert not lock.locked()
    second = await ring("4444#5555#", Desk(), lock)
    assert any("too many wrong tries" in one for one in second.heard)
    desk = Desk()
    await ring(f"{PIN}#11", desk, lock)
    assert desk.done == []
    now = GUESSES_WITHIN_S + 1
    await ring(f"{PIN}#11", desk, lock)
    assert desk.done == [("main", What.CLOSE)]
    assert GUESSES == 5


async def test_given_several_hours_when_rung_then_the_caller_says_which() -> None:
    desk = Desk(hours=("library", "main_office"))
    line = await ring(f"{PIN}#911211", desk)
    assert any("For library, press 1. For main office, press 2." in one for one in line.heard)
    assert desk.done == [("library", What.CLOSE)]


async def test_given_what_cannot_be_done_when_asked_then_it_is_said_why() -> None:
    line = await ring(f"{PIN}#1", Desk(wrong="main is closed already"))
    assert "That cannot be done. main is closed already." in line.heard


# Nobody holds the line for ever, and a caller who hangs up leaves nothing behind.
@pytest.mark.parametrize("leaves", [False, True])
@pytest.mark.parametrize("keys", ["", PIN, f"{PIN}#", f"{PIN}#1", f"{PIN}#" + "*" * 100, "#" * 100])
async def test_given_any_caller_when_she_is_silent_or_gone_then_the_call_ends(keys: str, leaves: bool) -> None:  # noqa: FBT001 - parametrized
    desk = Desk()
    line = await ring(keys, desk, leaves=leaves)
    assert desk.done == []
    assert len(line.heard) < 60
