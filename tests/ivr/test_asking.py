"""Services of the outside: one that is absent, late or broken is a way on, and the log holds nothing of the caller."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from structlog.testing import capture_logs

from ivr.core.effects import (
    AskService,
    BookCallback,
    Effect,
    LookAround,
    NoteAnswer,
    RecordMessage,
    Say,
    Steer,
    Transfer,
)
from ivr.core.inputs import (
    Done,
    Input,
    LookedAround,
    LookedUp,
    NotDone,
    NothingFound,
    PlaybackFailed,
    Played,
    Understood,
)
from ivr.outside import Outside
from ivr.perform import perform
from ivr.ports import CallerLine, Services
from kernel.errors import LineGone
from kernel.hearing import Ask, Heard, TurnEnd
from kernel.hours import Override
from kernel.ids import QueueId
from kernel.meaning import Guess, Meaning
from kernel.number import Dialled
from tests.fakes.around_a_call import Facts, Sounds, StoppedClock
from tests.fakes.caller_line import FakeCallerLine
from tests.fakes.virtual_time import run_virtual

pytestmark = pytest.mark.shell

WASTE = QueueId("northmere.waste")
ASKED: dict[str, Effect] = {
    "speech": Say(text="You owe 8642 pounds", language="en", interruptible=True),
    "lookups": AskService(service="accounts", key="8642"),
    "transfers": Transfer(to=Dialled("03069990099"), ring_s=0.01),
    "messages": RecordMessage(box="night", longest_s=0.01),
    "answers": NoteAnswer(survey="x", answer="good"),
    "callbacks": BookCallback(queue=WASTE, language="en", number="01632960123"),
    "steering": Steer(prompts=("ask",), language="en", intents={"bins": ()}),
}


class World:
    """Meets every port; ``mood``: fine, late, broken, gone or refusing."""

    def __init__(self, mood: str = "fine") -> None:
        self.mood = mood

    async def _mood(self) -> bool:
        if self.mood == "late":
            await asyncio.Event().wait()
        if self.mood == "broken":
            raise RuntimeError("the caller 8642 broke it")
        if self.mood == "gone":
            raise LineGone("line_gone", "gone")
        return self.mood == "fine"

    async def path(self, tenant: str, language: str, text: str) -> str | None:
        return f"/{tenant}/{language}/{len(text)}" if await self._mood() else None

    async def instead(self, tenant: str, language: str, prompt: str) -> str | None:
        return f"/{tenant}/{language}/spoken-{prompt}" if await self._mood() else None

    async def find(self, tenant: str, service: str, key: str) -> Mapping[str, str] | None:
        return {"for": f"{tenant} {service} {key}"} if await self._mood() else None

    async def join(self, line: CallerLine, to: Dialled, ring_s: float) -> bool:
        return await self._mood() and bool(line.contact and to and ring_s)

    async def record(self, line: CallerLine, box: str, longest_s: float) -> bool:
        return await self._mood() and bool(line.contact and box and longest_s)

    async def note(self, tenant: str, survey: str, answer: str) -> bool:
        return await self._mood() and bool(tenant and survey and answer)

    async def offer(self, line: CallerLine, typed: str) -> str | None:
        return typed or line.caller if await self._mood() else None

    async def book(self, line: CallerLine, queue: QueueId, language: str, number: str) -> bool:
        return await self._mood() and bool(line.contact and queue and language and number)

    async def turn(self, line: CallerLine, ask: Ask) -> TurnEnd:
        await self._mood()
        assert line.contact
        assert ask.sounds
        return Heard(text="my bin", confidence=0.9, engine="fake", took_s=0.1)

    def knows(self, tenant: str, intents: Mapping[str, tuple[str, ...]]) -> bool:
        """Whatever is asked."""
        return bool(tenant and intents)

    async def understand(
        self, tenant: str, said: Heard, language: str, intents: Mapping[str, tuple[str, ...]]
    ) -> Meaning:
        assert tenant
        assert said.text
        assert language
        return Meaning(guesses=(Guess(intent=next(iter(intents)), sure=0.9),))

    def waiting(self, queue: QueueId) -> int | None:
        if self.mood == "broken":
            raise RuntimeError("8642")
        return 3 if queue == WASTE else None

    def staff(self, queue: QueueId) -> int | None:
        return None if queue == WASTE else 1

    def notices(self, tenant: str) -> Mapping[str, tuple[Override, ...]]:
        return {tenant: ()}


def outside(services: Services) -> Outside:
    return Outside(line=FakeCallerLine(), sounds=Sounds(), facts=Facts(), clock=StoppedClock(), services=services)


def with_world(mood: str) -> Services:
    world = World(mood)
    return Services(
        speech=world,
        floor=world,
        lookups=world,
        transfers=world,
        messages=world,
        answers=world,
        callbacks=world,
        ears=world,
        understanding=world,
    )


def failed(name: str) -> Input:
    return PlaybackFailed() if name == "speech" else NotDone()


# "Ports that have no adapter yet must fail towards a person, never silently."
@pytest.mark.parametrize("name", ASKED)
async def test_given_no_service_when_asked_then_it_is_not_done_and_an_alarm(name: str) -> None:
    with capture_logs() as logs:
        assert await perform(ASKED[name], outside(Services())) == failed(name)
    assert [(entry["log_level"], entry["service"]) for entry in logs] == [("error", name)]


# V22, P15: a service that hangs or breaks costs the caller two seconds at most, and the log nothing of hers.
@pytest.mark.parametrize("mood", ["late", "broken"])
@pytest.mark.parametrize("name", ASKED)
def test_given_a_service_that_hangs_or_breaks_when_asked_then_it_is_not_done(name: str, mood: str) -> None:
    with capture_logs() as logs:
        assert run_virtual(perform(ASKED[name], outside(with_world(mood)))) == failed(name)
    assert [entry["service"] for entry in logs] == [name]
    assert "8642" not in repr(logs)


@pytest.mark.parametrize("name", ASKED)
async def test_given_the_caller_goes_when_a_service_works_then_the_session_learns_it(name: str) -> None:
    with pytest.raises(LineGone):
        await perform(ASKED[name], outside(with_world("gone")))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("speech", Played()),
        ("lookups", LookedUp(fields={"for": "northmere accounts 8642"})),
        # None: the call has left the flow.
        ("transfers", None),
        ("messages", Done()),
        ("answers", Done()),
        ("callbacks", Done()),
        ("steering", Understood(intent="bins", meaning=Meaning(guesses=(Guess(intent="bins", sure=0.9),)))),
    ],
)
async def test_given_a_service_that_works_when_asked_then_its_answer_comes(name: str, expected: Input | None) -> None:
    assert await perform(ASKED[name], outside(with_world("fine"))) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("speech", PlaybackFailed()),
        ("lookups", NothingFound()),
        ("transfers", NotDone()),
        ("messages", NotDone()),
        ("answers", NotDone()),
        ("callbacks", NotDone()),
    ],
)
async def test_given_a_service_that_says_no_when_asked_then_the_flow_learns_it(name: str, expected: Input) -> None:
    assert await perform(ASKED[name], outside(with_world("refusing"))) == expected


@pytest.mark.parametrize("services", [Services(), with_world("broken")])
async def test_given_nobody_who_sees_the_floor_when_looked_around_then_the_time_is_told(services: Services) -> None:
    assert await perform(LookAround(queues=(WASTE,)), outside(services)) == LookedAround(now=1764000000.5)


async def test_given_a_floor_when_looked_around_then_what_is_known_is_told() -> None:
    desk = QueueId("northmere.desk")
    assert await perform(LookAround(queues=(WASTE, desk)), outside(with_world("fine"))) == LookedAround(
        now=1764000000.5, waiting={WASTE: 3}, staff={desk: 1}, notices={"northmere": ()}
    )


def test_given_effects_with_personal_data_when_shown_then_it_is_not_in_the_repr() -> None:
    assert "8642" not in repr(list(ASKED.values())) + repr(LookedUp(fields={"a": "8642"}))
