"""How queues.yaml and people.yaml say who serves whom: strategy, order, delay, weight, shares; mistakes by place."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.files.dialplans import read_dialplans
from kernel.queues import AgeStep, IdleAfterLost, LastResort, RelaxStep, Strategy
from tests.fakes.council_files import change, refusals

pytestmark = pytest.mark.unit


# Issue 3: routing is configured in queues.yaml; "any agent" must be chosen, never the default.
def test_given_a_queue_with_a_strategy_and_steps_when_read_then_the_policy_says_so(folder: Path) -> None:
    path = folder / "northmere" / "queues.yaml"
    more = (
        "skills: {waste: 1}\n    strategy: best_skill\n    relaxing: [{after: 30s}]\n    last_resort: any\n"
        "    last_resort_after: 1m\n    ageing: [{after: 2m, priority: 3}]\n    failures_in_row: 0\n"
        "    idle_after_lost: anew"
    )
    path.write_text(path.read_text(encoding="utf-8").replace("skills: {waste: 1}", more), encoding="utf-8")
    queue = next(one for one in read_dialplans(folder).queues if one.id == "northmere.waste")
    assert (queue.strategy, queue.last_resort, queue.failures_in_row) == (Strategy.BEST_SKILL, LastResort.ANY, 0)
    assert queue.relaxing == (RelaxStep(after_s=30.0, skills={}),)
    assert queue.idle_after_lost is IdleAfterLost.ANEW
    assert (queue.last_resort_after_s, queue.ageing) == (60.0, (AgeStep(after_s=120.0, priority=3),))
    others = [one for one in read_dialplans(folder).queues if one.id != "northmere.waste"]
    assert all((one.last_resort, one.idle_after_lost) == (LastResort.STAY, IdleAfterLost.KEPT) for one in others)


# Issue 3: "agents in many queues with their own order and delay per queue".
def test_given_queues_with_order_delay_weight_and_languages_when_read_then_the_profile_says_so(folder: Path) -> None:
    change(
        folder / "northmere" / "people.yaml",
        "      - northmere.housing\n",
        "      - {queue: northmere.housing, order: 2, delay: 1m}\n",
    )
    change(
        folder / "northmere" / "queues.yaml",
        "skills: {housing: 1}",
        "skills: {housing: 1}\n    weight: 3\n    languages: {cy: {welsh: 2}}\n    preferred_wait: 20s",
    )
    read = read_dialplans(folder)
    nia = next(one for one in read.agents if one.id == "northmere-a001")
    assert "northmere.housing" in nia.queues
    assert (nia.order, nia.delay_s) == ({"northmere.housing": 2}, {"northmere.housing": 60.0})
    queue = next(one for one in read.queues if one.id == "northmere.housing")
    assert (queue.weight, queue.languages, queue.preferred_s) == (3, {"cy": {"welsh": 2}}, 20.0)
    assert [one.id for one in read.queues if one.emergency] == ["harbourside.out_of_hours", "northmere.emergency"]


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("people.yaml", "- northmere.waste\n", "- {queue: northmere.wast}\n", "unknown queue 'northmere.wast'"),
        (
            "people.yaml",
            "- northmere.waste\n",
            "- {queue: northmere.waste, ordr: 2}\n",
            "people.yaml:8: unknown key 'ordr'",
        ),
        ("people.yaml", "- northmere.waste\n", "- {queue: northmere.waste, order: 0}\n", "people.yaml:8: 'order'"),
        (
            "people.yaml",
            "- northmere.waste\n",
            "- {queue: northmere.waste, delay: 5}\n",
            "a duration is written like 5s",
        ),
        ("people.yaml", "- northmere.welsh\n", "- northmere.welsh\n      - northmere.welsh\n", "stands twice"),
        (
            "queues.yaml",
            "{waste: 1}",
            "{waste: 1}\n    languages: {fr: {welsh: 1}}",
            "queues.yaml:5: the council has no",
        ),
        (
            "queues.yaml",
            "{waste: 1}",
            "{waste: 1}\n    languages: {cy: {wlsh: 1}}",
            "unknown skill 'wlsh': did you mean",
        ),
        ("queues.yaml", "{waste: 1}", "{waste: 1}\n    weight: 101", "queues.yaml:5: 'weight'"),
        ("queues.yaml", "{waste: 1}", "{waste: 1}\n    idle_after_lost: new", "queues.yaml:5: 'idle_after_lost'"),
        ("queues.yaml", "{waste: 1}", "{waste: 1}\n    ring_at_once: 0", "queues.yaml:5: 'ring_at_once'"),
        ("queues.yaml", "{waste: 1}", "{waste: 1}\n    floor: 1", "queues.yaml:5: only the emergency queue may hold"),
        ("queues.yaml", "priority: 10", "priority: 10\n    floor: 3", "a floor of 3 holds all 3 agents"),
        ("tenant.yaml", "languages:", "share: 0\nlanguages:", "tenant.yaml:3: 'share'"),
        ("tenant.yaml", "languages:", "share: 60\ncap: 50\nlanguages:", "a cap of 50 is below the share of 60"),
        ("tenant.yaml", "languages:", "share: 60\nlanguages:", "others have a share: this council needs one too"),
    ],
)
def test_given_a_mistake_in_who_serves_whom_when_read_then_file_and_line_are_told(
    folder: Path, file: str, old: str, new: str, expected: str
) -> None:
    change(folder / "northmere" / file, old, new)
    assert any(expected in one for one in refusals(folder)), refusals(folder)


# docs/decisions/0010: a queue that is nobody's first has no bound on its waits.
def test_given_a_queue_that_is_second_with_everybody_when_read_then_it_is_refused(folder: Path) -> None:
    change(folder / "northmere" / "people.yaml", "- northmere.welsh", "- {queue: northmere.welsh, order: 2}")
    path = folder / "harbourside" / "people.yaml"
    change(path, "northmere.welsh]", "{queue: northmere.welsh, order: 2}]")
    assert any("comes after another with every agent" in one for one in refusals(folder))


# Issue 3: "per council a guaranteed share, a cap"; docs/decisions/0011: guarantees that cannot all be kept are none.
def test_given_shares_of_both_councils_when_read_then_their_queues_carry_them_unless_they_sum_to_more(
    folder: Path,
) -> None:
    for council, share in (("northmere", 60), ("harbourside", 40)):
        change(folder / council / "tenant.yaml", "languages:", f"share: {share}\ncap: 80\nlanguages:")
    assert {(one.tenant, one.council_share, one.council_cap) for one in read_dialplans(folder).queues} == {
        ("northmere", 0.6, 0.8),
        ("harbourside", 0.4, 0.8),
    }
    assert {one.id: one.alarm_after_s for one in read_dialplans(folder).queues if one.alarm_after_s} == {
        "northmere.emergency": 30.0,
        "harbourside.out_of_hours": 30.0,
    }
    change(folder / "harbourside" / "tenant.yaml", "share: 40", "share: 41")
    assert any("sum to 101 per cent" in one for one in refusals(folder))
