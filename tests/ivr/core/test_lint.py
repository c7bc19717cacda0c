"""What runs and hurts: found by file and line, before a caller finds it."""

from __future__ import annotations

import pytest

from ivr.core.bind import bind_all
from ivr.core.graph import rings
from ivr.core.lint import Council, Finding, lint
from ivr.core.load import Surroundings
from kernel.hours import Hours
from kernel.ids import QueueId, TenantId
from kernel.located import parse
from kernel.number import Dialled
from kernel.queues import Queue
from kernel.tenant import CouncilNumber, Tenant

pytestmark = pytest.mark.unit

COUNCIL, URGENT, DESK = TenantId("n"), QueueId("n.urgent"), QueueId("n.desk")
TENANT_FILE = "numbers:\n  - flow: main\ntransfer_to:\n  water: x\n"
QUEUES = "queues:\n  - id: urgent\n  - id: desk\n"
MENU = "verb: menu, prompts: [ask], tries: 3, no_match: desk"
ENDS = "  urgent: {verb: enqueue, queue: n.urgent}\n  desk: {verb: enqueue, queue: n.desk}\n"


def found(
    steps: str, water: str = "03069990001", emergency: str = "yes", queues: str = QUEUES, **pieces: str
) -> list[Finding]:
    tenant = Tenant(
        id=COUNCIL,
        name="N",
        languages=("en",),
        numbers=(CouncilNumber(number=Dialled("03069990001"), tenant=COUNCIL, flow="main"),),
        default_queue=DESK,
        emergency_queue=URGENT if emergency == "yes" else None,
        hours={"office": Hours(name="office", weekly={})},
        transfer_to={"water": Dialled(water)},
    )
    desks = {one: Queue(id=one, tenant=COUNCIL, name="x") for one in (URGENT, DESK)}
    prompts = {"ask", "sorry_no_input", "sorry_no_match"}
    flows = {"main": steps, **pieces}
    trees = {name: parse(f"start: s\nsteps:\n{text}", name) for name, text in flows.items()}
    bound, errors = bind_all(trees, Surroundings(tenant=tenant, queues=desks, prompts=prompts))
    assert not errors, [str(error) for error in errors]
    files = {
        "tenant.yaml": parse(TENANT_FILE, "tenant.yaml"),
        "queues.yaml": parse(queues, "queues.yaml"),
        "prompts.yaml": parse("prompts:\n  ask: x\n  aks: x\n", "prompts.yaml"),
    }
    return lint(Council(tenant=tenant, flows=bound, trees=trees, files=files, prompts=prompts & {"ask", "aks"}))


def codes(steps: str, **pieces: str) -> list[str]:
    return [f"{one.place.file}:{one.place.line} {one.code}" for one in found(steps, **pieces)]


GOOD = f"  s: {{{MENU}, keys: {{9: urgent, '*': s}}, no_input: desk}}\n{ENDS}"


def test_given_a_good_flow_when_looked_over_then_nothing_is_found() -> None:
    assert codes(GOOD) == []


# "loops without limit": a caller who does nothing must come out; a key that repeats the menu is her own choice.
def test_given_silence_that_leads_back_when_looked_over_then_it_is_a_loop() -> None:
    steps = f"  s: {{verb: play, prompts: [ask], next: m}}\n  m: {{{MENU}, keys: {{9: urgent}}, no_input: s}}\n{ENDS}"
    assert codes(steps) == ["main:3 loop"]


def test_given_rings_when_searched_then_each_is_found_once() -> None:
    ways = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"d"}, "e": {"a"}, "f": set(), "g": {"nowhere"}}
    assert sorted(rings(ways)) == [["a", "b", "c"], ["d"]]
    deep = {str(n): {str(n + 1)} for n in range(50_000)} | {"50000": {"0"}}
    assert [len(ring) for ring in rings(deep)] == [50_001]


# "The emergency option of every number reaches a person … with the queue closed or speech down."
@pytest.mark.parametrize(
    ("steps", "safe"),
    [
        (f"  s: {{{MENU}, keys: {{1: desk}}, no_input: urgent}}\n{ENDS}", True),
        ("  s: {verb: hours, of: office, open: urgent, closed: desk}\n" + ENDS, False),
        (
            "  s: {verb: hours, of: office, open: urgent, closed: urgent}\n" + ENDS.splitlines()[0] + "\n",
            True,
        ),
        (
            "  s: {verb: steer, prompts: [ask], intents: {x: urgent}, no_input: desk, no_match: urgent, tries: 1}\n"
            + ENDS,
            False,
        ),
        (
            "  s: {verb: steer, prompts: [ask], intents: {x: desk}, no_input: urgent, no_match: desk, tries: 1}\n"
            + ENDS,
            True,
        ),
        (
            "  s: {verb: gather, prompts: [ask], variable: v, tries: 1, next: urgent, no_input: desk, no_match: desk}\n"
            + ENDS,
            False,
        ),
        ("  s: {verb: transfer, to: water, failed: urgent}\n  urgent: {verb: enqueue, queue: n.urgent}\n", True),
    ],
)
def test_given_a_way_to_the_emergency_queue_when_it_hangs_on_something_then_it_is_told(
    steps: str,
    safe: bool,  # noqa: FBT001 - a table
) -> None:
    assert ("tenant.yaml:2 no_emergency" in codes(steps)) is not safe


