"""Star codes that the dialplan kept while the engine was away: done in order, once the engine decides again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from adapters.asterisk.ami_wire import Frame
from guildhall.directory import Directory
from guildhall.star_wiring import do_kept_stars
from kernel.agent import Presence
from kernel.commands import Outcome, SetPresence
from kernel.errors import Refused
from kernel.ids import AgentId
from tests.fakes.virtual_time import run_virtual

pytestmark = pytest.mark.unit

DONE, STARTING = Outcome(ok=True, code="done", message=""), Outcome(ok=False, code="starting", message="")


@dataclass(slots=True)
class Pbx:
    """A PBX's global variables, and a link that may be down."""

    variables: dict[str, str]
    down: int = 0

    async def ask(self, action: str, headers: Mapping[str, str], /) -> Frame:
        if self.down:
            self.down -= 1
            raise Refused("ami_down", "the link is down")
        if action == "Setvar":
            self.variables[headers["Variable"]] = headers["Value"]
            return Frame([("Response", "Success")])
        return Frame([("Response", "Success"), ("Value", self.variables.get(headers["Variable"], "(null)"))])


@dataclass(slots=True)
class Engine:
    """What was asked of it, and what it answers first."""

    answers: list[Outcome] = field(default_factory=list)
    asked: list[object] = field(default_factory=list)

    async def ask(self, command: object) -> Outcome:
        self.asked.append(command)
        return self.answers.pop(0) if self.answers else DONE


def done(pbx: Pbx, engine: Engine, seconds: float = 4.0) -> list[tuple[str, Presence, str | None]]:
    """What the engine was asked within so many seconds."""
    agents = Directory(agents={"a001": AgentId("northmere-a001"), "a002": AgentId("northmere-a002")})

    async def run() -> None:
        task = asyncio.create_task(do_kept_stars(pbx, agents, engine.ask))
        await asyncio.sleep(seconds)
        task.cancel()

    run_virtual(run())
    assert all(isinstance(one, SetPresence) for one in engine.asked)
    return [(one.agent, one.presence, one.aux_code) for one in engine.asked if isinstance(one, SetPresence)]


# Decision 0038: "kept in order, and done as if they had just been dialled"; the marks are taken away.
def test_given_kept_codes_when_the_engine_is_back_then_each_is_done_once_and_in_order() -> None:
    pbx = Pbx({"GH_STARS": "a001*482/a002*45/a001*47/", "GH_RESTS_a001": "1"})
    assert done(pbx, Engine()) == [
        ("northmere-a001", Presence.NOT_READY, "lunch"),
        ("northmere-a002", Presence.NOT_READY, "login"),
        ("northmere-a001", Presence.READY, None),
    ]
    assert (pbx.variables["GH_STARS"], pbx.variables["GH_RESTS_a001"]) == ("", "")


# An engine that has just started has not seen the PBX: nothing of what agents dialled is lost by that.
def test_given_an_engine_that_is_still_starting_when_codes_are_kept_then_they_wait_for_it() -> None:
    pbx, engine = Pbx({"GH_STARS": "a001*48/"}, down=1), Engine(answers=[STARTING])
    assert done(pbx, engine) == [("northmere-a001", Presence.NOT_READY, "break")] * 2
    assert pbx.variables["GH_STARS"] == ""


# Whoever can dial can fill the variable; a phone of nobody's, or no code at all, holds nothing up.
@pytest.mark.parametrize("kept", ["", "(null)", "a999*48/", "a001*99/", "/", "*48", "a001", "a001*48*48/"])
def test_given_what_is_no_code_when_looked_at_then_nothing_is_asked_and_it_is_gone(kept: str) -> None:
    pbx = Pbx({"GH_STARS": kept})
    assert done(pbx, Engine()) == []
    assert pbx.variables["GH_STARS"] in {"", "(null)"}
