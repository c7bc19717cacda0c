"""The question of a spoken turn: which sounds are asked with, and what becomes of a prompt that is lost."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ivr.core.effects import Steer
from ivr.core.inputs import Input, NoKey, NotDone
from ivr.outside import Outside
from ivr.perform import perform
from ivr.ports import CallerLine, Services
from kernel.facts import AlarmRaised, Fact
from kernel.hearing import Ask, Deaf, Heard, NothingSaid, TurnEnd, Why
from kernel.meaning import Meaning
from tests.fakes.caller_line import FakeCallerLine

pytestmark = pytest.mark.shell

ASKED = Steer(prompts=("ask", "examples"), language="en", intents={"bins": ()})
SPOKEN = ("/said/ask", "/said/examples")


class World:
    """Meets the ports of a turn: prompts that are rendered, files that cannot be read, a voice or none."""

    def __init__(self, *rendered: str, broken: bool = False, taught: bool = True) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.facts: list[Fact] = []
        self._rendered, self._broken, self._taught = rendered, broken, taught

    def path(self, tenant: str, language: str, prompt: str) -> str | None:
        """A rendered prompt's."""
        return f"/{tenant}/{language}/{prompt}" if prompt in self._rendered else None

    def tone(self) -> str | None:
        """There is one, which is no question."""
        return "/tone"

    def publish(self, fact: Fact) -> None:
        """Keep it."""
        self.facts.append(fact)

    def now(self) -> float:
        """Always the same second."""
        return 1764000000.5

    async def turn(self, line: CallerLine, ask: Ask) -> TurnEnd:
        """Nobody says anything; a broken file is told at once."""
        assert line.contact
        self.asked.append(ask.sounds)
        broken = self._broken and any(sound.startswith("/northmere") for sound in ask.sounds)
        return Deaf(why=Why.NO_PROMPT) if broken else NothingSaid()

    def knows(self, tenant: str, intents: Mapping[str, tuple[str, ...]]) -> bool:
        """What it was taught."""
        return self._taught and bool(tenant and intents)

    async def understand(
        self, _tenant: str, _said: Heard, _language: str, _intents: Mapping[str, tuple[str, ...]]
    ) -> Meaning:
        """Nothing is said here."""
        raise AssertionError


class Voice:
    """Meets ``ivr.ports.Speech``."""

    async def path(self, _tenant: str, _language: str, _text: str) -> str | None:
        """Nothing is made up here."""
        raise AssertionError

    async def instead(self, tenant: str, language: str, prompt: str) -> str | None:
        """The words of a lost prompt."""
        assert (tenant, language) == ("northmere", "en")
        return f"/said/{prompt}"


async def _ask(world: World, *, voice: bool = True) -> Input | None:
    services = Services(ears=world, understanding=world, speech=Voice() if voice else None)
    outside = Outside(line=FakeCallerLine(), sounds=world, facts=world, clock=world, services=services)
    return await perform(ASKED, outside)


def _alarms(world: World) -> int:
    return sum(isinstance(fact, AlarmRaised) and fact.what == "prompt_silent" for fact in world.facts)


async def test_given_prompts_when_asked_then_their_files_are_the_question() -> None:
    world = World("ask", "examples")
    assert await _ask(world) == NoKey()
    assert (world.asked, _alarms(world)) == ([("/northmere/en/ask", "/northmere/en/examples")], 0)


# C45: "dead prompt file: fallback text or tone and alarm". A question nobody had rendered was asked in silence.
async def test_c45_given_a_question_never_rendered_when_asked_then_its_words_are_spoken_and_it_is_an_alarm() -> None:
    world = World("ask")
    assert await _ask(world) == NoKey()
    assert (world.asked, _alarms(world)) == ([("/northmere/en/ask", "/said/examples")], 1)


async def test_c45_given_a_broken_file_when_asked_then_the_whole_question_is_spoken() -> None:
    world = World("ask", "examples", broken=True)
    assert await _ask(world) == NoKey()
    assert (world.asked[1:], _alarms(world)) == ([SPOKEN], 2)


# Nobody is listened to who was not asked: the keys.
@pytest.mark.parametrize("broken", [False, True])
async def test_c45_given_no_question_and_no_voice_when_asked_then_the_menu(broken: bool) -> None:  # noqa: FBT001 - a row of the table
    world = World(*(ASKED.prompts if broken else ()), broken=broken)
    assert await _ask(world, voice=False) == NotDone()
    assert _alarms(world) == 2


# For its first seconds an engine has ears and knows nothing yet: callers were asked twice in vain.
async def test_given_nothing_taught_yet_when_a_caller_comes_then_she_gets_the_keys_unasked() -> None:
    world = World("ask", "examples", taught=False)
    assert await _ask(world) == NotDone()
    assert world.asked == []
