"""What is around one call in a flow: sounds, facts, a clock, and the session itself."""

from __future__ import annotations

from ivr.flows import FlowBook, FlowsInForce
from ivr.session import Ivr
from kernel.facts import Fact, FlowStepped
from tests.fakes.caller_line import FakeCallerLine


class Sounds:
    """Every prompt has a sound named after it, but those in ``missing``."""

    def __init__(self, *missing: str) -> None:
        self._missing = missing

    def path(self, tenant: str, language: str, prompt: str) -> str | None:
        return None if prompt in self._missing else f"/{tenant}/{language}/{prompt}"

    def tone(self) -> str:
        return "/tone"


class Facts(list[Fact]):
    """Collects facts."""

    def publish(self, fact: Fact) -> None:
        self.append(fact)

    @property
    def steps(self) -> list[str]:
        return [fact.step for fact in self if isinstance(fact, FlowStepped)]


class StoppedClock:
    """Always the same second."""

    def now(self) -> float:
        return 1764000000.5


async def call(
    book: FlowBook, line: FakeCallerLine, facts: Facts, *, sounds: Sounds | None = None, typed: str = ""
) -> FakeCallerLine:
    ivr = Ivr(flows=FlowsInForce(book), sounds=sounds or Sounds(), facts=facts, clock=StoppedClock())
    await ivr.answer(line, typed=typed)
    return line


def wish(queue: str, *, priority: str = "0", skills: str) -> dict[str, str]:
    return {"GH_QUEUE": queue, "GH_PRIORITY": priority, "GH_SKILLS": skills, "GH_LANG": "en", "GH_NEXT": "hold"}