@pytest.mark.parametrize(
    ("piece", "safe"),
    [
        ("  s: {verb: play, prompts: [ask], next: return}\n", True),
        (f"  s: {{{MENU}, keys: {{1: return}}, no_input: desk}}\n  desk: {{verb: enqueue, queue: n.desk}}\n", True),
        (
            "  s: {verb: hours, of: office, open: return, closed: desk}\n  desk: {verb: enqueue, queue: n.desk}\n",
            False,
        ),
    ],
)
def test_given_a_piece_on_the_way_when_looked_over_then_it_counts(piece: str, safe: bool) -> None:  # noqa: FBT001 - a table
    main = "  s: {verb: subflow, flow: piece, next: urgent}\n  urgent: {verb: enqueue, queue: n.urgent}\n"
    assert ("tenant.yaml:2 no_emergency" in codes(main, piece=piece)) is not safe


def test_given_no_emergency_queue_when_looked_over_then_a_warning_says_so() -> None:
    assert [one.code for one in found(GOOD, emergency="no") if one.code.startswith("no_")] == ["no_emergency_queue"]


# "silence paths": hung up without a word.
def test_given_a_hang_up_before_a_word_when_looked_over_then_it_is_told() -> None:
    steps = "  s: {verb: branch, cases: {hour > 17: bye}, otherwise: urgent}\n  bye: {verb: hangup}\n"
    assert "main:4 silent_end" in codes(steps + "  urgent: {verb: enqueue, queue: n.urgent}\n")
    spoken = steps.replace("bye}", "tell}") + "  tell: {verb: play, prompts: [ask], next: bye}\n"
    assert "main:4 silent_end" not in codes(spoken + "  urgent: {verb: enqueue, queue: n.urgent}\n")


def test_given_a_hang_up_after_a_failure_when_looked_over_then_it_is_told() -> None:
    steps = (
        f"  s: {{{MENU}, keys: {{9: urgent, 1: t}}, no_input: desk}}\n  t: {{verb: transfer, to: water, failed: bye}}\n"
    )
    assert codes(f"{steps}  bye: {{verb: hangup}}\n{ENDS}") == ["main:5 silent_end"]


# Toll fraud: "premium or abroad targets", "dead numbers".
@pytest.mark.parametrize(
    ("number", "code"),
    [("0900", "costly_number"), ("+353", "costly_number"), ("0306", "dead_number"), ("999", None)],
)
def test_given_a_transfer_target_when_it_is_dear_or_dead_then_it_is_told(number: str, code: str | None) -> None:
    assert [one.code for one in found(GOOD, water=number)] == ([code] if code else [])
    assert all(one.place.line == 4 for one in found(GOOD, water=number))


def test_given_leftovers_when_looked_over_then_they_are_warnings() -> None:
    island = "  s: {verb: play, prompts: [ask], next: return}\n"
    assert [(one.code, one.level) for one in found(GOOD, island=island)] == [("unused_flow", "warning")]


def test_given_long_listening_when_looked_over_then_it_is_a_warning_at_its_key() -> None:
    steps = f"  s: {{{MENU}, keys: {{9: urgent}}, no_input: desk, timeout: 20s}}\n{ENDS}"
    assert [(one.code, one.place.column) for one in found(steps)] == [("long_silence", steps.index("timeout") + 1)]


# An agent's key that leads nowhere is found before a caller with a card in her hand is.
def test_given_a_queue_that_names_a_flow_for_secret_digits_when_looked_over_then_it_is_used_or_missed() -> None:
    piece = "  s: {verb: play, prompts: [ask], next: e}\n  e: {verb: hangup}\n"
    rule = "queues:\n  - id: urgent\n  - id: desk\n    recording: {secure_input: SECRET}\n"
    assert codes(GOOD, card=piece, queues=rule.replace("SECRET", "card")) == []
    assert codes(GOOD, queues=rule.replace("SECRET", "cart")) == ["queues.yaml:4 unknown_flow"]
