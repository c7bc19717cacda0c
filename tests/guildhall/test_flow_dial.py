"""`guildhall dial` and `guildhall test`: the flows as text, and scenarios that say what must come of a call."""

from __future__ import annotations

import pytest

from tests.fakes.command_line import run

pytestmark = pytest.mark.shell

NEEDS = ("", "more_time", "welsh", "relay")


def test_given_a_number_when_dialled_then_prompts_keys_and_the_end_are_told() -> None:
    code, lines = run("dial", "03069990001", "--press", "7", "--press", "9", "--at", "2026-12-28 02:00")
    assert code == 0
    assert lines[0] == "main/welcome  play"
    assert lines[-1] == "=> waits in northmere.emergency, priority 10, language en"
    assert [line.strip() for line in lines if line.startswith("  >")] == ["> 7", "> 9"]
    assert any(line.startswith('    "Sorry, that key') for line in lines)


def test_given_a_direct_number_when_dialled_then_its_queue_is_told() -> None:
    assert run("dial", "03069990002") == (0, ["=> straight to northmere.waste, priority 0"])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["03069990009"], "no council has this number: did you mean '0306999000"),
        (["03069990001", "--at", "tomorrow"], "a time is written"),
        (["03069990001", "--staff", "housing"], "write a queue and a number: housing=0"),
        (["03069990001", "--staff", "hosing=1"], "unknown queue 'hosing': did you mean 'housing'?"),
        (["03069990001", "--without", "speach"], "unknown outage 'speach': did you mean 'speech'?"),
        (["03069990001", "--needs", "more_tim"], "unknown need 'more_tim': did you mean 'more_time'?"),
        (["03069990001", "--press", "1a"], "keys are 0 to 9, * and #"),
    ],
)
def test_given_a_mistake_on_the_command_line_when_dialled_then_it_is_told(arguments: list[str], expected: str) -> None:
    code, lines = run("dial", *arguments)
    assert code == 2
    assert expected in lines[-1]


# docs/decisions/0035-needs-and-words.md: longer time-outs, Welsh from the first prompt on, no end for silence by Relay.
def test_given_what_is_known_of_a_caller_when_dialled_then_the_flow_keeps_to_it() -> None:
    at = ("--at", "2026-11-24 10:00")
    told = {need: run("dial", "03069990001", *(("--needs", need) if need else ()), *at)[1] for need in NEEDS}
    assert "  > (silence of 3 s)" in told[""]
    assert "  > (silence of 6 s)" in told["more_time"]
    assert told["welsh"][-1].endswith("language cy")
    assert told["welsh"][0] == "    (known of this caller: welsh)"
    silences = {need: sum("(silence" in line for line in lines) for need, lines in told.items()}
    assert silences == {"": 3, "more_time": 3, "welsh": 3, "relay": 60}
