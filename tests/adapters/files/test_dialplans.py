"""The councils' folder: the samples are good, and every mistake between files is told by place."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from adapters.files.dialplans import SHARED, Dialplans, read_dialplans
from ivr.core.flow import Flow
from ivr.flows import FlowBook, make_book
from kernel.located import ConfigErrors
from kernel.queues import AgeStep, LastResort, RelaxStep, Strategy
from kernel.skill import meets

pytestmark = pytest.mark.unit

DIALPLANS = Path(__file__).parents[3] / "dialplans"


@pytest.fixture(scope="module")
def samples() -> Dialplans:
    return read_dialplans(DIALPLANS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(DIALPLANS, tmp_path / "dialplans")


def book_of(read: Dialplans) -> FlowBook:
    prompts = {tenant.id: read.prompt_ids(tenant.id) for tenant in read.tenants}
    return make_book(tenants=read.tenants, queues=read.queues, trees=read.flows, prompts=prompts)


def refusals(folder: Path) -> list[str]:
    with pytest.raises(ConfigErrors) as refused:
        book_of(read_dialplans(folder))
    return [str(error) for error in refused.value.errors]


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# Issue 2: two fictional councils share agents with different skills.
def test_given_the_samples_when_read_then_two_councils_share_their_agents(samples: Dialplans) -> None:
    assert [tenant.id for tenant in samples.tenants] == ["harbourside", "northmere"]
    assert sorted(agent.sip_user for agent in samples.agents) == [
        *("a001", "a002", "a003", "a004", "a005", "a006", "a101", "a102")
    ]
    assert all(set(agent.councils) == {"northmere", "harbourside"} for agent in samples.agents)
    assert len({tuple(sorted(agent.skills.items())) for agent in samples.agents}) == 8


# A single ready agent can serve every choice of the county's menu.
def test_given_agent_a001_when_compared_with_the_countys_queues_then_she_may_serve_all(samples: Dialplans) -> None:
    agent = next(agent for agent in samples.agents if agent.sip_user == "a001")
    own = [queue for queue in samples.queues if queue.tenant == "northmere"]
    assert len(own) == 15
    assert all(queue.id in agent.queues and meets(agent.skills, queue.skills) for queue in own)


# Ofcom's numbers for drama only; each leads to a flow or a queue.
def test_given_the_samples_when_bound_then_every_number_is_answered(samples: Dialplans) -> None:
    book = book_of(samples)
    for tenant in samples.tenants:
        for number in tenant.numbers:
            assert number.number.startswith("03069990")
            assert isinstance(book.answering(tenant, number.number), Flow) == (number.flow is not None)
            assert book.answering(tenant, number.number) is not None


def test_given_the_samples_when_read_then_times_are_seconds(samples: Dialplans) -> None:
    waste = next(queue for queue in samples.queues if queue.id == "northmere.waste")
    assert (waste.ring_time_s, waste.wrap_up_s, waste.rona_exclude_s, waste.service_level_s) == (15.0, 5.0, 60.0, 20.0)


# Every prompt in every language of the council.
def test_given_the_samples_when_prompts_are_counted_then_each_has_both_languages(samples: Dialplans) -> None:
    languages = Counter(language for texts in samples.prompts.values() for text in texts.values() for language in text)
    assert languages["en"] == languages["cy"] >= 15
    assert {"agent_ready", "agent_refused", "sorry_hold", "goodbye"} <= set(samples.prompts[SHARED])


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "northmere/tenant.yaml",
            "queue: northmere.waste",
            "queue: northmere.wast",
            "tenant.yaml:10: unknown queue 'northmere.wast': did you mean 'northmere.waste'?",
        ),
        ("northmere/tenant.yaml", "queue: northmere.waste", "queue: waste", "did you mean 'northmere.waste'?"),
        ("northmere/tenant.yaml", "flow: main", "flow: man", "tenant.yaml:7: unknown flow 'man': did you mean 'main'?"),
        ("northmere/tenant.yaml", "flow: main", "flow: main\n    queue: northmere.waste", "to a flow or to a queue"),
        (
            "northmere/tenant.yaml",
            "default_queue: northmere.general",
            "default_queue: harbourside.waste",
            "unknown queue",
        ),
        ("northmere/tenant.yaml", "03069990002", "03069990011", "number '03069990011' stands twice: first in"),
        ("northmere/tenant.yaml", "03069990002", "0306 9990002", "tenant.yaml:9: 'number': a number holds"),
        ("northmere/tenant.yaml", "[en, cy]", "[en, ../x]", "tenant.yaml:3: 'languages'"),
        ("northmere/people.yaml", "northmere-a002", "northmere-a001", "agent 'northmere-a001' stands twice"),
        ("northmere/people.yaml", "northmere-a002", "a002", "begins with 'northmere-'"),
        ("northmere/people.yaml", "sip_user: a002", "sip_user: a101", "SIP user 'a101' stands twice"),
        ("northmere/people.yaml", "sip_user: a002", "sip_user: trunk", "people.yaml:30: 'sip_user'"),
        ("northmere/people.yaml", "- northmere.housing", "- northmere.hosing", "people.yaml:9: unknown queue"),
        ("northmere/people.yaml", "[northmere, harbourside]", "[northmere]", "she may not serve council 'harbourside'"),
        (
            "northmere/people.yaml",
            "[northmere, harbourside]",
            "[northmere, harborside]",
            "unknown council 'harborside'",
        ),
        ("northmere/people.yaml", "{waste: 4", "{wate: 4", "unknown skill 'wate': did you mean 'waste'?"),
        ("northmere/people.yaml", "{waste: 4", "{waste: 6", "'waste': Input should be less than or equal to 5"),
        ("northmere/queues.yaml", "{waste: 1}", "{wsate: 1}", "queues.yaml:4: unknown skill 'wsate': did you mean"),
        (
            "harbourside/queues.yaml",
            "{emergency: 1}",
            "{welsh: 5, waste: 5}",
            "no agent can answer queue 'out_of_hours'",
        ),
        ("northmere/queues.yaml", "skills: {waste: 1}", "strategy: longest", "queues.yaml:4: 'strategy'"),
        (
            "northmere/queues.yaml",
            "skills: {waste: 1}",
            "skills: {waste: 1}\n    relaxing: [{after: 30s, skills: {wsate: 1}}]",
            "queues.yaml:5: unknown skill 'wsate'",
        ),
        (
            "northmere/queues.yaml",
            "skills: {waste: 1}",
            "skills: {waste: 1}\n    ageing: [{after: 60s, priority: 1}, {after: 60s, priority: 2}]",
            "queues.yaml:5: a later step of ageing",
        ),
        ("northmere/queues.yaml", "id: housing", "id: waste", "queue 'waste' stands twice"),
        ("northmere/queues.yaml", "ring_time: 15s", "ring_time: 15", "a duration is written like 5s"),
        ("northmere/prompts.yaml", "  welcome:\n    en:", "  welcome:\n    fr:", "'welcome' has no text in 'en'"),
        ("northmere/prompts.yaml", "  opening:", "  openning:", "prompt 'opening' is missing"),
        (
            "_shared/prompts.yaml",
            "  goodbye:\n    en: Thank you for calling. Goodbye.\n",
            "  goodbye:\n",
            "no text in 'en'",
        ),
        (
            "northmere/flows/main.yaml",
            "next: main_menu",
            "next: man_menu",
            "flows/main.yaml:7: unknown step 'man_menu'",
        ),
        ("northmere/flows/main.yaml", "prompts: [welcome]", "prompts: [wellcome]", "unknown prompt 'wellcome'"),
        ("northmere/flows/main.yaml", "verb: play", "verb: *play", "flows/main.yaml:5: anchors"),
    ],
)
def test_given_a_mistake_when_read_then_file_and_line_and_the_nearest_name_are_told(
    folder: Path, file: str, old: str, new: str, expected: str
) -> None:
    change(folder / file, old, new)
    found = refusals(folder)
    assert any(expected in line for line in found), found
    assert all(line.startswith("dialplans/") for line in found)


def test_given_mistakes_in_three_files_when_read_then_all_are_told(folder: Path) -> None:
    change(folder / "northmere/tenant.yaml", "name:", "nam:")
    change(folder / "northmere/queues.yaml", "wrap_up: 5s", "wrap_up: five")
    change(folder / "harbourside/people.yaml", "agents:", "agents: !x")
    files = {line.split(":")[0] for line in refusals(folder)}
    assert files == {
        "dialplans/northmere/tenant.yaml",
        "dialplans/northmere/queues.yaml",
        "dialplans/harbourside/people.yaml",
    }


@pytest.mark.parametrize("file", ["northmere/tenant.yaml", "northmere/flows/main.yaml", "_shared/prompts.yaml"])
def test_given_a_symbolic_link_when_read_then_it_is_refused(folder: Path, file: str) -> None:
    target = folder / file
    elsewhere = folder.parent / "elsewhere.yaml"
    target.rename(elsewhere)
    target.symlink_to(elsewhere)
    assert any("symbolic link" in line for line in refusals(folder))


def test_given_a_linked_folder_when_read_then_it_is_refused(folder: Path) -> None:
    (folder / "northmere").rename(folder.parent / "northmere")
    (folder / "northmere").symlink_to(folder.parent / "northmere")
    assert refusals(folder) == ["dialplans/northmere:1: a symbolic link is not followed: copy the file"]


def test_given_a_pipe_for_a_file_when_read_then_it_is_refused_and_nothing_hangs(folder: Path) -> None:
    (folder / "northmere/people.yaml").unlink()
    os.mkfifo(folder / "northmere/people.yaml")
    assert refusals(folder) == ["dialplans/northmere/people.yaml:1: this is not a regular file"]


@pytest.mark.parametrize("file", ["tenant.yaml", "queues.yaml", "people.yaml", "prompts.yaml"])
def test_given_a_missing_file_when_read_then_the_council_is_not_quietly_left_out(folder: Path, file: str) -> None:
    (folder / "northmere" / file).unlink()
    assert f"dialplans/northmere/{file}:1: the file is missing" in refusals(folder)


def test_given_no_flows_folder_when_read_then_it_is_told(folder: Path) -> None:
    shutil.rmtree(folder / "northmere/flows")
    assert any(line.startswith("dialplans/northmere/flows:1: cannot be read") for line in refusals(folder))


def test_given_a_folder_of_something_else_when_read_then_it_is_no_council(folder: Path) -> None:
    (folder / "agi-bin").mkdir(exist_ok=True)
    (folder / "northmere/flows/main.test.yaml").write_text("not read yet", encoding="utf-8")
    assert len(read_dialplans(folder).tenants) == 2


def test_given_no_folder_when_read_then_it_is_told(tmp_path: Path) -> None:
    assert refusals(tmp_path / "nothing") == ["nothing:1: cannot be read (No such file or directory)"]


# Issue 3: routing is configured in queues.yaml; "any agent" must be chosen, never the default.
def test_given_a_queue_with_a_strategy_and_steps_when_read_then_the_policy_says_so(folder: Path) -> None:
    path = folder / "northmere" / "queues.yaml"
    more = (
        "skills: {waste: 1}\n    strategy: best_skill\n    relaxing: [{after: 30s}]\n    last_resort: any\n"
        "    last_resort_after: 1m\n    ageing: [{after: 2m, priority: 3}]\n    failures_in_row: 0"
    )
    path.write_text(path.read_text(encoding="utf-8").replace("skills: {waste: 1}", more), encoding="utf-8")
    queue = next(one for one in read_dialplans(folder).queues if one.id == "northmere.waste")
    assert (queue.strategy, queue.last_resort, queue.failures_in_row) == (Strategy.BEST_SKILL, LastResort.ANY, 0)
    assert queue.relaxing == (RelaxStep(after_s=30.0, skills={}),)
    assert (queue.last_resort_after_s, queue.ageing) == (60.0, (AgeStep(after_s=120.0, priority=3),))
    others = [one for one in read_dialplans(folder).queues if one.id != "northmere.waste"]
    assert all(one.last_resort is LastResort.STAY for one in others)


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
