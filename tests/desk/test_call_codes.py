"""Star codes for calls under way: what each asks for, and what she hears or where she listens."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from desk.call_codes import CALL_CODES, answer_call_code, asked, is_call_code
from kernel.commands import AfterCallCommand, CallDeed, Command, MoveCall, Outcome, Oversight, Supervise
from kernel.errors import LineGone
from kernel.ids import AgentId, LegId

pytestmark = pytest.mark.shell

A1, A3 = AgentId("northmere-a001"), AgentId("northmere-a003")
AGENTS = {"001": A1, "003": A3}


class Line:
    """A phone that hears prompts and listens at legs."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble
        self.heard: list[str] = []
        self.listens: tuple[LegId, str] | None = None

    async def play(self, sounds: Sequence[str], *, interruptible: bool) -> str:
        assert interruptible
        self.heard += sounds
        if self.trouble is not None:
            raise self.trouble
        return ""

    async def listen_at(self, leg: LegId, how: str) -> None:
        self.listens = (leg, how)


Given = Command | AfterCallCommand


async def dial(line: Line, dialled: str, outcome: Outcome, agent: AgentId | None = A1) -> list[Given]:
    commands: list[Given] = []

    async def ask(command: Given) -> Outcome:
        commands.append(command)
        return outcome

    await answer_call_code(line, agent, dialled, AGENTS.get, ask, lambda prompt: f"sounds/{prompt}")
    return commands


DONE = Outcome(ok=True, code="done", message="done")


@pytest.mark.parametrize(
    ("dialled", "command"),
    [
        ("*71003", MoveCall(agent=A1, deed=CallDeed.CONSULT, to=A3)),
        ("*72", MoveCall(agent=A1, deed=CallDeed.COMPLETE)),
        ("*73", MoveCall(agent=A1, deed=CallDeed.CANCEL)),
        ("*74003", MoveCall(agent=A1, deed=CallDeed.TRANSFER, to=A3)),
        ("*61003", Supervise(by=A1, deed=Oversight.LISTEN, agent=A3)),
        ("*62003", Supervise(by=A1, deed=Oversight.WHISPER, agent=A3)),
        ("*63003", Supervise(by=A1, deed=Oversight.BARGE, agent=A3)),
    ],
)
async def test_given_a_code_when_dialled_then_this_is_asked_and_she_hears_that_it_was_done(
    dialled: str, command: Command
) -> None:
    line = Line()
    assert await dial(line, dialled, DONE) == [command]
    assert line.heard == ["sounds/agent_done"]


@pytest.mark.parametrize("dialled", ["*71", "*71999", "*72003", "*74", "*61", "*64", "*75003"])
async def test_given_a_code_that_means_nothing_when_dialled_then_refused_and_nothing_asked(dialled: str) -> None:
    line = Line()
    assert await dial(line, dialled, DONE) == []
    assert line.heard == ["sounds/agent_unknown_code"]


async def test_given_a_refusal_or_an_unknown_phone_or_a_hang_up_when_dialled_then_no_error() -> None:
    line = Line()
    await dial(line, "*72", Outcome(ok=False, code="no_call", message="no"))
    await dial(line, "*72", DONE, agent=None)
    assert line.heard == ["sounds/agent_no_call", "sounds/agent_refused"]
    await dial(Line(LineGone("line_gone", "gone")), "*72", DONE)


# C37: the dialplan listens at the very leg the engine named, in the way that was allowed.
@pytest.mark.parametrize(("code", "how"), [("*61", "listen"), ("*62", "whisper"), ("*63", "barge")])
async def test_c37_given_a_permitted_supervisor_when_she_dials_then_her_phone_listens_at_that_leg(
    code: str, how: str
) -> None:
    line = Line()
    await dial(line, f"{code}003", Outcome(ok=True, code="done", message="", data={"leg": "1.2", "call": "c1"}))
    assert (line.listens, line.heard) == ((LegId("1.2"), how), [])


def test_given_the_codes_when_looked_at_then_each_is_answered_here_and_none_is_another_ones() -> None:
    assert all(is_call_code(code) for code in CALL_CODES.values())
    assert not any(is_call_code(code) for code in ("*45", "*46", "*47", "*48", "*49", ""))
    assert asked(A1, "*61001", AGENTS.get) is not None
