"""``limits:`` in `queues.yaml`: every mistake by file and line, and the ways out bound to flows."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.files.dialplans import read_dialplans
from guildhall.flow_book import flow_book
from kernel.exits import Exit, ExitKind, LeaveWhy, Limit
from kernel.ids import AgentId, QueueId
from kernel.located import ConfigErrors
from kernel.queues import Question, RelaxStep
from tests.fakes.council_files import DIALPLANS, change, refusals

pytestmark = pytest.mark.unit

WASTE = "timeout: {after: 10m, to: overflow, queue: northmere.general}"


def test_given_the_samples_when_read_then_limits_in_the_houses_words() -> None:
    plans = read_dialplans(DIALPLANS)
    waste = next(queue for queue in plans.queues if queue.id == "northmere.waste")
    overflow = Exit(kind=ExitKind.OVERFLOW, queue=QueueId("northmere.general"))
    assert waste.limits.timeout == Limit(after_s=600.0, exit=overflow)
    assert waste.limits.full is not None
    assert waste.limits.full.at == 50
    assert {queue.id for queue in plans.queues if queue.emergency} == {
        "northmere.emergency",
        "harbourside.out_of_hours",
    }
    assert {queue.id for queue in plans.queues if queue.default} == {"northmere.general", "harbourside.out_of_hours"}
    assert (QueueId("northmere.waste"), LeaveWhy.FULL) in flow_book(plans).exits


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("timeout: {after: 10m, to: overflow}", "'queue' is missing: 'overflow' needs it"),
        ("timeout: {after: 10m, to: overflow, queue: northmere.genral}", "did you mean 'northmere.general'?"),
        ("timeout: {after: 10m, to: overflow, queue: northmere.waste}", "comes back to it"),
        ("timeout: {after: 10m, to: message, prompts: [exit_sory]}", "did you mean 'exit_sorry'?"),
        ("timeout: {after: 10m, to: message, prompts: [exit_sorry], box: waste}", "'message' takes no 'box'"),
        ("timeout: {after: 10m, to: person, number: mayor}", "unknown number 'mayor'"),
        ("timeout: {after: 10m, to: person}", "'number' or 'agent' is missing: 'person' needs it"),
        ("timeout: {after: 10m, to: person, agent: northmere-a01}", "agent 'northmere-a01' cannot answer queue"),
        ("timeout: {after: 10m, to: person, agent: northmere-a002}", "agent 'northmere-a002' cannot answer queue"),
        (
            "timeout: {after: 10m, to: person, agent: northmere-a001, number: duty}",
            "'person' with an agent takes no 'number'",
        ),
        ("timeout: {after: 10m, to: callback, wait: 5s}", "'callback' takes no 'wait'"),
        ("timeout: {after: 10, to: callback}", "a duration is written like"),
        ("timeout: {to: callback}", "'after' is missing"),
        ("timeout: {after: 10m, to: nowhere}", "'to':"),
        ("longest: {after: 10m, to: callback}", "unknown key 'longest'"),
    ],
)
def test_given_a_mistake_in_a_limit_when_read_then_it_is_told_by_file_and_line(
    folder: Path, line: str, told: str
) -> None:
    queues = folder / "northmere" / "queues.yaml"
    change(queues, WASTE, line)
    number = queues.read_text(encoding="utf-8").splitlines().index(f"      {line}") + 1
    found = refusals(folder)
    assert any(f"northmere/queues.yaml:{number}" in error and told in error for error in found), found


ASK = 'relaxing: [{after: 20s, ask: {prompts: [ask_other_language], key: "1", again: 1m}}]'


# The sample's Welsh line asks before it relaxes; every mistake in a question is told by file and line.
def test_c53_given_the_samples_when_read_then_the_welsh_line_asks_first() -> None:
    welsh = next(queue for queue in read_dialplans(DIALPLANS).queues if queue.id == "northmere.welsh")
    question = Question(prompts=("ask_other_language",), key="1", again_s=60.0)
    assert welsh.relaxing == (RelaxStep(after_s=20.0, skills={}, ask=question),)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("relaxing: [{after: 20s, ask: {prompts: [ask_other_languag]}}]", "did you mean 'ask_other_language'?"),
        ("relaxing: [{after: 20s, ask: {prompts: []}}]", "'prompts'"),
        ("relaxing: [{after: 20s, ask: {prompts: [ask_anybody], key: '#'}}]", "'key'"),
        ("relaxing: [{after: 20s, ask: {prompt: [ask_anybody]}}]", "unknown key 'prompt'"),
        ("last_resort_ask: {prompts: [ask_anybody]}", "a last resort that never comes: say 'last_resort: any', too"),
        ("last_resort: any", "what it requires would never count: say how long it holds, for instance"),
    ],
)
def test_given_a_mistake_in_a_question_when_read_then_it_is_told_by_file_and_line(
    folder: Path, line: str, told: str
) -> None:
    queues = folder / "northmere" / "queues.yaml"
    change(queues, ASK, line)
    number = queues.read_text(encoding="utf-8").splitlines().index(f"    {line}") + 1
    found = refusals(folder)
    assert any(f"northmere/queues.yaml:{number}" in error and told in error for error in found), found


def test_given_an_agent_as_the_person_when_read_then_she_and_her_time_and_no_flow(folder: Path) -> None:
    queues = folder / "northmere" / "queues.yaml"
    change(queues, WASTE, "timeout: {after: 10m, to: person, agent: northmere-a001, wait: 2m}")
    plans = read_dialplans(folder)
    waste = next(queue for queue in plans.queues if queue.id == "northmere.waste")
    assert waste.limits.timeout is not None
    assert waste.limits.timeout.exit == Exit(kind=ExitKind.PERSON, agent=AgentId("northmere-a001"), wait_s=120.0)
    assert (waste.id, LeaveWhy.TIMEOUT) not in flow_book(plans).exits


# "An emergency … is never offered a callback": not in its own queue, and not where it may overflow to.
@pytest.mark.parametrize(
    ("emergency", "general"),
    [
        ("nobody: {after: 3s, to: callback}", "timeout: {after: 20m, to: overflow, queue: northmere.housing}"),
        (
            "nobody: {after: 3s, to: overflow, queue: northmere.general}",
            "timeout: {after: 20m, to: message, prompts: [exit_sorry]}",
        ),
    ],
)
def test_given_an_emergency_queue_when_a_way_out_ends_without_a_person_then_refused(
    folder: Path, emergency: str, general: str
) -> None:
    queues = folder / "northmere" / "queues.yaml"
    change(queues, "    service_level: 10s\n", f"    service_level: 10s\n    limits:\n      {emergency}\n")
    change(queues, "timeout: {after: 20m, to: message, prompts: [exit_sorry]}", general)
    assert ["leads to no person" in error for error in refusals(folder)] == [True]


def test_given_two_queues_that_overflow_into_each_other_when_read_then_refused(folder: Path) -> None:
    queues = folder / "northmere" / "queues.yaml"
    back = "timeout: {after: 20m, to: overflow, queue: northmere.waste}"
    change(queues, "timeout: {after: 20m, to: message, prompts: [exit_sorry]}", back)
    with pytest.raises(ConfigErrors) as refused:
        read_dialplans(folder)
    assert {error.code for error in refused.value.errors} == {"overflow_ring"}
