"""Star codes: what each asks for, who may ask, and what she hears."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from desk.star_codes import AUX_BY_DIGIT, NEED_BY_DIGIT, STAR_CODES, answer_star_code, asked
from kernel.agent import Presence
from kernel.commands import AfterCallCommand, Command, Outcome, SetPresence
from kernel.errors import LineGone, PlaybackFailed
from kernel.ids import AgentId

pytestmark = pytest.mark.shell

A1 = AgentId("northmere-a001")
DONE = Outcome(ok=True, code="done", message="done")


class Engine:
    """Keeps what it was asked, answers what the test says."""

    def __init__(self, outcome: Outcome = DONE) -> None:
        self.outcome = outcome
        self.asked: list[Command | AfterCallCommand] = []

    async def ask(self, command: Command | AfterCallCommand) -> Outcome:
        self.asked.append(command)
        return self.outcome


class Line:
    """The agent's phone."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble
        self.heard: list[str] = []

    async def play(self, sounds: Sequence[str], *, interruptible: bool) -> str:
        assert interruptible
        self.heard += sounds
        if self.trouble is not None:
            raise self.trouble
        return ""


async def dial(engine: Engine, line: Line, dialled: str, agent: AgentId | None = A1) -> None:
    await answer_star_code(line, agent, dialled, engine.ask, lambda prompt: f"sounds/{prompt}")


# Issue 2, 3: "log in, log out, go ready and not ready with a reason by star codes".
@pytest.mark.parametrize(
    ("dialled", "presence", "aux", "hears"),
    [
        ("*45", Presence.NOT_READY, "login", "agent_logged_in"),
        ("*46", Presence.LOGGED_OUT, None, "agent_logged_out"),
        ("*47", Presence.READY, None, "agent_ready"),
        ("*48", Presence.NOT_READY, "break", "agent_not_ready"),
        ("*481", Presence.NOT_READY, "break", "agent_not_ready"),
        ("*482", Presence.NOT_READY, "lunch", "agent_not_ready"),
        ("*483", Presence.NOT_READY, "training", "agent_not_ready"),
        ("*484", Presence.NOT_READY, "meeting", "agent_not_ready"),
        ("*485", Presence.NOT_READY, "admin", "agent_not_ready"),
    ],
)
async def test_given_a_code_when_dialled_then_that_presence_and_the_prompt_for_it(
    dialled: str, presence: Presence, aux: str | None, hears: str
) -> None:
    engine, line = Engine(), Line()
    await dial(engine, line, dialled)
    assert engine.asked == [SetPresence(agent=A1, presence=presence, aux_code=aux, by="agent")]
    assert line.heard == [f"sounds/{hears}"]


# Every code of three signs, with every digit or two behind it: only the listed ones ask for anything.
def test_given_every_other_code_when_dialled_then_nothing_is_asked() -> None:
    listed = {*STAR_CODES.values(), *(f"*48{digit}" for digit in AUX_BY_DIGIT), *(f"*49{n}" for n in range(10))}
    listed |= {f"*43{n:02}" for n in range(100)} | {
        f"*42{more}" for digit in NEED_BY_DIGIT for more in (digit, "0" + digit)
    }
    listed -= {STAR_CODES["need"], STAR_CODES["reason"]}
    keys = "0123456789*#"
    tried = {"*4" + "".join(more) for length in range(3) for more in itertools.product(keys, repeat=length)}
    assert {dialled for dialled in tried if asked(A1, dialled) is not None} == listed & tried
    assert asked(A1, "") is None
    assert asked(A1, "45") is None


async def test_given_an_unknown_code_when_dialled_then_refused_without_asking() -> None:
    engine, line = Engine(), Line()
    await dial(engine, line, "*489")
    assert (engine.asked, line.heard) == ([], ["sounds/agent_unknown_code"])


# A phone that belongs to no agent (people.yaml changed since it registered).
async def test_given_a_phone_of_nobody_when_it_dials_then_refused_without_asking() -> None:
    engine, line = Engine(), Line()
    await dial(engine, line, "*47", agent=None)
    assert (engine.asked, line.heard) == ([], ["sounds/agent_refused"])


# "NOT_READY asked while TALKING waits: it changes what follows WRAP_UP, not the call".
@pytest.mark.parametrize(
    ("outcome", "hears"),
    [
        (Outcome(ok=True, code="pending", message="after the call"), "agent_pending"),
        (Outcome(ok=False, code="not_logged_in", message="log in first"), "agent_log_in_first"),
        (Outcome(ok=False, code="starting", message="ask again in a moment"), "agent_refused"),
        (Outcome(ok=False, code="pending", message="refused all the same"), "agent_pending"),
    ],
)
async def test_given_the_engines_answer_when_it_is_no_plain_yes_then_she_hears_so(outcome: Outcome, hears: str) -> None:
    line = Line()
    await dial(Engine(outcome), line, "*48")
    assert line.heard == [f"sounds/{hears}"]


@pytest.mark.parametrize("trouble", [LineGone("gone", "gone"), PlaybackFailed("playback_failed", "not played")])
async def test_given_she_hangs_up_or_the_sound_is_broken_then_the_code_was_carried_out(trouble: Exception) -> None:
    engine, line = Engine(), Line(trouble)
    await dial(engine, line, "*47")
    assert len(engine.asked) == 1


async def test_given_a_prompt_that_was_not_rendered_then_silence_and_the_code_was_carried_out() -> None:
    engine, line = Engine(), Line()
    await answer_star_code(line, A1, "*47", engine.ask, lambda _prompt: None)
    assert (len(engine.asked), line.heard) == (1, [])
