"""What a flow's file may say, and how it is refused: by line, with the nearest known name."""

from __future__ import annotations

import time

import pytest

from ivr.core.load import Surroundings, load_flow
from ivr.core.verbs.menu import Menu
from kernel.ids import AgentId, QueueId, TenantId
from kernel.located import ConfigErrors, parse
from kernel.queues import Queue
from kernel.tenant import Tenant

pytestmark = pytest.mark.unit

COUNCIL = TenantId("northmere")
WASTE, FOREIGN = QueueId("northmere.waste"), QueueId("harbourside.housing")
AROUND = Surroundings(
    tenant=Tenant(id=COUNCIL, name="Northmere", languages=("en",), numbers=(), default_queue=WASTE),
    queues={
        WASTE: Queue(id=WASTE, tenant=COUNCIL, name="Bins"),
        FOREIGN: Queue(id=FOREIGN, tenant=TenantId("harbourside"), name="Housing"),
    },
    prompts=("welcome", "choices", "sorry_no_input", "sorry_no_match"),
    agents={WASTE: [AgentId("northmere-a001")], FOREIGN: [AgentId("harbourside-a101")]},
)
GOOD = """\
start: welcome
steps:
  welcome:
    verb: play
    prompts: [welcome]
    next: choices
  choices:
    verb: menu
    prompts: [choices]
    keys:
      1: bins
      "*": choices
    tries: 3
    no_input: bins
    no_match: bins
  bins:
    verb: enqueue
    queue: northmere.waste
"""
WAITS = "queue: northmere.waste"


def test_given_a_good_flow_when_loaded_then_every_value_has_its_type() -> None:
    flow = load_flow(parse(GOOD, "f"), "main", AROUND)
    menu = flow.steps["choices"]
    assert isinstance(menu, Menu)
    assert (menu.keys, menu.timeout, menu.tries) == ({"1": "bins", "*": "choices"}, 5.0, 3)
    assert flow.default_queue == WASTE
    assert set(flow.queues) == {WASTE}


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        ("next: choices", "next: choises", "f:6: unknown step 'choises': did you mean 'choices'?"),
        ("start: welcome", "start: welcom", "f:1: unknown step 'welcom': did you mean 'welcome'?"),
        ("1: bins", "1: bin", "f:11: unknown step 'bin': did you mean 'bins'?"),
        ("prompts: [welcome]", "prompts: [welcme]", "f:5: unknown prompt 'welcme': did you mean 'welcome'?"),
        ("queue: northmere.waste", "queue: northmere.wast", "f:18: unknown queue 'northmere.wast': did you mean"),
        # Another council's queue is as unknown as none (C48: councils are kept apart).
        ("queue: northmere.waste", "queue: harbourside.housing", "f:18: unknown queue 'harbourside.housing'"),
        ("verb: play", "verb: plya", "f:4: unknown 'verb' 'plya': did you mean 'play'?"),
        ("    tries: 3\n", "", "f:7: 'tries' is missing"),
        ("    no_input: bins\n", "", "f:7: 'no_input' is missing"),
        ("    no_match: bins\n", "", "f:7: 'no_match' is missing"),
        ("tries: 3", "tries: 0", "f:13: 'tries': Input should be greater than or equal to 1"),
        ("tries: 3", "tries: 3\n    timeout: 5", "f:14: 'timeout': a duration is written like 5s"),
        ("tries: 3", "tries: 3\n    timout: 5s", "f:14: unknown key 'timout': did you mean 'timeout'?"),
        ("1: bins", "12: bins", "f:11: '12': one key of the telephone"),
        ("[welcome]", "[]", "f:5: 'prompts': Tuple should have at least 1 item"),
        (WAITS, f"{WAITS}\n    preferred: northmere-a01", "f:19: unknown agent 'northmere-a01': did you mean"),
        (WAITS, f"{WAITS}\n    preferred: harbourside-a101", "f:19: agent 'harbourside-a101' does not serve queue"),
        (WAITS, f"{WAITS}\n    preferred_wait: 5s", "f:16: 'enqueue': 'preferred_wait' needs"),
        (WAITS, f"{WAITS}\n    preferred: northmere-a001\n    preferred_wait: 2h", "f:20: 'preferred_wait': "),
        (WAITS, WAITS + '\n    note: "about {area"', "f:19: 'note': "),
        (WAITS, WAITS + '\n    note: "about {area:digits}"', "f:19: 'note': "),
        (WAITS, WAITS + '\n    note: "about {area}"', "f:19: unknown name 'area'"),
        ("1: bins", "on: bins", "f:11: 'on': one key of the telephone"),
    ],
)
def test_given_a_mistake_when_loaded_then_its_line_and_the_nearest_name_are_told(
    good: str, bad: str, expected: str
) -> None:
    assert good in GOOD
    with pytest.raises(ConfigErrors) as refused:
        load_flow(parse(GOOD.replace(good, bad), "f"), "main", AROUND)
    assert str(refused.value.errors[0]).startswith(expected)


# ARCHITECTURE: every flow reaches an end from every step.
def test_given_a_ring_of_steps_when_loaded_then_each_of_them_is_told() -> None:
    ring = "start: a\nsteps:\n  a: {verb: goto, next: b}\n  b: {verb: play, prompts: [welcome], next: a}\n"
    with pytest.raises(ConfigErrors) as refused:
        load_flow(parse(ring, "f"), "main", AROUND)
    assert [(error.line, error.code) for error in refused.value.errors] == [(3, "no_end"), (4, "no_end")]


def test_given_a_step_no_way_leads_to_when_loaded_then_it_is_told() -> None:
    with pytest.raises(ConfigErrors, match="f:19: no way leads to step 'island': lead a way to it, or remove it"):
        load_flow(parse(GOOD + "  island: {verb: hangup}\n", "f"), "main", AROUND)


# A 'start:' that is mistyped cut off the whole flow: two dozen errors, each with the advice to remove a good step.
@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("  one: {verb: goto, next: two}\n  two: {verb: hangup}\n", ["one"]),
        (
            "  a: {verb: goto, next: b}\n  b: {verb: voicemail, box: n, prompts: [welcome], next: bins, failed: a}\n",
            ["a"],
        ),
        ("  one: {verb: hangup}\n  two: {verb: hangup}\n", ["one", "two"]),
    ],
)
def test_given_steps_that_are_cut_off_when_loaded_then_only_where_they_begin_is_told(
    more: str, told: list[str]
) -> None:
    with pytest.raises(ConfigErrors) as refused:
        load_flow(parse(GOOD + more, "f"), "main", AROUND)
    assert [error.message for error in refused.value.errors] == [f"no way leads to step '{name}'" for name in told]


# Issue 4: a check of a 5,000-step flow takes at most 2 s. Here only that nothing in it is quadratic.
def test_given_five_thousand_steps_when_loaded_then_the_checks_do_not_hang() -> None:
    steps = "".join(f"  s{n}: {{verb: play, prompts: [welcome], next: s{n + 1}}}\n" for n in range(5_000))
    tree = parse(f"start: s0\nsteps:\n{steps}  s5000: {{verb: hangup}}\n", "f")
    before = time.process_time()
    load_flow(tree, "main", AROUND)
    assert time.process_time() - before < 20.0
